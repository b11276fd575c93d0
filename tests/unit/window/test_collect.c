/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "core.h"

enum { FEW_PAIRS, FEW_AGENTS, PAIRS, AGENTS, PORTS, WEB, DROPS, DROPS_TTL, DEFINITIONS };

static const struct flow_spec specs[DEFINITIONS] = {
	{.name = "few-pairs",
		.keys = "ipsource,ipdestination",
		.value = "frames",
		.capacity = 1000,
		.filter = "udpdestinationport!=1"},
	{.name = "few-agents",
		.keys = "agent",
		.value = "frames",
		.capacity = 1000,
		.filter = "udpdestinationport!=1"},
	{.name = "pairs", .keys = "ipsource,ipdestination", .value = "bytes", .capacity = 1000},
	{.name = "agents", .keys = "agent", .value = "frames", .capacity = 1000},
	{.name = "ports", .keys = "udpdestinationport", .value = "bytes", .capacity = 2},
	{.name = "web",
		.keys = "tcpdestinationport",
		.value = "bytes",
		.capacity = 1000,
		.filter = "ipprotocol=6&tcpdestinationport~'443|1'|udpdestinationport=2"},
	{.name = "drops", .keys = "reason", .value = "frames", .capacity = 1000, .dropped = true},
	{.name = "drops-ttl",
		.keys = "ipsource,outputifindex",
		.value = "bytes",
		.capacity = 1000,
		.filter = "reason=ttl_exceeded",
		.dropped = true},
};

struct fixture {
	struct flow_plan *plan;
	struct base_hash hash;
	struct core core;
	struct window *w; /* the core's */
};

static void fixture_open(struct fixture *f, const struct window_limits *limits)
{
	f->plan = plan_make(specs, DEFINITIONS);
	assert_int_equal(base_hash_init(&f->hash), 0);
	core_open(&f->core, f->plan, &f->hash, limits);
	f->w = f->core.w;
}

static void fixture_close(struct fixture *f)
{
	core_close(&f->core);
	flow_plan_free(f->plan);
}

static const struct window_limits roomy = {.agents = 100, .sources = 100, .counter_bytes = 65536};

/* Sums that hold whenever the batch is written out. */
static void check_conserved(struct core *core)
{
	struct window *w = core->w;
	const uint64_t *s = w->sflow;

	collect_flush(&core->c, w);
	assert_conserved(s);
	for (unsigned i = 0; i < w->plan->definition_count; i++) {
		const struct window_definition *wd = &w->definitions[i];
		uint64_t sum = wd->table.other_value, samples = wd->table.other_samples;

		for (uint32_t j = 0; j < wd->table.count; j++) {
			sum = table_sum(sum, table_entry_at(&wd->table, j)->value);
			samples += table_entry_at(&wd->table, j)->samples;
		}
		assert_true(wd->total == sum);
		assert_int_equal(wd->counted, samples);
		assert_int_equal(wd->counted + wd->filtered + wd->keyless,
			s[i < DROPS ? SFLOW_FLOW_SAMPLES : SFLOW_DISCARD_SAMPLES]);
	}
}

/* One key has one hash, and one question one answer, whichever definition comes first. */
static void check_shared(const struct window *w)
{
	const struct window_definition *d = w->definitions;
	const struct table *few = &w->definitions[FEW_PAIRS].table,
			   *all = &w->definitions[PAIRS].table;
	uint32_t found = 0;

	for (uint32_t i = 0; i < few->count; i++) {
		const struct table_entry *e = table_entry_at(few, i), *o;

		for (uint32_t j = 0; j < all->count; j++) {
			o = table_entry_at(all, j);
			found += e->hash == o->hash && e->source == o->source &&
				 memcmp(table_key(few, e), table_key(all, o), 8) == 0;
		}
	}
	assert_int_equal(found, few->count);
	assert_int_equal(d[FEW_PAIRS].filtered, d[FEW_AGENTS].filtered);
	assert_int_equal(d[FEW_PAIRS].counted + d[FEW_PAIRS].keyless, d[FEW_AGENTS].counted);
}

