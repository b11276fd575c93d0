/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "../sflow_bytes.h"
#include "flow/extract.h"
#include "flow/late.h"

/* Flow samples made by tests, read as the RX core reads them. Include after cmocka.h. */

struct sampled {
	struct base_addr agent;
	struct sflow_sample wanted; /* what the sample is to say */
	struct wire records;
	uint32_t record_count;
	/* After sampled_read(): */
	struct wire w;
	uint8_t *bytes; /* of just that length */
	struct sflow_sample sample;
	struct sflow_flow flow;
};

static inline void sampled_open(struct sampled *s)
{
	memset(s, 0, sizeof(*s));
	s->agent = bytes_parse_addr("192.0.2.10");
	s->wanted = (struct sflow_sample){
		.source.index = 3, .sampling_rate = 1000, .input.value = 3, .output.value = 4};
}

/* Add a record that one of the bytes_...() functions has written to s->records. */
#define sampled_add(s, bytes_call) ((void)((s)->record_count++), bytes_call)

static inline void sampled_read(struct sampled *s)
{
	uint64_t stats[SFLOW_STATS] = {0};
	struct sflow_datagram dg;
	uint32_t start;

	free(s->bytes);
	s->w.len = 0;
	bytes_datagram(&s->w, &s->agent, 0, 1, 1000, 1);
	start = bytes_flow(&s->w, &s->wanted, s->record_count);
	memcpy(s->w.bytes + s->w.len, s->records.bytes, s->records.len);
	s->w.len += s->records.len;
	wire_close(&s->w, start);
	s->bytes = wire_copy(&s->w);
	assert_int_equal(sflow_datagram_open(&dg, s->bytes, s->w.len, stats), 0);
	assert_true(sflow_sample_next(&dg, &s->sample, stats));
	sflow_flow_read(&s->sample, &s->flow, stats);
}

static inline void sampled_close(struct sampled *s)
{
	free(s->bytes);
}

/* A plan of one definition. */
static inline struct flow_plan *plan_of(const char *keys, const char *value)
{
	const struct flow_spec spec = {
		.name = "test", .keys = keys, .value = value, .n = 10, .t = 2, .capacity = 100};
	struct flow_error error;
	struct flow_plan *plan = flow_compile(&spec, 1, NULL, &error);

	if (!plan)
		fail_msg("%s: %s", keys, error.text);
	return plan;
}

/* Whom functions that are applied at merge ask for names; NULL: nobody. */
static const struct flow_names *sampled_names;

/* The key of sightings, in place of that of tables. */
static inline int sampled_late(
	const struct flow_plan *plan, const struct flow_definition *d, uint8_t *key, int len)
{
	struct flow_late_scratch *scratch = malloc(sizeof(*scratch));
	uint8_t *raw = malloc(len ? (size_t)len : 1);

	assert_true(scratch && raw);
	memset(scratch, 0xA5, sizeof(*scratch));
	memcpy(raw, key, (size_t)len);
	len = flow_late_key(plan, d, sampled_names, raw, (unsigned)len, scratch, key);
	free(scratch);
	free(raw);
	return len;
}

/* Text of the key that the sample has in a definition of these keys; false: it has none. */
static inline bool sampled_key(const struct sampled *s, const char *keys, char *text, size_t size)
{
	struct flow_plan *plan = plan_of(keys, "frames");
	const struct flow_definition *d = &plan->definitions[0];
	struct base_text t = base_text(text, size);
	uint8_t key[FLOW_KEY_BYTES];
	struct flow_fields fields;
	int len;

	flow_extract(plan, &s->agent, &s->sample, &s->flow, &fields);
	len = flow_key_build(d, plan, &fields, key);
	assert_true(len <= FLOW_KEY_BYTES);
	assert_true(len < 0 || d->width == 0 || (unsigned)len == d->width);
	if (len >= 0 && d->late)
		len = sampled_late(plan, d, key, len);
	if (len >= 0)
		flow_key_print(plan, d, key, (unsigned)len, &t);
	flow_plan_free(plan);
	return len >= 0;
}

/* `expected` NULL: the sample has no such key. */
static inline void expect_key(const struct sampled *s, const char *keys, const char *expected)
{
	char text[2048];

	if (sampled_key(s, keys, text, sizeof(text)) != !!expected)
		fail_msg("%s: \"%s\", not \"%s\"", keys, text, expected ? expected : "(none)");
	if (expected)
		assert_string_equal(text, expected);
}
