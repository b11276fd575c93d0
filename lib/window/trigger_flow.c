/* SPDX-License-Identifier: BSD-3-Clause */

/* Flows that are above: one pass over the sightings of each definition that a threshold is on. */

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "metric/news.h"
#include "window/trigger_pvt.h"

enum { TRIGGER_KEY_TEXT = 4096 }; /* as in a report */

/* A sighting that is looked at. */
struct sight {
	uint32_t range, number;
	const struct sighting *sighting;
	const struct sighting_key *key;
	const struct known_source *source;
	const struct base_addr *agent;
	double value, samples;
};

static bool has_attributes(
	const struct merge *m, const struct threshold *spec, const struct sight *s)
{
	const struct metric_agent *a = metric_agent_find(m->metrics, s->agent);
	const struct metric_source *src = NULL;

	if (a && s->source->kind == SOURCE_PORT)
		src = metric_source_find(m->metrics, a, s->source->sub_agent, s->source->source);
	return trigger_fits(m->metrics, spec->attributes, a, src);
}

static bool is_path(const struct metric_path *path, const struct known_source *source)
{
	return !path->one || (!path->custom && source->kind == SOURCE_PORT &&
				     source->source.class == path->source.class &&
				     source->source.index == path->source.index);
}

/* What metrics say of a data source is looked up last, and for those above alone. */
static bool passes_filter(const struct merge *m, const struct watch *w, const struct sight *s)
{
	const struct threshold *spec = &w->threshold->spec;
	const struct known_source *source = s->source;

	if (!is_path(&w->path, source) ||
		!trigger_is_place(spec, s->agent,
			source->kind == SOURCE_PORT ? &source->source : NULL,
			source->kind == SOURCE_NAMED ? source->text : NULL))
		return false;
	return !spec->attributes || has_attributes(m, spec, s);
}

static bool is_of(
	const struct trigger *tr, const struct threshold_entry *threshold, const struct sight *s)
{
	if (tr->metric || tr->threshold != threshold || !base_addr_equal(&tr->agent, s->agent) ||
		tr->kind != s->source->kind || tr->sub_agent != s->source->sub_agent ||
		tr->source.class != s->source->source.class ||
		tr->source.index != s->source->source.index)
		return false;
	return !threshold->spec.by_flow ||
	       (tr->key_len == s->key->len &&
		       memcmp(tr->key, sighting_key_bytes(s->key), tr->key_len) == 0);
}

static uint64_t hash_of(const struct threshold_entry *threshold, const struct sight *s)
{
	uint64_t hash = s->source->hash;

	if (threshold->spec.by_flow)
		hash = base_hash_mix(s->key->tag, hash);
	return base_hash_mix(hash, (uintptr_t)threshold);
}

static struct trigger *add(
	struct triggers *t, uint64_t hash, const struct watch *watch, const struct sight *s)
{
	struct threshold_entry *threshold = watch->threshold;
	uint32_t number = base_dense_add(&t->active, hash);
	struct trigger *tr;

	if (number == BASE_INDEX_NONE)
		return NULL;
	tr = trigger_at(t, number);
	tr->threshold = threshold_hold(threshold);
	tr->meaning = watch->meaning;
	tr->agent = *s->agent;
	tr->sub_agent = s->source->sub_agent;
	tr->source = s->source->source;
	tr->kind = s->source->kind;
	if (tr->kind == SOURCE_NAMED) {
		tr->source_text = strdup(s->source->text);
		if (!tr->source_text)
			abort();
	}
	if (threshold->spec.by_flow) {
		tr->key_len = s->key->len;
		tr->key = malloc(tr->key_len + 1u);
		if (!tr->key)
			abort();
		memcpy(tr->key, sighting_key_bytes(s->key), tr->key_len);
	}
	return tr;
}

static struct trigger *find(const struct triggers *t, uint64_t hash,
	const struct threshold_entry *threshold, const struct sight *s)
{
	struct base_narrow_probe probe = base_dense_probe(&t->active, hash);
	uint32_t number;

	while ((number = base_dense_next(&t->active, &probe)) != BASE_INDEX_NONE) {
		struct trigger *tr = trigger_at(t, number);

		if (tr->hash == hash && is_of(tr, threshold, s))
			return tr;
	}
	return NULL;
}