/* What was staged of a key, one behind the other, is what was hashed. */
static void check_hashes(const struct fixture *f, const struct table *t)
{
	for (uint32_t j = 0; j < t->count; j++) {
		const struct table_entry *e = table_entry_at(t, j);
		uint64_t key = base_hash_bytes(&f->hash, table_key(t, e), table_key_len(t, e));

		assert_int_equal(
			e->hash, table_index_hash(table_hash(key, f->w->sources[e->source].hash)));
	}
}

static const struct table_entry *entry_of(
	const struct window *w, unsigned definition, const char *text)
{
	const struct table *t = &w->definitions[definition].table;

	for (uint32_t i = 0; i < t->count; i++) {
		const struct table_entry *e = table_entry_at(t, i);
		char buf[100];
		struct base_text out = base_text(buf, sizeof(buf));

		flow_key_print(w->plan, &w->plan->definitions[definition], table_key(t, e),
			table_key_len(t, e), &out);
		if (strcmp(buf, text) == 0)
			return e;
	}
	fail_msg("no flow %s", text);
	return NULL;
}

/* A datagram with one flow sample of one packet. */
static void take_flow(struct fixture *f, uint32_t agent, uint32_t sequence, uint32_t source)
{
	struct base_addr addr = core_agent(agent);
	struct bytes_ip ip = core_ip(agent, source, 100);
	struct wire w = {.len = 0};

	bytes_datagram(&w, &addr, 0, sequence, 1000 * sequence, 1);
	core_flow(&w, source, sequence, 10, &ip);
	core_take(&f->core, &w, sequence);
}

static void test_one_datagram(void **state)
{
	struct base_addr addr = core_agent(1);
	struct bytes_ip tcp = core_ip(0x0A000001, 0x0A000002, 100), udp = tcp;
	struct wire w = {.len = 0};
	struct fixture f;
	const struct table_entry *e;

	fixture_open(&f, &roomy);
	udp.protocol = 17;
	bytes_datagram(&w, &addr, 7, 100, 5000, 3);
	core_flow(&w, 3, 1, 10, &tcp);
	core_flow(&w, 4, 1, 20, &udp);
	core_flow(&w, 3, 2, 10, &tcp);
	core_take(&f.core, &w, 12345);
	check_conserved(&f.core);

	assert_int_equal(f.w->agent_count, 2);
	assert_true(base_addr_equal(&f.w->agents[1].addr, &addr));
	assert_int_equal(f.w->agents[1].sub_agent, 7);
	assert_int_equal(f.w->agents[1].uptime_ms, 5000);
	assert_int_equal(f.w->agents[1].last_tsc, 12345);
	assert_int_equal(f.w->agents[1].datagrams, 1);
	assert_int_equal(f.w->agents[1].flow_samples, 3);
	assert_int_equal(f.w->source_count, 3);
	assert_int_equal(f.w->sources[1].source.index, 3);
	assert_int_equal(f.w->sources[1].agent, 1);
	assert_int_equal(f.w->sources[1].flow_samples, 2);
	assert_int_equal(f.w->sources[1].sampling_rate, 10);
	assert_int_equal(f.w->sources[1].pool, 10);
	assert_int_equal(f.w->sources[1].pool_samples, 1);
	assert_int_equal(f.w->sources[2].source.index, 4);
	assert_true(f.w->sources[1].hash != f.w->sources[2].hash);

	/* Pairs: one flow for each data source. */
	assert_int_equal(f.w->definitions[PAIRS].table.count, 2);
	assert_int_equal(f.w->definitions[PAIRS].total, 2 * 1000 + 2000);
	e = entry_of(f.w, PAIRS, "10.0.0.1,10.0.0.2");
	assert_int_equal(e->source, 1);
	assert_int_equal(e->value, 2000);
	assert_int_equal(e->samples, 2);
	e = entry_of(f.w, AGENTS, "192.0.0.1");
	assert_int_equal(e->value, 20);
	assert_int_equal(f.w->definitions[AGENTS].total, 40);
	/* Ports: a TCP packet has no UDP port. */
	assert_int_equal(f.w->definitions[PORTS].keyless, 2);
	assert_int_equal(f.w->definitions[PORTS].counted, 1);
	assert_int_equal(entry_of(f.w, PORTS, "443")->value, 2000);
	/* Web: TCP to 443; of UDP, the filter wants another port. */
	assert_int_equal(f.w->definitions[WEB].counted, 2);
	assert_int_equal(f.w->definitions[WEB].filtered, 1);
	assert_int_equal(f.w->definitions[WEB].keyless, 0);
	assert_int_equal(entry_of(f.w, WEB, "443")->value, 2000);
	/* No packet was discarded. */
	assert_int_equal(f.w->definitions[DROPS].counted + f.w->definitions[DROPS].keyless, 0);
	fixture_close(&f);
}

