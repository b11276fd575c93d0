/* SPDX-License-Identifier: BSD-3-Clause */
#include "metric/metric_pvt.h"

/*
 * Walks over all slots: what lies ahead is fetched while the callback works, in two steps, since a
 * source must be here before its blocks can be asked for.
 */

enum {
	AHEAD_SOURCE = 16, /* slots */
	AHEAD_BLOCK = 8,
	LINE = 64,
	LINES = 4, /* of a source's first block: an interface's values */
};

static void fetch_source(const struct metric_slots *s, uint32_t slot)
{
	__builtin_prefetch(base_rcu_get(s->at[slot]));
}

static void fetch_block(const struct metric_slots *s, uint32_t slot)
{
	const struct metric_source *src = base_rcu_get(s->at[slot]);
	const char *b = src ? (const char *)base_rcu_get(src->blocks[0]) : NULL;

	for (unsigned i = 0; b && i < LINES; i++)
		__builtin_prefetch(b + i * LINE);
}

static uint32_t each_slot(const struct metric_slots *s, uint32_t from,
	bool (*each)(void *ctx, const struct metric_source *src), void *ctx)
{
	uint32_t end = base_rcu_get(s->end);

	for (uint32_t i = from; i < end && i < from + AHEAD_SOURCE; i++)
		fetch_source(s, i);
	for (uint32_t i = from; i < end; i++) {
		const struct metric_source *src;

		if (i + AHEAD_SOURCE < end)
			fetch_source(s, i + AHEAD_SOURCE);
		if (i + AHEAD_BLOCK < end)
			fetch_block(s, i + AHEAD_BLOCK);
		src = base_rcu_get(s->at[i]);
		if (src && !each(ctx, src))
			return i + 1;
	}
	return end;
}

uint32_t metric_each_source_from(const struct metric_store *m, uint32_t place,
	bool (*each)(void *ctx, const struct metric_source *src), void *ctx)
{
	return each_slot(&m->sources, place, each, ctx);
}

uint32_t metric_source_bound(const struct metric_store *m)
{
	return base_rcu_get(m->sources.end);
}

void metric_each_source(const struct metric_store *m, const struct metric_agent *only,
	bool (*each)(void *ctx, const struct metric_source *src), void *ctx)
{
	const struct metric_source *src;

	if (!only) {
		each_slot(&m->sources, 0, each, ctx);
		return;
	}
	for (src = base_rcu_get(only->sources); src; src = base_rcu_get(src->next))
		if (!each(ctx, src))
			return;
}

void metric_each_agent(const struct metric_store *m,
	bool (*each)(void *ctx, const struct metric_agent *a), void *ctx)
{
	uint32_t end = base_rcu_get(m->agents.end);

	for (uint32_t i = 0; i < end; i++) {
		const struct metric_agent *a = base_rcu_get(m->agents.at[i]);

		if (i + AHEAD_SOURCE < end)
			__builtin_prefetch(base_rcu_get(m->agents.at[i + AHEAD_SOURCE]));
		if (a && !each(ctx, a))
			return;
	}
}