/* The least number of samples is for the start of an event: one that is active stays so. */
static void note_above(
	struct triggers *t, const struct merge *m, const struct watch *watch, const struct sight *s)
{
	struct threshold_entry *threshold = watch->threshold;
	uint64_t hash = hash_of(threshold, s);
	struct trigger *tr;

	if (!passes_filter(m, watch, s))
		return;
	tr = find(t, hash, threshold, s);
	if (!(tr && tr->started) && s->samples < threshold->spec.samples)
		return;
	if (!tr)
		tr = add(t, hash, watch, s);
	if (!tr) {
		t->stats[TRIGGER_FULL]++;
		return;
	}
	if (tr->pass == t->pass && tr->value >= s->value)
		return;
	tr->pass = t->pass;
	tr->value = s->value;
	tr->samples = s->samples;
	tr->definition = watch->definition;
	tr->flow = s->sighting->key;
	tr->sighting = s->number;
	tr->range = s->range;
}

/*
 * What a sighting comes to, where it is above `least`. Rates are compared as they are kept, before
 * anything is computed.
 */
static bool is_above(const struct sightings *flows, uint32_t number, double least, struct sight *s)
{
	const struct sighting *g = sighting_at(flows, number);
	struct window_value v;

	if (sightings_rank_by_rate(flows) && g->rate <= least * flows->weight)
		return false;
	sighting_value(flows, number, 0, flows->lanes.united, &v);
	s->number = number;
	s->sighting = g;
	s->value = v.value;
	s->samples = v.samples;
	return v.there && v.value > least;
}

/* One pass over the sightings of a range of a definition, for all thresholds that are on it. */
static void look_at(struct triggers *t, const struct merge *m, const struct merge_definition *md,
	uint32_t range, const struct watch *watches, unsigned count)
{
	const struct sightings *flows = &md->flows[range];
	double least = INFINITY;

	for (unsigned i = 0; i < count; i++)
		least = fmin(least, watches[i].threshold->spec.value);
	for (uint32_t i = 0; i < flows->sightings.count; i++) {
		struct sight s;

		if (!is_above(flows, i, least, &s))
			continue;
		s.range = range;
		s.key = sighting_key_at(flows, s.sighting->key);
		s.source = known_source_at(&m->known, s.sighting->source);
		s.agent = &known_agent_at(&m->known, s.source->agent)->addr;
		for (unsigned j = 0; j < count; j++) {
			if (s.value > watches[j].threshold->spec.value)
				note_above(t, m, &watches[j], &s);
		}
	}
}

void trigger_flows(struct triggers *t, const struct merge *m)
{
	unsigned from = 0, to;

	for (; from < t->count && t->watches[from].definition != TRIGGER_NOWHERE; from = to) {
		uint32_t definition = t->watches[from].definition;
		const struct merge_definition *md;

		for (to = from + 1; to < t->count && t->watches[to].definition == definition; to++)
			;
		md = merge_of(m, definition);
		for (uint32_t range = 0; range < md->ranges; range++)
			look_at(t, m, md, range, &t->watches[from], to - from);
	}
}

/* ---- what an event tells of its flow ---- */

char *trigger_flow_key(const struct merge *m, const struct trigger *tr)
{
	const struct flow_definition *d = &m->plan->definitions[tr->definition];
	const struct sightings *flows = &merge_of(m, tr->definition)->flows[tr->range];
	const struct sighting_key *k = sighting_key_at(flows, tr->flow);
	char buf[TRIGGER_KEY_TEXT];
	struct base_text text = base_text(buf, sizeof(buf));
	char *copy;

	if (d->key_count == 0)
		return NULL;
	flow_key_print(m->plan, d, sighting_key_bytes(k), k->len, &text);
	copy = strdup(buf);
	if (!copy)
		abort();
	return copy;
}

void trigger_flow_values(const struct merge *m, struct trigger *tr)
{
	const struct flow_definition *d = &m->plan->definitions[tr->definition];
	const struct sightings *flows = &merge_of(m, tr->definition)->flows[tr->range];
	struct window_value v;

	tr->extra_count = d->value_count - 1;
	for (unsigned i = 1; i < d->value_count; i++) {
		sighting_value(flows, tr->sighting, i, flows->lanes.united, &v);
		tr->extras[i - 1] = v.there ? v.value : NAN;
	}
}