/* What the filter takes and lacks a key is keyless; what it refuses is filtered, key or not. */
static void test_filtered_keyless(void **state)
{
	struct base_addr addr = core_agent(1);
	struct bytes_ip ip = core_ip(1, 2, 100);
	struct wire w = {.len = 0};
	struct fixture f;

	fixture_open(&f, &roomy);
	bytes_datagram(&w, &addr, 0, 1, 1000, 2);
	ip.protocol = 17;
	ip.destination_port = 2;
	core_flow(&w, 3, 1, 10, &ip);
	ip.destination_port = 3;
	core_flow(&w, 3, 2, 10, &ip);
	core_take(&f.core, &w, 1);
	assert_int_equal(f.w->definitions[WEB].keyless, 1);
	assert_int_equal(f.w->definitions[WEB].filtered, 1);
	check_conserved(&f.core);
	window_clear(f.w);
	assert_int_equal(f.w->definitions[WEB].filtered, 0);
	fixture_close(&f);
}

static void function_sample(struct wire *w, const struct base_addr *addr, const char *text)
{
	const struct sflow_sample s = {.sampling_rate = 10};
	uint32_t sample, record;

	w->len = 0;
	bytes_datagram(w, addr, 0, 1, 1000, 1);
	sample = bytes_flow(w, &s, 1);
	record = wire_open(w, SFLOW_TAG(0, 1038));
	wire_string(w, text);
	wire_close(w, record);
	wire_close(w, sample);
}

/*
 * A regular expression that would take too long for a text: that of the other definition is not
 * tried then, but for the next sample it is.
 */
static void test_given_up(void **state)
{
	const struct flow_spec two[] = {
		{.name = "slow",
			.keys = "",
			.value = "frames",
			.capacity = 16,
			.filter = "function~'(a|aa|a?)+[^a]'"},
		{.name = "fast",
			.keys = "",
			.value = "frames",
			.capacity = 16,
			.filter = "function~a.*"},
	};
	struct flow_plan *plan = plan_make(two, 2);
	struct base_addr addr = core_agent(1);
	struct wire w = {.len = 0};
	struct base_hash hash;
	struct core core;
	char text[250];

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(base_hash_init(&hash), 0);
	core_open(&core, plan, &hash, &roomy);
	function_sample(&w, &addr, text);
	core_take(&core, &w, 1);
	core_take(&core, &w, 2);
	assert_int_equal(core.w->definitions[0].filtered, 2);
	assert_int_equal(core.w->definitions[1].filtered, 2);
	assert_int_equal(core.w->stats[WINDOW_REGEX_GIVEN_UP], 4);
	function_sample(&w, &addr, "ab");
	core_take(&core, &w, 3);
	collect_flush(&core.c, core.w);
	assert_int_equal(core.w->definitions[0].counted, 1);
	assert_int_equal(core.w->definitions[1].counted, 1);
	assert_int_equal(core.w->stats[WINDOW_REGEX_GIVEN_UP], 4);
	core_close(&core);
	flow_plan_free(plan);
}

