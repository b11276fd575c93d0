/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What definitions with several values cost the RX core for each sample, and the aggregator for each
 * flow of a window, against the same definition with bytes alone. All of them take turns in each
 * round over the same datagrams, and the fastest round of each counts: what else runs on the machine
 * slows down all alike.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "datagrams.h"
#include "window/collect.h"
#include "window/merge.h"

enum { ROUNDS = 15, BURST = 32, CAPACITY = 131072, MOST = 32 };

static const struct traffic traffic = {
	.name = "100,000 flows", .datagrams = 60000, .flows = 100000, .zipf = 1.1, .samples = 7};

#define TUPLE "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport"

static const struct {
	const char *name, *keys, *value, *values;
	bool many; /* also as several definitions */
} variants[] = {
	{"5-tuple, bytes", TUPLE, "bytes", "", true},
	{"5-tuple, bytes again", TUPLE, "rate:bytes", ""},
	{"5-tuple, + frames", TUPLE, "bytes", "frames"},
	{"5-tuple, + avg", TUPLE, "bytes", "avg:bytes"},
	{"5-tuple, + avg,min,max,last", TUPLE, "bytes", "avg:bytes,min:bytes,max:bytes,last:bytes"},
	{"5-tuple, + count", TUPLE, "bytes", "count:ipttl", true},
	{"5-tuple, + avg,max,count", TUPLE, "bytes", "avg:bytes,max:bytes,count:ipttl"},
	{"destination, bytes", "ipdestination", "bytes", ""},
	{"destination, count of sources", "ipdestination", "count:ipsource", ""},
	{"destination, + count of sources", "ipdestination", "bytes", "count:ipsource", true},
	{"total, bytes", "", "bytes", ""},
	{"total, + count of sources", "", "bytes", "count:ipsource"},
};

enum { VARIANTS = sizeof(variants) / sizeof(variants[0]) };

struct bench {
	struct datagrams datagrams;
	struct base_hash hash;
};

/* One variant over all rounds. */
struct lane {
	struct flow_plan *plan;
	struct window *w;
	struct collector c;
	struct merge *m;
	uint64_t serial, samples, flows;
	double best, merge_best; /* seconds of a round */
};

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Several of one variant differ in what they smooth over alone, and share nothing but the key. */
static int open_lane(struct lane *l, const struct bench *b, unsigned i, unsigned count)
{
	const struct window_limits limits = {
		.agents = 1024, .sources = 65536, .counter_bytes = 4096};
	const struct agent_limits al = {
		.agents = 1024, .sources = 65536, .idle_tsc = UINT64_MAX / 2};
	const struct merge_options mo = {.agents = 1024,
		.sources = 65536,
		.rx_cores = 1,
		.expire_ms = 300000,
		.tsc_per_ms = 1e6};
	static char names[MOST][16];
	struct flow_spec specs[MOST];
	struct flow_error e;

	for (unsigned k = 0; k < count; k++) {
		snprintf(names[k], sizeof(names[k]), "d%u", k);
		specs[k] = (struct flow_spec){.name = names[k],
			.keys = variants[i].keys,
			.value = variants[i].value,
			.values = variants[i].values,
			.n = 20,
			.t = 2 + k,
			.capacity = CAPACITY};
	}
	l->plan = flow_compile(specs, count, NULL, &e);
	if (!l->plan) {
		fprintf(stderr, "%s: %s\n", variants[i].name, e.text);
		return -1;
	}
	l->w = window_create(l->plan, &limits, -1);
	l->c.hash = &b->hash;
	l->c.agents = agent_table_create(&al, &b->hash, -1);
	l->m = merge_create(l->plan, &b->hash, &mo);
	l->best = l->merge_best = 1e9;
	return l->w && l->c.agents && l->m && flow_scratch_init(&l->c.scratch) == 0 ? 0 : -1;
}

/* All datagrams into a window, and the window into the merged state. */
static void run(struct lane *l, const struct bench *b)
{
	double start, middle, end;

	window_clear(l->w);
	window_open(l->w, ++l->serial, 0, 0);
	start = cpu();
	for (uint32_t i = 0; i < b->datagrams.count; i++) {
		const struct datagram *d = &b->datagrams.list[i];

		collect_datagram(&l->c, l->w, d->bytes, d->len, l->serial + i);
		if (i % BURST == BURST - 1)
			collect_flush(l->w);
	}
	collect_flush(l->w);
	middle = cpu();
	merge_window(l->m, l->w);
	merge_close(l->m, 1, l->serial * 1000);
	merge_next(l->m);
	end = cpu();
	l->samples = l->w->sflow[SFLOW_FLOW_SAMPLES];
	l->flows = l->w->definitions[0].table.count;
	if (middle - start < l->best)
		l->best = middle - start;
	if (end - middle < l->merge_best)
		l->merge_best = end - middle;
}

