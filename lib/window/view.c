/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/view.h"

#include "base/form.h"
#include "window/merge.h"
#include "window/snapshot.h"

static void copy_agents(const struct known *k, struct window_snapshot *s, struct window_view *v)
{
	struct window_view_agent *agents =
		base_region_take(&s->region, k->agents.count * sizeof(*agents));

	for (uint32_t i = 0; i < k->agents.count; i++) {
		const struct known_agent *a = known_agent_at(k, i);

		agents[i] = (struct window_view_agent){.addr = a->addr,
			.first_ms = a->first_ms,
			.seen_ms = a->seen_ms,
			.uptime_ms = a->uptime_ms,
			.datagrams = a->datagrams,
			.lost = a->lost,
			.duplicates = a->duplicates,
			.out_of_order = a->out_of_order,
			.restarts = a->restarts,
			.shed = a->shed,
			.flow_samples = a->flow_samples,
			.counter_samples = a->counter_samples,
			.discard_samples = a->discard_samples};
		if (!a->live)
			agents[i].addr = (struct base_addr){0};
	}
	v->agents = agents;
	v->agent_count = k->agents.count;
}

static void copy_sources(const struct known *k, struct window_snapshot *s, struct window_view *v)
{
	struct window_view_source *sources =
		base_region_take(&s->region, k->sources.count * sizeof(*sources));

	for (uint32_t i = 0; i < k->sources.count; i++) {
		const struct known_source *src = known_source_at(k, i);

		sources[i] = (struct window_view_source){
			.name = src->live && src->kind == SOURCE_NAMED
					? base_region_text(&s->region, src->text)
					: NULL,
			.agent = src->agent,
			.live = src->live,
			.source = src->source,
			.kind = src->kind,
			.sampling_rate = src->sampling_rate,
			.flow_samples = src->flow_samples,
			.lost = src->lost,
			.drops = src->drops,
			.lost_share = loss_share(&k->loss, i)};
	}
	v->sources = sources;
	v->source_count = k->sources.count;
}

void window_view_source_print(const struct window_view_source *s, struct base_text *t)
{
	uint8_t bytes[8];

	if (!s->live)
		base_text_printf(t, "other");
	if (!s->live || s->kind == SOURCE_AGENT)
		return;
	if (s->kind == SOURCE_NAMED) {
		base_text_printf(t, "%s", s->name);
		return;
	}
	base_put_u32(bytes, s->source.class);
	base_put_u32(bytes + 4, s->source.index);
	base_form_print(t, BASE_FORM_SOURCE, 0, bytes, sizeof(bytes));
}

static size_t key_bytes(const struct sightings *flows)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < flows->keys.count; i++)
		bytes += 1 + (size_t)sighting_key_at(flows, i)->len;
	return bytes;
}

/* How much there is to copy of a definition, from all of its ranges. */
static size_t size_flows(const struct merge_definition *md, struct window_view_flows *f)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < md->ranges; i++) {
		f->key_count += md->flows[i].keys.count;
		f->sighting_count += md->flows[i].sightings.count;
		bytes += key_bytes(&md->flows[i]);
	}
	return bytes;
}

/* @return where the next key's bytes go */
static uint64_t copy_keys(
	const struct sightings *flows, uint64_t *keys, uint8_t *bytes, uint64_t at)
{
	for (uint32_t i = 0; i < flows->keys.count; i++) {
		const struct sighting_key *k = sighting_key_at(flows, i);

		keys[i] = k->there ? at : WINDOW_VIEW_HOLE;
		if (!k->there)
			continue;
		bytes[at++] = k->len;
		memcpy(bytes + at, sighting_key_bytes(k), k->len);
		at += k->len;
	}
	return at;
}

/* @param key  number of the range's first key */
static void copy_sightings(
	const struct sightings *flows, uint32_t key, struct window_view_sighting *out)
{
	for (uint32_t i = 0; i < flows->sightings.count; i++) {
		const struct sighting *g = sighting_at(flows, i);

		out[i] = (struct window_view_sighting){.rate = sightings_rate(flows, g->rate),
			.samples = (float)sightings_samples(flows, g->sample_rate),
			.key = key + g->key,
			.source = g->source};
	}
}

