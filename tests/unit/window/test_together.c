/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core.h"

/* Definitions whose flows are at agents, from datagrams to merged state. */

static const struct window_limits roomy = {.agents = 100, .sources = 100, .counter_bytes = 65536};

/* One of two data sources of an agent; `sub_agent` is not part of who it is. */
static void take_of(struct core *core, uint32_t agent, uint32_t sub_agent, uint32_t source)
{
	struct base_addr addr = core_agent(agent);
	struct bytes_ip ip = core_ip(1, 2, 100);
	struct wire w = {.len = 0};

	bytes_datagram(&w, &addr, sub_agent, 1, 1000, 1);
	core_flow(&w, source, 1, 10, &ip);
	core_take(core, &w, 1);
}

/* A flow of a definition that counts by agent: where it is seen, and the rate it has there. */
static void check_together(struct merge *m, unsigned definition)
{
	const struct sightings *flows = m->definitions[definition].flows;

	assert_int_equal(flows->sightings.count, 2);
	for (uint32_t i = 0; i < flows->sightings.count; i++) {
		const struct sighting *g = sighting_at(flows, i);
		const struct known_source *s = known_source_at(&m->known, g->source);
		const struct base_addr *addr = &known_agent_at(&m->known, s->agent)->addr;

		assert_int_equal(s->kind, SOURCE_AGENT);
		assert_string_equal(s->text, "");
		assert_int_equal(g->value, 10 * (addr->bytes[3] == 1 ? 3 : 1));
	}
}

/* aggMode AGENT: all data sources of an agent's address have one table; others go on by themselves. */
static void test_together(void **state)
{
	static const struct flow_spec by_agent[] = {
		{.name = "agents",
			.keys = "ipsource",
			.value = "frames",
			.capacity = 100,
			.t = 1,
			.merge = FLOW_MERGE_AGENT},
		{.name = "ports", .keys = "ipsource", .value = "frames", .capacity = 100, .t = 1},
	};
	const struct merge_options options = {
		.rx_cores = 1, .agents = 8, .sources = 8, .expire_ms = 1000, .tsc_per_ms = 1};
	struct flow_plan *plan = plan_make(by_agent, 2);
	struct base_hash hash;
	struct core core;
	struct merge *m;

	assert_int_equal(base_hash_init(&hash), 0);
	assert_int_equal(plan->definitions[1].shares, 1);
	core_open(&core, plan, &hash, &roomy);
	take_of(&core, 1, 0, 3);
	take_of(&core, 1, 0, 4);
	take_of(&core, 1, 7, 3);
	take_of(&core, 2, 0, 3);
	collect_flush(&core.c, core.w);
	m = merge_create(plan, &hash, &options);
	merge_window(m, core.w);
	check_together(m, 0);
	assert_int_equal(m->definitions[1].flows->sightings.count, 4);
	assert_int_equal(m->known.sources_live, 6);
	assert_int_equal(m->known.together_live, 2);
	merge_close(m, 1, 1000);
	assert_merge_conserved(m);
	merge_close(m, 100, 101000); /* all of it is forgotten */
	merge_close(m, 100, 201000);
	assert_int_equal(m->known.sources_live, 0);
	assert_int_equal(m->known.together_live, 0);
	merge_destroy(m);
	core_close(&core);
	flow_plan_free(plan);
}

/* What stands for agents takes no places from data sources, in a window as in what is merged. */
static void test_room(void **state)
{
	static const struct flow_spec by_agent = {.name = "agents",
		.keys = "ipsource",
		.value = "frames",
		.capacity = 100,
		.merge = FLOW_MERGE_AGENT};
	const struct window_limits tight = {.agents = 2, .sources = 4, .counter_bytes = 65536};
	const struct merge_options options = {
		.rx_cores = 1, .agents = 2, .sources = 4, .expire_ms = 1000, .tsc_per_ms = 1};
	struct flow_plan *plan = plan_make(&by_agent, 1);
	struct base_hash hash;
	struct core core;
	struct merge *m;

	(void)state;
	assert_int_equal(base_hash_init(&hash), 0);
	core_open(&core, plan, &hash, &tight);
	for (uint32_t i = 0; i < 4; i++)
		take_of(&core, 1 + i % 2, 0, 1 + i / 2);
	collect_flush(&core.c, core.w);
	assert_int_equal(core.w->stats[WINDOW_OTHER_SAMPLES], 0);
	assert_int_equal(core.w->source_count, 1 + 4 + 2);
	m = merge_create(plan, &hash, &options);
	merge_window(m, core.w);
	assert_int_equal(m->known.sources_live, 6);
	assert_int_equal(m->known.together_live, 2);
	merge_close(m, 1, 1000);
	assert_merge_conserved(m);
	merge_destroy(m);
	core_close(&core);
	flow_plan_free(plan);
}

/* A source that finds no place in a window is not numbered there, and has lost nothing in the next one. */
static void test_without_place(void **state)
{
	static const struct flow_spec ports = {
		.name = "ports", .keys = "ipsource", .value = "frames", .capacity = 100};
	const struct base_addr addr = core_agent(1);
	const struct bytes_ip ip = core_ip(1, 2, 100);
	struct flow_plan *plan = plan_make(&ports, 1);
	struct base_hash hash;
	struct core core;

	(void)state;
	assert_int_equal(base_hash_init(&hash), 0);
	core_open(&core, plan, &hash, &roomy);
	for (uint32_t i = 1; i <= 30; i++) {
		struct wire w = {.len = 0};

		if (i % 10 == 1) {
			collect_flush(&core.c, core.w);
			window_clear(core.w);
			window_open(core.w, i, 0, 0);
			core.w->limits.sources = i == 11 ? 1 : roomy.sources;
		}
		bytes_datagram(&w, &addr, 0, i, 1000, 2);
		core_flow(&w, 1, i, 10, &ip);
		core_flow(&w, 2, i, 10, &ip);
		core_take(&core, &w, i);
	}
	collect_flush(&core.c, core.w);
	assert_int_equal(core.w->source_count, 1 + 2);
	for (uint32_t i = 1; i <= 2; i++) {
		assert_int_equal(core.w->sources[i].lost, 0);
		assert_int_equal(core.w->sources[i].flow_samples, 10);
	}
	core_close(&core);
	flow_plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_without_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
