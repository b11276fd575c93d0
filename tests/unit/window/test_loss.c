/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "core.h"

/* What is known to be lost, and what becomes of rates. */

static const struct window_limits limits = {.agents = 100, .sources = 100, .counter_bytes = 65536};

static void assert_close(double is, double want)
{
	if (fabs(is - want) > 1e-6 * want)
		fail_msg("%.9f is not %.9f", is, want);
}

/* ---- the factor of one source ---- */

static double factor(const struct loss_count *c)
{
	return loss_factor(c, 100);
}

static void test_nothing_lost(void **state)
{
	(void)state;
	assert_close(factor(&(struct loss_count){.taken = 0}), 1);
	assert_close(factor(&(struct loss_count){.taken = 50, .pool = 5000}), 1);
	/* Chance, another rate than it says, no pool at all: not of what is lost. */
	assert_close(factor(&(struct loss_count){.taken = 50, .pool = 6000}), 1);
	assert_close(factor(&(struct loss_count){.taken = 50, .pool = 50000}), 1);
	assert_close(factor(&(struct loss_count){.taken = 50}), 1);
	/* Late ones: more came than were taken in this window. */
	assert_close(factor(&(struct loss_count){.taken = 50, .pool = 5000, .lost = -3}), 1);
	assert_close(loss_factor(&(struct loss_count){.taken = 9, .pool = 900, .lost = 3}, 0), 1);
}

/* The growth of the pool over the samples that came. */
static void test_pool(void **state)
{
	(void)state;
	assert_close(
		factor(&(struct loss_count){.taken = 100, .pool = 10000, .lost = 30}), 10. / 7);
	assert_close(
		factor(&(struct loss_count){.taken = 100, .pool = 10700, .lost = 30}), 10.7 / 7);
	assert_close(factor(&(struct loss_count){.taken = 100, .pool = 9300, .lost = 30}), 9.3 / 7);
}

/* A pool that does not agree with the sequence numbers is not believed. */
static void test_implausible(void **state)
{
	static const uint64_t pools[] = {0, 1, 2000, 100000, UINT32_MAX, UINT64_MAX};

	(void)state;
	for (unsigned i = 0; i < sizeof(pools) / sizeof(pools[0]); i++)
		assert_close(
			factor(&(struct loss_count){.taken = 100, .pool = pools[i], .lost = 30}),
			10. / 7);
	/* Of few samples any pool seems possible: none at all is none. */
	assert_close(factor(&(struct loss_count){.taken = 10, .pool = 0, .lost = 2}), 10. / 8);
}

/* A pool that hardly moves says nothing of a few samples either: it is as far off as one that is as many times larger. */
static void test_few(void **state)
{
	(void)state;
	assert_close(factor(&(struct loss_count){.taken = 16, .pool = 16, .lost = 1}), 16. / 15);
	assert_close(factor(&(struct loss_count){.taken = 16, .pool = 700, .lost = 1}), 16. / 15);
	assert_close(factor(&(struct loss_count){.taken = 2, .pool = 3, .lost = 1}), 2);
	assert_close(factor(&(struct loss_count){.taken = 2, .pool = 500, .lost = 1}), 2);
	/* What chance can be is believed. */
	assert_close(factor(&(struct loss_count){.taken = 16, .pool = 1000, .lost = 1}), 10. / 15);
	assert_close(factor(&(struct loss_count){.taken = 16, .pool = 3000, .lost = 1}), 30. / 15);
}

/* An agent that numbers the samples of all its sources as one: the pool knows of no more than came. */
static void test_numbers_left_out(void **state)
{
	(void)state;
	assert_close(factor(&(struct loss_count){.taken = 200, .pool = 10000, .lost = 100}), 1);
	assert_close(factor(&(struct loss_count){.taken = 4800, .pool = 10000, .lost = 4700}), 1);
}

