/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What each stage of the RX path costs for a sample, and what the aggregator's cost for a flow, on
 * datagrams in memory, without a device: runs that go one stage further each take turns over the same
 * datagrams, and the middle one of all rounds counts. Warm: few datagrams, which stay in the caches;
 * cold: so many that each is read from memory, and a million flows; fabric: the same from 10,000 agents.
 *
 * With --stage it does one stage alone, so that a tool which counts instructions can compare two
 * numbers of rounds (perf/instructions.py).
 */
#include <getopt.h>
#include <inttypes.h>
#include <rte_cycles.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "lane.h"

enum {
	ROUNDS = 15,
	MERGED = 1 << 21,
	AGENTS = 16384,
	SOURCES = 1 << 20,
	DEFINITIONS = 16,
	KEPT = 1 << 17
};

/*
 * Each has all that those before it do, but for the last: there an RX core goes its own way with usual samples, and
 * asks for datagrams ahead rather than touch them.
 */
enum stage {
	STAGE_TOUCH,   /* read a word of each cache line */
	STAGE_WALK,    /* the datagram's header, samples, the ends of records */
	STAGE_RECORDS, /* which records there are; the sampled header's words */
	STAGE_FIELDS,  /* the header's shape, the fields that are read */
	STAGE_KEY,     /* the key's bytes */
	STAGE_HASH,    /* of key and data source */
	STAGE_TABLE,   /* agents and data sources accounted, the table written */
	STAGES,
};

static const char *const names[] = {"touch", "walk", "records", "fields", "key", "hash", "table"};

static const struct working_set {
	struct traffic traffic;
	unsigned repeat; /* passes over the datagrams in a round */
} sets[] = {
	{{.name = "warm", .datagrams = 1000, .flows = 10000, .zipf = 1.1, .samples = 7}, 40},
	{{.name = "cold", .datagrams = 100000, .flows = 1000000, .samples = 7}, 1},
	{{.name = "fabric", .datagrams = 100000, .flows = 1000000, .samples = 7, .agents = 10000},
		1},
};
enum { SETS = sizeof(sets) / sizeof(sets[0]) };

struct bench {
	const struct working_set *set;
	struct datagrams datagrams;
	struct base_hash hash;
	struct lane lane;
	uint64_t samples, flows;
	uint64_t merged; /* samples of the windows that the lane has merged */
	volatile uint64_t sink;
};

/* ---- the RX core's stages ---- */

static uint64_t hash_of(struct bench *b, const struct sflow_sample *s, const uint8_t *key, int len)
{
	uint64_t hash = base_hash_bytes(&b->hash, key, (size_t)len);

	return table_hash(hash, (uint64_t)s->source.index << 32);
}

static inline __attribute__((always_inline)) uint64_t of_sample(struct bench *b, enum stage stage,
	const struct sflow_datagram *dg, struct sflow_sample *s, const struct sflow_flow *flow)
{
	uint8_t key[FLOW_KEY_BYTES];
	int len;

	if (stage == STAGE_RECORDS)
		return flow->header.frame_length;
	flow_extract(b->lane.plan, &dg->agent, s, flow, &b->lane.c.fields);
	if (stage == STAGE_FIELDS)
		return b->lane.c.fields.shape;
	len = flow_key_build(&b->lane.plan->definitions[0], b->lane.plan, &b->lane.c.fields, key);
	if (stage == STAGE_KEY)
		return len > 0 ? key[len - 1] : 0;
	return len >= 0 ? hash_of(b, s, key, len) : 0;
}

static inline __attribute__((always_inline)) uint64_t of_datagram(
	struct bench *b, enum stage stage, const struct datagram *d, uint64_t *stats)
{
	struct sflow_datagram dg;
	struct sflow_sample s;
	struct sflow_flow flow;
	uint64_t sink = 0;

	for (uint32_t at = 0; at < d->len; at += 64)
		sink += d->bytes[at];
	if (stage == STAGE_TOUCH || sflow_datagram_open(&dg, d->bytes, d->len, stats) < 0)
		return sink;
	while (stage == STAGE_WALK && sflow_sample_next(&dg, &s, stats))
		sink += s.pool;
	while (stage > STAGE_WALK && sflow_sample_next_flow(&dg, &s, &flow, stats))
		sink += of_sample(b, stage, &dg, &s, &flow);
	return sink;
}

static inline __attribute__((always_inline)) void pass(struct bench *b, enum stage stage)
{
	uint64_t stats[SFLOW_STATS] = {0}, sink = 0;

	for (uint32_t i = 0; i < b->datagrams.count; i++)
		sink += of_datagram(b, stage, &b->datagrams.list[i], stats);
	b->sink = sink;
}

