/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/merge.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "metric/news.h"
#include "window/merge_pvt.h"
#include "window/record.h"

enum {
	/* Sightings of a definition, times the capacity of all RX cores: of this window, of the next, of some before */
	MERGE_SHARE = 3,
	MERGE_TOUCHED = 64,     /* counter samples there is room for at first */
	MERGE_EXPIRE_PARTS = 8, /* searches for the silent in the time after which one is */
	MERGE_METRICS_S = 1,    /* between searches for the silent among the sources of metrics */
};

static int range_init(struct sightings *s, const struct flow_definition *d, uint32_t max)
{
	/* Keys that are made at the merge are of any length. */
	int err = sightings_init(s, d->t, max, d->late ? 0 : d->width);

	if (err == 0 && d->log)
		s->lives = (struct lives){.on = true,
			.starts = d->flow_start,
			.active_ms = (uint64_t)llround(d->active_timeout * 1000)};
	return err ? err : sightings_init_values(s, d);
}

/*
 * Functions that are applied at the merge are of one thread. Without a team there is one range, too: then
 * flows stay in the order in which they came, and those of equal value rank alike in each run.
 */
static int definition_init(struct merge_definition *md, const struct flow_definition *d,
	const struct merge_options *options)
{
	uint64_t max = (uint64_t)d->capacity * MERGE_SHARE * options->rx_cores;
	bool split = options->team && !d->late && max >= SIGHTINGS_LARGE;
	unsigned ranges = split ? SIGHTINGS_RANGES : 1;
	int err = 0;

	if (max > BASE_INDEX_NONE / 4)
		max = BASE_INDEX_NONE / 4;
	md->flows = calloc(ranges, sizeof(*md->flows));
	if (!md->flows)
		return -ENOMEM;
	for (; err == 0 && md->ranges < ranges; md->ranges++)
		err = range_init(&md->flows[md->ranges], d, (uint32_t)max);
	return err;
}

struct merge_definition *merge_definitions_create(
	const struct flow_plan *plan, const uint16_t *from, const struct merge_options *options)
{
	struct merge_definition *definitions =
		calloc(plan->definition_count + 1, sizeof(*definitions));

	for (unsigned i = 0; definitions && i < plan->definition_count; i++) {
		const struct flow_definition *d = &plan->definitions[i];

		if (d->shares != i || (from && from[i] != WINDOW_NEW))
			continue;
		if (definition_init(&definitions[i], d, options) < 0) {
			merge_definitions_destroy(definitions, plan);
			return NULL;
		}
	}
	return definitions;
}

void merge_definitions_destroy(struct merge_definition *definitions, const struct flow_plan *plan)
{
	for (unsigned i = 0; definitions && i < plan->definition_count; i++) {
		for (unsigned j = 0; j < definitions[i].ranges; j++)
			sightings_fini(&definitions[i].flows[j]);
		free(definitions[i].flows);
	}
	free(definitions);
}

/* Who knows may be told after the merge is made. */
static bool name_of(void *ctx, const struct base_addr *addr, struct base_text *name)
{
	const struct merge *m = ctx;
	const struct flow_names *names = m->options.names;

	return names && names->find && names->find(names->ctx, addr, name);
}

/* An attribute that a container has not itself may be its host's. */
static bool host_attribute(
	void *ctx, const uint8_t *mac, const char *attribute, size_t len, struct base_text *text)
{
	const struct merge *m = ctx;
	const struct metric_source *src = metric_host_by_mac(m->metrics, mac);
	const struct metric_name *name = src ? metric_name_find(m->metrics, attribute, len) : NULL;
	struct metric_value v;

	if (!name || !metric_inherited_value(src, name, &v))
		return false;
	metric_value_print(&v, text);
	return true;
}

