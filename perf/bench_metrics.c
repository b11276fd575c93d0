/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/rows.h"
#include "base/clock.h"
#include "base/memb.h"
#include "metric/metric.h"
#include "xdr.h"

/*
 * Queries over the metrics of 640,000 interfaces, 64 of each of 10,000 agents, each of which is a host
 * too, while the owner of the store takes 32,000 counter samples a second. Prints milliseconds: the least
 * and the middle one of several rounds, the middle one of CPU time, and how many times as long that is as
 * a plain sum over an array of as many numbers takes in the same run.
 */

enum {
	AGENTS = 10000,
	INTERFACES = 64,
	UPDATES = 32000, /* a second */
	BURST = 320,     /* of these, between two looks at the clock */
	ROUNDS = 15,
	RECORD_BYTES = 512,
};

static struct base_addr agent_addr(uint32_t agent)
{
	return (struct base_addr){.family = 4,
		.bytes = {10, (uint8_t)(agent >> 16), (uint8_t)(agent >> 8), (uint8_t)agent}};
}

/* ---- counter samples ---- */

struct record {
	uint8_t bytes[RECORD_BYTES], *at;
};

/* The length of a record is known behind it. */
static uint8_t *open_record(struct record *r, uint32_t tag)
{
	r->at = xdr_u32(r->at, tag);
	r->at += 4;
	return r->at;
}

static void close_record(struct record *r, uint8_t *body)
{
	base_put_u32(body - 4, (uint32_t)(r->at - body));
}

static void put_interface(struct record *r, uint32_t index, uint32_t round)
{
	uint8_t *body = open_record(r, SFLOW_TAG(0, 1));

	r->at = xdr_u32(r->at, index);
	r->at = xdr_u32(r->at, 6);
	r->at = xdr_u64(r->at, index % 4 ? UINT64_C(10000000000) : UINT64_C(100000000000));
	r->at = xdr_u32(r->at, 1);
	r->at = xdr_u32(r->at, 3);
	r->at = xdr_u64(r->at, (uint64_t)round * (index * 7919 % 100003) * 1000);
	for (unsigned i = 0; i < 6; i++)
		r->at = xdr_u32(r->at, round * index);
	r->at = xdr_u64(r->at, (uint64_t)round * index * 1000);
	for (unsigned i = 0; i < 6; i++)
		r->at = xdr_u32(r->at, round);
	close_record(r, body);
}

static void put_host(struct record *r, uint32_t agent)
{
	uint8_t *body = open_record(r, SFLOW_TAG(0, 2000));
	char name[32];

	snprintf(name, sizeof(name), "leaf%" PRIu32, agent);
	r->at = xdr_opaque(r->at, name, (uint32_t)strlen(name));
	r->at = xdr_fixed(r->at, "0123456789abcdef", 16);
	r->at = xdr_u32(r->at, 3);
	r->at = xdr_u32(r->at, agent % 4 ? 2 : 4);
	r->at = xdr_opaque(r->at, "6.1.0", 5);
	close_record(r, body);
	body = open_record(r, SFLOW_TAG(0, 2003));
	for (unsigned i = 0; i < 3; i++)
		r->at = xdr_f32(r->at, (float)(agent % 1000) / 100);
	for (unsigned i = 0; i < 16; i++)
		r->at = xdr_u32(r->at, 4);
	close_record(r, body);
}

/* The interface of that number; number INTERFACES is the host itself. */
static void add_sample(struct metric_store *m, struct base_region *region, uint32_t agent,
	uint32_t i, uint32_t round)
{
	struct record r = {.at = r.bytes};
	struct metric_sample s = {.agent = agent_addr(agent),
		.uptime_ms = 1000000 + round * 20000,
		.time_ms = 1700000000000 + (uint64_t)round * 20000,
		.sample = {.kind = SFLOW_KIND_COUNTER, .sequence = round, .records = 1}};
	struct metric_update u;

	if (i == INTERFACES) {
		s.sample.source = (struct sflow_source){2, 1};
		s.sample.records = 2;
		put_host(&r, agent);
	} else {
		s.sample.source = (struct sflow_source){0, i + 1};
		put_interface(&r, i + 1, round);
	}
	s.sample.body = base_cursor(r.bytes, (size_t)(r.at - r.bytes));
	metric_sample_add(m, &s, region, &u);
}

