/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/window.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"

static const struct stats_def defs[WINDOW_STATS] = {
	[WINDOW_BURSTS] = {"bursts", "bursts", "bursts of packets that were worked on"},
	[WINDOW_CYCLES_BUSY] = {"cycles_busy", "cycles",
		"ticks of the TSC that RX cores spent on packets"},
	[WINDOW_CYCLES_TOTAL] = {"cycles_total", "cycles", "ticks of the TSC that RX cores ran"},
	[WINDOW_CYCLES_ASLEEP] = {"cycles_asleep", "cycles",
		"of them, those that RX cores slept since their queues were empty"},
	[WINDOW_TIMED_RECEIVE] = {"timed_receive", "cycles",
		"ticks of the TSC to get bursts from drivers, of one burst in 64"},
	[WINDOW_TIMED_DECODE] = {"timed_decode", "cycles",
		"ticks from their frames to what is noted of their samples"},
	[WINDOW_TIMED_WRITE] = {"timed_write", "cycles",
		"ticks to pick keys, to look data sources up and to write tables"},
	[WINDOW_TIMED_SAMPLES] = {"timed_samples", "samples", "samples in these bursts"},
	[WINDOW_OTHER_DATAGRAMS] = {"agents_full", "datagrams",
		"datagrams of agents beyond limits.agents"},
	[WINDOW_OTHER_SAMPLES] = {"sources_full", "samples",
		"samples of data sources beyond limits.sources, or beyond their agent's share of "
		"them"},
	[WINDOW_COUNTERS_KEPT] = {"counters_kept", "samples",
		"counter samples handed to the aggregator"},
	[WINDOW_COUNTERS_FULL] = {"sample_drop_counters_full", "samples",
		"counter samples dropped since limits.counters_mb was used up"},
	[WINDOW_COUNTERS_NO_AGENT] = {"sample_drop_no_agent", "samples",
		"counter samples dropped since their agent is beyond limits.agents"},
	[WINDOW_REGEX_GIVEN_UP] = {"regex_given_up", "matches",
		"regular expressions of filters that took too long for a text, or came behind such "
		"a one in a sample: taken for no match"},
	[WINDOW_SKETCHES_FULL] = {"sketches_full", "flows",
		"distinct counts (count:) of flows that found no room in a window: absent for as "
		"long as that counts"},
	[WINDOW_CUSTOM_UNNAMED] = {"custom_unnamed", "samples",
		"custom flows (rtflow) whose data source has no name that one can have, or finds "
		"no "
		"room for it: counted, not by name"},
};
const struct stats_group window_stats = {"window", defs, WINDOW_STATS};

static size_t agents_size(const struct window_limits *l)
{
	return ((size_t)l->agents + 1) * sizeof(struct agent_window);
}

static size_t sources_size(const struct window_limits *l)
{
	return (size_t)window_sources(l) * sizeof(struct source_window);
}

static size_t definitions_size(const struct flow_plan *plan)
{
	return plan->table_count * sizeof(struct window_definition);
}

/* As table_init() wants it. */
static unsigned key_width(const struct flow_definition *d)
{
	return d->key_count ? d->width : TABLE_KEYS_EMPTY;
}

/* What the lanes of a table keep, for each value that needs one. */
static unsigned lane_kinds(const struct flow_definition *d, uint8_t *kinds)
{
	static const uint8_t kind_of[FLOW_AGGREGATES] = {[FLOW_RATE] = TABLE_SUM,
		[FLOW_AVG] = TABLE_MEAN,
		[FLOW_MIN] = TABLE_MIN,
		[FLOW_MAX] = TABLE_MAX,
		[FLOW_LAST] = TABLE_LAST,
		[FLOW_COUNT] = TABLE_COUNT};

	_Static_assert((int)FLOW_VALUES <= (int)TABLE_LANES, "each value can have a lane");
	for (unsigned i = 0; i < d->lane_count; i++)
		kinds[i] = kind_of[d->values[d->lanes[i]].aggregate];
	return d->lane_count;
}

static size_t table_size(const struct flow_definition *d)
{
	uint8_t kinds[TABLE_LANES];
	unsigned count = lane_kinds(d, kinds);

	return table_memory(d->capacity, key_width(d)) +
	       table_lanes_memory(d->capacity, kinds, count);
}

/* @param beside  the same one of the RX core's other window, or NULL */
static int table_open(
	struct table *t, const struct table *beside, const struct flow_definition *d, int socket)
{
	uint8_t kinds[TABLE_LANES];
	unsigned count = lane_kinds(d, kinds), width = key_width(d);
	int err = beside ? table_init_beside(t, beside, d->capacity, width, socket)
			 : table_init(t, d->capacity, width, socket);

	return err ? err : table_init_lanes(t, kinds, count, socket);
}

size_t window_tables(const struct flow_plan *plan)
{
	size_t sum = 0;

	for (unsigned i = 0; i < plan->table_count; i++)
		sum += table_size(plan->tables[i]);
	return sum;
}

size_t window_memory(const struct flow_plan *plan, const struct window_limits *limits)
{
	return sizeof(struct window) + agents_size(limits) + sources_size(limits) +
	       limits->counter_bytes + WINDOW_NAMES + definitions_size(plan) + window_tables(plan);
}

