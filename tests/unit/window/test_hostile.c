/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core.h"
#include "window/agents.h"
#include "window/keep.h"

/* What one who sends more than a share leaves to others. */

static const struct flow_spec spec = {
	.name = "agents", .keys = "agent", .value = "frames", .capacity = 1000};

struct fixture {
	struct flow_plan *plan;
	struct base_hash hash;
	struct core core;
	struct window *w;
	uint32_t sequence;
	uint64_t serial;
};

static void fixture_open(struct fixture *f, const struct window_limits *limits)
{
	*f = (struct fixture){.plan = plan_make(&spec, 1), .serial = 1};
	assert_int_equal(base_hash_init(&f->hash), 0);
	core_open(&f->core, f->plan, &f->hash, limits);
	f->w = f->core.w;
}

static void fixture_close(struct fixture *f)
{
	core_close(&f->core);
	flow_plan_free(f->plan);
}

static void next_window(struct fixture *f)
{
	collect_flush(&f->core.c, f->w);
	assert_conserved(f->w->sflow);
	window_clear(f->w);
	window_open(f->w, ++f->serial, 0, 0);
}

static void take_flow(struct fixture *f, uint32_t agent, uint32_t source)
{
	struct base_addr addr = core_agent(agent);
	struct bytes_ip ip = core_ip(1, 2, 100);
	struct wire w = {.len = 0};

	f->sequence++;
	bytes_datagram(&w, &addr, 0, f->sequence, 1000, 1);
	core_flow(&w, source, f->sequence, 10, &ip);
	core_take(&f->core, &w, f->sequence);
}

/* @return whether it was kept */
static bool take_counter(struct fixture *f, uint32_t agent, uint32_t source)
{
	uint64_t before = f->w->stats[WINDOW_COUNTERS_KEPT];
	struct base_addr addr = core_agent(agent);
	struct wire w = {.len = 0};
	uint32_t sample, record;

	f->sequence++;
	bytes_datagram(&w, &addr, 0, f->sequence, 1000, 1);
	sample = bytes_counter(&w, (struct sflow_source){.index = source}, f->sequence, 1);
	record = wire_open(&w, SFLOW_TAG(0, 1));
	for (uint32_t i = 0; i < 22; i++)
		wire_u32(&w, i);
	wire_close(&w, record);
	wire_close(&w, sample);
	core_take(&f->core, &w, f->sequence);
	return f->w->stats[WINDOW_COUNTERS_KEPT] > before;
}

static const struct window_limits roomy = {.agents = 100, .sources = 1000, .counter_bytes = 65536};

/* Who may not send takes no room, and each reason is counted within the sums. */
static void test_allow(void **state)
{
	static const char *const agents[] = {"192.0.0.0/30"}, *const relays[] = {"10.9.9.9"};
	const struct agent_senders_options o = {.allow = {.agents = agents,
							.agent_count = 1,
							.relays = relays,
							.relay_count = 1,
							.source_is_agent = true}};
	struct fixture f;

	fixture_open(&f, &roomy);
	core_senders(&f.core, &o);
	f.core.from = core_agent(1);
	take_flow(&f, 1, 1);
	take_flow(&f, 2, 1);
	f.core.from = core_agent(9);
	take_flow(&f, 9, 1);
	assert_int_equal(base_addr_parse("10.9.9.9", &f.core.from), 0);
	take_flow(&f, 3, 1);
	take_flow(&f, 5, 1);
	collect_flush(&f.core.c, f.w);
	assert_int_equal(f.w->sflow[SFLOW_DATAGRAMS], 5);
	assert_int_equal(f.w->sflow[SFLOW_DATAGRAMS_DECODED], 2);
	assert_int_equal(f.w->sflow[SFLOW_DROP_SOURCE_NOT_AGENT], 1);
	assert_int_equal(f.w->sflow[SFLOW_DROP_AGENT_NOT_ALLOWED], 2);
	assert_int_equal(f.w->sflow[SFLOW_FLOW_SAMPLES], 2);
	assert_int_equal(f.w->agent_count, 3);
	assert_int_equal(f.w->definitions[0].counted, 2);
	assert_conserved(f.w->sflow);
	fixture_close(&f);
}

