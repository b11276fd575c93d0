/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core.h"

/* The share of an agent: what is more is shed, and told apart from what is lost. */

enum { HZ = 1000000, MAD = 1, SAMPLES = 4 };

static const struct flow_spec specs[] = {
	{.name = "agents", .keys = "agent", .value = "frames", .capacity = 100, .t = 1}};
static const struct window_limits limits = {.agents = 4, .sources = 100, .counter_bytes = 65536};

struct fixture {
	struct base_hash hash;
	struct flow_plan *plan;
	struct core core;
};

static void fixture_open(struct fixture *f, uint64_t samples)
{
	assert_int_equal(base_hash_init(&f->hash), 0);
	f->plan = plan_make(specs, 1);
	core_open(&f->core, f->plan, &f->hash, &limits);
	f->core.c.share = base_bucket_rate(samples, HZ, HZ);
}

static void fixture_close(struct fixture *f)
{
	core_close(&f->core);
	flow_plan_free(f->plan);
}

/* @param says  samples by the header; SAMPLES are there, or none where it says none */
static void take(struct fixture *f, unsigned agent, uint32_t sequence, uint32_t says, uint64_t tsc)
{
	const struct base_addr addr = core_agent(agent);
	struct bytes_ip ip = core_ip(1, 2, 100);
	struct wire w = {.len = 0};

	bytes_datagram(&w, &addr, 0, sequence, 1000, says);
	for (uint32_t i = 0; says > 0 && i < SAMPLES; i++)
		core_flow(&w, 3, sequence * SAMPLES + i, 10, &ip);
	core_take(&f->core, &w, tsc);
}

static const struct agent_window *agent_at(const struct fixture *f, unsigned agent)
{
	for (uint32_t i = 1; i < f->core.w->agent_count; i++)
		if (f->core.w->agents[i].addr.bytes[3] == agent)
			return &f->core.w->agents[i];
	fail();
	return NULL;
}

/* One agent sends a hundred times what another does. */
static void test_fair(void **state)
{
	struct fixture f;
	const struct agent_window *mad, *honest;

	(void)state;
	fixture_open(&f, 40);
	for (uint32_t i = 0; i < 1000; i++) {
		uint64_t tsc = HZ + i * HZ / 100;

		take(&f, MAD, i + 1, SAMPLES, tsc);
		if (i % 100 == 0)
			take(&f, 2, i / 100 + 1, SAMPLES, tsc);
	}
	collect_flush(&f.core.c, f.core.w);
	assert_conserved(f.core.w->sflow);
	mad = agent_at(&f, MAD);
	honest = agent_at(&f, 2);
	assert_int_equal(honest->datagrams, 10);
	assert_int_equal(honest->flow_samples, 10 * SAMPLES);
	assert_int_equal(honest->shed, 0);
	/* A burst of a second, and ten seconds. */
	assert_in_range(mad->flow_samples, 11 * 40 - SAMPLES, 11 * 40 + 2 * SAMPLES);
	assert_int_equal(mad->datagrams, 1000);
	assert_int_equal(mad->shed, 1000 - mad->flow_samples / SAMPLES);
	assert_int_equal(mad->lost, 0);
	assert_int_equal(f.core.w->sflow[SFLOW_DROP_SHED], mad->shed);
	assert_int_equal(f.core.w->sflow[SFLOW_DATAGRAMS], 1010);
	/* Its samples are missing by their own numbers: so estimates know of it. */
	assert_true(f.core.w->sources[1].lost > 500);
	fixture_close(&f);
}

static void test_off(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, 0);
	for (uint32_t i = 0; i < 1000; i++)
		take(&f, MAD, i + 1, SAMPLES, 1);
	assert_int_equal(agent_at(&f, MAD)->shed, 0);
	assert_int_equal(agent_at(&f, MAD)->flow_samples, 1000 * SAMPLES);
	fixture_close(&f);
}

/* A datagram without samples is not free, and one that lies about them costs what can be in it. */
static void test_cost(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, 40);
	for (uint32_t i = 0; i < 100; i++)
		take(&f, 2, i + 1, 0, HZ);
	assert_int_equal(agent_at(&f, 2)->shed, 60);
	for (uint32_t i = 0; i < 100; i++)
		take(&f, 3, i + 1, UINT32_MAX, HZ);
	assert_in_range(agent_at(&f, 3)->shed, 90, 99);
	take(&f, 3, 101, SAMPLES, 6 * HZ); /* it has its share again, soon enough */
	assert_true(agent_at(&f, 3)->flow_samples % SAMPLES == 0);
	assert_in_range(agent_at(&f, 3)->shed, 90, 99);
	fixture_close(&f);
}

/* Those without room share one share. */
static void test_without_room(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, 40);
	for (uint32_t i = 0; i < 250; i++)
		take(&f, i, 1, SAMPLES, HZ);
	assert_in_range(
		f.core.w->sflow[SFLOW_DROP_SHED], 250 - 4 - 40 / SAMPLES, 250 - 4 - 40 / SAMPLES);
	assert_int_equal(f.core.w->agents[AGENT_OTHER].shed, f.core.w->sflow[SFLOW_DROP_SHED]);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fair),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_without_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
