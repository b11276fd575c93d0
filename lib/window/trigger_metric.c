/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Metrics that are above. A data source is looked at when it had a counter sample in the window, and
 * while one of its metrics has an event: so a window costs what came in it, and no walk over all.
 * A value stands until the next record says another.
 */
#include <math.h>
#include <stdlib.h>

#include "metric/filter.h"
#include "metric/news.h"
#include "window/trigger_pvt.h"

static bool attribute(const struct metric_agent *agent, const struct metric_source *src,
	const struct metric_name *name, struct metric_value *v)
{
	const struct metric_source *host = agent ? metric_agent_host(agent) : NULL;

	if (src)
		return metric_inherited_value(src, name, v);
	return host && metric_source_value(host, name, v);
}

bool trigger_fits(const struct metric_store *metrics, const struct metric_filter *f,
	const struct metric_agent *agent, const struct metric_source *src)
{
	for (unsigned i = 0; f && i < metric_filter_count(f); i++) {
		const char *text = metric_filter_name(f, i);
		const struct metric_name *name = metric_name_find(metrics, text, strlen(text));
		struct metric_value v;
		bool there = name && attribute(agent, src, name, &v);

		if (!metric_filter_fits(f, i, there ? &v : NULL))
			return false;
	}
	return true;
}

bool trigger_is_place(const struct threshold *spec, const struct base_addr *agent,
	const struct sflow_source *source, const char *name)
{
	bool a = spec->agent_count == 0, s = spec->source_count == 0 && !spec->names;

	for (unsigned i = 0; i < spec->agent_count && !a; i++)
		a = base_addr_equal(&spec->agents[i], agent);
	for (unsigned i = 0; source && i < spec->source_count && !s; i++)
		s = spec->sources[i].class == source->class &&
		    spec->sources[i].index == source->index;
	for (const char *p = spec->names; name && p && *p && !s; p += strlen(p) + 1)
		s = strcmp(p, name) == 0;
	return a && s;
}

static const struct base_addr *agent_of(const struct metric_source *src)
{
	return metric_agent_addr(metric_source_agent(src));
}

static bool is_place(const struct threshold *spec, const struct metric_source *src)
{
	const struct sflow_source id = metric_source_id(src);
	char name[METRIC_SOURCE_TEXT];
	struct base_text t = base_text(name, sizeof(name));
	bool named;

	if (id.class || id.index)
		return trigger_is_place(spec, agent_of(src), &id, NULL);
	metric_source_print(src, &t);
	named = strcmp(name, "0") != 0;
	return trigger_is_place(spec, agent_of(src), named ? NULL : &id, named ? name : NULL);
}

/* Whether a metric of the source is above a threshold, whose data sources this is one of. */
static bool is_above(const struct merge *m, const struct threshold *spec,
	const struct metric_name *name, const struct metric_source *src, double *value)
{
	struct metric_value v;

	if (!metric_source_value(src, name, &v) || !v.number || !(v.value > spec->value) ||
		!is_place(spec, src) ||
		!trigger_fits(m->metrics, spec->attributes, metric_source_agent(src), src))
		return false;
	*value = v.value;
	return true;
}

static uint64_t hash_of(const struct threshold_entry *threshold, uint32_t slot)
{
	return base_hash_mix(slot, (uintptr_t)threshold);
}

static struct trigger *find(const struct triggers *t, uint64_t hash,
	const struct threshold_entry *threshold, uint32_t slot, uint32_t born)
{
	struct base_narrow_probe probe = base_dense_probe(&t->active, hash);
	uint32_t number;

	while ((number = base_dense_next(&t->active, &probe)) != BASE_INDEX_NONE) {
		struct trigger *tr = trigger_at(t, number);

		if (tr->metric && tr->threshold == threshold && tr->slot == slot &&
			tr->born == born)
			return tr;
	}
	return NULL;
}

static struct trigger *add(struct triggers *t, uint64_t hash, const struct watch *w, uint32_t slot,
	const struct metric_source *src)
{
	uint32_t number = base_dense_add(&t->active, hash);
	struct trigger *tr;

	if (number == BASE_INDEX_NONE)
		return NULL;
	tr = trigger_at(t, number);
	tr->threshold = threshold_hold(w->threshold);
	tr->meaning = w->meaning;
	tr->metric = trigger_metric_of(w);
	tr->slot = slot;
	tr->born = metric_source_born(src);
	tr->agent = *agent_of(src);
	tr->sub_agent = metric_source_sub_agent(src);
	tr->source = metric_source_id(src);
	return tr;
}

static void note_above(struct triggers *t, const struct watch *w, uint32_t slot,
	const struct metric_source *src, double value)
{
	uint64_t hash = hash_of(w->threshold, slot);
	struct trigger *tr = find(t, hash, w->threshold, slot, metric_source_born(src));

	if (!tr)
		tr = add(t, hash, w, slot, src);
	if (!tr) {
		t->stats[TRIGGER_FULL]++;
		return;
	}
	tr->pass = t->pass;
	tr->value = value;
}

static void look_at(struct triggers *t, const struct merge *m, uint32_t slot)
{
	const struct metric_source *src = metric_slot_source(m->metrics, slot);
	double value;

	for (unsigned i = 0; src && i < t->count; i++) {
		const struct watch *w = &t->watches[i];

		if (w->name && metric_path_is_of(&w->path, src) &&
			is_above(m, &w->threshold->spec, w->name, src, &value))
			note_above(t, w, slot, src, value);
	}
}

/* One with an event, and no sample in this window: its newest value stands. */
static void look_again(struct triggers *t, const struct merge *m, struct trigger *tr)
{
	const struct metric_source *src = metric_slot_source(m->metrics, tr->slot);
	const struct metric_name *name =
		metric_name_find(m->metrics, tr->metric, strlen(tr->metric));
	double value;

	tr->gone = !src || metric_source_born(src) != tr->born;
	if (!tr->gone && name && is_above(m, &tr->threshold->spec, name, src, &value)) {
		tr->pass = t->pass;
		tr->value = value;
	}
}

static bool any_on_metrics(const struct triggers *t)
{
	for (unsigned i = 0; i < t->count; i++) {
		if (t->watches[i].name)
			return true;
	}
	return false;
}

void trigger_metrics(struct triggers *t, const struct merge *m)
{
	bool any = any_on_metrics(t);

	for (uint32_t i = 0; any && i < m->touched.count; i++)
		look_at(t, m, m->touched.slots[i]);
	for (uint32_t i = 0; i < t->active.count; i++) {
		struct trigger *tr = trigger_at(t, i);

		if (tr->metric && tr->pass != t->pass)
			look_again(t, m, tr);
	}
}

void trigger_metric_source(const struct merge *m, const struct trigger *tr, struct base_text *text)
{
	const struct metric_source *src = metric_slot_source(m->metrics, tr->slot);

	if (src && metric_source_born(src) == tr->born)
		metric_source_print(src, text);
}