/* Without arrays yet, and with those tables that are not in the plan before. */
static struct window *create(const struct flow_plan *plan, const uint16_t *from,
	const struct window *beside, const struct window_limits *limits, int socket)
{
	bool numbered = (uint64_t)limits->sources + limits->agents <= TABLE_SOURCES;
	struct window *w = numbered ? base_memory_alloc(sizeof(*w), socket) : NULL;

	if (!w)
		return NULL;
	w->plan = flow_plan_hold(plan);
	w->limits = *limits;
	w->agent_count = 1;
	w->source_count = 1;
	w->definitions = base_memory_alloc(definitions_size(plan), socket);
	if (!w->definitions)
		goto fail;
	for (unsigned i = 0; i < plan->table_count; i++) {
		if (from && from[i] != WINDOW_NEW)
			continue;
		if (table_open(&w->definitions[i].table,
			    beside ? &beside->definitions[i].table : NULL, plan->tables[i],
			    socket) < 0)
			goto fail;
	}
	return w;
fail:
	window_destroy(w);
	errno = ENOMEM;
	return NULL;
}

static struct window *create_whole(const struct flow_plan *plan, const struct window *beside,
	const struct window_limits *limits, int socket)
{
	struct window *w = create(plan, NULL, beside, limits, socket);

	if (!w)
		return NULL;
	w->agents = base_memory_alloc(agents_size(limits), socket);
	w->sources = base_memory_alloc(sources_size(limits), socket);
	w->counters = base_memory_alloc(limits->counter_bytes, socket);
	w->names = base_memory_alloc(WINDOW_NAMES, socket);
	if (w->agents && w->sources && w->counters && w->names)
		return w;
	window_destroy(w);
	errno = ENOMEM;
	return NULL;
}

struct window *window_create(
	const struct flow_plan *plan, const struct window_limits *limits, int socket)
{
	return create_whole(plan, NULL, limits, socket);
}

struct window *window_create_beside(const struct window *w, int socket)
{
	struct window *beside = create_whole(w->plan, w, &w->limits, socket);

	if (beside)
		window_set_senders(beside, w->senders);
	return beside;
}

void window_set_senders(struct window *w, struct agent_senders *senders)
{
	struct agent_senders *before = w->senders;

	w->senders = agent_senders_ref(senders);
	agent_senders_unref(before);
}

/*
 * What is written with the first samples of each definition: the RX core would wait for the kernel.
 * Tables are not: all of each, for every definition put, is far more than what most of them will use.
 */
static void touch(struct window *w)
{
	for (unsigned i = 0; i < w->plan->table_count; i++)
		memset(&w->definitions[i].batch, 0, sizeof(w->definitions[i].batch));
}

struct window *window_create_next(const struct flow_plan *plan, const uint16_t *from,
	const struct window *beside, const struct window_limits *limits, int socket)
{
	struct window *w = create(plan, from, beside, limits, socket);

	if (w)
		touch(w);
	return w;
}

void window_take(struct window *w, struct window *old, const uint16_t *from)
{
	for (unsigned i = 0; i < w->plan->table_count; i++) {
		struct table *table;

		if (from[i] == WINDOW_NEW)
			continue;
		table = &old->definitions[from[i]].table;
		w->definitions[i].table = *table;
		*table = (struct table){.chunks = NULL};
	}
	w->agents = old->agents;
	w->sources = old->sources;
	w->counters = old->counters;
	w->names = old->names;
	old->agents = NULL;
	old->sources = NULL;
	old->counters = NULL;
	old->names = NULL;
}

void window_destroy(struct window *w)
{
	if (!w)
		return;
	for (unsigned i = 0; w->definitions && i < w->plan->table_count; i++)
		table_fini(&w->definitions[i].table);
	base_memory_free(w->definitions, definitions_size(w->plan));
	base_memory_free(w->names, WINDOW_NAMES);
	base_memory_free(w->counters, w->limits.counter_bytes);
	base_memory_free(w->sources, sources_size(&w->limits));
	base_memory_free(w->agents, agents_size(&w->limits));
	agent_senders_unref(w->senders);
	flow_plan_free(w->plan);
	base_memory_free(w, sizeof(*w));
}

static void definition_clear(struct window_definition *d)
{
	if (d->table.chunks)
		table_clear(&d->table);
	d->batch.count = 0;
	d->batch.key_bytes = 0;
	d->filtered = 0;
	d->keyless = 0;
	d->counted = 0;
	d->total = 0;
}

void window_clear(struct window *w)
{
	for (unsigned i = 0; i < w->plan->table_count; i++)
		definition_clear(&w->definitions[i]);
	memset(&w->agents[AGENT_OTHER], 0, sizeof(w->agents[AGENT_OTHER]));
	memset(&w->sources[AGENT_OTHER], 0, sizeof(w->sources[AGENT_OTHER]));
	w->agent_count = 1;
	w->source_count = 1;
	w->together_count = 0;
	w->counters_used = 0;
	memset(w->ingress, 0, sizeof(w->ingress));
	memset(w->sflow, 0, sizeof(w->sflow));
	memset(w->stats, 0, sizeof(w->stats));
	memset(&w->seen, 0, sizeof(w->seen));
	w->customs.skip = w->customs.looks = w->customs.count = 0;
	w->names_used = 0;
}

void window_open(struct window *w, uint64_t serial, uint64_t tsc, uint64_t wall_ns)
{
	w->serial = serial;
	w->open_tsc = tsc;
	w->open_wall_ns = wall_ns;
}

const struct window_counter *window_counter_next(
	const struct window *w, const struct window_counter *c)
{
	const uint8_t *next = c ? (const uint8_t *)c + c->size : w->counters;

	return next < w->counters + w->counters_used
		       ? (const struct window_counter *)(const void *)next
		       : NULL;
}

struct sflow_sample window_counter_sample(const struct window_counter *c)
{
	struct sflow_sample s = c->sample;

	s.body = base_cursor(c + 1, c->body_len);
	s.name = (const uint8_t *)(c + 1) + c->body_len;
	return s;
}