/* Agents that are known keep their names and their data sources, whoever comes. */
static void test_agents(void **state)
{
	const struct window_limits limits = {.agents = 20, .sources = 200, .counter_bytes = 4096};
	struct fixture f;

	fixture_open(&f, &limits);
	for (uint32_t agent = 1; agent <= 10; agent++)
		take_flow(&f, agent, agent);
	for (unsigned window = 0; window < 5; window++) {
		next_window(&f);
		for (uint32_t i = 0; i < 1000; i++)
			take_flow(&f, 1000 + i + window * 1000, i);
		for (uint32_t i = 0; i < 1000; i++)
			take_flow(&f, 1, 1000 + i);
		for (uint32_t agent = 1; agent <= 10; agent++)
			take_flow(&f, agent, agent);
		for (uint32_t i = 1; i < f.w->source_count; i++)
			assert_int_equal(f.w->sources[i].kind, SOURCE_PORT);
		/* The last ten of each window are those who came first of all. */
		assert_int_equal(f.w->agents[AGENT_OTHER].datagrams, 1000 - (window == 0 ? 10 : 0));
	}
	fixture_close(&f);
}

/* One agent that is known, or ever so many that are not, leave half of the room for counters to others. */
static void test_counters(void **state)
{
	struct fixture f;
	uint32_t kept = 0;

	fixture_open(&f, &roomy);
	for (uint32_t agent = 1; agent <= 3; agent++)
		assert_true(take_counter(&f, agent, 1));
	next_window(&f);
	while (take_counter(&f, 1, ++kept))
		;
	assert_in_range(
		f.w->counters_used, roomy.counter_bytes / 2 - 400, roomy.counter_bytes / 2 + 400);
	assert_int_equal(f.w->agents[1].counter_bytes, f.w->counters_used);
	/* Another one, as much of what is left. */
	while (take_counter(&f, 2, ++kept))
		;
	assert_in_range(f.w->counters_used, roomy.counter_bytes / 4 * 3 - 400,
		roomy.counter_bytes / 4 * 3 + 400);
	assert_true(take_counter(&f, 3, 1));
	next_window(&f);
	for (uint32_t i = 0; i < 90; i++) {
		for (uint32_t j = 0; j < 10; j++)
			take_counter(&f, 1000 + i, j);
	}
	assert_true(f.w->stats[WINDOW_COUNTERS_FULL] > 0);
	assert_true(f.w->counters_used <= roomy.counter_bytes / 2);
	for (uint32_t i = 0; i < 50; i++)
		assert_true(take_counter(&f, 3, i));
	fixture_close(&f);
}

/* The aggregator has the rule of RX cores, over all of them. */
static void test_known_sources(void **state)
{
	enum { ROOM = 1000 };
	const struct window_limits limits = {
		.agents = 10, .sources = 4 * ROOM, .counter_bytes = 64};
	struct table_source *sources = calloc(4 * ROOM + 1, sizeof(*sources));
	uint32_t agents[11], number[3];
	struct fixture f;
	struct known k;

	assert_non_null(sources);
	fixture_open(&f, &limits);
	assert_int_equal(known_init(&k, &f.hash, 10, ROOM), 0);
	for (uint32_t i = 0; i < 3; i++) {
		struct base_addr addr = core_agent(i);

		number[i] = hand_agent(f.w, &addr, 0, 0);
	}
	for (uint32_t i = 0; i < ROOM; i++)
		hand_source(f.w, &f.hash, number[0], (struct sflow_source){.index = i});
	for (uint32_t i = 0; i < ROOM; i++)
		hand_source(f.w, &f.hash, number[1], (struct sflow_source){.index = i});
	for (uint32_t i = 0; i < 100; i++)
		hand_source(f.w, &f.hash, number[2], (struct sflow_source){.index = i});
	known_add(&k, f.w, agents, sources, 1);
	assert_int_equal(known_agent_at(&k, agents[number[0]])->sources, 500);
	assert_int_equal(known_agent_at(&k, agents[number[1]])->sources, 250);
	assert_int_equal(known_agent_at(&k, agents[number[2]])->sources, 100);
	assert_int_equal(k.sources_live, 850);
	known_fini(&k);
	free(sources);
	fixture_close(&f);
}

/* ---- floods of keys ---- */

enum { ROOM = 300, HONEST = 100, CORES = 2 };

static const struct flow_spec pairs = {
	.name = "pairs", .keys = "ipsource", .value = "frames", .t = 2, .capacity = ROOM};

struct collectors {
	struct flow_plan *plan;
	struct base_hash hash;
	struct core core[CORES];
	struct merge *m;
	uint32_t sequence, stranger;
	uint64_t serial, now_ms;
};

static void take_pair(struct collectors *c, unsigned core, uint32_t source)
{
	struct base_addr addr = core_agent(core);
	struct bytes_ip ip = core_ip(source, 2, 100);
	struct wire w = {.len = 0};

	c->sequence++;
	bytes_datagram(&w, &addr, 0, c->sequence, 1000, 1);
	core_flow(&w, 1, c->sequence, 1, &ip);
	core_take(&c->core[core], &w, c->sequence);
}

