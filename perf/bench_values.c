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

#include "lane.h"

enum { ROUNDS = 15, CAPACITY = 131072, MOST = 32 };

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
struct variant {
	struct lane lane;
	uint64_t samples, flows, rounds; /* samples and flows: of one round */
	double best, merge_best;         /* seconds of a round */
};

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Several of one variant differ in what they smooth over alone, and share nothing but the key. */
static int open_variant(struct variant *v, const struct bench *b, unsigned i, unsigned count)
{
	const struct window_limits limits = {
		.agents = 1024, .sources = 65536, .counter_bytes = 4096};
	static char names[MOST][16];
	struct flow_spec specs[MOST];

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
	*v = (struct variant){.best = 1e9, .merge_best = 1e9};
	return lane_open(&v->lane, specs, count, &limits, &b->hash);
}

/* All datagrams into a window, and the window into the merged state. */
static void run(struct variant *v, const struct bench *b)
{
	struct lane *l = &v->lane;
	double start, middle, end;

	lane_next(l);
	start = cpu();
	lane_collect(l, &b->datagrams);
	middle = cpu();
	lane_merge(l);
	lane_end(l);
	end = cpu();
	v->rounds++;
	v->samples = (uint64_t)b->datagrams.count * traffic.samples;
	v->flows = l->w->definitions[0].table.count;
	if (middle - start < v->best)
		v->best = middle - start;
	if (end - middle < v->merge_best)
		v->merge_best = end - middle;
}

/* @return 0, or -1: its sums do not hold */
static int close_variant(struct variant *v)
{
	int err = lane_conserved(&v->lane, v->rounds * v->samples) ? 0 : -1;

	lane_close(&v->lane);
	return err;
}

/* @param plain  the variant that this one is compared with: the one with bytes alone before it */
static void print(const struct variant *all, unsigned i, unsigned plain)
{
	const struct variant *v = &all[i], *p = &all[plain];
	double ns = v->best * 1e9 / (double)v->samples, base = p->best * 1e9 / (double)p->samples;

	printf("%-32s %6.1f ns a sample (%+6.1f), %6.1f ns a flow merged and closed (%+7.1f), "
	       "%lu flows, %lu sketches full\n",
		variants[i].name, ns, ns - base, v->merge_best * 1e9 / (double)v->flows,
		(v->merge_best - p->merge_best) * 1e9 / (double)v->flows, (unsigned long)v->flows,
		(unsigned long)v->lane.m->window[WINDOW_SKETCHES_FULL]);
}

static int bench(struct bench *b, unsigned rounds, unsigned count)
{
	static struct variant all[VARIANTS];
	unsigned plain = 0;
	int err = 0;

	for (unsigned i = 0; i < count; i++) {
		if (open_variant(&all[i], b, i, 1) < 0)
			return -1;
	}
	for (unsigned round = 0; round < rounds; round++) {
		for (unsigned i = 0; i < count; i++)
			run(&all[i], b);
	}
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(variants[i].value, "bytes") == 0 && !*variants[i].values)
			plain = i;
		print(all, i, plain);
	}
	for (unsigned i = 0; i < count; i++)
		err |= close_variant(&all[i]);
	return err;
}

/* ns a sample of one, and what each further one adds. */
static int bench_many(const struct bench *b, unsigned rounds, unsigned variant)
{
	static struct variant v;
	double one = 0;

	printf("%-32s", variants[variant].name);
	for (unsigned count = 1; count <= MOST; count *= 2) {
		double ns;

		if (open_variant(&v, b, variant, count) < 0)
			return -1;
		for (unsigned round = 0; round < rounds; round++)
			run(&v, b);
		ns = v.best * 1e9 / (double)v.samples;
		one = count == 1 ? ns : one;
		printf(" %8.1f", count == 1 ? ns : (ns - one) / (count - 1));
		fflush(stdout);
		if (close_variant(&v) < 0)
			return -1;
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
