/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a sample costs an RX core, and a flow the aggregator, for one point of what may grow: flows,
 * agents, definitions, key, samples of a datagram, samples of a window. On datagrams in memory, whose
 * flows are drawn anew for each pass, so that memory limits neither flows nor windows. In CPU time of
 * the thread, which what else runs on the machine takes no share in; the middle window counts.
 * perf/growth.py runs it for the points of a curve.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lane.h"
#include "redraw.h"

enum { DEFINITIONS = 64, ROUNDS = 31, FIELDS = 6 };

#define TUPLE "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport"

struct options {
	struct traffic traffic;
	uint32_t flows, definitions, rounds;
	uint64_t window; /* samples of one at least; 0: of one pass */
	double zipf;
	bool different; /* definitions of a key each, and not all of the same */
	bool tables;    /* definitions of a table each, else of what is kept of one */
	const char *keys;
};

struct bench {
	struct options o;
	struct datagrams datagrams;
	struct redraw redraw;
	struct base_hash hash;
	struct lane lane;
	uint64_t samples;            /* of a window */
	uint64_t flows, keys;        /* of all definitions; bytes of the keys of those flows */
	double window_rss, kept_rss; /* bytes that the first window, and its merge, came to take */
};

/* Of one window, in seconds. */
struct times {
	double rx, merge, close, clear;
};

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Bytes that are resident. */
static double resident(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && fscanf(f, "%*u %lu", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* The flow's number alone makes all keys of its header differ, so each of these has as many flows. */
static void different_keys(unsigned number, char *text, size_t size)
{
	static const char *const fields[FIELDS] = {"ipdestination", "ipprotocol", "tcpsourceport",
		"tcpdestinationport", "macsource", "macdestination"};
	int len = snprintf(text, size, "ipsource");

	for (unsigned i = 0; i < FIELDS; i++) {
		if (number & 1u << i)
			len += snprintf(text + len, size - (size_t)len, ",%s", fields[i]);
	}
}

static int open_lane(struct bench *b)
{
	static char names[DEFINITIONS][16], keys[DEFINITIONS][128];
	struct flow_spec specs[DEFINITIONS];
	uint32_t agents = b->o.traffic.agents + 16;
	const struct window_limits limits = {
		.agents = agents, .sources = 2 * agents, .counter_bytes = 4096};

	for (unsigned i = 0; i < b->o.definitions; i++) {
		snprintf(names[i], sizeof(names[i]), "d%u", i);
		different_keys(i, keys[i], sizeof(keys[i]));
		specs[i] = (struct flow_spec){.name = names[i],
			.keys = b->o.different ? keys[i] : b->o.keys,
			.value = "bytes",
			.n = 20,
			.t = 2 + i, /* else those of one key would be one */
			.capacity = b->o.flows + (b->o.tables ? i : 0)};
	}
	return lane_open(&b->lane, specs, b->o.definitions, &limits, &b->hash);
}

static void look(struct bench *b)
{
	b->flows = b->keys = 0;
	for (unsigned i = 0; i < b->lane.plan->table_count; i++) {
		const struct table *t = &b->lane.w->definitions[i].table;

		b->flows += t->count;
		for (uint32_t k = 0; k < t->count; k++)
			b->keys += table_key_len(t, table_entry_at(t, k));
	}
}

static void run(struct bench *b, struct times *t)
{
	struct lane *l = &b->lane;
	double start, merged, closed;

	*t = (struct times){.rx = 0};
	for (uint64_t samples = 0; samples < b->samples; samples += b->redraw.count) {
		redraw(&b->redraw);
		start = cpu();
		lane_collect(l, &b->datagrams);
		t->rx += cpu() - start;
	}
	look(b);
	start = cpu();
	lane_merge(l);
	merged = cpu();
	lane_end(l);
	closed = cpu();
	lane_next(l);
	t->clear = cpu() - closed;
	t->close = closed - merged;
	t->merge = merged - start;
}

/* The first window, which is the first to touch memory; it is not measured. */
static void warm_up(struct bench *b)
{
	double before = resident(), filled;

	lane_next(&b->lane);
	for (uint64_t samples = 0; samples < b->samples; samples += b->redraw.count) {
		redraw(&b->redraw);
		lane_collect(&b->lane, &b->datagrams);
	}
	look(b);
	filled = resident();
	lane_merge(&b->lane);
	lane_end(&b->lane);
	b->window_rss = (filled - before) / (double)b->flows;
	b->kept_rss = (resident() - filled) / (double)b->flows;
	lane_next(&b->lane);
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* ns of the middle one, of `count` that each of them did. */
static double middle(double *seconds, unsigned rounds, uint64_t count)
{
	qsort(seconds, rounds, sizeof(*seconds), by_size);
	return seconds[rounds / 2] * 1e9 / (double)count;
}

static int measure(struct bench *b)
{
	double rx[ROUNDS], merge[ROUNDS], close[ROUNDS], clear[ROUNDS];
	uint32_t rounds = b->o.rounds;

	warm_up(b);
	for (unsigned i = 0; i < rounds; i++) {
		struct times t;

		run(b, &t);
		rx[i] = t.rx;
		merge[i] = t.merge;
		close[i] = t.close;
		clear[i] = t.clear;
	}
	if (!lane_conserved(&b->lane, (rounds + 1) * b->samples) || b->flows == 0)
		return -1;
	if (b->flows > (uint64_t)b->o.definitions * b->o.flows)
		return fputs("more flows than were drawn\n", stderr), -1;
	printf("samples %" PRIu64 "\nflows %" PRIu64 "\nkey %.1f\n", b->samples,
		b->flows / b->o.definitions, (double)b->keys / (double)b->flows);
	printf("rx %.2f\nmerge %.2f\nclose %.2f\nclear %.2f\n", middle(rx, rounds, b->samples),
		middle(merge, rounds, b->flows), middle(close, rounds, b->flows),
		middle(clear, rounds, b->flows));
	printf("window_bytes %.1f\nkept_bytes %.1f\n", b->window_rss, b->kept_rss);
	return 0;
}

static int bench(struct bench *b)
{
	struct traffic *t = &b->o.traffic;
	int err;

	t->flows = t->agents < 50000 ? 100000 : 2 * t->agents; /* redrawn */
	if (base_hash_init(&b->hash) < 0 || datagrams_make(&b->datagrams, t) < 0 ||
		redraw_init(&b->redraw, &b->datagrams, t->agents, b->o.flows, b->o.zipf) < 0)
		return -1;
	b->samples = b->redraw.count;
	while (b->samples < b->o.window)
		b->samples += b->redraw.count;
	err = open_lane(b);
	if (!err)
		err = measure(b);
	lane_close(&b->lane);
	redraw_fini(&b->redraw);
	datagrams_free(&b->datagrams);
	return err;
}

static const char usage[] =
	"Usage: bench_growth [OPTION]...\n"
	"ns of CPU time: rx for a sample; merge, close and clear for a flow of a window. Bytes for "
	"a flow.\n"
	"  --flows N        flows to draw from (100,000)\n"
	"  --zipf S         exponent, within an agent (0: uniform)\n"
	"  --agents N       (256), at most as many as flows\n"
	"  --samples N      of a datagram (7)\n"
	"  --datagrams N    in memory (50,000)\n"
	"  --window N       samples of a window at least (those of all datagrams)\n"
	"  --definitions N  1 to 64\n"
	"  --different      each of them has a key of its own\n"
	"  --tables         each of them has a table of its own\n"
	"  --keys KEYS      of all of them (a 5-tuple)\n"
	"  --rounds N       windows that are measured (3)\n";

static bool number(uint32_t *to, uint32_t most)
{
	char *end;
	unsigned long n = strtoul(optarg, &end, 10);

	*to = (uint32_t)n;
	return *end == '\0' && n >= 1 && n <= most;
}

static bool read_option(struct options *o, int flag)
{
	switch (flag) {
	case 'f':
		return number(&o->flows, 100000000);
	case 'z':
		o->zipf = atof(optarg);
		return o->zipf >= 0;
	case 'a':
		return number(&o->traffic.agents, 1000000);
	case 's':
		return number(&o->traffic.samples, 64);
	case 'd':
		return number(&o->traffic.datagrams, 10000000);
	case 'w':
		o->window = strtoull(optarg, NULL, 10);
		return true;
	case 'n':
		return number(&o->definitions, DEFINITIONS);
	case 'r':
		return number(&o->rounds, ROUNDS);
	case 'x':
		o->different = true;
		return true;
	case 't':
		o->tables = true;
		return true;
	case 'k':
		o->keys = optarg;
		return true;
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	static const struct option flags[] = {{"flows", required_argument, NULL, 'f'},
		{"zipf", required_argument, NULL, 'z'}, {"agents", required_argument, NULL, 'a'},
		{"samples", required_argument, NULL, 's'},
		{"datagrams", required_argument, NULL, 'd'},
		{"window", required_argument, NULL, 'w'},
		{"definitions", required_argument, NULL, 'n'},
		{"different", no_argument, NULL, 'x'}, {"tables", no_argument, NULL, 't'},
		{"keys", required_argument, NULL, 'k'}, {"rounds", required_argument, NULL, 'r'},
		{NULL, 0, NULL, 0}};
	static struct bench b = {.o = {.traffic = {.name = "growth",
					       .datagrams = 50000,
					       .samples = 7,
					       .agents = 256,
					       .interfaces = 1},
					 .flows = 100000,
					 .definitions = 1,
					 .rounds = 3,
					 .keys = TUPLE}};
	int flag;

	while ((flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (!read_option(&b.o, flag))
			return fputs(usage, stderr), 2;
	}
	return bench(&b) < 0;
}
