/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "api/scope.h"
#include "api/term.h"
#include "metric/select.h"
#include "window/view.h"

/* Questions about the metrics of a store. Within one section of reading; any thread. */

struct walk {
	const struct metric_store *store;
	const struct scope *scope;
	struct metric_select *select;
	const bool *stopping; /* atomic: set where walks are to end; NULL: never */
};

/** Whether walks are to end: what was found by then is of no use. */
static inline bool walk_stops(const struct walk *w)
{
	return w->stopping && __atomic_load_n(w->stopping, __ATOMIC_RELAXED);
}

/**
 * Go through the data sources of the scope.
 * @param each  false: that is enough. It asks walk_takes() before it uses a source
 */
void walk_sources(
	const struct walk *w, bool (*each)(void *ctx, const struct metric_source *src), void *ctx);

/** The same agent by agent, which takes longer. */
void walk_agents(
	const struct walk *w, bool (*each)(void *ctx, const struct metric_source *src), void *ctx);

/** About how many data sources take part at most; those of flows too, if there is a view. */
uint64_t walk_most(const struct walk *w, const struct window_view *v);

/** Whether a source is in the scope and passes the filter. */
bool walk_takes(const struct walk *w, const struct metric_source *src);

/** The value of a term that is a metric, at one data source. */
static inline bool walk_value(
	const struct term *t, const struct metric_source *src, struct metric_value *v)
{
	return t->name && metric_path_is_of(&t->path, src) && metric_source_value(src, t->name, v);
}

/**
 * Add the values of terms that are metrics to their tallies, which are initialized; `where` of a
 * winner is its source.
 * @return 0 or -ENOMEM
 */
int walk_statistics(const struct walk *w, const struct terms *t, struct metric_tally *tallies);