static void fill(struct metric_store *m)
{
	struct base_region region = {0};

	for (uint32_t round = 1; round <= 2; round++) {
		for (uint32_t agent = 0; agent < AGENTS; agent++) {
			for (uint32_t i = 0; i <= INTERFACES; i++)
				add_sample(m, &region, agent, i, round);
			base_region_free(&region);
			metric_store_settle(m);
		}
	}
}

/* ---- the owner, meanwhile ---- */

struct writer {
	struct metric_store *store;
	bool stop;
	uint64_t samples;
};

static void sleep_until(uint64_t ns)
{
	const struct timespec at = {
		.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static void *write_on(void *ctx)
{
	struct writer *w = ctx;
	struct base_region region = {0};
	uint64_t due_ns = base_clock_mono_ns();
	uint32_t at = 0, round = 3;

	base_memb_register();
	while (!__atomic_load_n(&w->stop, __ATOMIC_RELAXED)) {
		for (unsigned i = 0; i < BURST; i++, at++) {
			if (at == AGENTS * INTERFACES) {
				at = 0;
				round++;
			}
			/* All agents by turns, as they come. */
			add_sample(w->store, &region, at % AGENTS, at / AGENTS, round);
		}
		w->samples += BURST;
		base_region_free(&region);
		metric_store_settle(w->store);
		due_ns += UINT64_C(1000000000) * BURST / UPDATES;
		sleep_until(due_ns);
	}
	base_memb_unregister();
	return NULL;
}

/* ---- queries ---- */

struct question {
	const char *what, *metrics, *name, *pattern; /* filter; NULL: none */
	bool table;
	uint64_t expect; /* values that it is about, or rows */
};

static const struct question questions[] = {
	{"sum of ifinoctets", "sum:ifinoctets", NULL, NULL, false, AGENTS *INTERFACES},
	{"the same, ifspeed=10000000000", "sum:ifinoctets", "ifspeed", "10000000000", false,
		AGENTS *INTERFACES / 4 * 3},
	{"the same, os_name=linux of the host", "sum:ifinoctets", "os_name", "linux", false,
		AGENTS / 4 * 3 * INTERFACES},
	{"the same, host_name=*9", "sum:ifinoctets", "host_name", "*9", false,
		AGENTS / 10 * INTERFACES},
	{"avg of load_one over hosts", "avg:load_one", NULL, NULL, false, AGENTS},
	{"med of ifinoctets", "med:ifinoctets", NULL, NULL, false, AGENTS *INTERFACES},
	{"table, the 10 largest ifinoctets", "host_name,ifindex,sort:ifinoctets:-10", NULL, NULL,
		true, 10},
	{"table, all sorted by ifinoctets", "sort:ifinoctets,ifindex", NULL, NULL, true,
		AGENTS *INTERFACES},
};
enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]) };

static int count_row(void *ctx, const struct rows *r, const struct cell *cells)
{
	(void)r;
	(void)cells;
	++*(uint64_t *)ctx;
	return 0;
}

static uint64_t ask_table(const struct walk *w, const struct terms *terms)
{
	struct api_budget budget = {.limit = UINT64_C(1) << 30};
	uint64_t count = 0;
	struct rows rows = {
		.walk = w, .columns = terms, .budget = &budget, .each = count_row, .ctx = &count};

	return rows_walk(&rows) < 0 ? 0 : count;
}

static uint64_t ask_statistic(const struct walk *w, const struct terms *terms)
{
	struct metric_tally t;
	struct metric_result r;
	uint64_t count;

	metric_tally_init(&t, terms->list[0].statistic, walk_most(w, NULL));
	if (walk_statistics(w, terms, &t) < 0 || metric_tally_end(&t, &r) < 0 || !r.there)
		abort();
	count = t.count;
	metric_tally_fini(&t);
	return count;
}

