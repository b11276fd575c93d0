/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "base/memory.h"
#include "core.h"
#include "window/generation.h"
#include "window/mailbox.h"
#include "window/report.h"

/*
 * Changes of definitions: step by step against what must go on and what must not, and as three
 * threads that change, write and merge as fast as they can.
 */

static const struct window_limits limits = {.agents = 8, .sources = 8, .counter_bytes = 4096};
static const int sockets[2] = {-1, -1};
static char domain;

static const struct flow_spec pairs = {
	.name = "pairs", .keys = "ipsource", .value = "bytes", .n = 5, .t = 2, .capacity = 500};
static const struct flow_spec slow = {
	.name = "slow", .keys = "ipsource", .value = "bytes", .n = 5, .t = 5, .capacity = 500};
static const struct flow_spec frames = {
	.name = "frames", .keys = "ipsource", .value = "frames", .n = 5, .t = 2, .capacity = 500};
static const struct flow_spec ports = {.name = "ports",
	.keys = "tcpsourceport,tcpdestinationport",
	.value = "bytes",
	.filter = "tcpdestinationport=443",
	.n = 5,
	.t = 1,
	.capacity = 100};
static const struct flow_spec sums = {
	.name = "sums", .keys = "", .value = "bytes", .n = 5, .t = 2, .capacity = 16};

/* ---- one RX core, step by step ---- */

struct bench {
	struct base_hash hash;
	struct generation_options options;
	struct seal seal;
	struct collector collector;
	struct merge *m;
	uint32_t datagrams;
	uint64_t windows;
};

static struct generation_options options_of(const struct base_hash *hash, unsigned cores)
{
	return (struct generation_options){.hash = hash,
		.merge = {.rx_cores = cores,
			.agents = 10,
			.sources = 10,
			.expire_ms = UINT64_MAX / 2,
			.tsc_per_ms = 1},
		.limits = limits,
		.sockets = sockets};
}

static void collector_open(struct collector *c, const struct base_hash *hash)
{
	const struct agent_limits al = {.agents = 8, .sources = 8, .idle_tsc = UINT64_MAX / 2};

	c->hash = hash;
	c->agents = agent_table_create(&al, hash, -1);
	assert_non_null(c->agents);
	assert_int_equal(flow_scratch_init(&c->scratch), 0);
}

static void collector_close(struct collector *c)
{
	agent_table_destroy(c->agents);
	flow_scratch_fini(&c->scratch);
}

static void seal_open(struct seal *s, const struct flow_plan *plan)
{
	struct window *w = window_create(plan, &limits, -1);

	assert_non_null(w);
	seal_init(s, w, window_create_beside(w, -1), 0, 0);
	assert_non_null(s->spare);
}

static struct bench *bench_open(const struct flow_spec *specs, unsigned count)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct flow_plan *plan = plan_make(specs, count);

	assert_non_null(b);
	assert_int_equal(base_hash_init(&b->hash), 0);
	b->options = options_of(&b->hash, 1);
	collector_open(&b->collector, &b->hash);
	seal_open(&b->seal, plan);
	b->m = merge_create(plan, &b->hash, &b->options.merge);
	assert_non_null(b->m);
	flow_plan_free(plan);
	return b;
}

static void bench_close(struct bench *b)
{
	merge_destroy(b->m);
	seal_fini(&b->seal);
	collector_close(&b->collector);
	free(b);
}

/* `n` samples of as many sources, one packet in 10, 100 bytes each. */
static void take(struct bench *b, unsigned n)
{
	struct base_addr agent = core_agent(1);
	struct window *w = seal_current(&b->seal);

	for (unsigned i = 0; i < n; i++) {
		struct bytes_ip ip = core_ip(i, 1, 100);
		struct wire dg = {.len = 0};

		bytes_datagram(&dg, &agent, 0, ++b->datagrams, 1000, 1);
		core_flow(&dg, 1 + i % 2, b->datagrams, 10, &ip);
		w->ingress[INGRESS_DATAGRAMS]++;
		collect_datagram(&b->collector, w, NULL, dg.bytes, dg.len, b->datagrams);
	}
	collect_flush(&b->collector, w);
}