static void test_bounded(void **state)
{
	(void)state;
	assert_close(factor(&(struct loss_count){.taken = 1000, .pool = 100000, .lost = 999}), 10);
	assert_close(
		factor(&(struct loss_count){.taken = 65536, .pool = UINT64_MAX, .lost = 65535}),
		10);
	assert_close(factor(&(struct loss_count){.taken = 10, .pool = 1000, .lost = 10}), 1);
	assert_close(factor(&(struct loss_count){.taken = 10, .pool = 1000, .lost = INT64_MAX}), 1);
}

/* What an agent gave up is in the pool, and not in the sequence numbers. */
static void test_drops(void **state)
{
	(void)state;
	assert_close(factor(&(struct loss_count){.taken = 100, .pool = 15000, .drops = 50}), 1.5);
	assert_close(
		factor(&(struct loss_count){.taken = 100, .pool = 15000, .drops = 50, .lost = 50}),
		3);
	/* The pool knows nothing of them. */
	assert_close(factor(&(struct loss_count){.taken = 100, .pool = 10000, .drops = 50}), 1);
	assert_close(
		factor(&(struct loss_count){.taken = 100, .pool = 10000, .drops = UINT32_MAX}), 1);
}

/* Lost in windows of which nothing came: this window stands for its own share alone. */
static void test_outage(void **state)
{
	(void)state;
	assert_close(
		factor(&(struct loss_count){.taken = 400, .pool = 40000, .lost = 300, .silent = 3}),
		1 + 300. / 4 / 100);
	/* Of a source that is heard rarely each sample stands for those between. */
	assert_close(
		factor(&(struct loss_count){.taken = 2, .pool = 200, .lost = 1, .silent = 9}), 2);
}

/* ---- from datagrams to rates ---- */

enum { PORTS, TOGETHER, DROPS, DEFINITIONS };
enum { AGENTS = 4, SOURCES = 3, RATE = 100, LENGTH = 500, PER_WINDOW = 400 };

static const struct flow_spec specs[DEFINITIONS] = {
	{.name = "ports", .keys = "ipprotocol", .value = "bytes", .capacity = 1000},
	{.name = "together",
		.keys = "ipprotocol",
		.value = "bytes",
		.values = "rate:tcpsourceport",
		.capacity = 1000,
		.merge = FLOW_MERGE_AGENT},
	{.name = "drops", .keys = "reason", .value = "frames", .capacity = 10, .dropped = true},
};

struct fixture {
	struct base_hash hash;
	struct flow_plan *plan;
	struct merge *m;
	struct core core, other; /* the other one hears every other datagram while `both` */
	bool both;
	struct dice d;
	uint32_t datagrams[AGENTS], samples[AGENTS][SOURCES], pool[AGENTS][SOURCES];
	uint64_t packets[AGENTS][SOURCES]; /* of the window being filled, lost or not */
	uint64_t now_ms, serial;
};

static void fixture_open(struct fixture *f, bool correct)
{
	const struct merge_options options = {.rx_cores = 2,
		.agents = 10,
		.sources = 30,
		.expire_ms = 1000000,
		.correct = correct,
		.tsc_per_ms = 1};

	*f = (struct fixture){.now_ms = 1000, .serial = 1};
	assert_int_equal(base_hash_init(&f->hash), 0);
	f->plan = plan_make(specs, DEFINITIONS);
	f->m = merge_create(f->plan, &f->hash, &options);
	assert_non_null(f->m);
	core_open(&f->core, f->plan, &f->hash, &limits);
	core_open(&f->other, f->plan, &f->hash, &limits);
}

static void fixture_close(struct fixture *f)
{
	core_close(&f->core);
	core_close(&f->other);
	merge_destroy(f->m);
	flow_plan_free(f->plan);
}

