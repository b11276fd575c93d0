/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core.h"

static const struct flow_spec specs[] = {
	{.name = "a", .keys = "ipsource", .value = "bytes", .n = 10, .t = 2, .capacity = 100},
	{.name = "b", .keys = "agent", .value = "frames", .n = 10, .t = 2, .capacity = 0},
};
static const struct window_limits limits = {.agents = 4, .sources = 8, .counter_bytes = 4096};

static void check_empty(const struct window *w)
{
	static const struct agent_window no_agent;
	static const struct source_window no_source;

	assert_int_equal(w->agent_count, 1);
	assert_int_equal(w->source_count, 1);
	assert_memory_equal(&w->agents[AGENT_OTHER], &no_agent, sizeof(no_agent));
	assert_memory_equal(&w->sources[AGENT_OTHER], &no_source, sizeof(no_source));
	assert_null(window_counter_next(w, NULL));
	for (unsigned i = 0; i < w->plan->definition_count; i++) {
		const struct window_definition *wd = &w->definitions[i];

		assert_int_equal(wd->table.capacity, w->plan->definitions[i].capacity);
		assert_int_equal(wd->table.count + wd->batch.count, 0);
		assert_int_equal(wd->counted + wd->keyless + wd->total, 0);
		assert_int_equal(wd->table.other_value + wd->table.other_samples, 0);
	}
	for (unsigned i = 0; i < INGRESS_STATS; i++)
		assert_int_equal(w->ingress[i], 0);
	for (unsigned i = 0; i < SFLOW_STATS; i++)
		assert_int_equal(w->sflow[i], 0);
	for (unsigned i = 0; i < WINDOW_STATS; i++)
		assert_int_equal(w->stats[i], 0);
}

static void test_create(void **state)
{
	struct flow_plan *plan = plan_make(specs, 2);
	struct window *w = window_create(plan, &limits, -1);

	assert_non_null(w);
	assert_ptr_equal(w->plan, plan);
	check_empty(w);
	window_open(w, 7, 100, 200);
	assert_int_equal(w->serial, 7);
	assert_int_equal(w->open_tsc, 100);
	assert_int_equal(w->open_wall_ns, 200);
	assert_true(window_memory(plan, &limits) > limits.counter_bytes + table_memory(100, 0));
	window_destroy(w);
	window_destroy(NULL);
	flow_plan_free(plan);
}

static void test_no_definitions(void **state)
{
	static struct collector idle;
	const struct window_limits none = {0};
	struct flow_plan *plan = plan_make(NULL, 0);
	struct window *w = window_create(plan, &none, -1);

	assert_non_null(w);
	check_empty(w);
	collect_flush(&idle, w);
	window_clear(w);
	check_empty(w);
	window_destroy(w);
	flow_plan_free(plan);
}

static void fill(struct core *core, uint32_t sequence)
{
	struct base_addr agent = core_agent(1);
	struct bytes_ip ip = core_ip(1, 2, 100);
	struct wire w = {.len = 0};

	bytes_datagram(&w, &agent, 0, sequence, 1000, 2);
	core_flow(&w, 3, sequence, 10, &ip);
	wire_close(&w, bytes_counter(&w, (struct sflow_source){.index = 3}, sequence, 0));
	core_take(core, &w, 5);
	core_take(core, &(struct wire){.len = 3}, 6);
	core->w->agents[AGENT_OTHER].datagrams++;
	core->w->sources[AGENT_OTHER].lost++;
	core->w->stats[WINDOW_BURSTS]++;
}

static void test_clear(void **state)
{
	struct flow_plan *plan = plan_make(specs, 2);
	struct base_hash hash;
	struct core core;

	assert_int_equal(base_hash_init(&hash), 0);
	core_open(&core, plan, &hash, &limits);
	for (uint64_t round = 1; round < 4; round++) {
		window_open(core.w, round, 0, 0);
		fill(&core, (uint32_t)round);
		collect_flush(&core.c, core.w);
		assert_int_equal(core.w->agent_count, 2);
		assert_int_equal(core.w->source_count, 2);
		assert_non_null(window_counter_next(core.w, NULL));
		window_clear(core.w);
		check_empty(core.w);
	}
	core_close(&core);
	flow_plan_free(plan);
}

static void test_stats(void **state)
{
	assert_string_equal(window_stats.name, "window");
	assert_int_equal(window_stats.count, WINDOW_STATS);
	for (unsigned i = 0; i < window_stats.count; i++) {
		assert_non_null(window_stats.defs[i].name);
		assert_non_null(window_stats.defs[i].unit);
		assert_non_null(window_stats.defs[i].help);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_no_definitions),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_stats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
