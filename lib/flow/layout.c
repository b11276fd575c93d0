/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/layout.h"

#include <string.h>

#include "flow/filter.h"
#include "flow/function.h"
#include "flow/plan.h"

static struct packet_place place_of(const struct flow_key *key, unsigned shape)
{
	if (key->source != FLOW_HEADER)
		return (struct packet_place){.kind = PACKET_PLACE_READ};
	return packet_shape_place(shape, key->field, key->instance);
}

/* ---- keys ---- */

/* Where each byte of a key is in the header. */
struct key_bytes {
	unsigned len;
	uint16_t at[FLOW_KEY_BYTES];
};

static void add_field(struct key_bytes *k, unsigned at, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		k->at[k->len++] = (uint16_t)(at + i);
}

/* How many bytes of the key, from `first`, lie close enough together, and where. */
static unsigned run_of(const struct key_bytes *k, unsigned first, unsigned *lowest)
{
	unsigned low = k->at[first], high = low, n = 1;

	for (; first + n < k->len && n < FLOW_PICK; n++) {
		unsigned at = k->at[first + n], l = at < low ? at : low, h = at > high ? at : high;

		if (h - l >= FLOW_PICK)
			break;
		low = l;
		high = h;
	}
	*lowest = low;
	return n;
}

/* @return false where it takes more picks than there is room for */
static bool add_picks(struct flow_recipe *r, const struct key_bytes *k, unsigned shape)
{
	unsigned len = packet_shape_length(shape), lowest, n;

	for (unsigned first = 0; first < k->len; first += n) {
		struct flow_pick *pick = &r->picks[r->count];

		if (r->count++ == FLOW_PICKS)
			return false;
		n = run_of(k, first, &lowest);
		/* Not beyond what the header has for sure. */
		pick->from = (uint16_t)(lowest + FLOW_PICK <= len ? lowest : len - FLOW_PICK);
		pick->to = (uint16_t)first;
		for (unsigned i = 0; i < n; i++)
			pick->which[i] = (uint8_t)(k->at[first + i] - pick->from);
	}
	r->len = (uint8_t)k->len;
	return true;
}

/* Which bytes end the key, so that its hash can be made without a look at what was written. */
static void set_last(struct flow_recipe *r)
{
	enum { WORD = sizeof(uint64_t) };

	r->hashed = r->count == 1 && r->len >= WORD;
	if (r->hashed)
		memcpy(r->last, r->picks[0].which + r->len - WORD, WORD);
}

static struct flow_recipe make_recipe(
	const struct flow_plan *plan, const struct flow_definition *d, unsigned shape)
{
	const struct flow_recipe fields = {.kind = FLOW_RECIPE_FIELDS};
	struct flow_recipe r = {.kind = FLOW_RECIPE_PICK};
	struct key_bytes bytes = {.len = 0};
	bool all = d->width != 0;

	for (unsigned i = 0; i < d->key_count; i++) {
		const struct flow_key *key = &plan->fields[d->keys[i]];
		struct packet_place place = place_of(key, shape);

		if (place.kind == PACKET_PLACE_ABSENT)
			return (struct flow_recipe){.kind = FLOW_RECIPE_ABSENT};
		all = all && place.kind == PACKET_PLACE_AT && !key->field->mask;
		if (all)
			add_field(&bytes, place.at, key->field->width);
	}
	if (!all || !add_picks(&r, &bytes, shape))
		return fields;
	set_last(&r);
	return r;
}

/* ---- fields ---- */

/* A field, and those that it is made of. */
static void need(const struct flow_plan *plan, bool *needed, unsigned field)
{
	const struct flow_key *key = &plan->fields[field];

	if (needed[field])
		return;
	needed[field] = true;
	for (unsigned i = 0; key->source == FLOW_CALL && i < key->call->count; i++) {
		if (!key->call->operand[i].text)
			need(plan, needed, key->call->operand[i].field);
	}
}

/* Discarded packets, which are rare, have no shape: what they need costs other samples nothing. */
static void need_all(
	const struct flow_plan *plan, const struct flow_definition *d, unsigned shape, bool *needed)
{
	if (shape != PACKET_SHAPE_NONE && d->kind != SFLOW_KIND_FLOW)
		return;
	for (unsigned i = 0; i < d->key_count; i++) {
		if (d->recipes[shape].kind == FLOW_RECIPE_FIELDS)
			need(plan, needed, d->keys[i]);
	}
	for (unsigned i = 0; i < d->value_count; i++) {
		if (d->values[i].of == FLOW_OF_FIELD)
			need(plan, needed, d->values[i].field);
	}
	for (unsigned i = 0; d->filter && i < d->filter->count; i++)
		need(plan, needed, d->filter->tests[i].field);
}