/* A sketch of just its size. */
static struct sketch_view copy_sketch(struct window_snapshot *s, struct sketch_view v)
{
	if (v.registers)
		v.registers = memcpy(base_region_take(&s->region, SKETCH_REGISTERS), v.registers,
			SKETCH_REGISTERS);
	else
		v.codes = memcpy(base_region_take(&s->region, (v.count + 1) * sizeof(*v.codes)),
			v.codes, v.count * sizeof(*v.codes));
	return v;
}

static void copy_values(const struct sightings *flows, unsigned value_count,
	struct window_snapshot *s, struct window_value *out)
{
	for (size_t i = 0; i < (size_t)flows->sightings.count * value_count; i++) {
		struct window_value *v = &out[i];

		sighting_value(flows, (uint32_t)(i / value_count), (unsigned)(i % value_count),
			flows->lanes.united, v);
		if (v->there && v->aggregate == FLOW_COUNT)
			v->sketch = copy_sketch(s, v->sketch);
	}
}

/* One definition: its ranges, one behind the other. */
static void copy_definition(const struct merge_definition *md, unsigned value_count,
	struct window_snapshot *s, struct window_view_flows *f)
{
	uint8_t *bytes = base_region_take(&s->region, size_flows(md, f));
	uint64_t *keys = base_region_take(&s->region, f->key_count * sizeof(*keys)), at = 0;
	struct window_view_sighting *sightings =
		base_region_take(&s->region, f->sighting_count * sizeof(*sightings));
	struct window_value *values = NULL;
	uint32_t key = 0, sighting = 0;

	if (md->flows->lanes.count) {
		f->value_count = value_count;
		values = base_region_take(
			&s->region, (size_t)f->sighting_count * value_count * sizeof(*values));
	}
	for (unsigned i = 0; i < md->ranges; i++) {
		const struct sightings *flows = &md->flows[i];

		at = copy_keys(flows, keys + key, bytes, at);
		copy_sightings(flows, key, sightings + sighting);
		if (values)
			copy_values(flows, value_count, s, values + (size_t)sighting * value_count);
		key += flows->keys.count;
		sighting += flows->sightings.count;
	}
	f->bytes = bytes;
	f->keys = keys;
	f->sightings = sightings;
	f->values = values;
	f->seen_ms = md->seen_ms;
}

/* Definitions that share a table share the copy. */
static void copy_flows(const struct merge *m, struct window_snapshot *s, struct window_view *v)
{
	const struct flow_plan *plan = m->plan;
	struct window_view_flows *flows =
		base_region_alloc(&s->region, plan->definition_count * sizeof(*flows));

	for (unsigned i = 0; i < plan->definition_count; i++) {
		if (plan->definitions[i].shares != i)
			flows[i] = flows[plan->definitions[i].shares];
		else
			copy_definition(
				merge_of(m, i), plan->definitions[i].value_count, s, &flows[i]);
	}
	v->flows = flows;
}

static void copy_keys_seen(const struct merge *m, struct window_snapshot *s, struct window_view *v)
{
	v->keys_ms = memcpy(base_region_take(&s->region, sizeof(m->keys.seen_ms)), m->keys.seen_ms,
		sizeof(m->keys.seen_ms));
	v->custom_count = m->keys.custom_count;
	v->customs = memcpy(base_region_take(&s->region, sizeof(m->keys.customs)), m->keys.customs,
		sizeof(m->keys.customs));
}

void window_view_make(const struct merge *m, struct window_snapshot *s)
{
	struct window_view *v = base_region_alloc(&s->region, sizeof(*v));

	v->plan = flow_plan_hold(m->plan);
	copy_agents(&m->known, s, v);
	copy_sources(&m->known, s, v);
	copy_flows(m, s, v);
	copy_keys_seen(m, s, v);
	s->view = v;
}

void window_view_free(const struct window_view *v)
{
	if (v)
		flow_plan_free(v->plan);
}
