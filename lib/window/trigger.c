/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "window/trigger_pvt.h"

enum { TRIGGER_SOURCE = 1024 }; /* the longest name of a data source, escaped */

static const struct stats_def defs[TRIGGER_STATS] = {
	[TRIGGER_STARTS] = {"starts", "events", "Events that began"},
	[TRIGGER_ENDS] = {"ends", "events", "Events that ended"},
	[TRIGGER_ACTIVE] = {"active", "events", "Events that are active now", .gauge = true},
	[TRIGGER_FULL] = {"full", "values",
		"Values above a threshold, each window, without room to be events"},
};

const struct stats_group trigger_stats = {"threshold", defs, TRIGGER_STATS};

struct triggers *triggers_create(const struct trigger_options *options)
{
	struct triggers *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->options = *options;
	t->version = UINT64_MAX;
	if (base_dense_init(&t->active, sizeof(struct trigger), options->max) < 0) {
		free(t);
		errno = ENOMEM;
		return NULL;
	}
	return t;
}

static void forget(struct triggers *t, uint32_t number)
{
	struct trigger *tr = trigger_at(t, number);

	threshold_let_go(tr->threshold);
	free(tr->key);
	free(tr->flow_key);
	free(tr->source_text);
	base_dense_remove(&t->active, number);
}

void triggers_destroy(struct triggers *t)
{
	if (!t)
		return;
	while (t->active.count)
		forget(t, t->active.count - 1);
	base_dense_fini(&t->active);
	if (t->list)
		thresholds_let_go(t->list, t->count);
	free(t->watches);
	free(t);
}

const uint64_t *triggers_stats(const struct triggers *t)
{
	return t->stats;
}

/* ---- which thresholds there are ---- */

static int by_definition(const void *a, const void *b)
{
	uint32_t x = ((const struct watch *)a)->definition;
	uint32_t y = ((const struct watch *)b)->definition;

	return x < y ? -1 : x > y;
}

/* Metrics of agents' own names may come and go with any window. */
static void look_for_names(struct triggers *t, const struct merge *m)
{
	for (unsigned i = 0; i < t->count; i++) {
		struct watch *w = &t->watches[i];

		if (w->name)
			w->name = metric_name_find(m->metrics, w->path.name, strlen(w->path.name));
		if (w->definition == TRIGGER_NOWHERE && !w->name)
			trigger_resolve(w, m);
	}
}

/* Look again only where thresholds or definitions have changed. @return whether they have */
static bool look_up(struct triggers *t, const struct merge *m)
{
	uint64_t version = thresholds_version(t->options.thresholds);

	if (version == t->version && m->plan->generation == t->generation) {
		look_for_names(t, m);
		return false;
	}
	t->version = version;
	t->generation = m->plan->generation;
	if (t->list)
		thresholds_let_go(t->list, t->count);
	t->count = thresholds_hold(t->options.thresholds, &t->list);
	t->watches = realloc(t->watches, (t->count + 1) * sizeof(*t->watches));
	if (!t->watches)
		abort();
	for (unsigned i = 0; i < t->count; i++) {
		struct watch *w = &t->watches[i];

		w->threshold = t->list[i];
		trigger_resolve(w, m);
	}
	qsort(t->watches, t->count, sizeof(*t->watches), by_definition);
	return true;
}

/* ---- their lives ---- */

static void tell(struct triggers *t, struct trigger *tr, bool end, uint64_t now_ms)
{
	uint64_t id = trigger_tell(t->options.events, tr, end, now_ms);

	if (!end)
		tr->id = id;
	t->stats[end ? TRIGGER_ENDS : TRIGGER_STARTS]++;
}

static char *copy(const char *text)
{
	char *c = strdup(text);

	if (!c)
		abort();
	return c;
}

/* That of all of an agent's data sources is empty. */
static char *source_text(const struct merge *m, const struct trigger *tr)
{
	char buf[TRIGGER_SOURCE];
	struct base_text text = base_text(buf, sizeof(buf));

	if (tr->metric)
		trigger_metric_source(m, tr, &text);
	else if (tr->kind == SOURCE_PORT && tr->source.class)
		base_text_printf(&text, "%" PRIu32 ".%" PRIu32, tr->source.class, tr->source.index);
	else if (tr->kind == SOURCE_PORT)
		base_text_printf(&text, "%" PRIu32, tr->source.index);
	return copy(buf);
}

static void start(struct triggers *t, const struct merge *m, struct trigger *tr, uint64_t now_ms)
{
	if (!tr->source_text) /* one that has a name has its text already */
		tr->source_text = source_text(m, tr);
	tr->flow_key = tr->metric ? NULL : trigger_flow_key(m, tr);
	tr->started = true;
	tr->start_ms = now_ms;
	tr->opened_ms = t->window_ms;
	tr->peak = tr->value;
	tr->peak_samples = tr->samples;
	tell(t, tr, false, now_ms);
}

/* @return false: it is over. */
static bool go_on(struct triggers *t, const struct merge *m, struct trigger *tr, double seconds,
	uint64_t now_ms)
{
	bool over = tr->gone || __atomic_load_n(&tr->threshold->removed, __ATOMIC_RELAXED);

	if (tr->pass == t->pass) {
		if (!tr->metric)
			trigger_flow_values(m, tr);
		if (!tr->started)
			start(t, m, tr, now_ms);
		if (tr->value > tr->peak) {
			tr->peak = tr->value;
			tr->peak_samples = tr->samples;
		}
		tr->above_ms = now_ms > tr->opened_ms ? now_ms : tr->opened_ms;
		tr->waits = false;
	} else {
		tr->below = tr->waits ? tr->below + seconds : 0;
		tr->waits = true;
	}
	if (!over && (!tr->waits || tr->below < tr->threshold->spec.timeout))
		return true;
	tell(t, tr, true, now_ms);
	return false;
}

static const struct watch *watch_of(const struct triggers *t, const struct trigger *tr)
{
	for (unsigned i = 0; i < t->count; i++) {
		if (t->watches[i].threshold == tr->threshold)
			return &t->watches[i];
	}
	return NULL;
}

/*
 * What is on a definition that another one of that name has replaced is over: flows of the new one
 * are none of the old, though their keys may have the same bytes. So is what is on a metric whose name
 * a definition has taken, or the other way round.
 */
static bool is_replaced(const struct triggers *t, const struct trigger *tr)
{
	const struct watch *w = watch_of(t, tr);

	return w && (w->definition != TRIGGER_NOWHERE || w->name) &&
	       (w->meaning != tr->meaning || trigger_metric_of(w) != tr->metric);
}

static void end_replaced(struct triggers *t, uint64_t now_ms)
{
	for (uint32_t i = 0; i < t->active.count;) {
		struct trigger *tr = trigger_at(t, i);

		if (!is_replaced(t, tr)) {
			i++;
			continue;
		}
		tell(t, tr, true, now_ms);
		forget(t, i);
	}
}

void triggers_close(struct triggers *t, const struct merge *m, double seconds, uint64_t start_ms,
	uint64_t now_ms)
{
	t->window_ms = start_ms;
	if (look_up(t, m))
		end_replaced(t, now_ms);
	t->pass++;
	trigger_flows(t, m);
	trigger_metrics(t, m);
	for (uint32_t i = 0; i < t->active.count;) {
		if (go_on(t, m, trigger_at(t, i), seconds, now_ms))
			i++;
		else
			forget(t, i); /* the last one is number i now */
	}
	t->stats[TRIGGER_ACTIVE] = t->active.count;
}
