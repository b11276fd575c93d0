/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "flow/compile_pvt.h"
#include "flow/extract.h"
#include "flow/function_pvt.h"
#include "flow/record.h"

/* What a definition makes of its flows' samples: [PREFIX:]KEY, or [PREFIX:]FUNCTION:.... */

const struct flow_prefix flow_prefixes[FLOW_AGGREGATES] = {
	[FLOW_RATE] = {"rate",
		"sum over the samples, each times its sampling rate, per second and smoothed over "
		"t; the default"},
	[FLOW_AVG] = {"avg", "mean over the samples, which fade with t; each sample weighs the "
			     "same, whatever its sampling rate"},
	[FLOW_MIN] = {"min", "least of the samples of the last t seconds"},
	[FLOW_MAX] = {"max", "largest of the samples of the last t seconds"},
	[FLOW_LAST] = {"last", "that of the newest sample of the last t seconds"},
	[FLOW_COUNT] = {"count", "how many different values the samples of the last t seconds "
				 "have, of any key, also "
				 "one that is no number; estimated by HyperLogLog"},
};

const struct flow_prefix *flow_prefix_find(const char *name, size_t len)
{
	for (unsigned i = 0; i < FLOW_AGGREGATES; i++) {
		const char *have = flow_prefixes[i].name;

		if (strlen(have) == len && memcmp(have, name, len) == 0)
			return &flow_prefixes[i];
	}
	return NULL;
}

/* Prefixes, then functions. */
static const char *leading_name(const void *unused, size_t i)
{
	return i < FLOW_AGGREGATES ? flow_prefixes[i].name
				   : flow_function_name(NULL, i - FLOW_AGGREGATES);
}

static int fail_leading(struct flow_compiler *c, struct flow_span name)
{
	char word[64];
	const char *near;

	snprintf(word, sizeof(word), "%.*s", (int)flow_span_len(name), name.p);
	near = base_near(word, leading_name, NULL);
	if (near)
		return flow_fail(c, name.p,
			"no prefix and no function is called \"%s\"; did you mean \"%s\"?", word,
			near);
	return flow_fail(c, name.p,
		"no prefix and no function is called \"%s\"; docs/keys.rst lists them", word);
}

static bool is_word(struct flow_span s, const char *word)
{
	return flow_span_len(s) == strlen(word) && memcmp(s.p, word, strlen(word)) == 0;
}

/* What the structure of a record says of a field of it. */
static const char *record_unit(const struct flow_record_key *row)
{
	const struct sflow_structure *structure = sflow_flow_structure(row->tag);

	for (unsigned i = 0; i < structure->field_count; i++) {
		if (strcmp(structure->fields[i].name, row->field) == 0)
			return structure->fields[i].unit;
	}
	return NULL;
}

static const char *unit_of(const struct flow_key *key)
{
	const char *unit = NULL;

	if (key->source == FLOW_CONTEXT)
		unit = key->context->unit;
	else if (key->source == FLOW_RECORD)
		unit = record_unit(key->record);
	return unit ? unit : "number";
}

/* Texts that functions make can be digits; those of keys are names, URLs and the like. */
static bool can_be_number(const struct flow_key *key)
{
	return flow_is_numeric(&key->type) &&
	       (key->source == FLOW_CALL || !flow_is_text(&key->type));
}

static int compile_field(struct flow_compiler *c, struct flow_span s, struct flow_value *v)
{
	int field = flow_expression(c, s);
	const struct flow_key *key;
	char shown[FLOW_SHOWN];

	if (field < 0)
		return field;
	key = &c->plan->fields[field];
	if (v->aggregate != FLOW_COUNT && !can_be_number(key))
		return flow_fail(c, s.p,
			"%s takes a number, and \"%s\" is none; only count takes any key",
			flow_prefixes[v->aggregate].name, flow_shown(s, shown));
	v->of = FLOW_OF_FIELD;
	v->field = (uint8_t)field;
	v->type = key->type;
	v->unit = v->aggregate == FLOW_COUNT ? "distinct" : unit_of(key);
	return 0;
}