/* A datagram of one sample; the agent makes it whether it arrives or not. */
static void send(struct fixture *f, unsigned agent, unsigned source, bool lost)
{
	const struct base_addr addr = core_agent(agent + 1);
	struct bytes_ip ip = core_ip(1, 2, LENGTH);
	struct wire w = {.len = 0};
	uint32_t skip = 1 + dice_below(&f->d, 2 * RATE - 1), start;
	const struct sflow_sample s = {.source.index = source,
		.sequence = ++f->samples[agent][source],
		.sampling_rate = RATE,
		.pool = f->pool[agent][source] += skip};

	f->packets[agent][source] += skip;
	bytes_datagram(&w, &addr, 0, ++f->datagrams[agent], 1000, 1);
	start = bytes_flow(&w, &s, 1);
	bytes_ip(&w, &ip);
	wire_close(&w, start);
	if (!lost)
		core_take(f->both && f->datagrams[agent] % 2 ? &f->other : &f->core, &w, 1);
}

static void close_window(struct fixture *f)
{
	struct core *const cores[] = {&f->core, &f->other};

	f->serial++;
	for (unsigned i = 0; i < 2; i++) {
		cores[i]->w->core = i;
		collect_flush(&cores[i]->c, cores[i]->w);
		merge_window(f->m, cores[i]->w);
		window_clear(cores[i]->w);
		window_open(cores[i]->w, f->serial, 0, f->now_ms * 1000000);
	}
	merge_close(f->m, 1, f->now_ms += 1000);
}

static void next_window(struct fixture *f)
{
	merge_next(f->m);
	memset(f->packets, 0, sizeof(f->packets));
}

/* @param loss  share of the datagrams, in percent */
static void fill(struct fixture *f, unsigned loss)
{
	for (unsigned i = 0; i < PER_WINDOW * AGENTS * SOURCES; i++)
		send(f, dice_below(&f->d, AGENTS), dice_below(&f->d, SOURCES),
			dice_below(&f->d, 100) < loss);
}

/* Bytes a second at one agent or source, as the packets say. */
static double truth_of(const struct fixture *f, const struct known_source *s)
{
	unsigned agent = known_agent_at(&f->m->known, s->agent)->addr.bytes[3] - 1u;
	double sum = 0;

	for (unsigned i = 0; i < SOURCES; i++) {
		if (s->kind == SOURCE_AGENT || i == s->source.index)
			sum += (double)f->packets[agent][i] * LENGTH;
	}
	return sum;
}

static void check_rates(
	const struct fixture *f, unsigned definition, unsigned count, double least, double most)
{
	const struct sightings *flows = f->m->definitions[definition].flows;

	assert_int_equal(flows->sightings.count, count);
	for (uint32_t i = 0; i < count; i++) {
		const struct sighting *g = sighting_at(flows, i);
		double truth = truth_of(f, known_source_at(&f->m->known, g->source));

		if (g->rate < truth * least || g->rate > truth * most)
			fail_msg("%s: %.0f is not %.0f", specs[definition].name, g->rate, truth);
	}
}

/* With a share of three in ten lost, each rate is what was sent; sums are what came. */
static void test_rates(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, true);
	fill(&f, 0);
	close_window(&f);
	check_rates(&f, PORTS, AGENTS * SOURCES, 0.8, 1.2); /* chance alone */
	assert_true(f.m->definitions[PORTS].lost == 0);
	next_window(&f);
	fill(&f, 30);
	close_window(&f);
	check_rates(&f, PORTS, AGENTS * SOURCES, 0.98, 1.02);
	check_rates(&f, TOGETHER, AGENTS, 0.98, 1.02);
	for (unsigned i = PORTS; i <= TOGETHER; i++) {
		const struct merge_definition *d = &f.m->definitions[i];

		assert_true(fabs(d->lost - 0.3) < 0.05);
		assert_int_equal(d->window.total, d->window.counted * RATE * LENGTH);
	}
	assert_merge_conserved(f.m);
	next_window(&f);
	fill(&f, 0);
	close_window(&f);
	assert_true(f.m->definitions[PORTS].lost < 0.01); /* the gap at the border at most */
	fixture_close(&f);
}

