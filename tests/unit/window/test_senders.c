/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core.h"
#include "window/generation.h"

/* Whose samples count, and at which rates, is what the window says that they come to. */

static const struct flow_spec pairs = {
	.name = "pairs", .keys = "ipsource,ipdestination", .value = "bytes", .capacity = 100};
static const struct window_limits limits = {.agents = 8, .sources = 8, .counter_bytes = 4096};

struct fixture {
	struct flow_plan *plan;
	struct base_hash hash;
	struct core core;
	uint32_t sequence; /* of the samples of each agent */
};

static void fixture_open(struct fixture *f)
{
	*f = (struct fixture){.plan = plan_make(&pairs, 1)};
	assert_int_equal(base_hash_init(&f->hash), 0);
	core_open(&f->core, f->plan, &f->hash, &limits);
	f->core.from = core_agent(1);
}

static void fixture_close(struct fixture *f)
{
	core_close(&f->core);
	flow_plan_free(f->plan);
}

/* A datagram of each of two agents: 100 bytes, one packet in 10. @return what the window has in all */
static uint64_t take(struct fixture *f)
{
	f->sequence++;
	for (uint32_t i = 1; i <= 2; i++) {
		struct base_addr addr = core_agent(i);
		struct bytes_ip ip = core_ip(i, 1, 100);
		struct wire w = {.len = 0};

		bytes_datagram(&w, &addr, 0, f->sequence, 1000 * f->sequence, 1);
		core_flow(&w, 1, f->sequence, 10, &ip);
		core_take(&f->core, &w, f->sequence);
	}
	collect_flush(&f->core.c, f->core.w);
	return f->core.w->definitions[0].total;
}

static void next_window(struct fixture *f, const struct agent_senders_options *o)
{
	window_clear(f->core.w);
	window_open(f->core.w, f->core.w->serial + 1, 0, 0);
	if (o)
		core_senders(&f->core, o);
}

static void check_nothing_lost(const struct window *w)
{
	for (uint32_t i = 1; i < w->agent_count; i++) {
		assert_int_equal(w->agents[i].lost, 0);
		assert_int_equal(w->agents[i].restarts, 0);
	}
	for (uint32_t i = 1; i < w->source_count; i++)
		assert_int_equal(w->sources[i].lost, 0);
}

/* They go before those of samples, in what flows are and in what data sources say. */
static void test_rates(void **state)
{
	const struct agent_rate rate = {core_agent(1), 40};
	struct fixture f;

	fixture_open(&f);
	core_senders(&f.core, &(struct agent_senders_options){.rates = &rate, .rate_count = 1});
	assert_int_equal(take(&f), 100 * 40 + 100 * 10);
	assert_int_equal(f.core.w->sources[1].sampling_rate, 40);
	assert_int_equal(f.core.w->sources[2].sampling_rate, 10);
	fixture_close(&f);
}

/* Agents that are known follow what comes with another window, and go on where nothing does. */
static void test_next_windows(void **state)
{
	const struct agent_rate first[] = {{core_agent(1), 40}, {core_agent(2), 20}},
				second = {core_agent(2), 70};
	struct fixture f;

	fixture_open(&f);
	assert_int_equal(take(&f), 2 * 100 * 10);
	next_window(&f, &(struct agent_senders_options){.rates = first, .rate_count = 2});
	assert_int_equal(take(&f), 100 * 40 + 100 * 20);
	assert_int_equal(take(&f), 2 * (100 * 40 + 100 * 20));
	next_window(&f, NULL);
	assert_int_equal(take(&f), 100 * 40 + 100 * 20);
	next_window(&f, &(struct agent_senders_options){.rates = &second, .rate_count = 1});
	assert_int_equal(take(&f), 100 * 10 + 100 * 70);
	next_window(&f, &(struct agent_senders_options){.rate_count = 0});
	assert_int_equal(take(&f), 2 * 100 * 10);
	check_nothing_lost(f.core.w);
	fixture_close(&f);
}

/* Rates alone keep nobody out; networks do, also of who was let in before. What they refuse is no loss. */
static void test_allow(void **state)
{
	static const char *const agents[] = {"192.0.0.2"};
	const struct agent_rate rate = {core_agent(2), 40};
	const struct agent_senders_options o = {
		.allow = {.agents = agents, .agent_count = 1}, .rates = &rate, .rate_count = 1};
	struct fixture f;

	fixture_open(&f);
	take(&f);
	next_window(&f, &o);
	for (unsigned i = 1; i <= 5; i++)
		assert_int_equal(take(&f), i * 100 * 40);
	assert_int_equal(f.core.w->sflow[SFLOW_DROP_AGENT_NOT_ALLOWED], 5);
	assert_int_equal(f.core.w->agent_count, 2);
	check_nothing_lost(f.core.w);
	next_window(&f, &(struct agent_senders_options){.rates = &rate, .rate_count = 1});
	assert_int_equal(take(&f), 100 * 10 + 100 * 40);
	assert_int_equal(f.core.w->sflow[SFLOW_DROP_AGENT_NOT_ALLOWED], 0);
	check_nothing_lost(f.core.w);
	next_window(&f, NULL);
	f.sequence += 3; /* of the same senders: these are missing */
	take(&f);
	assert_int_equal(f.core.w->agents[1].lost, 3);
	assert_int_equal(f.core.w->sources[1].lost, 3);
	fixture_close(&f);
}

/* The second window of a core has those of the first, and a generation gives its own to all. */
static void test_generation(void **state)
{
	static const char *const agents[] = {"10.0.0.0/8"};
	const int sockets[] = {-1, -1};
	struct fixture f;
	struct agent_senders *s = core_senders_make(
		&(struct agent_senders_options){.allow = {.agents = agents, .agent_count = 1}});
	struct window *beside;
	struct generation *g;

	fixture_open(&f);
	window_set_senders(f.core.w, s);
	beside = window_create_beside(f.core.w, -1);
	assert_ptr_equal(beside->senders, s);
	g = generation_create(f.plan, f.plan, s,
		&(struct generation_options){.hash = &f.hash,
			.merge = {.rx_cores = 2, .tsc_per_ms = 1},
			.limits = limits,
			.sockets = sockets});
	assert_non_null(g);
	for (unsigned i = 0; i < 2; i++) {
		assert_ptr_equal(g->spare[i]->senders, s);
		assert_ptr_equal(g->sealed[i]->senders, s);
	}
	assert_int_equal(s->references, 1 + 2 + 4);
	generation_destroy(g);
	window_destroy(beside);
	window_set_senders(f.core.w, s);
	window_set_senders(f.core.w, NULL);
	assert_int_equal(s->references, 1);
	agent_senders_unref(s);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_next_windows),
		cmocka_unit_test(test_allow),
		cmocka_unit_test(test_generation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
