/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What follows the seal, for each flow of a window, by numbers of flows and of aggregation cores: merge, close,
 * report (the 20 largest) and clear, in ns of the clock; the bytes that a flow takes, by the process's resident
 * memory and by account; and what a sample costs the RX core to write into a table of so many flows.
 *
 * There are the two windows of an RX core, as in the collector, which take turns. Flows are IPv4 5-tuples
 * of one data source each, in no order.
 */
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "window/report.h"

enum {
	SOURCES = 256,
	ROUNDS = 5,
	CORES_MOST = 16,
	LARGEST = 10000000,
	KEY = 13,
	SAMPLES = 2000000
};

static const uint32_t sizes[] = {1000, 10000, 100000, 1000000, LARGEST};

enum part { PART_SAMPLE, PART_MERGE, PART_CLOSE, PART_REPORT, PART_CLEAR, PARTS };

struct bench {
	struct base_hash hash;
	struct flow_plan *plan;
	struct window *w[2];
	struct base_team *team;
	pthread_t threads[CORES_MOST];
	struct merge *m;
	uint32_t flows;
	uint64_t serial;
	double ns[PARTS][ROUNDS]; /* for each flow, or sample */
	size_t resident_before;
};

/* ---- windows ---- */

static size_t resident(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%*s %lu", &pages) != 1)
		abort();
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* A permutation of 32-bit numbers, so that each flow has a key of its own. */
static uint32_t scatter(uint32_t x)
{
	x = (x ^ x >> 16) * 0x7FEB352Du;
	x = (x ^ x >> 15) * 0x846CA68Bu;
	return x ^ x >> 16;
}

static void add_sample(struct bench *b, struct window *w, uint32_t flow)
{
	struct window_definition *wd = &w->definitions[0];
	uint8_t *key = table_batch_key(&wd->batch);
	uint32_t source = 1 + flow % SOURCES;

	memset(key, 0, KEY);
	base_put_u32(key, scatter(flow));
	base_put_u32(key + 4, flow);
	wd->counted++;
	wd->total += 100;
	w->sflow[SFLOW_FLOW_SAMPLES]++;
	if (table_batch_add(&wd->batch,
		    table_hash(base_hash_bytes(&b->hash, key, KEY), w->sources[source].hash), KEY,
		    source, 100))
		table_apply(&wd->table, &wd->batch, NULL);
}

static void open_window(struct bench *b, struct window *w)
{
	window_open(w, ++b->serial, 0, 0);
	w->agents[w->agent_count++] = (struct agent_window){
		.addr = base_addr_from((const uint8_t[]){192, 0, 2, 1}, 4), .datagrams = 1};
	for (uint32_t i = 0; i < SOURCES; i++)
		w->sources[w->source_count++] = (struct source_window){
			.hash = base_hash_mix(base_hash_bytes(&b->hash, &i, sizeof(i)), i),
			.agent = w->agent_count - 1,
			.source = {0, i + 1},
			.flow_samples = 1};
}

/* Each flow once, in no order. */
static void fill(struct bench *b, struct window *w)
{
	uint64_t step = 2654435761u % b->flows | 1, flow = 0;

	while (b->flows % 5 == 0 && step % 5 == 0)
		step += 2; /* sizes are powers of ten */
	for (uint32_t i = 0; i < b->flows; i++, flow = (flow + step) % b->flows)
		add_sample(b, w, (uint32_t)flow);
	table_apply(&w->definitions[0].table, &w->definitions[0].batch, NULL);
}

static double ns_each(uint64_t start, uint64_t count)
{
	return (double)(base_clock_mono_ns() - start) / (double)count;
}

/* Samples of flows that are there, in no order. @return ns for each */
static double sample(struct bench *b, struct window *w)
{
	uint64_t start = base_clock_mono_ns();

	for (uint32_t i = 0; i < SAMPLES; i++)
		add_sample(b, w, scatter(i) % b->flows);
	table_apply(&w->definitions[0].table, &w->definitions[0].batch, NULL);
	return ns_each(start, SAMPLES);
}

/* ---- measuring ---- */

static void round_of(struct bench *b, struct window *w, unsigned round)
{
	const struct report_options o = {.number = 1, .end_ms = b->serial * 1000};
	uint64_t start;

	open_window(b, w);
	fill(b, w);
	b->ns[PART_SAMPLE][round] = sample(b, w);
	start = base_clock_mono_ns();
	merge_window(b->m, w);
	b->ns[PART_MERGE][round] = ns_each(start, b->flows);
	start = base_clock_mono_ns();
	merge_close(b->m, 1, b->serial * 1000);
	b->ns[PART_CLOSE][round] = ns_each(start, b->flows);
	start = base_clock_mono_ns();
	report_free(report_make(b->m, &o));
	b->ns[PART_REPORT][round] = ns_each(start, b->flows);
	merge_next(b->m);
	start = base_clock_mono_ns();
	window_clear(w);
	b->ns[PART_CLEAR][round] = ns_each(start, b->flows);
}

static size_t dense_bytes(const struct base_dense *d)
{
	return d->count * d->size + ((size_t)d->index.mask + 1) * sizeof(*d->index.slots);
}

/* Bytes of what is merged. */
static size_t merged_bytes(const struct merge *m)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < m->definitions[0].ranges; i++)
		bytes += dense_bytes(&m->definitions[0].flows[i].sightings) +
			 dense_bytes(&m->definitions[0].flows[i].keys);
	return bytes;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void print(struct bench *b, unsigned cores)
{
	double flows = b->flows, merge_close;

	for (unsigned i = 0; i < PARTS; i++)
		qsort(b->ns[i], ROUNDS, sizeof(b->ns[i][0]), by_size);
	merge_close = b->ns[PART_MERGE][ROUNDS / 2] + b->ns[PART_CLOSE][ROUNDS / 2];
	printf("%9" PRIu32 " %5u", b->flows, cores);
	for (unsigned i = 0; i < PARTS; i++)
		printf(" %6.1f (%5.1f)", b->ns[i][ROUNDS / 2], b->ns[i][0]);
	printf(" %8.1f %8.1f %8.1f %8.1f\n", 1e3 / merge_close,
		(double)(resident() - b->resident_before) / flows,
		2.0 * (double)window_tables(b->plan) / flows, (double)merged_bytes(b->m) / flows);
}

