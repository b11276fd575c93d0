/* SPDX-License-Identifier: BSD-3-Clause */

/* What the name of a metric stands for: a flow definition, a metric, of all data sources or of one. */

#include <stdlib.h>

#include "metric/read.h"
#include "window/trigger_pvt.h"

uint32_t trigger_find_definition(const struct flow_plan *plan, const char *name)
{
	for (unsigned i = 0; i < plan->definition_count; i++) {
		if (strcmp(plan->definitions[i].name, name) == 0)
			return i;
	}
	return TRIGGER_NOWHERE;
}

static uint64_t meaning_of(const struct merge *m, uint32_t definition)
{
	const char *meaning = m->plan->definitions[definition].meaning;

	return base_hash_bytes(m->known.hash, meaning, strlen(meaning));
}

/* @return whether something has this name */
static bool name_is(struct watch *w, const struct merge *m, const char *name)
{
	w->definition = trigger_find_definition(m->plan, name);
	w->name = NULL;
	if (w->definition == TRIGGER_NOWHERE)
		w->name = metric_name_find(m->metrics, name, strlen(name));
	w->meaning = w->definition == TRIGGER_NOWHERE ? 0 : meaning_of(m, w->definition);
	return w->definition != TRIGGER_NOWHERE || w->name;
}

/* A whole text goes before a data source and what is behind its dot. */
static enum threshold_kind resolve(struct watch *w, const struct merge *m)
{
	const char *text = w->threshold->spec.metric;
	bool found = name_is(w, m, text);

	w->path = (struct metric_path){.name = text};
	for (unsigned named = 0; named < 2 && !found; named++) {
		metric_path_split(text, named, &w->path);
		found = w->path.one && name_is(w, m, w->path.name);
	}
	return w->name ? THRESHOLD_METRIC : found ? THRESHOLD_FLOW : THRESHOLD_NOTHING;
}

void trigger_resolve(struct watch *w, const struct merge *m)
{
	uint8_t kind = (uint8_t)resolve(w, m);

	__atomic_store_n(&w->threshold->kind, kind, __ATOMIC_RELAXED);
}
