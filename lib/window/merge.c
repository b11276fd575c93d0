/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/merge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	MERGE_SHARE = 2,        /* sightings of a definition: times the capacity of all RX cores */
	MERGE_PENDING = 64,     /* counter samples there is room for at first */
	MERGE_EXPIRE_PARTS = 8, /* searches for the silent in the time after which one is */
};

static int definitions_init(struct merge *m, const struct base_hash *hash)
{
	m->definitions = calloc(m->plan->definition_count + 1, sizeof(*m->definitions));
	if (!m->definitions)
		return -ENOMEM;
	for (unsigned i = 0; i < m->plan->definition_count; i++) {
		const struct flow_definition *d = &m->plan->definitions[i];
		uint64_t max = (uint64_t)d->capacity * MERGE_SHARE * m->options.rx_cores;

		if (sightings_init(&m->definitions[i].flows, hash, d->t,
			    max < BASE_INDEX_NONE / 2 ? (uint32_t)max : BASE_INDEX_NONE / 2) < 0)
			return -ENOMEM;
	}
	return 0;
}

struct merge *merge_create(const struct flow_plan *plan, const struct base_hash *hash,
	const struct merge_options *options)
{
	struct metric_limits limits = {
		.sources = options->sources, .expire_ms = options->expire_ms};
	struct merge *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->plan = flow_plan_hold(plan);
	m->options = *options;
	m->metrics = metric_store_create(&limits);
	if (!m->metrics || known_init(&m->known, hash, options->agents, options->sources) < 0 ||
		definitions_init(m, hash) < 0) {
		merge_destroy(m);
		errno = ENOMEM;
		return NULL;
	}
	return m;
}

void merge_destroy(struct merge *m)
{
	if (!m)
		return;
	for (unsigned i = 0; m->definitions && i < m->plan->definition_count; i++)
		sightings_fini(&m->definitions[i].flows);
	free(m->definitions);
	known_fini(&m->known);
	metric_store_destroy(m->metrics);
	base_region_free(&m->pending.region);
	free(m->pending.updates);
	free(m->agent_numbers);
	free(m->source_numbers);
	flow_plan_free(m->plan);
	free(m);
}

static uint32_t *numbers_room(uint32_t *numbers, uint32_t *have, uint32_t need)
{
	if (*have >= need)
		return numbers;
	numbers = realloc(numbers, need * sizeof(*numbers));
	if (!numbers)
		abort(); /* off the data path; nothing sensible is left to do */
	*have = need;
	return numbers;
}

static struct metric_update *pending_room(struct merge *m)
{
	if (m->pending.count == m->pending.room) {
		m->pending.room = m->pending.room ? 2 * m->pending.room : MERGE_PENDING;
		m->pending.updates =
			realloc(m->pending.updates, m->pending.room * sizeof(*m->pending.updates));
		if (!m->pending.updates)
			abort();
	}
	return &m->pending.updates[m->pending.count];
}

static void merge_counters(struct merge *m, const struct window *w)
{
	const struct window_counter *c = NULL;

	while ((c = window_counter_next(w, c))) {
		const struct agent_window *aw = &w->agents[c->agent];
		struct metric_sample sample = {.agent = aw->addr,
			.sub_agent = aw->sub_agent,
			.uptime_ms = c->uptime_ms,
			.time_ms = known_ms(w, c->tsc, m->options.tsc_per_ms),
			.sample = window_counter_sample(c)};

		if (metric_sample_add(m->metrics, &sample, &m->pending.region, pending_room(m)))
			m->pending.count++;
	}
}

static void totals_add(struct merge_totals *t, const struct window_definition *wd)
{
	t->total = table_sum(t->total, wd->total);
	t->other = table_sum(t->other, wd->table.other_value);
	t->counted += wd->counted;
	t->keyless += wd->keyless;
	t->filtered += wd->filtered;
}

/* Sightings that are new in this window hold on to their data sources. */
static void hold_sources(struct merge *m, const struct sightings *s, uint32_t before)
{
	for (uint32_t i = before; i < s->sightings.count; i++)
		known_source_at(&m->known, sighting_at(s, i)->source)->sightings++;
}

static void merge_definition(struct merge *m, unsigned i, const struct window *w)
{
	const struct window_definition *wd = &w->definitions[i];
	struct merge_definition *d = &m->definitions[i];
	uint32_t before = d->flows.sightings.count;
	uint64_t other = d->flows.other;

	totals_add(&d->window, wd);
	totals_add(&d->ever, wd);
	sightings_add(&d->flows, &wd->table, m->source_numbers);
	hold_sources(m, &d->flows, before);
	d->window.other = table_sum(d->window.other, d->flows.other - other);
	d->ever.other = table_sum(d->ever.other, d->flows.other - other);
}