static void exchange(struct seal *seals, unsigned count, struct generation *g, struct merge *m,
	double late, uint64_t serial)
{
	for (unsigned i = 0; i < count; i++) {
		if (g)
			generation_spare(g, i, &seals[i]);
		seal_exchange(&seals[i], serial, serial);
	}
	seal_wait(&domain);
	for (unsigned i = 0; i < count; i++) {
		merge_window(m, seals[i].sealed);
		if (g)
			generation_sealed(g, i, &seals[i]);
		else
			seal_give_back(&seals[i]);
	}
	if (g)
		generation_merge(g, m, late);
}

static void change(struct bench *b, const struct flow_spec *specs, unsigned count, double late)
{
	struct flow_plan *plan = plan_make(specs, count);
	struct generation *g = generation_create(b->m->plan, plan, NULL, &b->options);

	assert_non_null(g);
	exchange(&b->seal, 1, g, b->m, late, 1);
	generation_destroy(g);
	flow_plan_free(plan);
	assert_merge_conserved(b->m);
}

/* The end of a window of a second. */
static void end_window(struct bench *b)
{
	exchange(&b->seal, 1, NULL, b->m, 0, 1);
	merge_close(b->m, 1, ++b->windows * 1000);
	assert_merge_conserved(b->m);
	assert_int_equal(b->m->imbalances, 0);
	merge_next(b->m);
}

static double rate_of(const struct merge *m, unsigned i)
{
	const struct sightings *s = merge_of(m, i)->flows;
	double sum = 0;

	for (uint32_t j = 0; j < s->sightings.count; j++)
		sum += sightings_rate(s, sighting_at(s, j)->rate);
	return sum;
}

/* Data sources are held by exactly the sightings that there are. */
static void check_sources(const struct merge *m)
{
	for (uint32_t i = 1; i < m->known.sources.count; i++) {
		uint32_t refers = 0;

		for (unsigned j = 0; j < m->plan->definition_count; j++) {
			const struct sightings *s = m->definitions[j].flows;

			for (uint32_t k = 0; k < s->sightings.count; k++)
				refers += sighting_at(s, k)->source == i;
		}
		assert_int_equal(known_source_at(&m->known, i)->sightings, refers);
	}
}

static void test_goes_on(void **state)
{
	const struct flow_spec before[] = {pairs, frames, ports};
	struct flow_spec after[] = {sums, frames, pairs};
	struct bench *b = bench_open(before, 3), *still = bench_open(before, 3);
	char **chunks[2];

	after[1].t = 5; /* another one of the same name */
	for (unsigned i = 0; i < 2; i++) {
		struct bench *each = i ? still : b;

		take(each, 20);
		end_window(each);
		take(each, 10);
	}
	chunks[0] = b->seal.current->definitions[0].table.chunks;
	chunks[1] = b->seal.spare->definitions[0].table.chunks;
	change(b, after, 3, 0.5);
	assert_int_equal(b->m->definitions[0].ever.counted, 0);
	assert_int_equal(b->m->definitions[1].ever.counted, 0);
	assert_int_equal(b->m->definitions[2].ever.counted, 30);
	assert_ptr_equal(b->seal.current->definitions[2].table.chunks, chunks[1]);
	assert_ptr_equal(b->seal.spare->definitions[2].table.chunks, chunks[0]);
	check_sources(b->m);
	take(b, 4);
	take(still, 4);
	end_window(b);
	end_window(still);

	assert_int_equal(b->m->definitions[0].ever.counted, 4);
	assert_int_equal(b->m->definitions[0].ever.total, 4 * 100 * 10);
	assert_int_equal(b->m->definitions[0].before, 30);
	assert_int_equal(b->m->definitions[1].ever.total, 4 * 10);
	assert_int_equal(b->m->definitions[1].flows->keys.count, 4);
	assert_int_equal(b->m->definitions[2].ever.total, 34 * 100 * 10);
	assert_true(rate_of(b->m, 2) > 0);
	assert_true(rate_of(b->m, 2) == rate_of(still->m, 0));
	assert_true(
		fabs(rate_of(b->m, 0) - 4 * 100 * 10 / 0.5) < 1e-6); /* in force half a window */
	check_sources(b->m);
	assert_int_equal(b->m->sflow[SFLOW_FLOW_SAMPLES], 34);
	bench_close(b);
	bench_close(still);
}