struct merge *merge_create(const struct flow_plan *plan, const struct base_hash *hash,
	const struct merge_options *options)
{
	struct metric_limits limits = options->metrics;
	struct merge *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->plan = flow_plan_hold(plan);
	m->options = *options;
	limits.agents = options->agents;
	limits.sources = options->sources;
	limits.expire_ms = options->expire_ms;
	m->names = (struct flow_names){
		.find = name_of, .ctx = m, .host = host_attribute, .host_ctx = m};
	regroup_init(&m->regroup, hash, &m->names);
	m->metrics = metric_store_create(&limits);
	if (m->metrics)
		metric_store_names(m->metrics, options->interfaces);
	m->definitions = merge_definitions_create(plan, NULL, options);
	m->members = calloc(base_team_members(options->team), sizeof(*m->members));
	m->touched.stamps = calloc((size_t)options->sources + 1, sizeof(*m->touched.stamps));
	m->touched.window = 1;
	m->spares = calloc(options->rx_cores + 1, sizeof(*m->spares));
	m->ranks = calloc(options->rx_cores + 1, sizeof(*m->ranks));
	if (!m->spares || !m->ranks || !m->touched.stamps || !m->metrics || !m->definitions ||
		!m->members || known_init(&m->known, hash, options->agents, options->sources) < 0) {
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
	merge_definitions_destroy(m->definitions, m->plan);
	regroup_fini(&m->regroup);
	known_fini(&m->known);
	metric_store_destroy(m->metrics);
	for (unsigned i = 0; m->members && i < base_team_members(m->options.team); i++)
		free(m->members[i].held);
	free(m->members);
	free(m->spares);
	free(m->ranks);
	free(m->touched.slots);
	free(m->touched.stamps);
	free(m->agent_numbers);
	free(m->sources);
	flow_plan_free(m->plan);
	free(m);
}

/* What is in it is not needed any more. */
static void *room_for(void *list, size_t each, uint32_t *have, uint32_t need)
{
	if (*have >= need)
		return list;
	list = realloc(list, need * each);
	if (!list)
		abort(); /* off the data path; nothing sensible is left to do */
	*have = need;
	return list;
}

/* Each slot stands there once, however many samples its source has sent. */
static void touch(struct merge *m, uint32_t slot)
{
	if (m->touched.stamps[slot] == m->touched.window)
		return;
	m->touched.stamps[slot] = m->touched.window;
	if (m->touched.count == m->touched.room) {
		m->touched.room = m->touched.room ? 2 * m->touched.room : MERGE_TOUCHED;
		m->touched.slots =
			realloc(m->touched.slots, m->touched.room * sizeof(*m->touched.slots));
		if (!m->touched.slots)
			abort();
	}
	m->touched.slots[m->touched.count++] = slot;
}

static void merge_counters(struct merge *m, const struct window *w)
{
	const struct window_counter *c = NULL;
	const struct metric_source *src;

	while ((c = window_counter_next(w, c))) {
		const struct agent_window *aw = &w->agents[c->agent];
		struct metric_sample sample = {.agent = aw->addr,
			.sub_agent = aw->sub_agent,
			.uptime_ms = c->uptime_ms,
			.time_ms = known_ms(w, c->tsc, m->options.tsc_per_ms),
			.sample = window_counter_sample(c)};

		src = metric_sample_add(m->metrics, &sample, NULL, NULL);
		if (src)
			touch(m, metric_source_slot(src));
	}
}

/* The one of that name and type; where there is none and no room, that seen longest ago gives way. */
static struct merge_custom *custom_of(struct merge *m, const struct flow_custom *c)
{
	struct merge_custom *oldest = m->keys.customs;

	for (uint32_t i = 0; i < m->keys.custom_count; i++) {
		struct merge_custom *have = &m->keys.customs[i];

		if (memcmp(&have->custom, c, sizeof(*c)) == 0)
			return have;
		if (have->seen_ms < oldest->seen_ms)
			oldest = have;
	}
	if (m->keys.custom_count < MERGE_CUSTOMS)
		oldest = &m->keys.customs[m->keys.custom_count++];
	oldest->custom = *c;
	return oldest;
}

static void merge_customs(struct merge *m, const struct window *w)
{
	for (uint32_t i = 0; i < w->customs.count; i++)
		custom_of(m, &w->customs.list[i])->seen_ms = w->open_wall_ns / 1000000;
}

void merge_window(struct merge *m, const struct window *w)
{
	if (m->opened_ms == 0)
		m->opened_ms = w->open_wall_ns / 1000000;
	m->agent_numbers = room_for(
		m->agent_numbers, sizeof(*m->agent_numbers), &m->room_agents, w->agent_count);
	m->sources = room_for(m->sources, sizeof(*m->sources), &m->room_sources, w->source_count);
	known_add(&m->known, w, m->agent_numbers, m->sources, m->options.tsc_per_ms);
	merge_counters(m, w); /* first: keys may ask for what hosts say of themselves */
	metric_store_settle(m->metrics);
	merge_flows_add(m, w);
	for (unsigned i = 0; i < FLOW_CENSUS_WORDS; i++)
		m->keys.seen[i] |= w->seen.keys[i];
	merge_customs(m, w);
	stats_add(m->ingress, w->ingress, INGRESS_STATS);
	stats_add(m->sflow, w->sflow, SFLOW_STATS);
	stats_add(m->window, w->stats, WINDOW_STATS);
}

/* Samples of the kind that the definition counts. */
uint64_t merge_samples_seen(const struct merge *m, const struct flow_definition *d)
{
	static const uint8_t stats[] = {[SFLOW_KIND_FLOW] = SFLOW_FLOW_SAMPLES,
		[SFLOW_KIND_DISCARD] = SFLOW_DISCARD_SAMPLES,
		[SFLOW_KIND_RTFLOW] = SFLOW_RTFLOW_SAMPLES};

	return m->sflow[stats[d->kind]];
}

uint64_t merge_samples_taken(const struct merge_definition *md)
{
	return md->ever.counted + md->ever.filtered + md->ever.keyless;
}

/* Windows change at once for all RX cores, and all old ones are merged: no sample is between. */
static void definition_change(
	struct merge *m, const struct flow_definition *d, struct merge_definition *md, double late)
{
	md->before = merge_samples_seen(m, d);
	md->late = late;
}

/* The window that is open, for so many seconds now, ends for this definition. */
static void end_lives(struct merge *m, unsigned i, double seconds)
{
	uint64_t start_ms = m->windows ? m->closed_ms : m->opened_ms;
	struct record_maker maker;

	for (unsigned j = 0; j < m->definitions[i].ranges; j++) {
		struct sightings *s = &m->definitions[i].flows[j];

		record_open(
			&maker, m, i, s, start_ms, start_ms + (uint64_t)llround(seconds * 1000));
		sightings_end_lives(s);
	}
}

static void release_all(struct merge *m, const struct merge_definition *md)
{
	for (unsigned i = 0; i < md->ranges; i++) {
		const struct sightings *s = &md->flows[i];

		for (uint32_t j = 0; j < s->sightings.count; j++)
			known_source_at(&m->known, sighting_at(s, j)->source)->sightings--;
	}
}

struct merge_definition *merge_change(struct merge *m, struct flow_plan *plan,
	struct merge_definition *definitions, const uint16_t *from, double late)
{
	struct merge_definition *before = m->definitions;

	for (unsigned i = 0; i < plan->definition_count; i++) {
		if (from[i] == WINDOW_NEW) {
			definition_change(m, &plan->definitions[i], &definitions[i], late);
			continue;
		}
		definitions[i] = before[from[i]];
		memset(&before[from[i]], 0, sizeof(before[from[i]]));
	}
	for (unsigned i = 0; i < m->plan->definition_count; i++) {
		end_lives(m, i, late);
		release_all(m, &before[i]);
	}
	m->plan = plan;
	m->definitions = definitions;
	return before;
}

static void close_keys(struct merge *m, uint64_t now_ms)
{
	for (unsigned i = 0; i < FLOW_CENSUS_KEYS; i++) {
		if (m->keys.seen[i / 64] >> i % 64 & 1)
			m->keys.seen_ms[i] = now_ms;
	}
	memset(m->keys.seen, 0, sizeof(m->keys.seen));
}

void merge_close(struct merge *m, double seconds, uint64_t now_ms)
{
	merge_flows_close(m, seconds, now_ms);
	close_keys(m, now_ms);
	m->closed_ms = now_ms;
	m->windows++;
	m->unsearched += seconds;
	if (m->unsearched * 1000 * MERGE_EXPIRE_PARTS >= (double)m->options.expire_ms) {
		m->unsearched = 0;
		known_expire(&m->known, now_ms, m->options.expire_ms);
	}
	m->unexpired += seconds;
	if (m->unexpired >= MERGE_METRICS_S) {
		m->unexpired = 0;
		metric_store_expire(m->metrics, now_ms);
		metric_store_settle(m->metrics);
	}
}

void merge_end_flows(struct merge *m)
{
	for (unsigned i = 0; i < m->plan->definition_count; i++) {
		if (m->plan->definitions[i].shares == i)
			end_lives(m, i, 0);
	}
}

void merge_forward(struct merge *m, uint64_t ms)
{
	known_forward(&m->known, ms);
	metric_store_forward(m->metrics, ms);
}

void merge_next(struct merge *m)
{
	for (unsigned i = 0; i < m->plan->definition_count; i++)
		memset(&m->definitions[i].window, 0, sizeof(m->definitions[i].window));
	for (uint32_t i = 0; i < m->known.agents.count; i++)
		known_agent_at(&m->known, i)->changed = false;
	loss_next(&m->known.loss);
	m->touched.count = 0;
	m->touched.window++;
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
				s[SFLOW_DROP_SAMPLES_MISSING] + s[SFLOW_DROP_SHED] +
				s[SFLOW_DROP_SOURCE_NOT_ALLOWED] + s[SFLOW_DROP_SOURCE_NOT_AGENT] +
				s[SFLOW_DROP_AGENT_NOT_ALLOWED]) ||
		!sum_is(what, size, "samples", s[SFLOW_SAMPLES],
			s[SFLOW_FLOW_SAMPLES] + s[SFLOW_COUNTER_SAMPLES] +
				s[SFLOW_DISCARD_SAMPLES] + s[SFLOW_RTMETRIC_SAMPLES] +
				s[SFLOW_RTFLOW_SAMPLES] + s[SFLOW_SAMPLE_UNKNOWN] +
				s[SFLOW_SAMPLE_SHORT] + s[SFLOW_RECORD_OVERRUN] +
				s[SFLOW_RECORDS_MISSING] + s[SFLOW_RECORD_LENGTH] +
				s[SFLOW_SAMPLE_VALUE_TYPE]))
		return false;
	if (!sum_is(what, size, "counter and custom samples",
		    s[SFLOW_COUNTER_SAMPLES] + s[SFLOW_RTMETRIC_SAMPLES],
		    m->window[WINDOW_COUNTERS_KEPT] + m->window[WINDOW_COUNTERS_FULL] +
			    m->window[WINDOW_COUNTERS_NO_AGENT]))
		return false;
	for (unsigned i = 0; i < m->plan->definition_count; i++) {
		const struct flow_definition *d = &m->plan->definitions[i];
		const struct merge_definition *md = merge_of(m, i);

		if (!sum_is(what, size, d->name, merge_samples_seen(m, d) - md->before,
			    merge_samples_taken(md)))
			return false;
	}
	return true;
}
