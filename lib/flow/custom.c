/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/custom.h"

#include <math.h>
#include <string.h>

#include "flow/function.h"
#include "flow/function_pvt.h"
#include "sflow/entry.h"

enum {
	CUSTOM_FIRST = 16,  /* samples that are looked at for names, from the start on */
	CUSTOM_EVERY = 127, /* then one in so many */
};

/* host-sflow, mod_json: the types of values. */
enum { TYPE_STRING, TYPE_MAC, TYPE_IP, TYPE_IP6, TYPE_INT32, TYPE_INT64, TYPE_FLOAT, TYPE_DOUBLE };

bool flow_custom_name(const void *name, size_t len)
{
	const char *p = name;

	for (size_t i = 0; i < len; i++) {
		bool letter = (p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z');

		if (!letter && !(p[i] >= '0' && p[i] <= '9') && p[i] != '_' && p[i] != '.' &&
			p[i] != '-')
			return false;
	}
	return len > 0 && len <= FLOW_CUSTOM_NAME;
}

bool flow_custom_source(const void *name, size_t len)
{
	const char *p = name;

	for (size_t i = 0; i < len; i++) {
		if (p[i] <= ' ' || p[i] > '~' || p[i] == '"' || p[i] == ',' || p[i] == '\\')
			return false;
	}
	return len > 0 && len <= FLOW_CUSTOM_NAME && !(p[0] >= '0' && p[0] <= '9');
}

/* ---- the key: rt:NAME:TYPE ---- */

static int fail_type(struct flow_compiler *c, const char *at, const char *text)
{
	char known[96];
	struct base_text t = base_text(known, sizeof(known));

	for (uint32_t i = 0; sflow_entry_type(SFLOW_KIND_RTFLOW, i); i++)
		base_text_printf(&t, "%s%s", i ? ", " : "", sflow_entry_type(SFLOW_KIND_RTFLOW, i));
	return flow_fail(c, at, "\"%.32s\" is no type of a custom flow's field; write one of %s",
		text, known);
}

static struct flow_type type_of(unsigned type)
{
	switch (type) {
	case TYPE_STRING:
		return (struct flow_type){.form = BASE_FORM_TEXT};
	case TYPE_MAC:
		return (struct flow_type){.form = BASE_FORM_MAC, .width = 6};
	case TYPE_IP:
		return (struct flow_type){.form = BASE_FORM_ADDR, .width = 4};
	case TYPE_IP6:
		return (struct flow_type){.form = BASE_FORM_ADDR, .width = 16};
	case TYPE_INT32:
		return (struct flow_type){.form = BASE_FORM_UINT, .width = 4};
	case FLOW_CUSTOM_ANY:
		return (struct flow_type){.form = BASE_FORM_NAME};
	default:
		return (struct flow_type){.form = BASE_FORM_UINT, .width = 8};
	}
}

FLOW_PREPARE(rt)
{
	struct flow_operand *name = &call->operand[0], *type = &call->operand[1];
	uint32_t i = 0;

	if (!flow_custom_name(name->text, name->len))
		return flow_fail(c, at[0].p,
			"a field of a custom flow has 1 to %d letters, digits, _ . or -",
			FLOW_CUSTOM_NAME);
	name->number = FLOW_CUSTOM_ANY;
	if (call->count > 1) {
		const char *have;

		while ((have = sflow_entry_type(SFLOW_KIND_RTFLOW, i)) &&
			strcmp(have, type->text) != 0)
			i++;
		if (!have)
			return fail_type(c, at[1].p, type->text);
		name->number = i;
	}
	call->type = type_of((unsigned)name->number);
	return 0;
}

/* ---- RX core ---- */

/* A number as a whole one. */
static bool whole(const struct sflow_entry *e, uint64_t *number)
{
	double rounded;

	if (e->type == TYPE_INT32 || e->type == TYPE_INT64) {
		*number = e->value.u;
		return true;
	}
	rounded = e->value.f + 0.5;
	if (!(rounded >= 0 && rounded < 0x1p64))
		return false;
	*number = (uint64_t)rounded;
	return true;
}

static bool give_number(const struct sflow_entry *e, unsigned width, struct packet_value *v)
{
	uint64_t number;

	if (!whole(e, &number))
		return false;
	return width == 4 ? flow_give_u32(v, (uint32_t)number) : flow_give_u64(v, number);
}

/* As it came, of its own type. */
static bool give(const struct sflow_entry *e, struct packet_value *v)
{
	if (e->type >= TYPE_INT32)
		return give_number(e, type_of(e->type).width, v);
	return e->value.len > 0 && flow_give_text(v, e->value.bytes, e->value.len);
}

static bool give_text(const struct sflow_entry *e, struct packet_value *v)
{
	struct packet_value own;
	struct flow_type type = type_of(e->type);

	return give(e, &own) && flow_give_printed(&type, &own, v);
}

/* Where a wide number is asked for, all numbers are good. */
static bool give_as(const struct sflow_entry *e, unsigned type, struct packet_value *v)
{
	if (type == FLOW_CUSTOM_ANY)
		return give_text(e, v);
	if (type > TYPE_INT32 && e->type >= TYPE_INT32)
		return (type != TYPE_INT64 || e->type <= TYPE_INT64) && give_number(e, 8, v);
	return e->type == type && give(e, v);
}

static void take_entry(
	const struct flow_plan *plan, const struct sflow_entry *e, struct flow_fields *fields)
{
	if (e->name_len - 1u >= FLOW_CUSTOM_NAME || !(plan->custom_lens >> (e->name_len - 1) & 1))
		return;
	for (unsigned i = 0; i < plan->custom_count; i++) {
		const struct flow_operand *name = &plan->fields[plan->customs[i]].call->operand[0];
		struct packet_value *v = &fields->value[plan->customs[i]];

		if (name->len != e->name_len || v->p || memcmp(name->text, e->name, name->len) != 0)
			continue;
		if (!give_as(e, (unsigned)name->number, v))
			v->p = NULL;
	}
}

static void take_entries(
	const struct flow_plan *plan, const struct sflow_sample *sample, struct flow_fields *fields)
{
	struct base_cursor c = sample->body;
	struct sflow_entry_cut cut;
	struct sflow_entry e;

	while (base_cursor_left(&c) && sflow_entry_read(&c, SFLOW_KIND_RTFLOW, &e, &cut))
		take_entry(plan, &e, fields);
}

static bool made(const struct flow_key *key, const struct flow_sample *s,
	const struct flow_fields *fields, struct packet_value *v)
{
	if (key->source == FLOW_CONTEXT)
		return key->context->custom && key->context->get(s, v);
	return key->source == FLOW_CALL && flow_call_get(key->call, fields->value, v);
}

void flow_extract_custom(const struct flow_plan *plan, const struct base_addr *agent,
	const struct sflow_sample *sample, const struct sflow_flow *flow,
	struct flow_fields *fields)
{
	struct flow_sample s = {.agent = agent, .sample = sample, .flow = flow};

	fields->shape = PACKET_SHAPE_NONE;
	for (unsigned i = 0; i < plan->field_count; i++)
		fields->value[i].p = NULL;
	take_entries(plan, sample, fields);
	for (unsigned i = 0; i < plan->field_count; i++) {
		struct packet_value *v = &fields->value[i];

		if (plan->fields[i].source != FLOW_CUSTOM && !made(&plan->fields[i], &s, fields, v))
			v->p = NULL;
	}
}

/* ---- which names there are ---- */

static void note(struct flow_customs *seen, const struct sflow_entry *e)
{
	struct flow_custom *custom;

	for (uint32_t i = 0; i < seen->count; i++) {
		custom = &seen->list[i];
		if (custom->type == e->type && custom->len == e->name_len &&
			memcmp(custom->name, e->name, e->name_len) == 0)
			return;
	}
	if (seen->count == FLOW_CUSTOMS || !flow_custom_name(e->name, e->name_len))
		return;
	custom = &seen->list[seen->count++];
	memset(custom, 0, sizeof(*custom));
	custom->type = (uint8_t)e->type;
	custom->len = (uint8_t)e->name_len;
	memcpy(custom->name, e->name, e->name_len);
}

void flow_customs_note(struct flow_customs *seen, const struct sflow_sample *sample)
{
	struct base_cursor c = sample->body;
	struct sflow_entry_cut cut;
	struct sflow_entry e;

	if (seen->skip > 0) {
		seen->skip--;
		return;
	}
	seen->skip = ++seen->looks < CUSTOM_FIRST ? 0 : CUSTOM_EVERY - 1;
	while (base_cursor_left(&c) && sflow_entry_read(&c, SFLOW_KIND_RTFLOW, &e, &cut))
		note(seen, &e);
}

void flow_custom_print(const struct flow_custom *custom, struct base_text *t)
{
	base_text_printf(t, "rt:%.*s:%s", custom->len, custom->name,
		sflow_entry_type(SFLOW_KIND_RTFLOW, custom->type));
}