static void test_damaged(void **state)
{
	struct base_addr addr = core_agent(1);
	struct bytes_ip ip = core_ip(1, 2, 100);
	struct wire w = {.len = 0};
	struct fixture f;

	fixture_open(&f, &roomy);
	bytes_datagram(&w, &addr, 0, 1, 1000, 2);
	core_flow(&w, 3, 1, 10, &ip);
	core_flow(&w, 3, 2, 10, &ip);
	w.len -= 4; /* the second sample is cut */
	core_take(&f.core, &w, 1);
	collect_flush(&f.core.c, f.w);
	assert_int_equal(f.w->definitions[PAIRS].counted, 1);
	assert_int_equal(f.w->agents[1].flow_samples, 1);
	w.len = 20; /* so is the header */
	core_take(&f.core, &w, 1);
	w.len = 0;
	core_take(&f.core, &w, 1);
	assert_int_equal(f.w->agents[1].datagrams, 1);
	assert_int_equal(f.w->sflow[SFLOW_DROP_SAMPLE_OVERRUN], 1);
	assert_int_equal(f.w->sflow[SFLOW_DROP_SHORT], 2);
	check_conserved(&f.core);
	fixture_close(&f);
}

/* A sample without a length counts as a frame, not as bytes. */
static void test_no_value(void **state)
{
	const struct sflow_sample s = {.sampling_rate = 10};
	struct base_addr addr = core_agent(1);
	struct wire w = {.len = 0};
	struct fixture f;

	fixture_open(&f, &roomy);
	bytes_datagram(&w, &addr, 0, 1, 1000, 1);
	wire_close(&w, bytes_flow(&w, &s, 0));
	core_take(&f.core, &w, 1);
	collect_flush(&f.core.c, f.w);
	assert_int_equal(f.w->definitions[AGENTS].counted, 1);
	assert_int_equal(f.w->definitions[AGENTS].total, 10);
	assert_int_equal(f.w->definitions[PAIRS].keyless, 1);
	check_conserved(&f.core);
	fixture_close(&f);
}

/* The next window names agents and sources anew; their sequences go on. */
static void test_next_window(void **state)
{
	struct fixture f;

	fixture_open(&f, &roomy);
	take_flow(&f, 1, 1, 5);
	take_flow(&f, 2, 1, 5);
	check_conserved(&f.core);
	window_clear(f.w);
	window_open(f.w, 2, 0, 0);
	take_flow(&f, 2, 4, 5);
	take_flow(&f, 1, 2, 6);
	take_flow(&f, 2, 5, 5);
	check_conserved(&f.core);
	assert_int_equal(f.w->agent_count, 3);
	assert_int_equal(f.w->agents[1].addr.bytes[3], 2);
	assert_int_equal(f.w->agents[1].lost, 2);
	assert_int_equal(f.w->agents[1].datagrams, 2);
	assert_int_equal(f.w->agents[2].addr.bytes[3], 1);
	assert_int_equal(f.w->agents[2].lost, 0);
	assert_int_equal(f.w->source_count, 3);
	assert_int_equal(f.w->sources[1].lost, 2);
	assert_int_equal(f.w->sources[1].agent, 1);
	assert_int_equal(f.w->sources[2].agent, 2);
	fixture_close(&f);
}

/* As many agents as there is room for keep their names, however late they come again. */
static void test_agents_full(void **state)
{
	const struct window_limits limits = {.agents = 3, .sources = 10, .counter_bytes = 4096};
	struct fixture f;

	fixture_open(&f, &limits);
	for (uint32_t sequence = 1; sequence <= 3; sequence++) {
		for (uint32_t agent = 1; agent <= 5; agent++)
			take_flow(&f, agent, sequence, 1);
	}
	check_conserved(&f.core);
	assert_int_equal(f.w->agent_count, 4);
	for (uint32_t i = 1; i <= 3; i++) {
		assert_int_equal(f.w->agents[i].datagrams, 3);
		assert_int_equal(f.w->agents[i].flow_samples, 3);
		assert_int_equal(f.w->agents[i].lost, 0);
	}
	assert_int_equal(f.w->agents[AGENT_OTHER].datagrams, 6);
	assert_int_equal(f.w->agents[AGENT_OTHER].flow_samples, 6);
	assert_int_equal(f.w->sources[AGENT_OTHER].flow_samples, 6);
	assert_int_equal(f.w->stats[WINDOW_OTHER_DATAGRAMS], 6);
	assert_int_equal(f.w->stats[WINDOW_OTHER_SAMPLES], 6);
	/* The flows count all the same. */
	assert_int_equal(f.w->definitions[AGENTS].table.count, 5);
	assert_int_equal(f.w->definitions[AGENTS].total, 15 * 10);
	fixture_close(&f);
}