static __attribute__((noinline)) void run(struct bench *b, enum stage stage)
{
	switch (stage) {
	case STAGE_TOUCH:
		return pass(b, STAGE_TOUCH);
	case STAGE_WALK:
		return pass(b, STAGE_WALK);
	case STAGE_RECORDS:
		return pass(b, STAGE_RECORDS);
	case STAGE_FIELDS:
		return pass(b, STAGE_FIELDS);
	case STAGE_KEY:
		return pass(b, STAGE_KEY);
	case STAGE_HASH:
		return pass(b, STAGE_HASH);
	default:
		lane_collect(&b->lane, &b->datagrams); /* the whole of it */
	}
}

/* ---- time ---- */

/* Ticks of the TSC in a ns; EAL, which knows, is not there. */
static double ticks_per_ns(void)
{
	static double rate;
	uint64_t ns, ticks;

	if (rate > 0)
		return rate;
	ns = base_clock_mono_ns();
	ticks = rte_rdtsc();
	while (base_clock_mono_ns() - ns < 50000000)
		;
	rate = (double)(rte_rdtsc() - ticks) / (double)(base_clock_mono_ns() - ns);
	return rate;
}

/* ---- one working set ---- */

static const struct window_limits limits = {
	.agents = AGENTS, .sources = SOURCES, .counter_bytes = 4096};

static const struct flow_spec tuple = {.name = "tuple",
	.keys = "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport",
	.value = "bytes",
	.n = 20,
	.t = 2,
	.capacity = MERGED};

static int bench_open(struct bench *b, const struct working_set *set)
{
	b->set = set;
	if (base_hash_init(&b->hash) < 0 || datagrams_make(&b->datagrams, &set->traffic) < 0)
		return -1;
	b->samples = (uint64_t)b->datagrams.count * set->traffic.samples;
	return lane_open(&b->lane, &tuple, 1, &limits, &b->hash);
}

