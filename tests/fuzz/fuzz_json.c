/* SPDX-License-Identifier: BSD-3-Clause */
#include <jansson.h>

#include "decode_sink.h"

/*
 * Any bytes as a payload, printed as JSON. What must hold: one line that is one object, without a
 * key twice in any object of it; its errors and deviations are what the counters say.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DATAGRAM_MAX = 65507, ERRORS = 64 };

static json_t *parse(const struct decode_sink_memory *m)
{
	/* Integers above INT64_MAX are none for jansson; \u0000 is in texts. */
	size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
	json_t *document;

	check(m->len > 2 && m->bytes[m->len - 1] == '\n');
	for (size_t i = 0; i + 1 < m->len; i++)
		check((uint8_t)m->bytes[i] >= 0x20 && m->bytes[i] != 0x7F);
	document = json_loadb(m->bytes, m->len - 1, flags, NULL);
	check(json_is_object(document));
	return document;
}

static uint64_t number(const json_t *object, const char *key)
{
	json_t *v = json_object_get(object, key);

	return v ? (uint64_t)json_number_value(v) : 0;
}

/* Counters that a damage can have. */
static const enum sflow_stat reasons[] = {SFLOW_DROP_SHORT, SFLOW_DROP_VERSION,
	SFLOW_DROP_AGENT_TYPE, SFLOW_DROP_SAMPLE_OVERRUN, SFLOW_DROP_SAMPLES_MISSING,
	SFLOW_SAMPLE_SHORT, SFLOW_RECORD_OVERRUN, SFLOW_RECORDS_MISSING, SFLOW_RECORD_LENGTH,
	SFLOW_SAMPLE_VALUE_TYPE, SFLOW_RECORD_SHORT, SFLOW_RECORD_ADDR_TYPE};

enum { REASONS = sizeof(reasons) / sizeof(reasons[0]) };

static unsigned reason_of(const char *name)
{
	for (unsigned i = 0; i < REASONS; i++)
		if (strcmp(sflow_break_reason(reasons[i]), name) == 0)
			return i;
	abort();
}

static void check_errors(const struct decode_sink_memory *m, const json_t *document)
{
	json_t *errors = json_object_get(document, "errors"), *error;
	uint64_t count[REASONS] = {0}, omitted = number(document, "errors_omitted");
	size_t i;

	check((errors != NULL) == (m->damages > 0));
	check(json_array_size(errors) + omitted == m->damages);
	check(omitted == 0 || json_array_size(errors) == ERRORS);
	json_array_foreach(errors, i, error)
	{
		check(number(error, "offset") <= m->size);
		count[reason_of(json_string_value(json_object_get(error, "reason")))]++;
	}
	for (i = 0; i < REASONS && !omitted; i++)
		check(count[i] == m->broken[reasons[i]]);
}

static bool is_deviation(unsigned s)
{
	return s == SFLOW_TRAILING_BYTES || s >= SFLOW_SAMPLE_SURPLUS;
}

static void check_deviations(const struct decode_sink_memory *m, const json_t *document)
{
	json_t *deviations = json_object_get(document, "deviations");
	size_t kinds = 0;

	for (unsigned i = 0; i < SFLOW_STATS; i++) {
		if (!is_deviation(i) || !m->fresh[i])
			continue;
		kinds++;
		check(number(deviations, sflow_stats.defs[i].name) == m->fresh[i]);
	}
	check(json_object_size(deviations) == kinds && (deviations != NULL) == (kinds > 0));
}

/* A sample that is whole is one that is counted. */
static void check_samples(const struct decode_sink_memory *m, const json_t *document)
{
	json_t *samples = json_object_get(document, "samples"), *sample;
	uint64_t whole = 0;
	size_t i;

	check(json_is_array(samples));
	json_array_foreach(samples, i, sample)
	{
		check(json_is_string(json_object_get(sample, "tag")));
		whole += json_object_get(sample, "complete") == NULL;
	}
	check(whole == m->fresh[SFLOW_FLOW_SAMPLES] + m->fresh[SFLOW_COUNTER_SAMPLES] +
			       m->fresh[SFLOW_DISCARD_SAMPLES] + m->fresh[SFLOW_RTMETRIC_SAMPLES] +
			       m->fresh[SFLOW_RTFLOW_SAMPLES] + m->fresh[SFLOW_SAMPLE_UNKNOWN]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct decode_sink_memory m;
	json_t *document;

	if (size > DATAGRAM_MAX)
		return 0;
	sink_print(&m, DECODE_JSON, data, (uint32_t)size, size % 2);
	document = parse(&m);
	check(number(document, "size") == size);
	check_errors(&m, document);
	check_deviations(&m, document);
	check_samples(&m, document);
	json_decref(document);
	return 0;
}
