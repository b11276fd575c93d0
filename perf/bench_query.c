/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/query.h"
#include "base/clock.h"
#include "window/report.h"

/*
 * What a whole snapshot costs the aggregator, and what queries on it cost: for 100,000 and 1,000,000
 * sightings of one definition. Prints milliseconds; the least of several rounds.
 */

enum { SOURCES = 64, ROUNDS = 5, MOST = 100 };

struct setting {
	uint32_t keys, sightings_each;
};

static const struct setting settings[] = {{100000, 1}, {10000, 10}, {1000000, 1}, {100000, 10}};

/* ---- a merge with that many sightings ---- */

static void add_sources(struct window *w, const struct base_hash *hash)
{
	w->agents[w->agent_count++] = (struct agent_window){
		.addr = base_addr_from((const uint8_t[]){192, 0, 2, 1}, 4), .datagrams = 1};
	for (uint32_t i = 0; i < SOURCES; i++)
		w->sources[w->source_count++] = (struct source_window){
			.hash = base_hash_mix(base_hash_bytes(hash, &i, sizeof(i)), i),
			.agent = w->agent_count - 1,
			.source = {0, i + 1},
			.flow_samples = 1};
}

static void add_flow(struct window *w, const struct base_hash *hash, uint32_t key, uint32_t source)
{
	struct window_definition *wd = &w->definitions[0];
	uint8_t *bytes = table_batch_key(&wd->batch);

	memset(bytes, 0, 8);
	base_put_u32(bytes, key * 2654435761u);
	base_put_u32(bytes + 4, key);
	wd->counted++;
	wd->total += 1 + key % 997;
	if (table_batch_add(&wd->batch,
		    table_hash(base_hash_bytes(hash, bytes, 8), w->sources[source].hash), 8, source,
		    1 + key % 997))
		table_apply(&wd->table, &wd->batch, NULL);
}

static struct merge *make_merge(
	const struct setting *s, const struct base_hash *hash, struct flow_plan *plan)
{
	const struct window_limits limits = {
		.agents = 10, .sources = SOURCES + 1, .counter_bytes = 65536};
	const struct merge_options options = {.rx_cores = 1,
		.agents = 10,
		.sources = SOURCES + 1,
		.expire_ms = 60000,
		.tsc_per_ms = 1};
	struct window *w = window_create(plan, &limits, -1);
	struct merge *m = merge_create(plan, hash, &options);

	if (!w || !m)
		abort();
	window_open(w, 1, 0, 0);
	add_sources(w, hash);
	for (uint32_t i = 0; i < s->sightings_each; i++) {
		for (uint32_t key = 0; key < s->keys; key++)
			add_flow(w, hash, key, 1 + (key + i) % SOURCES);
	}
	table_apply(&w->definitions[0].table, &w->definitions[0].batch, NULL);
	merge_window(m, w);
	merge_close(m, 1, 1000);
	window_destroy(w);
	return m;
}

/* ---- measuring ---- */

static double since_ms(uint64_t start)
{
	return (double)(base_clock_mono_ns() - start) / 1e6;
}

static double time_report(struct merge *m, bool view, struct window_snapshot **keep)
{
	const struct report_options o = {.number = 1, .end_ms = 1000, .view = view};
	double least = 1e9;

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t start = base_clock_mono_ns();
		struct window_snapshot *s = report_make(m, &o);
		double ms = since_ms(start);

		least = ms < least ? ms : least;
		report_free(*keep);
		*keep = s;
	}
	return least;
}

static double time_query(const struct query *q)
{
	double least = 1e9;

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t start = base_clock_mono_ns();
		struct query_flow *flows;
		struct api_error e;
		int count = query_flows(q, &flows, &e);
		double ms = since_ms(start);

		if (count < 0)
			abort();
		free(flows);
		least = ms < least ? ms : least;
	}
	return least;
}

static double time_location(const struct query *q)
{
	uint64_t start = base_clock_mono_ns();
	struct query_flow *flows;

	if (query_locations(q, "10.0.0.1,no such key", &flows) != 0)
		abort();
	free(flows);
	return since_ms(start);
}

static void run(const struct setting *s, const struct base_hash *hash)
{
	const struct flow_spec spec = {.name = "pairs",
		.keys = "ipsource,ipdestination",
		.value = "bytes",
		.n = 20,
		.t = 2,
		.capacity = s->keys * s->sightings_each};
	struct flow_error e;
	struct flow_plan *plan = flow_compile(&spec, 1, NULL, &e);
	struct merge *m = plan ? make_merge(s, hash, plan) : NULL;
	struct window_snapshot *snapshot = NULL;
	uint8_t sources[SOURCES + 2];
	struct query q = {.sources = sources, .most = MOST};
	double without, with, max, sum, filter;

	if (!m)
		abort();
	memset(sources, 1, sizeof(sources));
	without = time_report(m, false, &snapshot);
	with = time_report(m, true, &snapshot);
	q.view = snapshot->view;
	max = time_query(&q);
	q.mode = QUERY_SUM;
	sum = time_query(&q);
	q.filter = ",0.0.0.7";
	filter = time_query(&q);
	printf("%9" PRIu32 "%11" PRIu32 "%9.1f%9.1f%9.1f%9.1f%9.1f%9.1f\n", s->keys,
		snapshot->view->flows[0].sighting_count, without, with, max, sum, filter,
		time_location(&q));
	report_free(snapshot);
	merge_destroy(m);
	flow_plan_free(plan);
}

int main(void)
{
	struct base_hash hash;

	if (base_hash_init(&hash) < 0)
		return 1;
	printf("milliseconds: the report of a window without and with a view; queries for the %d\n"
	       "largest flows (max, sum, with a filter on a part of the key); a key by its "
	       "text\n\n",
		MOST);
	printf("     keys  sightings  without     with      max      sum   filter      key\n");
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		run(&settings[i], &hash);
	return 0;
}
