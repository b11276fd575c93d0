/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/generation.h"

#include <errno.h>
#include <stdlib.h>

/* The definition of `now` that has the merged state of this meaning. */
static uint16_t find_state(const struct flow_plan *now, const char *meaning)
{
	for (unsigned i = 0; i < now->definition_count; i++) {
		const struct flow_definition *d = &now->definitions[i];

		if (d->shares == i && strcmp(d->meaning, meaning) == 0)
			return (uint16_t)i;
	}
	return WINDOW_NEW;
}

static uint16_t find_table(const struct flow_plan *now, const char *counts)
{
	for (unsigned i = 0; i < now->table_count; i++) {
		if (strcmp(now->tables[i]->counts, counts) == 0)
			return (uint16_t)i;
	}
	return WINDOW_NEW;
}

static void find_all(struct generation *g, const struct flow_plan *now)
{
	for (unsigned i = 0; i < g->plan->definition_count; i++) {
		const struct flow_definition *d = &g->plan->definitions[i];

		g->from[i] = d->shares == i ? find_state(now, d->meaning) : WINDOW_NEW;
	}
	for (unsigned i = 0; i < g->plan->table_count; i++)
		g->tables[i] = find_table(now, g->plan->tables[i]->counts);
}

static int make_windows(
	struct generation *g, struct agent_senders *senders, const struct generation_options *o)
{
	g->spare = calloc(2 * (size_t)g->cores, sizeof(struct window *));
	if (!g->spare)
		return -ENOMEM;
	g->sealed = g->spare + g->cores;
	for (unsigned i = 0; i < 2 * g->cores; i++) {
		const struct window *beside = i < g->cores ? NULL : g->spare[i - g->cores];

		g->spare[i] = window_create_next(
			g->plan, g->tables, beside, &o->limits, o->sockets[i % g->cores]);
		if (!g->spare[i])
			return -ENOMEM;
		window_set_senders(g->spare[i], senders);
	}
	return 0;
}

struct generation *generation_create(const struct flow_plan *now, const struct flow_plan *plan,
	struct agent_senders *senders, const struct generation_options *options)
{
	struct generation *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->plan = flow_plan_hold(plan);
	g->cores = options->merge.rx_cores;
	find_all(g, now);
	g->definitions = merge_definitions_create(plan, g->from, &options->merge);
	if (!g->definitions || make_windows(g, senders, options) < 0) {
		generation_destroy(g);
		errno = ENOMEM;
		return NULL;
	}
	return g;
}

void generation_destroy(struct generation *g)
{
	if (!g)
		return;
	for (unsigned i = 0; g->spare && i < 2 * g->cores; i++)
		window_destroy(g->spare[i]);
	free(g->spare);
	merge_definitions_destroy(g->definitions, g->plan);
	flow_plan_free(g->plan);
	free(g);
}

void generation_spare(struct generation *g, unsigned core, struct seal *s)
{
	struct window *fresh = g->spare[core];

	window_take(fresh, s->spare, g->tables);
	g->spare[core] = s->spare;
	s->spare = fresh;
}

void generation_sealed(struct generation *g, unsigned core, struct seal *s)
{
	struct window *fresh = g->sealed[core];

	window_clear(s->sealed);
	window_take(fresh, s->sealed, g->tables);
	g->sealed[core] = s->sealed;
	s->sealed = NULL;
	s->spare = fresh;
}

void generation_merge(struct generation *g, struct merge *m, double late)
{
	struct flow_plan *before = m->plan;

	g->definitions = merge_change(m, g->plan, g->definitions, g->from, late);
	g->plan = before;
}

size_t generation_memory(const struct flow_plan *plan, unsigned cores)
{
	return 2 * (size_t)cores * window_tables(plan);
}
