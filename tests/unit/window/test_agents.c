/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core.h"
#include "window/agents.h"

enum { ROOM = 64 };

static const double TSC_PER_MS = 1000;
static const uint64_t OPEN_MS = 1700000000000;

struct fixture {
	struct base_hash hash;
	struct flow_plan *plan;
	struct known k;
	struct window *w;
	uint32_t agents[ROOM + 1];
	struct table_source sources[ROOM + 1];
};

static void fixture_open(struct fixture *f, uint32_t agents, uint32_t sources)
{
	const struct window_limits limits = {.agents = ROOM, .sources = ROOM, .counter_bytes = 64};

	assert_int_equal(base_hash_init(&f->hash), 0);
	f->plan = plan_make(NULL, 0);
	f->w = window_create(f->plan, &limits, -1);
	assert_non_null(f->w);
	window_open(f->w, 1, 5000, OPEN_MS * 1000000);
	assert_int_equal(known_init(&f->k, &f->hash, agents, sources), 0);
}

static void fixture_close(struct fixture *f)
{
	known_fini(&f->k);
	window_destroy(f->w);
	flow_plan_free(f->plan);
}

static void add(struct fixture *f)
{
	known_add(&f->k, f->w, f->agents, f->sources, TSC_PER_MS);
}

static uint32_t agent(struct fixture *f, uint32_t i, uint32_t sub_agent, uint32_t after_ms)
{
	struct base_addr addr = core_agent(i);

	return hand_agent(f->w, &addr, sub_agent, 5000 + after_ms * (uint64_t)TSC_PER_MS);
}

static uint32_t source(struct fixture *f, uint32_t number, uint32_t index)
{
	return hand_source(f->w, &f->hash, number, (struct sflow_source){.index = index});
}

static void test_first(void **state)
{
	const struct known_agent *a;
	const struct known_source *s;
	struct fixture f;
	uint32_t number;

	fixture_open(&f, 10, 10);
	number = agent(&f, 1, 3, 250);
	f.w->agents[number].uptime_ms = 99;
	f.w->agents[number].lost = 4;
	source(&f, number, 10);
	hand_source(f.w, &f.hash, number, (struct sflow_source){.class = 2, .index = 1});
	f.w->sources[1].sampling_rate = 1000;
	f.w->sources[1].flow_samples = 5;
	f.w->sources[1].pool = 4000;
	f.w->sources[1].pool_samples = 4;
	add(&f);
	assert_int_equal(f.agents[AGENT_OTHER], KNOWN_OTHER);
	assert_int_equal(f.sources[AGENT_OTHER].number, KNOWN_OTHER);
	a = known_agent_at(&f.k, f.agents[1]);
	assert_true(a->live && a->changed);
	assert_string_equal(a->text, "192.0.0.1");
	assert_int_equal(a->sources, 2);
	assert_int_equal(a->first_ms, OPEN_MS + 250);
	assert_int_equal(a->seen_ms, OPEN_MS + 250);
	assert_int_equal(a->uptime_ms, 99);
	assert_int_equal(a->lost, 4);
	s = known_source_at(&f.k, f.sources[1].number);
	assert_string_equal(s->text, "10");
	assert_int_equal(s->agent, f.agents[1]);
	assert_int_equal(s->sub_agent, 3);
	assert_int_equal(s->sampling_rate, 1000);
	assert_int_equal(s->flow_samples, 5);
	assert_int_equal(s->pool, 4000);
	assert_int_equal(s->pool_samples, 4);
	assert_string_equal(known_source_at(&f.k, f.sources[2].number)->text, "2.1");
	assert_int_equal(f.k.agents_live, 1);
	assert_int_equal(f.k.sources_live, 2);
	fixture_close(&f);
}

/* Two sub-agents are one agent, but their data sources are not the same. */
static void test_sub_agents(void **state)
{
	struct fixture f;

	fixture_open(&f, 10, 10);
	source(&f, agent(&f, 1, 0, 10), 5);
	source(&f, agent(&f, 1, 1, 20), 5);
	add(&f);
	assert_int_equal(f.agents[1], f.agents[2]);
	assert_true(f.sources[1].number != f.sources[2].number);
	assert_int_equal(known_agent_at(&f.k, f.agents[1])->datagrams, 2);
	assert_int_equal(known_agent_at(&f.k, f.agents[1])->sources, 2);
	assert_int_equal(f.k.agents_live, 1);
	fixture_close(&f);
}

