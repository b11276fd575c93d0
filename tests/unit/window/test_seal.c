/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "core.h"
#include "window/report.h"
#include "window/seal.h"

/*
 * RX cores write windows while the aggregator takes them away as fast as it can. Nothing may be
 * lost, counted twice or read too early; the last is ThreadSanitizer's to find.
 */
enum { WRITERS = 2, BURSTS = 20000, BURST = 8, FLOWS = 64, ROUNDS_PER_WINDOW = 5 };
enum { PAIRS, TIGHT, DEFINITIONS };

static const struct flow_spec specs[DEFINITIONS] = {
	{.name = "pairs", .keys = "ipsource", .value = "bytes", .n = 5, .t = 1, .capacity = 500},
	{.name = "tight", .keys = "ipsource", .value = "frames", .n = 5, .t = 1, .capacity = 3},
};
static const struct window_limits limits = {.agents = 4, .sources = 4, .counter_bytes = 4096};

static char domain; /* of the windows' RCU */

/* One RX core. What it counted is its own until it is joined. */
struct writer {
	struct seal seal;
	struct collector collector;
	pthread_t thread;
	uint32_t number;
	uint64_t datagrams, samples, counters, bytes[FLOWS];
	bool done; /* atomic */
};

/* The aggregator: sums over the tables that it was given. */
struct sums {
	uint64_t bytes[FLOWS], counters;
	uint64_t rounds;
};

static void write_datagram(struct writer *wr, struct window *w, struct dice *d)
{
	struct base_addr agent = core_agent(wr->number + 1);
	uint32_t flow = dice_below(d, FLOWS), length = dice_below(d, 1500);
	struct bytes_ip ip = core_ip(flow, 1, length);
	struct wire dg = {.len = 0};

	wr->datagrams++;
	bytes_datagram(&dg, &agent, 0, (uint32_t)wr->datagrams, 1000, 2);
	core_flow(&dg, 1 + flow % 2, (uint32_t)wr->datagrams, 10, &ip);
	wire_close(&dg,
		bytes_counter(&dg, (struct sflow_source){.index = 1}, (uint32_t)wr->datagrams, 0));
	w->ingress[INGRESS_DATAGRAMS]++;
	collect_datagram(&wr->collector, w, NULL, dg.bytes, dg.len, wr->datagrams);
	wr->bytes[flow] += (uint64_t)length * 10;
	wr->samples++;
	wr->counters++;
}