/* One that came in the last moment of a window is not at a rate above all bounds. */
static void test_last_moment(void **state)
{
	const struct flow_spec specs[] = {pairs, frames};
	struct bench *b = bench_open(specs, 1);

	change(b, specs, 2, 0.9995);
	take(b, 1);
	end_window(b);
	assert_true(fabs(rate_of(b->m, 1) - 10 / 0.5) < 1e-6);
	take(b, 1);
	end_window(b);
	assert_true(rate_of(b->m, 1) < 10 / 0.5);
	bench_close(b);
}

/* One that came as the window ended has nothing of it, and its rate is that of the next one. */
static void test_at_the_end(void **state)
{
	const struct flow_spec specs[] = {pairs, frames};
	struct bench *b = bench_open(specs, 1);

	(void)state;
	change(b, specs, 2, 1);
	merge_close(b->m, 1, ++b->windows * 1000);
	merge_next(b->m);
	take(b, 4);
	end_window(b);
	assert_true(fabs(rate_of(b->m, 1) - 4 * 10) < 1e-6);
	bench_close(b);
}

/* None at all, and back; the sums of what came in between are of no definition. */
static void test_none(void **state)
{
	const struct flow_spec specs[] = {pairs, ports};
	struct bench *b = bench_open(specs, 2);

	take(b, 5);
	change(b, NULL, 0, 0);
	check_sources(b->m);
	take(b, 3);
	end_window(b);
	change(b, specs, 2, 0);
	take(b, 7);
	end_window(b);
	assert_int_equal(b->m->definitions[0].ever.counted, 7);
	assert_int_equal(b->m->definitions[1].ever.counted, 7);
	assert_int_equal(b->m->definitions[1].before, 8);
	bench_close(b);
}

/* Definitions that count the same have one table, and the last of them keeps it. */
static void test_shares(void **state)
{
	struct flow_spec specs[] = {pairs, frames, pairs};
	struct report_options o = {.number = 1, .end_ms = 1000};
	struct window_snapshot *s;
	struct bench *b;

	specs[2].name = "also";
	specs[2].n = 3;
	specs[2].fs = "_";
	b = bench_open(specs, 3);
	assert_int_equal(b->m->plan->definitions[2].shares, 0);
	assert_null(b->seal.current->definitions[2].table.chunks);
	take(b, 10);
	exchange(&b->seal, 1, NULL, b->m, 0, 1);
	merge_close(b->m, 1, 1000);
	assert_merge_conserved(b->m);
	s = report_make(b->m, &o);
	assert_int_equal(s->flow_count, 3);
	assert_string_equal(s->flows[2].name, "also");
	assert_int_equal(s->flows[0].total, 10 * 100 * 10);
	assert_int_equal(s->flows[2].total, s->flows[0].total);
	assert_int_equal(s->flows[0].count, 5);
	assert_int_equal(s->flows[2].count, 3);
	report_free(s);
	merge_next(b->m);

	change(b, &specs[1], 2, 0); /* the first goes */
	assert_int_equal(b->m->plan->definitions[1].shares, 1);
	take(b, 2);
	end_window(b);
	assert_int_equal(b->m->definitions[1].ever.counted, 12);
	check_sources(b->m);
	bench_close(b);
}

/* What is seen of a definition: its samples, its values, and the flows that have a rate. */
static void check_counted(const struct bench *b, unsigned i, uint64_t samples, uint32_t flows)
{
	const struct merge_definition *md = merge_of(b->m, i);

	assert_int_equal(md->ever.counted, samples);
	assert_int_equal(md->ever.total, samples * 100 * 10);
	assert_int_equal(md->flows->keys.count, flows);
}

