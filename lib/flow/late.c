/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/late.h"

#include <errno.h>

#include "flow/function.h"
#include "flow/function_pvt.h"

/* ---- compiling: from the keys as written to a raw key and how to go on from it ---- */

/* A part of a raw key that may be absent, in a key that is there: 0, or 1 and the value. */
static bool get_maybe(
	const struct flow_call *call, const struct packet_value *fields, struct packet_value *v)
{
	const struct packet_value *part = &fields[call->operand[0].field];
	unsigned len = part->p ? part->len : 0;

	if (len > FLOW_TEXT_BYTES)
		len = FLOW_TEXT_BYTES;
	v->own[0] = part->p != NULL;
	memcpy(v->own + 1, part->p ? part->p : v->own, len);
	v->p = v->own;
	v->len = (uint8_t)(1 + len);
	return true;
}

static const struct flow_function maybe = {.name = "maybe", .nulls = true, .get = get_maybe};

struct late_compiler {
	struct flow_compiler *c;
	struct flow_late *late;
	unsigned leaf_count;
	bool step[FLOW_FIELDS];
};

static int add_leaf(struct late_compiler *l, uint8_t field, bool optional)
{
	struct flow_late *late = l->late;

	for (unsigned i = 0; i < l->leaf_count; i++) {
		if (late->leaves[i] == field) {
			late->optional[i] &= optional;
			return 0;
		}
	}
	if (l->leaf_count == FLOW_KEYS)
		return flow_fail(l->c, l->c->text,
			"functions that are applied at merge, and the other keys, are made of more "
			"than %d keys",
			FLOW_KEYS);
	late->leaves[l->leaf_count] = field;
	late->optional[l->leaf_count++] = optional;
	return 0;
}

/* Recursion is bounded by FLOW_DEPTH, and by the length of the text. */
static int add_field(struct late_compiler *l, uint8_t field, bool optional)
{
	const struct flow_key *key = &l->c->plan->fields[field];

	if (key->source != FLOW_LATE)
		return add_leaf(l, field, optional);
	l->step[field] = true;
	optional |= key->call->function->nulls;
	for (unsigned i = 0; i < key->call->count; i++) {
		const struct flow_operand *o = &key->call->operand[i];

		if (!o->text && add_field(l, o->field, optional) < 0)
			return -EINVAL;
	}
	return 0;
}

/* The field in the plan that stands for a part of the raw key. */
static int raw_field(struct flow_compiler *c, uint8_t leaf, bool optional)
{
	struct flow_key key = {.source = FLOW_CALL};
	struct flow_call *call;

	if (!optional)
		return leaf;
	call = base_region_alloc(&c->plan->region, sizeof(*call) + sizeof(call->operand[0]));
	call->function = &maybe;
	call->count = 1;
	call->type.form = BASE_FORM_TEXT;
	call->operand[0].field = leaf;
	call->operand[0].type = c->plan->fields[leaf].type;
	key.call = call;
	key.type = call->type;
	return flow_plan_field(c, c->text, &key);
}

/* In place of the keys as written, the parts of the raw key. */
static int use_leaves(struct late_compiler *l, struct flow_definition *d)
{
	bool fixed = true;

	d->width = 0;
	d->key_count = l->leaf_count;
	for (unsigned i = 0; i < l->leaf_count; i++) {
		int field = raw_field(l->c, l->late->leaves[i], l->late->optional[i]);
		unsigned width;

		if (field < 0)
			return field;
		width = l->c->plan->fields[field].type.width;
		d->keys[i] = (uint8_t)field;
		d->width += width;
		fixed &= width > 0;
	}
	if (d->width > FLOW_KEY_BYTES)
		return flow_fail(l->c, l->c->text,
			"the keys are made of %u bytes; at most %d are possible", d->width,
			FLOW_KEY_BYTES);
	if (!fixed)
		d->width = 0;
	return 0;
}