static void *write_all(void *arg)
{
	struct writer *wr = arg;
	struct dice d = {.state = wr->number};

	base_rcu_online();
	for (unsigned burst = 0; burst < BURSTS; burst++) {
		struct window *w = seal_current(&wr->seal);
		unsigned n = dice_below(&d, BURST);

		while (n--)
			write_datagram(wr, w, &d);
		collect_flush(&wr->collector, w);
		w->stats[WINDOW_BURSTS]++;
		base_rcu_quiescent(&domain);
	}
	base_rcu_offline(&domain);
	__atomic_store_n(&wr->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void read_table(struct sums *s, const struct window *w)
{
	const struct table *t = &w->definitions[PAIRS].table;

	for (uint32_t i = 0; i < t->count; i++)
		s->bytes[base_get_u32(table_key(t, table_entry_at(t, i)))] +=
			table_entry_at(t, i)->value;
	assert_int_equal(t->other_samples, 0);
	s->counters += w->stats[WINDOW_COUNTERS_KEPT] + w->stats[WINDOW_COUNTERS_FULL];
}

/* Exchange the windows of all writers, wait, merge, give back. */
static void take_round(struct writer *writers, struct merge *m, struct sums *s)
{
	s->rounds++;
	for (unsigned i = 0; i < WRITERS; i++)
		seal_exchange(&writers[i].seal, s->rounds, s->rounds * 1000000);
	seal_wait(&domain);
	for (unsigned i = 0; i < WRITERS; i++) {
		read_table(s, writers[i].seal.sealed);
		merge_window(m, writers[i].seal.sealed);
		seal_give_back(&writers[i].seal);
	}
}

static void close_window(struct merge *m, uint64_t number)
{
	const struct report_options o = {.number = number, .end_ms = number};

	merge_close(m, 1, number);
	assert_merge_conserved(m);
	report_free(report_make(m, &o));
	merge_next(m);
}

static bool all_done(struct writer *writers)
{
	bool done = true;

	for (unsigned i = 0; i < WRITERS; i++)
		done = done && __atomic_load_n(&writers[i].done, __ATOMIC_ACQUIRE);
	return done;
}

static void aggregate(struct writer *writers, struct merge *m, struct sums *s)
{
	bool done;

	do {
		done = all_done(writers); /* a last round follows */
		take_round(writers, m, s);
		if (s->rounds % ROUNDS_PER_WINDOW == 0 || done)
			close_window(m, s->rounds);
	} while (!done);
}

static void check_sums(const struct writer *writers, const struct merge *m, const struct sums *s)
{
	uint64_t datagrams = 0, samples = 0, counters = 0, total = 0;

	for (unsigned i = 0; i < WRITERS; i++) {
		datagrams += writers[i].datagrams;
		samples += writers[i].samples;
		counters += writers[i].counters;
	}
	for (unsigned flow = 0; flow < FLOWS; flow++) {
		uint64_t bytes = 0;

		for (unsigned i = 0; i < WRITERS; i++)
			bytes += writers[i].bytes[flow];
		assert_int_equal(s->bytes[flow], bytes);
		total += bytes;
	}
	assert_int_equal(s->counters, counters);
	assert_int_equal(m->sflow[SFLOW_DATAGRAMS_DECODED], datagrams);
	assert_int_equal(m->sflow[SFLOW_FLOW_SAMPLES], samples);
	assert_int_equal(m->sflow[SFLOW_COUNTER_SAMPLES], counters);
	assert_int_equal(m->window[WINDOW_BURSTS], WRITERS * BURSTS);
	assert_int_equal(m->definitions[PAIRS].ever.total, total);
	assert_int_equal(m->definitions[PAIRS].ever.counted, samples);
	assert_int_equal(m->definitions[PAIRS].ever.other, 0);
	assert_int_equal(m->definitions[TIGHT].ever.total, samples * 10);
	assert_int_equal(m->definitions[TIGHT].ever.counted, samples);
	assert_int_equal(m->imbalances, 0);
	for (unsigned i = 0; i < WRITERS; i++)
		assert_int_equal(known_agent_at(&m->known, i + 1)->lost, 0);
	assert_merge_conserved(m);
}

static void writer_open(struct writer *wr, uint32_t number, const struct flow_plan *plan,
	const struct base_hash *hash)
{
	const struct agent_limits al = {.agents = 4, .sources = 4, .idle_tsc = UINT64_MAX / 2};
	struct window *w = window_create(plan, &limits, -1);

	wr->number = number;
	wr->collector.hash = hash;
	wr->collector.agents = agent_table_create(&al, hash, -1);
	assert_true(w && wr->collector.agents);
	seal_init(&wr->seal, w, window_create_beside(w, -1), 0, 0);
	assert_non_null(wr->seal.spare);
}

static void test_threads(void **state)
{
	static struct writer writers[WRITERS];
	const struct merge_options options = {.rx_cores = 1,
		.agents = 10,
		.sources = 10,
		.expire_ms = UINT64_MAX / 2,
		.tsc_per_ms = 1};
	struct flow_plan *plan = plan_make(specs, DEFINITIONS);
	struct base_hash hash;
	struct sums sums = {.rounds = 0};
	struct merge *m;

	assert_int_equal(base_hash_init(&hash), 0);
	m = merge_create(plan, &hash, &options);
	assert_non_null(m);
	for (uint32_t i = 0; i < WRITERS; i++)
		writer_open(&writers[i], i, plan, &hash);
	for (unsigned i = 0; i < WRITERS; i++)
		assert_int_equal(
			pthread_create(&writers[i].thread, NULL, write_all, &writers[i]), 0);
	aggregate(writers, m, &sums);
	for (unsigned i = 0; i < WRITERS; i++)
		pthread_join(writers[i].thread, NULL);
	check_sums(writers, m, &sums);
	assert_true(sums.rounds > 2);
	for (unsigned i = 0; i < WRITERS; i++) {
		seal_fini(&writers[i].seal);
		agent_table_destroy(writers[i].collector.agents);
	}
	merge_destroy(m);
	flow_plan_free(plan);
}

/* Which window is where, step by step; no reader is online, so that nothing is waited for. */
static void test_steps(void **state)
{
	struct flow_plan *plan = plan_make(specs, DEFINITIONS);
	struct window *a = window_create(plan, &limits, -1), *b = window_create(plan, &limits, -1);
	struct seal s;
	uint64_t serial;

	assert_true(a && b);
	seal_init(&s, a, b, 5, 6);
	assert_ptr_equal(seal_current(&s), a);
	assert_true(a->serial != 0);
	assert_int_equal(a->open_tsc, 5);
	assert_int_equal(a->open_wall_ns, 6);
	serial = a->serial;
	a->definitions[0].counted = 3;

	seal_exchange(&s, 7, 8);
	assert_ptr_equal(seal_current(&s), b);
	assert_ptr_equal(s.sealed, a);
	assert_null(s.spare);
	assert_true(b->serial > serial);
	assert_int_equal(b->open_tsc, 7);
	assert_int_equal(b->open_wall_ns, 8);
	assert_int_equal(a->definitions[0].counted, 3);
	serial = b->serial;

	seal_wait(&domain);
	seal_give_back(&s);
	assert_null(s.sealed);
	assert_ptr_equal(s.spare, a);
	assert_int_equal(a->definitions[0].counted, 0);
	seal_exchange(&s, 9, 10);
	assert_ptr_equal(seal_current(&s), a);
	assert_true(a->serial > serial);
	seal_fini(&s); /* with a window that was not given back */
	assert_null(s.current);
	flow_plan_free(plan);
}

/* No window has a number whose lower half says that there is none. */
static void test_serial(void **state)
{
	(void)state;
	assert_int_equal(seal_serial_after(0), 1);
	assert_int_equal(seal_serial_after(UINT32_MAX - 1), UINT32_MAX);
	assert_int_equal(seal_serial_after(UINT32_MAX), UINT64_C(0x100000001));
	assert_int_equal(seal_serial_after(UINT64_C(0x1FFFFFFFF)), UINT64_C(0x200000001));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_serial),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