static void bench_close(struct bench *b)
{
	lane_close(&b->lane);
	datagrams_free(&b->datagrams);
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* A middle one, and how far the quarter below and the quarter above it are apart. */
struct spread {
	double middle, apart;
};

static struct spread spread_of(uint64_t *ticks, unsigned rounds, double each)
{
	double unit = 1 / ticks_per_ns() / each;

	qsort(ticks, rounds, sizeof(*ticks), by_size);
	return (struct spread){.middle = (double)ticks[rounds / 2] * unit,
		.apart = (double)(ticks[rounds * 3 / 4] - ticks[rounds / 4]) * unit};
}

static void print(const char *set, const char *what, struct spread s, double before)
{
	printf("%-6s %-12s %8.2f ns %8.1f cycles  (all so far %8.2f, spread %.2f)\n", set, what,
		s.middle - before, (s.middle - before) * ticks_per_ns(), s.middle, s.apart);
}

/* Merge a window of all passes of a round, so that its sums are checked. */
static void merge_last(struct bench *b)
{
	lane_merge(&b->lane);
	lane_end(&b->lane);
	b->merged += b->samples * b->set->repeat;
}

static void measure_rx(struct bench *b, unsigned rounds)
{
	uint64_t ticks[STAGES][ROUNDS * 10];
	double before = 0;

	for (unsigned r = 0; r < rounds; r++) {
		for (unsigned s = 0; s < STAGES; s++) {
			uint64_t start;

			lane_next(&b->lane);
			start = rte_rdtsc();
			for (unsigned i = 0; i < b->set->repeat; i++)
				run(b, (enum stage)s);
			ticks[s][r] = rte_rdtsc() - start;
		}
	}
	merge_last(b);
	for (unsigned s = 0; s < STAGES; s++) {
		struct spread spread =
			spread_of(ticks[s], rounds, (double)b->samples * (double)b->set->repeat);

		print(b->set->traffic.name, names[s], spread, before);
		before = spread.middle;
	}
}

/* What follows the seal, of the window that the last stage left; for each flow. */
static void measure_window(struct bench *b, unsigned rounds)
{
	uint64_t merge[ROUNDS * 10], close[ROUNDS * 10], clear[ROUNDS * 10];

	for (unsigned r = 0; r < rounds; r++) {
		uint64_t start, merged, closed;

		lane_next(&b->lane);
		run(b, STAGE_TABLE);
		b->merged += b->samples;
		b->flows = b->lane.w->definitions[0].table.count;
		start = rte_rdtsc();
		lane_merge(&b->lane);
		merged = rte_rdtsc();
		lane_end(&b->lane);
		closed = rte_rdtsc();
		lane_next(&b->lane);
		clear[r] = rte_rdtsc() - closed;
		close[r] = closed - merged;
		merge[r] = merged - start;
	}
	printf("%-6s for each of %" PRIu64 " flows:\n", b->set->traffic.name, b->flows);
	print(b->set->traffic.name, "merge", spread_of(merge, rounds, (double)b->flows), 0);
	print(b->set->traffic.name, "close", spread_of(close, rounds, (double)b->flows), 0);
	print(b->set->traffic.name, "clear", spread_of(clear, rounds, (double)b->flows), 0);
}

/* ---- more definitions ---- */

/* What those of one key differ in. */
enum differ {
	DIFFER_STATE,  /* what they smooth over: one table */
	DIFFER_TABLE,  /* capacity: tables of their own */
	DIFFER_FILTER, /* all but the first have a filter that fails */
};

/* ns for a sample, whole. */
static double measure_count(struct bench *b, unsigned count, enum differ differ, unsigned rounds)
{
	static char texts[DEFINITIONS][16], filters[DEFINITIONS][32];
	struct bench other = *b;
	struct flow_spec specs[DEFINITIONS];
	uint64_t ticks[ROUNDS * 10];

	for (unsigned i = 0; i < count; i++) {
		snprintf(texts[i], sizeof(texts[i]), "d%u", i);
		specs[i] = tuple;
		specs[i].name = texts[i];
		specs[i].t = 2 + i;
		specs[i].capacity = differ == DIFFER_STATE ? KEPT : KEPT + i;
		snprintf(filters[i], sizeof(filters[i]), "ipprotocol=%u", 100 + i);
		specs[i].filter = i && differ == DIFFER_FILTER ? filters[i] : NULL;
	}
	other.merged = 0;
	if (lane_open(&other.lane, specs, count, &limits, &b->hash) < 0)
		exit(1);
	for (unsigned r = 0; r < rounds; r++) {
		uint64_t start;

		lane_next(&other.lane);
		start = rte_rdtsc();
		for (unsigned i = 0; i < b->set->repeat; i++)
			lane_collect(&other.lane, &other.datagrams);
		ticks[r] = rte_rdtsc() - start;
	}
	merge_last(&other);
	if (!lane_conserved(&other.lane, other.merged))
		exit(1);
	lane_close(&other.lane);
	return spread_of(ticks, rounds, (double)b->samples * (double)b->set->repeat).middle;
}

static void measure_definitions(struct bench *b, unsigned rounds)
{
	static const char *const what[] = {"definitions", "tables"};
	double one = measure_count(b, 1, DIFFER_STATE, rounds);

	for (unsigned differ = DIFFER_STATE; differ <= DIFFER_TABLE; differ++) {
		for (unsigned n = 2; n <= DEFINITIONS; n *= 2) {
			double all = measure_count(b, n, (enum differ)differ, rounds);

			printf("%-6s %2u %s %8.2f ns, each further one %.2f\n",
				b->set->traffic.name, n, what[differ], all, (all - one) / (n - 1));
		}
	}
	printf("%-6s a filter that fails: each one %.2f ns\n", b->set->traffic.name,
		(measure_count(b, DEFINITIONS, DIFFER_FILTER, rounds) - one) / (DEFINITIONS - 1));
}

static int find_stage(const char *name)
{
	for (int i = 0; i < STAGES; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

static int bench(const struct working_set *set, int only, unsigned rounds)
{
	static struct bench b;
	int err = 0;

	b = (struct bench){.set = NULL};
	if (bench_open(&b, set) < 0)
		return 1;
	lane_next(&b.lane);
	if (only < 0) {
		measure_rx(&b, rounds);
		measure_window(&b, rounds);
		measure_definitions(&b, rounds);
		err = !lane_conserved(&b.lane, b.merged);
	} else {
		for (unsigned i = 0; i < rounds; i++)
			run(&b, (enum stage)only);
		printf("%" PRIu64 " samples a round\n", b.samples);
	}
	bench_close(&b);
	return err;
}

static const char usage[] =
	"Usage: bench_stages [--rounds N] [--set warm|cold|fabric] [--stage NAME]\n"
	"What each stage of the RX path costs. --stage: run that one alone.\n";

int main(int argc, char **argv)
{
	static const struct option flags[] = {{"rounds", required_argument, NULL, 'r'},
		{"set", required_argument, NULL, 's'}, {"stage", required_argument, NULL, 'o'},
		{NULL, 0, NULL, 0}};
	const char *set = NULL;
	unsigned rounds = ROUNDS;
	int flag, only = -1, err = 0;

	while ((flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (flag == 'r' && atoi(optarg) > 0 && atoi(optarg) <= ROUNDS * 10)
			rounds = (unsigned)atoi(optarg);
		else if (flag == 's')
			set = optarg;
		else if (flag != 'o' || (only = find_stage(optarg)) < 0)
			return fputs(usage, stderr), 2;
	}
	for (unsigned i = 0; i < SETS && !err; i++) {
		if (!set || strcmp(set, sets[i].traffic.name) == 0)
			err = bench(&sets[i], only, rounds);
	}
	return err;
}