/*
 * Definitions that count the same and keep of it what they like are in one table. Whichever of them goes
 * or comes, the others miss no sample, and it stays the same memory.
 */
static void test_one_table(void **state)
{
	struct flow_spec specs[] = {pairs, slow, pairs};
	struct bench *b;
	char **chunks[2];

	specs[2].name = "logged";
	specs[2].log = true;
	b = bench_open(specs, 2);
	assert_int_equal(b->m->plan->table_count, 1);
	assert_int_equal(
		generation_memory(b->m->plan, 1), 2 * window_tables(b->seal.current->plan));
	take(b, 10);
	end_window(b);
	take(b, 6);
	check_counted(b, 0, 10, 10);
	check_counted(b, 1, 10, 10);
	chunks[0] = b->seal.current->definitions[0].table.chunks;
	chunks[1] = b->seal.spare->definitions[0].table.chunks;

	change(b, specs, 3, 0); /* one more comes */
	assert_ptr_equal(b->seal.current->definitions[0].table.chunks, chunks[1]);
	take(b, 4);
	change(b, &specs[1], 2, 0); /* the one goes that was looked at */
	assert_int_equal(b->m->plan->table_count, 1);
	assert_ptr_equal(b->seal.current->definitions[0].table.chunks, chunks[0]);
	assert_ptr_equal(b->seal.spare->definitions[0].table.chunks, chunks[1]);
	take(b, 3);
	end_window(b);
	check_counted(b, 0, 10 + 6 + 4 + 3, 10);
	check_counted(b, 1, 4 + 3, 4);
	check_sources(b->m);

	change(b, &specs[0], 2, 0); /* it comes again, without a past, and what came last goes */
	take(b, 2);
	end_window(b);
	check_counted(b, 0, 2, 2);
	check_counted(b, 1, 25, 10);
	check_sources(b->m);

	change(b, &specs[2], 1, 0); /* none of them stays, and yet the table does */
	assert_ptr_equal(b->seal.current->definitions[0].table.chunks, chunks[0]);
	take(b, 5);
	end_window(b);
	check_counted(b, 0, 5, 5);
	check_sources(b->m);
	bench_close(b);
}

/* ---- memory ---- */

static size_t allocated, in_use; /* bytes; of this thread's tests alone */

static void *count_alloc(size_t len, int socket)
{
	size_t size = (len + 63) & ~(size_t)63;
	void *p = aligned_alloc(64, size);

	if (!p)
		return NULL;
	allocated += len;
	in_use += len;
	return memset(p, 0, size);
}

static void count_free(void *p, size_t len)
{
	in_use -= len;
	free(p);
}

/* A change costs what is new: tables and arrays that go on are moved. Nothing piles up. */
static void test_memory(void **state)
{
	static const struct base_memory counting = {.alloc = count_alloc, .free = count_free};
	struct flow_spec specs[] = {pairs, frames, ports};
	struct bench *b;
	size_t before;

	base_memory_use(&counting);
	specs[0].capacity = 100000;
	b = bench_open(specs, 3);
	change(b, specs, 3, 0);
	before = in_use;
	for (unsigned i = 0; i < 20; i++) {
		size_t then = allocated;

		specs[2].capacity = 100 + i % 2;
		take(b, 3);
		change(b, specs, 3, 0);
		assert_true(allocated - then < 200000); /* a table of 100,000 has 6.4 MB */
	}
	specs[2].capacity = 100;
	change(b, specs, 3, 0);
	assert_int_equal(in_use, before);
	bench_close(b);
	assert_int_equal(in_use, 0);
}