/* Rates beside the first value are raised as well. */
static void test_lanes(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, true);
	fill(&f, 50);
	close_window(&f);
	for (uint32_t i = 0; i < AGENTS; i++) {
		const struct sightings *s = f.m->definitions[TOGETHER].flows;
		struct window_value first, second;

		sighting_value(s, i, 0, NULL, &first);
		sighting_value(s, i, 1, NULL, &second);
		assert_true(first.there && second.there);
		assert_true(fabs(second.value / first.value / (1000. / LENGTH) - 1) < 1e-3);
	}
	fixture_close(&f);
}

/* Told, and not done. */
static void test_off(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, false);
	fill(&f, 30);
	close_window(&f);
	check_rates(&f, PORTS, AGENTS * SOURCES, 0.5, 0.9);
	assert_true(fabs(f.m->definitions[PORTS].lost - 0.3) < 0.05);
	fixture_close(&f);
}

/* One that comes a hundred datagrams late is late: nothing is lost but what was missing until then. */
static void test_late_by_far(void **state)
{
	enum { LATE = 36, AFTER = 150, ALL = 200 };
	const struct base_addr addr = core_agent(1);
	const struct known_source *s;
	struct fixture f;

	(void)state;
	fixture_open(&f, true);
	for (uint32_t i = 1; i <= ALL; i++) {
		uint32_t n = i == AFTER ? LATE : i == LATE ? AFTER : i;
		struct bytes_ip ip = core_ip(1, 2, LENGTH);
		struct wire w = {.len = 0};

		bytes_datagram(&w, &addr, 0, n, 1000 + n, 1);
		core_flow(&w, 1, n, RATE, &ip);
		if (i != LATE)
			core_take(&f.core, &w, 1);
	}
	close_window(&f);
	assert_int_equal(known_agent_at(&f.m->known, 1)->restarts, 0);
	assert_int_equal(known_agent_at(&f.m->known, 1)->out_of_order, 1);
	s = known_source_at(&f.m->known, 2); /* the first one is all of the agent's */
	assert_int_equal(s->kind, SOURCE_PORT);
	assert_int_equal(s->flow_samples, ALL - 1);
	assert_int_equal(s->lost, 2); /* the late one, and that in whose place it came */
	assert_true(f.m->definitions[PORTS].lost < 0.02);
	fixture_close(&f);
}

/* Nothing comes for three windows: the next one is right, and not four times too high. */
static void test_after_outage(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, true);
	fill(&f, 0);
	for (unsigned i = 0; i < 3; i++) {
		close_window(&f);
		next_window(&f);
		fill(&f, 100);
	}
	close_window(&f);
	next_window(&f);
	fill(&f, 0);
	close_window(&f);
	check_rates(&f, PORTS, AGENTS * SOURCES, 0.9, 2.2);
	next_window(&f);
	fill(&f, 0);
	close_window(&f);
	check_rates(&f, PORTS, AGENTS * SOURCES, 0.8, 1.2);
	fixture_close(&f);
}

/* Of an agent that two RX cores hear, each misses what the other has: nothing is lost, so rates stay. */
static void test_split(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, true);
	f.both = true;
	for (unsigned i = 0; i < 3; i++) {
		fill(&f, 0);
		close_window(&f);
		check_rates(&f, PORTS, AGENTS * SOURCES, 0.8, 1.2);
		next_window(&f);
	}
	/* One core alone hears it from now on: it is believed again, a minute later. */
	f.both = false;
	for (unsigned i = 0; i < 61; i++) {
		fill(&f, 0);
		close_window(&f);
		next_window(&f);
	}
	fill(&f, 30);
	close_window(&f);
	check_rates(&f, PORTS, AGENTS * SOURCES, 0.98, 1.02);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_lost),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_implausible),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_numbers_left_out),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_drops),
		cmocka_unit_test(test_outage),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_lanes),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_late_by_far),
		cmocka_unit_test(test_after_outage),
		cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
