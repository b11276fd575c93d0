/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/layout.h"

#include <assert.h>

#include "flow/filter.h"
#include "flow/function.h"
#include "flow/plan.h"

static_assert((int)FLOW_CUTS >= (int)FLOW_KEYS, "each key can be a cut");

static struct packet_place place_of(const struct flow_key *key, unsigned shape)
{
	if (key->source != FLOW_HEADER)
		return (struct packet_place){.kind = PACKET_PLACE_READ};
	return packet_shape_place(shape, key->field, key->instance);
}

/* ---- keys ---- */

/* One key behind those before it; a cut that goes on where the last one ended is one with it. */
static void add_cut(struct flow_recipe *r, unsigned at, unsigned width)
{
	struct flow_cut *last = r->count ? &r->cuts[r->count - 1] : NULL;

	r->len = (uint8_t)(r->len + width);
	if (last && last->at + last->width == (int)at)
		last->width = (uint8_t)(last->width + width);
	else
		r->cuts[r->count++] = (struct flow_cut){(uint16_t)at, (uint8_t)width};
}

static struct flow_recipe make_recipe(
	const struct flow_plan *plan, const struct flow_definition *d, unsigned shape)
{
	struct flow_recipe r = {.kind = d->width ? FLOW_RECIPE_CUT : FLOW_RECIPE_FIELDS};

	for (unsigned i = 0; i < d->key_count; i++) {
		const struct flow_key *key = &plan->fields[d->keys[i]];
		struct packet_place place = place_of(key, shape);

		if (place.kind == PACKET_PLACE_ABSENT)
			return (struct flow_recipe){.kind = FLOW_RECIPE_ABSENT};
		if (place.kind != PACKET_PLACE_AT || key->field->mask)
			r.kind = FLOW_RECIPE_FIELDS;
		else if (r.kind == FLOW_RECIPE_CUT)
			add_cut(&r, place.at, key->field->width);
	}
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

static void need_all(
	const struct flow_plan *plan, const struct flow_definition *d, unsigned shape, bool *needed)
{
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

static bool needs_packet(const struct flow_key *key)
{
	return key->source == FLOW_HEADER || (key->source == FLOW_CONTEXT && key->context->packet);
}

static void make_layout(struct flow_plan *plan, unsigned shape)
{
	struct flow_layout *layout = &plan->layouts[shape];
	struct flow_step *steps =
		base_region_alloc(&plan->region, (plan->field_count + 1) * sizeof(*steps));
	bool needed[FLOW_FIELDS] = {false};

	for (unsigned i = 0; i < plan->definition_count; i++) {
		if (plan->definitions[i].shares == i)
			need_all(plan, &plan->definitions[i], shape, needed);
	}
	for (unsigned i = 0; i < plan->field_count; i++) {
		struct flow_step step;

		if (!needed[i])
			continue;
		step = make_step(plan, i, shape);
		layout->need_packet |=
			step.kind == FLOW_STEP_READ && needs_packet(&plan->fields[i]);
		steps[layout->count++] = step;
	}
	layout->steps = steps;
}

void flow_layouts_make(struct flow_plan *plan)
{
	for (unsigned i = 0; i < plan->definition_count; i++) {
		for (unsigned shape = 0; shape < PACKET_SHAPES; shape++)
			plan->definitions[i].recipes[shape] =
				make_recipe(plan, &plan->definitions[i], shape);
	}
	for (unsigned shape = 0; shape < PACKET_SHAPES; shape++)
		make_layout(plan, shape);
}