/* One that never comes in force is freed, too; generation_memory() is what its tables take. */
static void test_unused(void **state)
{
	const struct flow_spec specs[] = {pairs, frames, ports};
	struct bench *b = bench_open(specs, 2);
	struct flow_plan *plan = plan_make(specs, 3);
	struct generation *g = generation_create(b->m->plan, plan, NULL, &b->options);

	assert_non_null(g);
	assert_int_equal(g->from[0], 0);
	assert_int_equal(g->from[1], 1);
	assert_int_equal(g->from[2], WINDOW_NEW);
	assert_int_equal(g->tables[1], 1);
	assert_int_equal(g->tables[2], WINDOW_NEW);
	generation_destroy(g);
	generation_destroy(NULL);
	assert_int_equal(
		generation_memory(plan, 2), 4 * (2 * table_memory(500, 4) + table_memory(100, 4)));
	flow_plan_free(plan);
	bench_close(b);
}

/* ---- threads ---- */

enum { WRITERS = 2, CHANGES = 3, BURSTS = 8000, BURST = 8, FLOWS = 64, ROUNDS_PER_WINDOW = 3 };

struct control {
	struct mailbox box;
	struct generation_options options;
	struct flow_plan *plan; /* its own reference */
	pthread_t thread;
	unsigned changes; /* atomic */
	bool stop;        /* atomic */
};

struct writer {
	struct collector collector;
	pthread_t thread;
	struct seal *seal;
	const struct control *control;
	uint32_t number;
	uint64_t samples, bytes;
	bool done; /* atomic */
};

static void write_datagram(struct writer *wr, struct window *w, struct dice *d)
{
	struct base_addr agent = core_agent(wr->number + 1);
	uint32_t flow = dice_below(d, FLOWS), length = dice_below(d, 1500);
	struct bytes_ip ip = core_ip(flow, 1, length);
	struct wire dg = {.len = 0};

	bytes_datagram(&dg, &agent, 0, (uint32_t)++wr->samples, 1000, 1);
	core_flow(&dg, 1 + flow % 2, (uint32_t)wr->samples, 10, &ip);
	w->ingress[INGRESS_DATAGRAMS]++;
	collect_datagram(&wr->collector, w, NULL, dg.bytes, dg.len, wr->samples);
	wr->bytes += (uint64_t)length * 10;
}

/* However little time the control thread gets. */
static bool changed_enough(const struct control *c)
{
	return __atomic_load_n(&c->changes, __ATOMIC_RELAXED) >= CHANGES;
}