void merge_window(struct merge *m, const struct window *w)
{
	m->agent_numbers = numbers_room(m->agent_numbers, &m->numbers_agents, w->agent_count);
	m->source_numbers = numbers_room(m->source_numbers, &m->numbers_sources, w->source_count);
	known_add(&m->known, w, m->agent_numbers, m->source_numbers, m->options.tsc_per_ms);
	for (unsigned i = 0; i < m->plan->definition_count; i++)
		merge_definition(m, i, w);
	merge_counters(m, w);
	stats_add(m->ingress, w->ingress, INGRESS_STATS);
	stats_add(m->sflow, w->sflow, SFLOW_STATS);
	stats_add(m->window, w->stats, WINDOW_STATS);
}

static void release_source(void *ctx, uint32_t source)
{
	struct merge *m = ctx;

	known_source_at(&m->known, source)->sightings--;
}

void merge_close(struct merge *m, double seconds, uint64_t now_ms)
{
	for (unsigned i = 0; i < m->plan->definition_count; i++) {
		struct merge_definition *d = &m->definitions[i];

		sightings_close(&d->flows, seconds, release_source, m);
		if (d->window.total != table_sum(d->flows.closed_value, d->window.other))
			m->imbalances++;
	}
	m->windows++;
	m->unsearched += seconds;
	if (m->unsearched * 1000 * MERGE_EXPIRE_PARTS >= (double)m->options.expire_ms) {
		m->unsearched = 0;
		known_expire(&m->known, now_ms, m->options.expire_ms);
		metric_store_expire(m->metrics, now_ms);
	}
}

void merge_skip_updates(struct merge *m)
{
	base_region_free(&m->pending.region);
	m->pending.count = 0;
}

void merge_next(struct merge *m)
{
	for (unsigned i = 0; i < m->plan->definition_count; i++)
		memset(&m->definitions[i].window, 0, sizeof(m->definitions[i].window));
	for (uint32_t i = 0; i < m->known.agents.count; i++)
		known_agent_at(&m->known, i)->changed = false;
	for (uint32_t i = 0; i < m->known.sources.count; i++)
		known_source_at(&m->known, i)->changed = false;
	merge_skip_updates(m);
}

static bool sum_is(char *what, size_t size, const char *name, uint64_t left, uint64_t right)
{
	if (left == right)
		return true;
	snprintf(what, size, "%s: %" PRIu64 " is not %" PRIu64, name, left, right);
	return false;
}

bool merge_conserved(const struct merge *m, char *what, size_t size)
{
	const uint64_t *s = m->sflow;

	if (!sum_is(what, size, "windows whose total is not flows + other", m->imbalances, 0) ||
		!sum_is(what, size, "datagrams given to the decoder", m->ingress[INGRESS_DATAGRAMS],
			s[SFLOW_DATAGRAMS]) ||
		!sum_is(what, size, "datagrams", s[SFLOW_DATAGRAMS],
			s[SFLOW_DATAGRAMS_DECODED] + s[SFLOW_DROP_SHORT] + s[SFLOW_DROP_VERSION] +
				s[SFLOW_DROP_AGENT_TYPE] + s[SFLOW_DROP_SAMPLE_OVERRUN] +
				s[SFLOW_DROP_SAMPLES_MISSING]) ||
		!sum_is(what, size, "samples", s[SFLOW_SAMPLES],
			s[SFLOW_FLOW_SAMPLES] + s[SFLOW_COUNTER_SAMPLES] +
				s[SFLOW_DISCARD_SAMPLES] + s[SFLOW_RTMETRIC_SAMPLES] +
				s[SFLOW_RTFLOW_SAMPLES] + s[SFLOW_SAMPLE_UNKNOWN] +
				s[SFLOW_SAMPLE_SHORT] + s[SFLOW_RECORD_OVERRUN] +
				s[SFLOW_RECORDS_MISSING] + s[SFLOW_RECORD_LENGTH] +
				s[SFLOW_SAMPLE_VALUE_TYPE]))
		return false;
	if (!sum_is(what, size, "counter samples", s[SFLOW_COUNTER_SAMPLES],
		    m->window[WINDOW_COUNTERS_KEPT] + m->window[WINDOW_COUNTERS_FULL] +
			    m->window[WINDOW_COUNTERS_NO_AGENT]))
		return false;
	for (unsigned i = 0; i < m->plan->definition_count; i++) {
		const struct merge_totals *t = &m->definitions[i].ever;
		const struct flow_definition *d = &m->plan->definitions[i];

		if (!sum_is(what, size, d->name,
			    s[d->dropped ? SFLOW_DISCARD_SAMPLES : SFLOW_FLOW_SAMPLES],
			    t->counted + t->filtered + t->keyless))
			return false;
	}
	return true;
}