int flow_late_compile(struct flow_compiler *c, struct flow_definition *d)
{
	struct late_compiler l = {.c = c};
	bool any = false;

	for (unsigned i = 0; i < d->key_count; i++)
		any |= c->plan->fields[d->keys[i]].source == FLOW_LATE;
	if (!any)
		return 0;
	l.late = base_region_alloc(&c->plan->region, sizeof(*l.late));
	l.late->key_count = d->key_count;
	memcpy(l.late->keys, d->keys, sizeof(d->keys));
	for (unsigned i = 0; i < d->key_count; i++) {
		if (add_field(&l, d->keys[i], false) < 0)
			return -EINVAL;
	}
	for (unsigned i = 0; i < FLOW_FIELDS; i++) {
		if (l.step[i])
			l.late->steps[l.late->step_count++] = (uint8_t)i;
	}
	d->late = l.late;
	return use_leaves(&l, d);
}

/* ---- at merge ---- */

/* Take a raw key apart. @return false where it is none of this definition */
static bool read_raw(const struct flow_plan *plan, const struct flow_definition *d,
	const uint8_t *raw, unsigned len, struct flow_late_scratch *s)
{
	const uint8_t *end = raw + len;

	for (unsigned i = 0; i < d->key_count; i++) {
		struct packet_value *v = &s->value[d->late->leaves[i]];
		unsigned width = plan->fields[d->keys[i]].type.width;

		if (width == 0 && raw < end)
			width = *raw++;
		if (width > (size_t)(end - raw))
			return false;
		v->p = raw;
		v->len = (uint8_t)width;
		s->stand_in[d->late->leaves[i]] = false;
		raw += width;
		if (!d->late->optional[i] || width == 0)
			continue;
		v->len--;
		v->p = *v->p ? v->p + 1 : NULL;
	}
	return true;
}

/* Whether the value is, byte for byte, one of the arguments that stands in for a name. */
static bool is_chosen_stand_in(const struct flow_call *call, const struct flow_late_scratch *s,
	const struct packet_value *v)
{
	for (unsigned i = 0; i < call->count; i++) {
		const struct flow_operand *o = &call->operand[i];
		const struct packet_value *from = &s->value[o->field];

		if (!o->text && from->p && s->stand_in[o->field] && from->len == v->len &&
			memcmp(from->p, v->p, v->len) == 0)
			return true;
	}
	return false;
}

static void make_field(const struct flow_plan *plan, unsigned field, const struct flow_names *names,
	struct flow_late_scratch *s)
{
	const struct flow_call *call = plan->fields[field].call;
	const struct flow_function *f = call->function;
	struct packet_value *v = &s->value[field];
	const struct flow_operand *first = &call->operand[0];
	bool there;

	s->stand_in[field] = false;
	if (f->name_of) {
		there = s->value[first->field].p != NULL;
		if (there)
			s->stand_in[field] = !f->name_of(call, &s->value[first->field], names, v);
	} else if (f->of_host) {
		there = s->value[first->field].p != NULL &&
			f->of_host(call, &s->value[first->field], names, v);
	} else if (f->of_names && s->value[first->field].p && s->stand_in[first->field]) {
		there = flow_give_text(v, s->value[first->field].p, s->value[first->field].len);
		s->stand_in[field] = true;
	} else {
		there = flow_call_get(call, s->value, v);
		s->stand_in[field] = there && f->nulls && is_chosen_stand_in(call, s, v);
	}
	if (!there)
		v->p = NULL;
}

/* @return the length; -1: a part is absent; -2: there is no room for it */
static int join(const struct flow_plan *plan, const struct flow_late *late,
	const struct flow_late_scratch *s, uint8_t *key)
{
	unsigned len = 0;

	for (unsigned i = 0; i < late->key_count; i++) {
		const struct packet_value *v = &s->value[late->keys[i]];
		bool varies = plan->fields[late->keys[i]].type.width == 0;

		if (!v->p)
			return -1;
		if (len + varies + v->len > FLOW_KEY_BYTES)
			return -2;
		if (varies)
			key[len++] = v->len;
		memcpy(key + len, v->p, v->len);
		len += v->len;
	}
	return (int)len;
}

int flow_late_key(const struct flow_plan *plan, const struct flow_definition *d,
	const struct flow_names *names, const uint8_t *raw, unsigned len,
	struct flow_late_scratch *scratch, uint8_t *key)
{
	int made;

	if (!read_raw(plan, d, raw, len, scratch))
		return -1;
	for (unsigned i = 0; i < d->late->step_count; i++)
		make_field(plan, d->late->steps[i], names, scratch);
	made = join(plan, d->late, scratch, key);
	if (made != -2)
		return made;
	return names ? flow_late_key(plan, d, NULL, raw, len, scratch, key) : -1;
}
