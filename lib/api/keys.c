/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/handlers_pvt.h"
#include "flow/census.h"
#include "flow/function.h"
#include "flow/late.h"
#include "flow/record.h"
#include "window/merge.h"
#include "window/snapshot.h"

/*
 * Which keys samples have had. Some are looked at for every key there is. Of keys that a definition
 * asks for more is known: a sample counts for it when all of them are there.
 */

enum { KEY_NAME = 128 };

static const char *base_name(const struct flow_key *k)
{
	switch (k->source) {
	case FLOW_HEADER:
		return k->field->name;
	case FLOW_CONTEXT:
		return k->context->name;
	default:
		return k->record->name;
	}
}

static void note(json_t *seen, const char *name, json_int_t age_ms)
{
	const json_t *before = json_object_get(seen, name);

	if (!before || json_integer_value(before) > age_ms)
		json_object_set_new(seen, name, json_integer(age_ms));
}

/* Functions stand for the keys that they are made of, unless these may be absent. */
static void note_field(
	json_t *seen, const struct flow_plan *plan, unsigned field, json_int_t age_ms)
{
	const struct flow_key *k = &plan->fields[field];
	char name[KEY_NAME];
	struct base_text t = base_text(name, sizeof(name));

	if (k->source == FLOW_CUSTOM)
		return; /* the samples themselves tell of it */
	if (k->source != FLOW_CALL) {
		base_text_printf(&t, "%s", base_name(k));
		if (k->instance)
			base_text_printf(&t, ".%u", k->instance);
		note(seen, name, age_ms);
		return;
	}
	for (unsigned i = 0; !k->call->function->nulls && i < k->call->count; i++) {
		if (!k->call->operand[i].text)
			note_field(seen, plan, k->call->operand[i].field, age_ms);
	}
}

static void note_census(json_t *seen, const struct window_view *v, uint64_t now_ms)
{
	for (unsigned i = 0; v->keys_ms && i < FLOW_CENSUS_KEYS; i++) {
		char name[KEY_NAME];
		struct base_text t = base_text(name, sizeof(name));

		if (v->keys_ms[i] && flow_census_name(i, &t))
			note(seen, name, (json_int_t)(now_ms - v->keys_ms[i]));
	}
}

static void note_customs(json_t *seen, const struct window_view *v, uint64_t now_ms)
{
	for (uint32_t i = 0; i < v->custom_count; i++) {
		const struct merge_custom *c = &v->customs[i];
		char name[KEY_NAME];
		struct base_text t = base_text(name, sizeof(name));

		flow_custom_print(&c->custom, &t);
		note(seen, name, now_ms > c->seen_ms ? (json_int_t)(now_ms - c->seen_ms) : 0);
	}
}

void api_get_flowkeys(const struct api_request *r, struct api_reply *reply)
{
	const struct window_view *v = r->snapshot->view;
	const struct flow_plan *plan = v->plan;

	reply->json = json_object();
	note_census(reply->json, v, r->snapshot->end_ms);
	note_customs(reply->json, v, r->snapshot->end_ms);
	for (unsigned i = 0; i < plan->definition_count; i++) {
		const struct flow_definition *d = &plan->definitions[i];
		json_int_t age_ms = (json_int_t)(r->snapshot->end_ms - v->flows[i].seen_ms);

		if (v->flows[i].seen_ms == 0)
			continue;
		for (unsigned k = 0; k < d->key_count; k++) {
			if (!d->late || !d->late->optional[k])
				note_field(reply->json, plan,
					d->late ? d->late->leaves[k] : d->keys[k], age_ms);
		}
	}
}