static void test_sources_full(void **state)
{
	const struct window_limits limits = {.agents = 10, .sources = 2, .counter_bytes = 4096};
	struct fixture f;

	fixture_open(&f, &limits);
	for (uint32_t sequence = 1; sequence <= 12; sequence++)
		take_flow(&f, 1, sequence, sequence % 4);
	check_conserved(&f.core);
	assert_int_equal(f.w->source_count, 3);
	assert_int_equal(f.w->sources[1].flow_samples, 3);
	assert_int_equal(f.w->sources[2].flow_samples, 3);
	assert_int_equal(f.w->sources[AGENT_OTHER].flow_samples, 6);
	assert_int_equal(f.w->sources[AGENT_OTHER].pool, 0);
	assert_int_equal(f.w->stats[WINDOW_OTHER_SAMPLES], 6);
	assert_int_equal(f.w->stats[WINDOW_OTHER_DATAGRAMS], 0);
	assert_int_equal(f.w->definitions[PAIRS].table.count, 4);
	fixture_close(&f);
}

/* ---- counter samples ---- */

/* A datagram with one counter sample of one record of `words` words. */
static void take_counter(struct fixture *f, uint32_t agent, uint32_t sequence, uint32_t words)
{
	struct base_addr addr = core_agent(agent);
	struct wire w = {.len = 0};
	uint32_t sample, record;

	bytes_datagram(&w, &addr, 0, sequence, 1000 * sequence, 1);
	sample = bytes_counter(&w, (struct sflow_source){.class = 2, .index = agent}, sequence, 1);
	record = wire_open(&w, SFLOW_TAG(0, 1));
	for (uint32_t i = 0; i < words; i++)
		wire_u32(&w, sequence * 1000 + i);
	wire_close(&w, record);
	wire_close(&w, sample);
	core_take(&f->core, &w, 77 * sequence);
}

static void check_counter(const struct window *w, const struct window_counter *c, uint32_t agent,
	uint32_t sequence, uint32_t words)
{
	struct sflow_sample s;
	struct sflow_record r;

	assert_non_null(c);
	assert_int_equal((uintptr_t)c % 8, 0);
	s = window_counter_sample(c);
	assert_int_equal(w->agents[c->agent].addr.bytes[3], agent);
	assert_int_equal(c->tsc, 77 * sequence);
	assert_int_equal(c->uptime_ms, 1000 * sequence);
	assert_int_equal(s.kind, SFLOW_KIND_COUNTER);
	assert_int_equal(s.source.class, 2);
	assert_int_equal(s.source.index, agent);
	assert_int_equal(s.sequence, sequence);
	assert_int_equal(s.records, 1);
	assert_true(sflow_record_next(&s, &r));
	assert_int_equal(r.len, 4 * words);
	for (uint32_t i = 0; i < words; i++)
		assert_int_equal(base_get_u32(r.body + 4 * (size_t)i), sequence * 1000 + i);
	assert_false(sflow_record_next(&s, &r));
}

static void test_counters(void **state)
{
	const struct window_counter *c = NULL;
	struct fixture f;

	fixture_open(&f, &roomy);
	for (uint32_t i = 1; i <= 20; i++)
		take_counter(&f, i % 3 + 1, i, i);
	for (uint32_t i = 1; i <= 20; i++) {
		c = window_counter_next(f.w, c);
		check_counter(f.w, c, i % 3 + 1, i, i);
	}
	assert_null(window_counter_next(f.w, c));
	assert_int_equal(f.w->stats[WINDOW_COUNTERS_KEPT], 20);
	assert_int_equal(f.w->agents[1].counter_samples, 7);
	check_conserved(&f.core);
	fixture_close(&f);
}