/* @param plain  the variant that this one is compared with: the one with bytes alone before it */
static void print(const struct lane *lanes, unsigned i, unsigned plain)
{
	const struct lane *l = &lanes[i], *p = &lanes[plain];
	double ns = l->best * 1e9 / (double)l->samples, base = p->best * 1e9 / (double)p->samples;

	printf("%-32s %6.1f ns a sample (%+6.1f), %6.1f ns a flow merged and closed (%+7.1f), "
	       "%lu flows, %lu sketches full\n",
		variants[i].name, ns, ns - base, l->merge_best * 1e9 / (double)l->flows,
		(l->merge_best - p->merge_best) * 1e9 / (double)l->flows, (unsigned long)l->flows,
		(unsigned long)l->m->window[WINDOW_SKETCHES_FULL]);
}

static int bench(struct bench *b, unsigned rounds, unsigned count)
{
	static struct lane lanes[VARIANTS];
	unsigned plain = 0;

	for (unsigned i = 0; i < count; i++) {
		if (open_lane(&lanes[i], b, i, 1) < 0)
			return -1;
	}
	for (unsigned round = 0; round < rounds; round++) {
		for (unsigned i = 0; i < count; i++)
			run(&lanes[i], b);
	}
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(variants[i].value, "bytes") == 0 && !*variants[i].values)
			plain = i;
		print(lanes, i, plain);
	}
	return 0;
}

static void close_lane(struct lane *l)
{
	merge_destroy(l->m);
	flow_scratch_fini(&l->c.scratch);
	agent_table_destroy(l->c.agents);
	window_destroy(l->w);
	flow_plan_free(l->plan);
	*l = (struct lane){.plan = NULL};
}

/* ns a sample of one, and what each further one adds. */
static int bench_many(const struct bench *b, unsigned rounds, unsigned variant)
{
	static struct lane l;
	double one = 0;

	printf("%-32s", variants[variant].name);
	for (unsigned count = 1; count <= MOST; count *= 2) {
		double ns;

		if (open_lane(&l, b, variant, count) < 0)
			return -1;
		for (unsigned round = 0; round < rounds; round++)
			run(&l, b);
		ns = l.best * 1e9 / (double)l.samples;
		one = count == 1 ? ns : one;
		printf(" %8.1f", count == 1 ? ns : (ns - one) / (count - 1));
		fflush(stdout);
		close_lane(&l);
	}
	putchar('\n');
	return 0;
}

static int bench_all_many(const struct bench *b, unsigned rounds)
{
	printf("\nns a sample of one definition, and what each further one of 2 to %d adds:\n%-32s",
		MOST, "");
	for (unsigned count = 1; count <= MOST; count *= 2)
		printf(" %8u", count);
	putchar('\n');
	for (unsigned i = 0; i < VARIANTS; i++) {
		if (variants[i].many && bench_many(b, rounds, i) < 0)
			return -1;
	}
	return 0;
}

static const char usage[] = "Usage: bench_values [--rounds N] [--first N]\n"
			    "What values cost; --first: of the first N definitions alone.\n";

int main(int argc, char **argv)
{
	static const struct option flags[] = {{"rounds", required_argument, NULL, 'r'},
		{"first", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
	unsigned rounds = ROUNDS, first = VARIANTS;
	static struct bench b;
	int err, flag;

	while ((flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (flag == 'r')
			rounds = (unsigned)atoi(optarg);
		else if (flag == 'f' && atoi(optarg) > 0 && atoi(optarg) <= VARIANTS)
			first = (unsigned)atoi(optarg);
		else
			return fputs(usage, stderr), 2;
	}

	err = base_hash_init(&b.hash);
	if (!err)
		err = datagrams_make(&b.datagrams, &traffic);
	if (!err)
		err = bench(&b, rounds, first);
	if (!err && first == VARIANTS)
		err = bench_all_many(&b, (rounds + 2) / 3);
	datagrams_free(&b.datagrams);
	return err ? 1 : 0;
}
