/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "api/query.h"

/* Definitions that have more than one rate: window_value_merge() over what a view has. */

static inline const struct window_view_flows *query_view(const struct query *q)
{
	return &q->view->flows[q->definition];
}

/** Whether flows rank by something else than a rate. */
static inline bool query_ranks_by_value(const struct query *q)
{
	const struct flow_definition *d = &q->view->plan->definitions[q->definition];

	return query_view(q)->values && d->values[0].aggregate != FLOW_RATE;
}

/** The values of one sighting. */
static inline const struct window_value *query_values_of(const struct query *q, uint32_t sighting)
{
	const struct window_view_flows *f = query_view(q);

	return f->values ? &f->values[(size_t)sighting * f->value_count] : NULL;
}

static inline struct query_value query_value_of(const struct window_value *v)
{
	return (struct query_value){.there = v->there,
		.value = v->value,
		.samples = v->samples,
		.error95 = window_value_error95(v)};
}

/**
 * Merge the first value of every key.
 * @param flows  out: one for each key; `count` 0 where there is none
 */
void query_merge_first(const struct query *q, struct query_flow *flows);

/** Merge all values of the flows that were chosen. */
void query_merge_values(const struct query *q, struct query_flow *flows, unsigned count);