/* A window: of a flood, if any, then honest flows, each at its own core, some of which do not come. */
static void fill(struct collectors *c, uint32_t strangers, unsigned skipped)
{
	for (unsigned i = 0; i < CORES; i++) {
		for (uint32_t j = 0; j < strangers; j++)
			take_pair(c, i, 0xF0000000 + c->stranger++);
		for (uint32_t j = 0; j < HONEST; j++)
			if (skipped == 0 || j % 4 != skipped % 4)
				take_pair(c, i, 1000 * i + j);
		collect_flush(&c->core[i].c, c->core[i].w);
	}
}

static uint32_t honest(const struct collectors *c, unsigned core)
{
	const struct table *t = &c->core[core].w->definitions[0].table;
	uint32_t found = 0;

	for (uint32_t i = 0; i < t->count; i++)
		found += base_get_u32(table_key(t, table_entry_at(t, i))) < 1000 * CORES;
	return found;
}

/* As the aggregator does it, but that the window is its own spare. */
static void close_window(struct collectors *c)
{
	for (unsigned i = 0; i < CORES; i++) {
		c->core[i].w->core = i;
		merge_window(c->m, c->core[i].w);
		window_clear(c->core[i].w);
		c->m->spares[i] = c->core[i].w;
	}
	c->now_ms += 1000;
	merge_close(c->m, 1, c->now_ms);
	merge_keep(c->m);
	merge_next(c->m);
	assert_int_equal(c->m->imbalances, 0);
	c->serial++;
	for (unsigned i = 0; i < CORES; i++)
		window_open(c->core[i].w, c->serial, 0, c->now_ms * 1000000);
}

static void collectors_open(struct collectors *c)
{
	const struct merge_options options = {.rx_cores = CORES,
		.agents = 10,
		.sources = 10,
		.expire_ms = 60000,
		.tsc_per_ms = 1};

	*c = (struct collectors){.plan = plan_make(&pairs, 1), .serial = 1, .now_ms = 1000};
	assert_int_equal(base_hash_init(&c->hash), 0);
	for (unsigned i = 0; i < CORES; i++)
		core_open(&c->core[i], c->plan, &c->hash, &roomy);
	c->m = merge_create(c->plan, &c->hash, &options);
	assert_non_null(c->m);
}

static void collectors_close(struct collectors *c)
{
	merge_destroy(c->m);
	for (unsigned i = 0; i < CORES; i++)
		core_close(&c->core[i]);
	flow_plan_free(c->plan);
}

/* Flows that came before the flood have their places, though it comes first, and though some stay away at times. */
static void test_keys(void **state)
{
	struct collectors c;

	collectors_open(&c);
	for (unsigned window = 0; window < 3; window++) {
		fill(&c, 0, 0);
		assert_int_equal(honest(&c, 0), HONEST);
		assert_false(c.core[0].w->definitions[0].table.keep.on);
		close_window(&c);
	}
	fill(&c, 1000, 0); /* it comes as a surprise */
	assert_int_equal(honest(&c, 0), 0);
	for (unsigned window = 1; window <= 20; window++) {
		close_window(&c);
		fill(&c, 1000, window);
		for (unsigned i = 0; i < CORES; i++) {
			const struct table *t = &c.core[i].w->definitions[0].table;

			assert_true(t->keep.on);
			assert_int_equal(honest(&c, i), HONEST - HONEST / 4);
			/* A few of those of the flood are taken for known. */
			assert_in_range(t->keep.strangers, 0, 0);
			assert_in_range(t->count, ROOM - 2 * HONEST / 4, ROOM);
		}
		assert_true(merge_keys(&c.m->definitions[0]) <= CORES * ROOM * 3 + ROOM);
	}
	close_window(&c);
	fill(&c, 0, 0);
	close_window(&c);
	fill(&c, 0, 0);
	assert_false(c.core[0].w->definitions[0].table.keep.on);
	collectors_close(&c);
}

/* A flood whose keys come often is made of flows like any other: those with the most samples have the places. */
static void test_frequent_keys(void **state)
{
	struct collectors c;

	collectors_open(&c);
	for (unsigned window = 0; window < 8; window++) {
		const struct table *t = &c.core[0].w->definitions[0].table;

		for (unsigned i = 0; i < 8; i++)
			fill(&c, 0, 0);
		for (unsigned i = 0; i < 2; i++)
			for (uint32_t j = 0; j < 10 * ROOM; j++)
				take_pair(&c, 0, 0xF0000000 + j);
		collect_flush(&c.core[0].c, c.core[0].w);
		assert_int_equal(honest(&c, 0), HONEST);
		if (window > 0) {
			assert_true(t->keep.on);
			assert_in_range(t->count, ROOM - HONEST, ROOM);
		}
		close_window(&c);
		assert_true(t->keep.strangers >= ROOM / 4);
	}
	collectors_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allow),
		cmocka_unit_test(test_agents),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_known_sources),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_frequent_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