static struct flow_step make_step(const struct flow_plan *plan, unsigned field, unsigned shape)
{
	static const uint8_t kinds[] = {[PACKET_PLACE_AT] = FLOW_STEP_AT,
		[PACKET_PLACE_ABSENT] = FLOW_STEP_ABSENT,
		[PACKET_PLACE_READ] = FLOW_STEP_READ};
	const struct flow_key *key = &plan->fields[field];
	struct packet_place place = place_of(key, shape);
	struct flow_step step = {
		.kind = kinds[place.kind], .field = (uint8_t)field, .at = place.at};

	if (step.kind != FLOW_STEP_AT)
		return step;
	step.width = key->field->width;
	if (key->field->mask)
		step.kind = FLOW_STEP_BITS;
	return step;
}

/* Of what samples say by their layers, a shape has none (flow_sample.packet). */
static bool needs_packet(const struct flow_key *key, unsigned shape)
{
	return key->source == FLOW_HEADER ||
	       (shape == PACKET_SHAPE_NONE && key->source == FLOW_CONTEXT && key->context->packet);
}

static void make_layout(struct flow_plan *plan, unsigned shape)
{
	struct flow_layout *layout = &plan->layouts[shape];
	struct flow_step *steps =
		base_region_alloc(&plan->region, (plan->field_count + 1) * sizeof(*steps));
	bool needed[FLOW_FIELDS] = {false};

	layout->placed = true;
	for (unsigned i = 0; i < plan->table_count; i++)
		need_all(plan, plan->tables[i], shape, needed);
	for (unsigned i = 0; i < plan->field_count; i++) {
		struct flow_step step;

		if (!needed[i])
			continue;
		step = make_step(plan, i, shape);
		layout->placed &= step.kind != FLOW_STEP_READ;
		layout->need_packet |=
			step.kind == FLOW_STEP_READ && needs_packet(&plan->fields[i], shape);
		steps[layout->count++] = step;
	}
	layout->steps = steps;
}

/* ---- what asks for the header alone ---- */

/* Where what the tests of a filter ask for is, one by one; NULL where the header does not tell. */
static const struct flow_step *asked_of(
	struct flow_plan *plan, const struct flow_filter *f, unsigned shape)
{
	struct flow_step *steps = base_region_alloc(&plan->region, f->count * sizeof(*steps));

	for (unsigned i = 0; i < f->count; i++) {
		const struct flow_test *t = &f->tests[i];

		steps[i] = make_step(plan, t->field, shape);
		if (steps[i].kind == FLOW_STEP_READ || t->kind == FLOW_TEST_REGEX)
			return NULL;
	}
	return steps;
}

/* But for its filter. */
static bool is_plain(const struct flow_definition *d, const struct flow_recipe *r)
{
	const struct flow_value *v = &d->values[0];

	return r->kind != FLOW_RECIPE_FIELDS && r->len <= FLOW_PLAIN_KEY &&
	       d->merge != FLOW_MERGE_AGENT && d->lane_count == 0 && v->aggregate == FLOW_RATE &&
	       (v->of == FLOW_OF_LENGTH || v->of == FLOW_OF_FRAME);
}

static void set_plain(struct flow_plan *plan, struct flow_definition *d, unsigned shape)
{
	struct flow_recipe *r = &d->recipes[shape];

	if (d->kind != SFLOW_KIND_FLOW) {
		r->plain = true;
		return;
	}
	r->plain = is_plain(d, r);
	if (r->plain && d->filter) {
		r->asked = asked_of(plan, d->filter, shape);
		r->plain = r->asked != NULL;
	}
	r->easy = r->plain && !d->filter && r->hashed && d->values[0].of == FLOW_OF_LENGTH;
}

/* Where all tables are such. */
static const struct flow_recipe **picked(struct flow_plan *plan, unsigned shape)
{
	const struct flow_recipe **list =
		base_region_alloc(&plan->region, plan->table_count * sizeof(const void *));

	for (unsigned i = 0; i < plan->table_count; i++) {
		list[i] = &plan->tables[i]->recipes[shape];
		if (!list[i]->plain)
			return NULL;
	}
	return list;
}

void flow_layouts_make(struct flow_plan *plan)
{
	for (unsigned i = 0; i < plan->definition_count; i++) {
		for (unsigned shape = 0; shape < PACKET_SHAPES; shape++)
			plan->definitions[i].recipes[shape] =
				make_recipe(plan, &plan->definitions[i], shape);
		for (unsigned shape = 0; shape < PACKET_SHAPES; shape++)
			set_plain(plan, &plan->definitions[i], shape);
	}
	for (unsigned shape = 0; shape < PACKET_SHAPES; shape++)
		make_layout(plan, shape);
	for (unsigned shape = 0; shape < PACKET_SHAPES; shape++)
		plan->picked[shape] = picked(plan, shape);
}
