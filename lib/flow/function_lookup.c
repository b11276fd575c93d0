/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/index.h"
#include "base/near.h"
#include "flow/data.h"
#include "flow/function_pvt.h"

/* Functions that look into groups and maps. */

struct names {
	const struct flow_data *data;
	enum flow_lookup_kind kind;
};

static const char *lookup_name(const void *ctx, size_t i)
{
	const struct names *names = ctx;
	const struct flow_lookup *l = flow_data_at(names->data, names->kind, i);

	return l ? l->name : NULL;
}

static int fail_name(
	struct flow_compiler *c, const char *at, enum flow_lookup_kind kind, const char *name)
{
	const struct names names = {c->plan->data, kind};
	const char *near = base_near(name, lookup_name, &names);
	const char *what = flow_lookup_kind_name(kind);
	char shown[FLOW_SHOWN];

	flow_shown((struct flow_span){name, name + strlen(name)}, shown);
	if (!lookup_name(&names, 0))
		return flow_fail(
			c, at, "no %s is called \"%s\"; there are no %ss", what, shown, what);
	if (near)
		return flow_fail(
			c, at, "no %s is called \"%s\"; did you mean \"%s\"?", what, shown, near);
	return flow_fail(c, at, "no %s is called \"%s\"; the first of those there are is \"%s\"",
		what, shown, lookup_name(&names, 0));
}

static int find(
	struct flow_compiler *c, struct flow_operand *o, const char *at, enum flow_lookup_kind kind)
{
	o->data = flow_data_find(c->plan->data, kind, o->text);
	return o->data ? 0 : fail_name(c, at, kind, o->text);
}

static bool give_label(const struct flow_lookup *l, uint32_t label, struct packet_value *v)
{
	if (label == PREFIX_NONE)
		return false;
	return flow_give_text(v, l->labels[label - 1].text, l->labels[label - 1].len);
}

/* ---- group ---- */

FLOW_PREPARE(group)
{
	if (call->operand[0].type.form != BASE_FORM_ADDR)
		return flow_fail(c, at[0].p, "group takes an IP address; this key is none");
	for (unsigned i = 1; i < call->count; i++) {
		if (find(c, &call->operand[i], at[i].p, FLOW_GROUP) < 0)
			return -EINVAL;
	}
	call->type.form = BASE_FORM_NAME;
	return 0;
}

FLOW_GET(group)
{
	const struct packet_value *address = &fields[call->operand[0].field];

	for (unsigned i = 1; i < call->count; i++) {
		const struct flow_lookup *group = call->operand[i].data;

		if (give_label(group, prefix_table_find(&group->networks, address->p, address->len),
			    v))
			return true;
	}
	return false;
}

/* ---- map ---- */

/* A value of a map, as the bytes that values of the key have. */
struct mapped {
	const uint8_t *bytes;
	uint32_t len;
	uint32_t label;
};

/* A map as one type of key sees it; in the plan's region. */
struct index {
	struct base_index index;
	const struct flow_lookup *map;
	struct mapped *values;
};

/* No secret: who sends traffic has no say in what is in a map. */
static uint64_t hash_of(const uint8_t *bytes, size_t len)
{
	return base_hash_unkeyed(bytes, len);
}

static uint32_t probe_value(
	const struct index *x, const uint8_t *bytes, size_t len, struct base_probe *probe)
{
	uint32_t i;

	*probe = base_index_probe(&x->index, hash_of(bytes, len));
	while ((i = base_index_next(&x->index, probe)) != BASE_INDEX_NONE) {
		if (x->values[i].len == len && memcmp(x->values[i].bytes, bytes, len) == 0)
			break;
	}
	return i;
}

static int fail_map(struct flow_compiler *c, const char *at, const struct flow_lookup *map)
{
	char text[sizeof(c->error->text)];

	memcpy(text, c->error->text, sizeof(text));
	return flow_fail(c, at, "map \"%s\": %.160s", map->name, text);
}

static int fail_twice(struct flow_compiler *c, const char *at, const struct flow_lookup *map,
	const struct flow_mapped *value, uint32_t label)
{
	return flow_fail(c, at, "map \"%s\": \"%.48s\" is under both \"%.48s\" and \"%.48s\"",
		map->name, value->text, map->labels[label - 1].text,
		map->labels[value->label - 1].text);
}

static int add_value(struct flow_compiler *c, const char *at, const struct flow_type *type,
	struct index *x, uint32_t i)
{
	const struct flow_mapped *value = &x->map->values[i];
	uint8_t bytes[PACKET_VALUE_MAX];
	int len = flow_literal(c, at, type, value->text, value->len, bytes);
	struct base_probe probe;
	uint32_t other;

	if (len < 0)
		return fail_map(c, at, x->map);
	other = probe_value(x, bytes, (size_t)len, &probe);
	if (other != BASE_INDEX_NONE)
		return x->values[other].label == value->label
			       ? 0
			       : fail_twice(c, at, x->map, value, x->values[other].label);
	x->values[i] = (struct mapped){.len = (uint32_t)len, .label = value->label};
	x->values[i].bytes = (const uint8_t *)base_region_copy(
		&c->plan->region, (const char *)bytes, (size_t)len);
	base_index_put(&x->index, &probe, i);
	return 0;
}

FLOW_PREPARE(map)
{
	struct base_region *region = &c->plan->region;
	struct flow_operand *o = &call->operand[1];
	struct index *x;
	uint64_t slots;

	if (find(c, o, at[1].p, FLOW_MAP) < 0)
		return -EINVAL;
	x = base_region_alloc(region, sizeof(*x));
	x->map = o->data;
	slots = base_index_slots((uint32_t)x->map->value_count);
	x->index.slots = base_region_alloc(region, slots * sizeof(*x->index.slots));
	x->index.mask = (uint32_t)slots - 1;
	x->values = base_region_alloc(region, (x->map->value_count + 1) * sizeof(*x->values));
	for (uint32_t i = 0; i < x->map->value_count; i++) {
		if (add_value(c, at[1].p, &call->operand[0].type, x, i) < 0)
			return -EINVAL;
	}
	o->data = x;
	call->type.form = BASE_FORM_NAME;
	return 0;
}

FLOW_GET(map)
{
	const struct packet_value *key = &fields[call->operand[0].field];
	const struct index *x = call->operand[1].data;
	struct base_probe probe;
	uint32_t i = probe_value(x, key->p, key->len, &probe);

	return i != BASE_INDEX_NONE && give_label(x->map, x->values[i].label, v);
}