/* Numbers stay, whatever order a window has them in; counts add up. */
static void test_many_windows(void **state)
{
	uint32_t number[ROOM] = {0}, source_number[ROOM] = {0};
	struct fixture f;

	fixture_open(&f, ROOM, ROOM);
	for (uint32_t round = 0; round < 10; round++) {
		window_clear(f.w);
		window_open(f.w, round + 1, 5000, (OPEN_MS + 1000 * round) * 1000000);
		for (uint32_t i = 0; i < ROOM; i++)
			source(&f, agent(&f, (i * 7 + round) % ROOM, 0, i), i);
		add(&f);
		for (uint32_t i = 0; i < ROOM; i++) {
			uint32_t name = (i * 7 + round) % ROOM;
			const struct known_agent *a = known_agent_at(&f.k, f.agents[i + 1]);

			if (round == 0)
				number[name] = f.agents[i + 1];
			assert_int_equal(f.agents[i + 1], number[name]);
			assert_int_equal(a->datagrams, round + 1);
			assert_int_equal(a->seen_ms, OPEN_MS + 1000 * round + i);
			if (round == 0)
				source_number[i] = f.sources[i + 1].number;
		}
	}
	assert_int_equal(f.k.agents_live, ROOM);
	/* In each round other agents had these sources: there was room for the first only. */
	assert_int_equal(f.k.sources_live, ROOM);
	assert_int_equal(known_source_at(&f.k, source_number[0])->agent, number[0]);
	fixture_close(&f);
}

static void test_full(void **state)
{
	const struct known_agent *other;
	struct fixture f;

	fixture_open(&f, 2, 2);
	for (uint32_t i = 1; i <= 4; i++)
		source(&f, agent(&f, i, 0, i), 1);
	source(&f, 1, 2);
	f.w->agents[AGENT_OTHER].datagrams = 5;
	add(&f);
	other = known_agent_at(&f.k, KNOWN_OTHER);
	assert_string_equal(other->text, "other");
	assert_true(f.agents[1] != KNOWN_OTHER && f.agents[2] != KNOWN_OTHER);
	assert_int_equal(f.agents[3], KNOWN_OTHER);
	assert_int_equal(f.agents[4], KNOWN_OTHER);
	assert_int_equal(other->datagrams, 5 + 2);
	assert_int_equal(f.sources[3].number, KNOWN_OTHER);
	assert_int_equal(f.sources[5].number, KNOWN_OTHER);
	assert_int_equal(f.k.agents_live, 2);
	assert_int_equal(f.k.sources_live, 2);
	fixture_close(&f);
}

static void test_expire(void **state)
{
	struct known_source *held;
	struct fixture f;
	uint32_t kept;

	fixture_open(&f, 10, 10);
	source(&f, agent(&f, 1, 0, 0), 1);
	source(&f, agent(&f, 2, 0, 500), 1);
	source(&f, agent(&f, 3, 0, 0), 1);
	add(&f);
	kept = f.sources[3].number;
	held = known_source_at(&f.k, kept);
	held->sightings = 1;
	known_expire(&f.k, OPEN_MS + 1000, 1000);
	assert_int_equal(f.k.agents_live, 3);
	known_expire(&f.k, OPEN_MS + 1001, 1000);
	assert_int_equal(f.k.agents_live, 2); /* 2 was heard later, 3 is held by a sighting */
	assert_int_equal(f.k.sources_live, 2);
	assert_false(known_agent_at(&f.k, f.agents[1])->live);
	assert_true(known_agent_at(&f.k, f.agents[2])->live);
	assert_true(held->live);
	known_expire(&f.k, OPEN_MS - 1000, 0); /* the clock was set back */
	assert_int_equal(f.k.agents_live, 2);
	held->sightings = 0;
	known_expire(&f.k, OPEN_MS + 100000, 1000);
	assert_int_equal(f.k.agents_live, 0);
	assert_int_equal(f.k.sources_live, 0);
	assert_string_equal(known_agent_at(&f.k, KNOWN_OTHER)->text, "other");

	/* Room again, and a fresh start. */
	add(&f);
	assert_int_equal(f.k.agents_live, 3);
	assert_int_equal(known_agent_at(&f.k, f.agents[1])->datagrams, 1);
	fixture_close(&f);
}

/* The clock of the machine was set forward by a day: nobody was silent for that. */
static void test_forward(void **state)
{
	enum { DAY_MS = 86400000 };
	struct fixture f;

	(void)state;
	fixture_open(&f, 10, 10);
	source(&f, agent(&f, 1, 0, 0), 1);
	add(&f);
	known_forward(&f.k, DAY_MS);
	known_expire(&f.k, OPEN_MS + DAY_MS + 1000, 1000);
	assert_int_equal(f.k.sources_live, 1);
	known_expire(&f.k, OPEN_MS + DAY_MS + 1001, 1000);
	assert_int_equal(f.k.sources_live, 0);
	assert_int_equal(f.k.agents_live, 0);
	fixture_close(&f);
}

/* The clock of the core may be a little behind that of the aggregator. */
static void test_time(void **state)
{
	struct fixture f;

	fixture_open(&f, 10, 10);
	assert_int_equal(known_ms(f.w, 5000, TSC_PER_MS), OPEN_MS);
	assert_int_equal(known_ms(f.w, 5000 + 1500, TSC_PER_MS), OPEN_MS + 1);
	assert_int_equal(known_ms(f.w, 5000 - 10, TSC_PER_MS), OPEN_MS);
	assert_int_equal(known_ms(f.w, 5000 - 2000, TSC_PER_MS), OPEN_MS - 2);
	assert_int_equal(
		known_ms(f.w, 5000 + UINT64_C(86400000) * 1000, TSC_PER_MS), OPEN_MS + 86400000);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_sub_agents),
		cmocka_unit_test(test_many_windows),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_expire),
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