static void *write_all(void *arg)
{
	struct writer *wr = arg;
	struct dice d = {.state = wr->number};

	base_rcu_online();
	for (unsigned burst = 0; burst < BURSTS || !changed_enough(wr->control); burst++) {
		struct window *w = seal_current(wr->seal);
		unsigned n = dice_below(&d, BURST);

		while (n--)
			write_datagram(wr, w, &d);
		collect_flush(&wr->collector, w);
		base_rcu_quiescent(&domain);
	}
	base_rcu_offline(&domain);
	__atomic_store_n(&wr->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/*
 * One stays; of the others each is there or not, in one of two meanings. The first counts the same as the
 * one that stays, before which it stands, so that it has the table while it is there.
 */
static struct flow_plan *random_plan(struct dice *d)
{
	const struct flow_spec *some[] = {&slow, &frames, &ports, &sums};
	struct flow_spec specs[5];
	unsigned count = 0;

	for (unsigned i = 0; i < 4; i++) {
		if (dice_below(d, 3) > 0) {
			specs[count] = *some[i];
			specs[count++].t = some[i]->t + dice_below(d, 2);
		}
		if (i == 0)
			specs[count++] = pairs;
	}
	return plan_make(specs, count);
}

/* Some that say what samples say themselves, or none. */
static struct agent_senders *random_senders(struct dice *d)
{
	const struct agent_rate rate = {core_agent(1), 10};
	const struct agent_senders_options o = {.rates = &rate, .rate_count = dice_below(d, 2)};

	return core_senders_make(&o);
}

static void *change_all(void *arg)
{
	struct control *c = arg;
	struct dice d = {.state = 99};

	while (!__atomic_load_n(&c->stop, __ATOMIC_ACQUIRE)) {
		struct flow_plan *plan = random_plan(&d);
		struct agent_senders *senders = random_senders(&d);
		struct generation *g = generation_create(c->plan, plan, senders, &c->options),
				  *back = NULL;

		assert_non_null(g);
		agent_senders_unref(senders);
		mailbox_give(&c->box, g);
		while (!back && !__atomic_load_n(&c->stop, __ATOMIC_ACQUIRE))
			back = mailbox_await(&c->box, 10);
		if (!back)
			back = mailbox_cancel(&c->box);
		if (!back)
			back = mailbox_await(&c->box, 0); /* came in force at the last moment */
		generation_destroy(back);
		flow_plan_free(c->plan);
		c->plan = plan;
		__atomic_add_fetch(&c->changes, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static bool all_done(struct writer *writers)
{
	bool done = true;

	for (unsigned i = 0; i < WRITERS; i++)
		done = done && __atomic_load_n(&writers[i].done, __ATOMIC_ACQUIRE);
	return done;
}

static void aggregate(
	struct writer *writers, struct seal *seals, struct merge *m, struct control *c)
{
	uint64_t rounds = 0;
	bool done;

	do {
		struct generation *g;

		done = all_done(writers); /* a last round follows */
		mailbox_sleep(&c->box, 100000);
		g = mailbox_take(&c->box);
		exchange(seals, WRITERS, g, m, 0.5, ++rounds);
		if (g)
			mailbox_return(&c->box, g);
		assert_merge_conserved(m);
		if (rounds % ROUNDS_PER_WINDOW == 0 || done) {
			const struct report_options o = {.number = rounds, .end_ms = rounds};

			merge_close(m, 1, rounds);
			report_free(report_make(m, &o));
			merge_next(m);
		}
	} while (!done);
}

static void test_threads(void **state)
{
	static struct writer writers[WRITERS];
	static struct seal seals[WRITERS];
	static struct control c;
	struct merge_definition stays;
	struct base_hash hash;
	struct merge *m;

	assert_int_equal(base_hash_init(&hash), 0);
	mailbox_init(&c.box);
	c.options = options_of(&hash, WRITERS);
	c.plan = plan_make(&pairs, 1);
	m = merge_create(c.plan, &hash, &c.options.merge);
	assert_non_null(m);
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i].number = i;
		writers[i].seal = &seals[i];
		writers[i].control = &c;
		seal_open(&seals[i], c.plan);
		collector_open(&writers[i].collector, &hash);
		assert_int_equal(
			pthread_create(&writers[i].thread, NULL, write_all, &writers[i]), 0);
	}
	assert_int_equal(pthread_create(&c.thread, NULL, change_all, &c), 0);
	aggregate(writers, seals, m, &c);
	__atomic_store_n(&c.stop, true, __ATOMIC_RELEASE);
	pthread_join(c.thread, NULL);
	for (unsigned i = 0; i < WRITERS; i++)
		pthread_join(writers[i].thread, NULL);

	assert_true(c.changes >= CHANGES);
	assert_int_equal(m->imbalances, 0);
	stays = m->definitions[strcmp(m->plan->definitions[0].name, "pairs") != 0];
	assert_int_equal(stays.ever.counted, writers[0].samples + writers[1].samples);
	assert_int_equal(stays.ever.total, writers[0].bytes + writers[1].bytes);
	assert_merge_conserved(m);
	check_sources(m);
	for (unsigned i = 0; i < WRITERS; i++) {
		seal_fini(&seals[i]);
		collector_close(&writers[i].collector);
	}
	merge_destroy(m);
	flow_plan_free(c.plan);
	mailbox_fini(&c.box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_on), cmocka_unit_test(test_last_moment),
		cmocka_unit_test(test_at_the_end), cmocka_unit_test(test_none),
		cmocka_unit_test(test_shares), cmocka_unit_test(test_one_table),
		cmocka_unit_test(test_unused), cmocka_unit_test(test_threads),
		cmocka_unit_test(test_memory), /* last: it counts what all later ones would take */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