/* Whatever the room (half of it, for a new agent): what fits is whole, the rest is counted. */
static void test_counters_full(void **state)
{
	enum { SMALL = sizeof(struct window_counter) + 16, LARGE = SMALL + 80 };

	for (uint32_t room = 0; room < 5 * LARGE; room += 8) {
		const struct window_limits limits = {
			.agents = 10, .sources = 10, .counter_bytes = 2 * room};
		const struct window_counter *c = NULL;
		uint32_t kept = 0, used = 0;
		struct fixture f;

		fixture_open(&f, &limits);
		for (uint32_t i = 1; i <= 10; i++)
			take_counter(&f, 1, i, i % 2 ? 21 : 1);
		while ((c = window_counter_next(f.w, c))) {
			check_counter(
				f.w, c, 1, c->sample.sequence, c->sample.sequence % 2 ? 21 : 1);
			kept++;
			used += c->size;
		}
		assert_true(used <= room);
		assert_true(kept == 10 || room - used < LARGE);
		assert_int_equal(f.w->stats[WINDOW_COUNTERS_KEPT], kept);
		assert_int_equal(f.w->stats[WINDOW_COUNTERS_FULL], 10 - kept);
		assert_int_equal(f.w->agents[1].counter_samples, 10);
		fixture_close(&f);
	}
}

/* Counters of an agent without a name could be anybody's. */
static void test_counters_of_other(void **state)
{
	const struct window_limits limits = {.agents = 1, .sources = 10, .counter_bytes = 4096};
	struct fixture f;

	fixture_open(&f, &limits);
	take_counter(&f, 1, 1, 3);
	take_counter(&f, 2, 1, 3);
	take_counter(&f, 1, 2, 3);
	assert_int_equal(f.w->stats[WINDOW_COUNTERS_KEPT], 2);
	assert_int_equal(f.w->stats[WINDOW_COUNTERS_NO_AGENT], 1);
	assert_int_equal(f.w->agents[AGENT_OTHER].counter_samples, 1);
	fixture_close(&f);
}

static void add_discard(struct wire *w, uint32_t index, uint32_t reason, const struct bytes_ip *ip)
{
	const uint32_t words[] = {1, 0, index, 0, index, 0x3FFFFFFF, reason, ip ? 1 : 0};
	uint32_t start = wire_open(w, SFLOW_DISCARDED_PACKET);

	for (unsigned i = 0; i < 8; i++)
		wire_u32(w, words[i]);
	if (ip)
		bytes_ip(w, ip);
	wire_close(w, start);
}

/* Discarded packets are for the definitions that are dropped, and count once each. */
static void test_discards(void **state)
{
	struct base_addr addr = core_agent(1);
	struct bytes_ip ip = core_ip(0x0A000001, 0x0A000002, 100);
	struct wire w = {.len = 0};
	struct fixture f;

	fixture_open(&f, &roomy);
	bytes_datagram(&w, &addr, 0, 1, 1000, 5);
	add_discard(&w, 3, 257, &ip);
	add_discard(&w, 3, 257, NULL);
	add_discard(&w, 3, 999, &ip);
	core_flow(&w, 3, 1, 10, &ip);
	wire_record(&w, 4711, 3);
	core_take(&f.core, &w, 1);
	check_conserved(&f.core);
	assert_int_equal(f.w->agents[1].discard_samples, 3);
	assert_int_equal(f.w->agents[1].flow_samples, 1);
	assert_int_equal(f.w->sources[1].flow_samples, 1);
	assert_int_equal(f.w->sflow[SFLOW_SAMPLE_UNKNOWN], 1);
	assert_int_equal(f.w->definitions[PAIRS].counted, 1);
	assert_int_equal(f.w->definitions[DROPS].counted, 3);
	assert_int_equal(f.w->definitions[DROPS].total, 3);
	assert_int_equal(entry_of(f.w, DROPS, "ttl_exceeded")->value, 2);
	assert_int_equal(entry_of(f.w, DROPS, "999")->value, 1);
	assert_int_equal(f.w->definitions[DROPS_TTL].counted, 1);
	assert_int_equal(f.w->definitions[DROPS_TTL].keyless, 1);
	assert_int_equal(f.w->definitions[DROPS_TTL].filtered, 1);
	assert_int_equal(entry_of(f.w, DROPS_TTL, "10.0.0.1,internal")->value, 100);
	fixture_close(&f);
}