/* The usual two need no field. */
static int compile_number(struct flow_compiler *c, struct flow_span s, struct flow_value *v)
{
	if (v->aggregate != FLOW_COUNT && is_word(s, "bytes")) {
		v->of = FLOW_OF_LENGTH;
		v->unit = "bytes";
		return 0;
	}
	if (v->aggregate != FLOW_COUNT && is_word(s, "frames")) {
		v->of = FLOW_OF_FRAME;
		v->unit = "frames";
		return 0;
	}
	return compile_field(c, s, v);
}

static int compile_expression(struct flow_compiler *c, struct flow_span s, struct flow_value *v)
{
	struct flow_span rest = s, name = flow_trim(flow_split(&rest, ':'));
	const struct flow_prefix *prefix =
		rest.p ? flow_prefix_find(name.p, flow_span_len(name)) : NULL;
	struct flow_span inside;

	v->text = base_region_copy(&c->plan->region, s.p, flow_span_len(s));
	v->aggregate = prefix ? (uint8_t)(prefix - flow_prefixes) : FLOW_RATE;
	if (prefix)
		return compile_number(c, flow_trim(rest), v);
	if (rest.p && !flow_unwrap(s, &inside) && !flow_function_find(name.p, flow_span_len(name)))
		return fail_leading(c, name);
	return compile_number(c, s, v);
}

static int add_value(struct flow_compiler *c, struct flow_definition *d, struct flow_span s)
{
	s = flow_trim(s);
	if (d->value_count == FLOW_VALUES)
		return flow_fail(c, s.p, "a definition has at most %d values", FLOW_VALUES);
	if (flow_span_len(s) == 0)
		return flow_fail(c, s.p, "a value is missing here, such as bytes or frames");
	if (compile_expression(c, s, &d->values[d->value_count]) < 0)
		return -EINVAL;
	d->value_count++;
	return 0;
}

int flow_value_compile(struct flow_compiler *c, struct flow_definition *d, const char *text)
{
	struct flow_span rest = {text, text + strlen(text)}, first;

	if (flow_check_length(c, text) < 0)
		return -EINVAL;
	first = flow_split(&rest, ',');
	if (rest.p)
		return flow_fail(c, rest.p - 1, "there is one value; more of them go into values");
	return add_value(c, d, first);
}

int flow_values_compile(struct flow_compiler *c, struct flow_definition *d, const char *text)
{
	struct flow_span rest = {text, text + strlen(text)};

	if (flow_check_length(c, text) < 0)
		return -EINVAL;
	if (flow_span_len(flow_trim(rest)) == 0)
		return 0;
	while (rest.p) {
		if (add_value(c, d, flow_split(&rest, ',')) < 0)
			return -EINVAL;
	}
	return 0;
}

void flow_values_finish(struct flow_definition *d)
{
	for (unsigned i = 0; i < d->value_count; i++) {
		if (i > 0 || d->values[i].aggregate != FLOW_RATE)
			d->lanes[d->lane_count++] = (uint8_t)i;
	}
}

bool flow_value_number(const struct flow_value *v, const struct sflow_flow *flow,
	const struct flow_fields *fields, uint64_t *number)
{
	uint32_t bytes;

	switch (v->of) {
	case FLOW_OF_FRAME:
		*number = 1;
		return true;
	case FLOW_OF_LENGTH:
		if (!sflow_flow_length(flow, &bytes))
			return false;
		*number = bytes;
		return true;
	default:
		return fields->value[v->field].p &&
		       flow_number_of(&v->type, &fields->value[v->field], number);
	}
}

bool flow_value_other(const struct flow_value *v, const struct sflow_sample *sample,
	const struct sflow_flow *flow, const struct flow_fields *fields, uint64_t *value)
{
	if (v->aggregate == FLOW_COUNT) {
		*value = 1;
		return fields->value[v->field].p != NULL;
	}
	if (!flow_value_number(v, flow, fields, value))
		return false;
	if (v->aggregate == FLOW_RATE)
		*value = flow_value_scaled(*value, sample->sampling_rate);
	else if (v->aggregate != FLOW_AVG)
		*value = 1;
	return true;
}