/* ---- one setting ---- */

struct helper {
	struct base_team *team;
	unsigned member;
};

static void *help(void *arg)
{
	const struct helper *h = arg;

	base_team_serve(h->team, h->member);
	return NULL;
}

static void bench_open(struct bench *b, unsigned cores, struct helper *helpers)
{
	const struct flow_spec spec = {.name = "tuple",
		.keys = "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport",
		.value = "bytes",
		.n = 20,
		.t = 2,
		.capacity = b->flows};
	const struct window_limits limits = {
		.agents = 10, .sources = SOURCES + 1, .counter_bytes = 65536};
	struct flow_error e;
	struct merge_options options = {.rx_cores = 1,
		.agents = 10,
		.sources = SOURCES + 1,
		.expire_ms = 60000,
		.tsc_per_ms = 1};

	b->resident_before = resident();
	b->plan = flow_compile(&spec, 1, NULL, &e);
	b->team = base_team_create(cores);
	options.team = b->team;
	if (!b->plan || !b->team || base_hash_init(&b->hash) < 0)
		abort();
	b->w[0] = window_create(b->plan, &limits, -1);
	b->w[1] = b->w[0] ? window_create_beside(b->w[0], -1) : NULL;
	b->m = merge_create(b->plan, &b->hash, &options);
	if (!b->w[1] || !b->m)
		abort();
	for (unsigned i = 1; i < cores; i++) {
		helpers[i] = (struct helper){b->team, i};
		if (pthread_create(&b->threads[i], NULL, help, &helpers[i]) != 0)
			abort();
	}
}

static void bench_close(struct bench *b, unsigned cores)
{
	base_team_end(b->team);
	for (unsigned i = 1; i < cores; i++)
		pthread_join(b->threads[i], NULL);
	merge_destroy(b->m);
	base_team_destroy(b->team);
	window_destroy(b->w[0]);
	window_destroy(b->w[1]);
	flow_plan_free(b->plan);
}

/* @return whether the sums held */
static bool bench(uint32_t flows, unsigned cores)
{
	static struct bench b;
	struct helper helpers[CORES_MOST];
	bool held;

	b = (struct bench){.flows = flows};
	bench_open(&b, cores, helpers);
	for (unsigned i = 0; i < ROUNDS + 2; i++)
		round_of(&b, b.w[i % 2],
			i < 2 ? 0 : i - 2); /* new flows, fresh pages: not the rule */
	print(&b, cores);
	held = b.m->imbalances == 0 && merge_keys(&b.m->definitions[0]) == flows;
	bench_close(&b, cores);
	return held;
}

int main(int argc, char **argv)
{
	static const struct option flags[] = {{"flows", required_argument, NULL, 'f'},
		{"cores", required_argument, NULL, 'c'}, {NULL, 0, NULL, 0}};
	uint32_t only = 0;
	unsigned least = 1, most = 2;
	bool held = true;
	int flag;

	while ((flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (flag == 'f' && atoi(optarg) > 0)
			only = (uint32_t)atoi(optarg);
		else if (flag == 'c' && atoi(optarg) > 0 && atoi(optarg) <= CORES_MOST)
			least = most = (unsigned)atoi(optarg);
		else
			return fputs("Usage: bench_merge [--flows N] [--cores M]\n", stderr), 2;
	}
	printf("    flows cores  sample, ns      merge           close           report          "
	       "clear"
	       "        M flows/s resident   tables   merged\n");
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (only && i)
			break;
		for (unsigned cores = least; cores <= most; cores++)
			held &= bench(only ? only : sizes[i], cores);
	}
	if (!held)
		fputs("flows are missing, or sums do not hold\n", stderr);
	return held ? 0 : 1;
}