/* Of this thread: what others on the machine do is not in it, but for what they do to caches. */
static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double ask(const struct metric_store *m, const struct question *q, double *cpu)
{
	enum term_kind kind = q->table ? TERM_COLUMN : TERM_STATISTIC;
	struct metric_filter *f = metric_filter_create();
	struct metric_select select;
	struct api_error e;
	struct scope scope;
	struct terms terms;
	struct walk w = {.store = m, .scope = &scope, .select = &select};
	uint64_t start, count;

	if (q->name && metric_filter_add(f, q->name, q->pattern, e.text, sizeof(e.text)) < 0)
		abort();
	metric_read_lock();
	*cpu = cpu_ms();
	start = base_clock_mono_ns();
	if (scope_parse(&scope, "ALL", m, NULL, &e) < 0 ||
		terms_parse(&terms, q->metrics, kind, &e) < 0 ||
		metric_select_init(&select, f, m) < 0)
		abort();
	terms_bind(&terms, m, NULL, NULL);
	count = q->table ? ask_table(&w, &terms) : ask_statistic(&w, &terms);
	start = base_clock_mono_ns() - start;
	*cpu = cpu_ms() - *cpu;
	metric_read_unlock();
	if (count != q->expect) {
		fprintf(stderr, "%s: %" PRIu64 ", not %" PRIu64 "\n", q->what, count, q->expect);
		exit(1);
	}
	metric_select_fini(&select);
	terms_fini(&terms);
	scope_fini(&scope);
	metric_filter_destroy(f);
	return (double)start / 1e6;
}

/* ---- measuring ---- */

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double time_array(const double *values)
{
	uint64_t start = base_clock_mono_ns();
	volatile double sum;
	double s = 0;

	for (uint32_t i = 0; i < AGENTS * INTERFACES; i++)
		s += values[i];
	sum = s;
	(void)sum;
	return (double)(base_clock_mono_ns() - start) / 1e6;
}

static void run(const struct metric_store *m)
{
	double *values = malloc(AGENTS * INTERFACES * sizeof(*values)), ms[ROUNDS], plain[ROUNDS],
	       cpu[ROUNDS];

	if (!values)
		abort();
	for (uint32_t i = 0; i < AGENTS * INTERFACES; i++)
		values[i] = i;
	for (unsigned i = 0; i < ROUNDS; i++)
		plain[i] = time_array(values);
	qsort(plain, ROUNDS, sizeof(plain[0]), by_size);
	printf("%-38s%9.2f%9.2f\n", "plain sum over an array", plain[0], plain[ROUNDS / 2]);
	for (unsigned i = 0; i < QUESTIONS; i++) {
		for (unsigned j = 0; j < ROUNDS; j++)
			ms[j] = ask(m, &questions[i], &cpu[j]);
		qsort(ms, ROUNDS, sizeof(ms[0]), by_size);
		qsort(cpu, ROUNDS, sizeof(cpu[0]), by_size);
		printf("%-38s%9.2f%9.2f%9.2f%9.0f\n", questions[i].what, ms[0], ms[ROUNDS / 2],
			cpu[ROUNDS / 2], cpu[ROUNDS / 2] / plain[ROUNDS / 2]);
	}
	free(values);
}

int main(void)
{
	/* With room to spare: one that is nearly full takes no more of one agent. */
	const struct metric_limits limits = {.agents = AGENTS,
		.sources = 2 * AGENTS * (INTERFACES + 1),
		.expire_ms = UINT64_C(1) << 40};
	struct writer w = {.store = metric_store_create(&limits)};
	uint64_t start = base_clock_mono_ns();
	pthread_t thread;

	if (!w.store)
		return 1;
	base_memb_register();
	fill(w.store);
	printf("%d interfaces of %d agents, filled with two samples each in %.1f s\n\n",
		AGENTS * INTERFACES, AGENTS, (double)(base_clock_mono_ns() - start) / 1e9);
	printf("%-38s%9s%9s%9s%9s\n", "milliseconds", "least", "middle", "CPU", "ratio");
	start = base_clock_mono_ns();
	if (pthread_create(&thread, NULL, write_on, &w))
		return 1;
	run(w.store);
	__atomic_store_n(&w.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	printf("\nmeanwhile %.0f counter samples a second were taken\n",
		(double)w.samples * 1e9 / (double)(base_clock_mono_ns() - start));
	base_memb_unregister();
	metric_store_destroy(w.store);
	return 0;
}