/* Without a definition that wants them, they are counted as samples alone. */
static void test_discards_unwanted(void **state)
{
	struct flow_plan *plan = plan_make(specs, PORTS);
	struct base_addr addr = core_agent(1);
	struct wire w = {.len = 0};
	struct base_hash hash;
	struct core core;

	assert_int_equal(base_hash_init(&hash), 0);
	core_open(&core, plan, &hash, &roomy);
	bytes_datagram(&w, &addr, 0, 1, 1000, 1);
	add_discard(&w, 3, 257, NULL);
	core_take(&core, &w, 1);
	assert_int_equal(core.w->agents[1].discard_samples, 1);
	assert_int_equal(core.w->source_count, 1);
	assert_int_equal(core.w->definitions[AGENTS].counted, 0);
	core_close(&core);
	flow_plan_free(plan);
}

/* ---- many, and anything ---- */

static void random_datagram(struct dice *d, struct wire *w)
{
	struct base_addr addr = core_agent(dice_below(d, 5));
	uint32_t samples = dice_below(d, 8);

	w->len = 0;
	bytes_datagram(
		w, &addr, dice_below(d, 2), dice_below(d, 1000), dice_below(d, 100000), samples);
	while (samples--) {
		struct bytes_ip ip =
			core_ip(dice_below(d, 20), dice_below(d, 20), dice_below(d, 1500));

		ip.protocol = dice_below(d, 2) ? 6 : 17;
		ip.destination_port = dice_below(d, 5);
		if (dice_below(d, 4) == 0)
			add_discard(w, dice_below(d, 4), 255 + dice_below(d, 5), &ip);
		else if (dice_below(d, 2))
			core_flow(
				w, dice_below(d, 4), dice_below(d, 1000), dice_below(d, 5000), &ip);
		else
			core_header(
				w, dice_below(d, 4), dice_below(d, 1000), dice_below(d, 5000), &ip);
	}
}

/* Bursts of any length, so that batches are full at any place; some datagrams are damaged. */
static void test_random(void **state)
{
	const struct window_limits limits = {.agents = 7, .sources = 20, .counter_bytes = 4096};
	struct dice d = {.state = 1};
	struct fixture f;
	uint32_t few = 0, burst;

	fixture_open(&f, &limits);
	for (unsigned round = 0; round < 40; round++) {
		burst = dice_below(&d, 100);
		for (uint32_t i = 0; i < burst; i++) {
			struct wire w;

			random_datagram(&d, &w);
			if (dice_below(&d, 3) == 0)
				w.bytes[dice_below(&d, w.len)] = (uint8_t)dice_u64(&d);
			if (dice_below(&d, 5) == 0)
				w.len = dice_below(&d, w.len);
			core_take(&f.core, &w, round);
		}
		check_conserved(&f.core);
		check_shared(f.w);
		for (unsigned k = 0; k < DEFINITIONS; k++)
			check_hashes(&f, &f.w->definitions[k].table);
		few += f.w->definitions[FEW_PAIRS].table.count;
		if (round % 4 == 3) {
			window_clear(f.w);
			window_open(f.w, round, 0, 0);
		}
	}
	assert_in_range(few, 40, UINT32_MAX);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_datagram),
		cmocka_unit_test(test_filtered_keyless),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_no_value),
		cmocka_unit_test(test_next_window),
		cmocka_unit_test(test_agents_full),
		cmocka_unit_test(test_sources_full),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_counters_full),
		cmocka_unit_test(test_counters_of_other),
		cmocka_unit_test(test_discards),
		cmocka_unit_test(test_discards_unwanted),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
