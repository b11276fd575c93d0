/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Usual samples go a way of their own. Whatever definitions there are, it comes to what the way of all samples
 * comes to: the same samples with a record more that nobody knows, which are not usual.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "core.h"
#include "sflow/usual.h"
#include "window/collect_pvt.h"

enum { DATAGRAMS = 3000, SAMPLES = 9, AGENTS = 5, HEADER = 90, FOREIGN = SFLOW_TAG(60000, 7) };

#define TUPLE "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport"
#define TUPLE6 "ip6source,ip6destination,ip6nexthdr,tcpsourceport,tcpdestinationport"

#define DEFINITION(name_, keys_, value_, ...)                                                      \
	{                                                                                          \
		.name = name_, .keys = keys_, .value = value_, .n = 10, .t = 2, .capacity = 3000,  \
		__VA_ARGS__                                                                        \
	}

/* Of each kind one, and several together. */
static const struct flow_spec specs[] = {
	DEFINITION("tuple", TUPLE, "bytes", .filter = ""),
	DEFINITION("long", TUPLE6, "bytes", .filter = ""),
	DEFINITION("short", "ipprotocol", "bytes", .filter = ""),
	DEFINITION("udp", "ipsource,udpdestinationport", "frames", .filter = ""),
	DEFINITION("total", "", "bytes", .filter = ""),
	DEFINITION("filter", TUPLE, "bytes", .filter = "ipprotocol=6&tcpdestinationport=443"),
	/* These two lack samples of each other's. */
	DEFINITION("four", TUPLE, "frames", .filter = "tcpdestinationport=80,443|ipdscp!=0"),
	DEFINITION("six", TUPLE6, "bytes", .filter = "vlan=null&ip6source=::3,::4,::5"),
	DEFINITION("text", "ipsource", "bytes", .filter = "or:ipsource:ip6source~1.*"),
	/* These go together in the loop that asks nothing of definitions. */
	DEFINITION("pair", "ipsource,ipdestination", "bytes", .filter = ""),
	DEFINITION("macs", "macsource,macdestination", "bytes", .filter = ""),
	DEFINITION("ends", "ipdestination,ipsource,tcpsourceport", "bytes", .filter = ""),
	DEFINITION("values", "ipdestination", "bytes",
		.values = "avg:bytes,count:ipsource,max:ipttl,min:ipttl,last:bytes,frames"),
	DEFINITION("discards", "ipsource,reason", "frames", .dropped = true),
	DEFINITION("custom", "rtdatasource,rt:a", "frames", .filter = ""),
	DEFINITION("mean", "ipsource", "avg:ipbytes", .filter = ""),
	DEFINITION("agent", "ipsource", "bytes", .merge = FLOW_MERGE_AGENT),
	DEFINITION(
		"context", "agent,datasource,inputifindex,outputifindex", "frames", .filter = ""),
	DEFINITION("switch", "vlansource,prioritydestination", "bytes", .filter = ""),
	DEFINITION("call", "mask:ipsource:24,stack", "bytes", .filter = ""),
	DEFINITION("vlan", "vlan,macsource", "bytes", .filter = ""),
};
enum { SPECS = sizeof(specs) / sizeof(specs[0]) };

static const struct window_limits limits = {.agents = 4, .sources = 20, .counter_bytes = 4096};

/* ---- samples ---- */

static uint32_t one_of(struct dice *d, const uint32_t *from, uint32_t count)
{
	return from[dice_below(d, count)];
}

/* Ethernet, perhaps a tag, IP of either version, TCP or UDP or neither; now and then something is odd. */
static void make_header(struct dice *d, uint8_t *data)
{
	static const uint32_t protocols[] = {6, 6, 17, 17, 1, 47}, ports[] = {443, 80, 53, 4789, 9};
	uint32_t at = 12, protocol = one_of(d, protocols, 6);
	bool six = dice_below(d, 3) == 0;

	dice_bytes(d, data, HEADER);
	if (dice_below(d, 3) == 0) {
		base_put_u16(data + at, 0x8100);
		at += 4;
	}
	base_put_u16(data + at, dice_below(d, 30) ? six ? 0x86DD : 0x0800 : 0x0806);
	at += 2;
	data[at] = six ? 0x60 : dice_below(d, 20) ? 0x45 : 0x46;
	base_put_u16(data + at + (six ? 4 : 2), (uint16_t)dice_below(d, 900));
	data[at + (six ? 6 : 9)] = (uint8_t)protocol;
	if (!six) {
		base_put_u16(data + at + 6, dice_below(d, 20) ? 0x4000 : 0x0010);
		base_put_u32(data + at + 12, 0x0A000000 + dice_below(d, 20));
		base_put_u32(data + at + 16, 0x0A000100 + dice_below(d, 20));
	} else {
		memset(data + at + 8, 0, 32);
		data[at + 23] = (uint8_t)dice_below(d, 20);
	}
	at += six ? 40 : 20;
	base_put_u16(data + at, (uint16_t)one_of(d, ports, 5));
	base_put_u16(data + at + 2, (uint16_t)one_of(d, ports, 5));
}

/* Words of the fixed part behind the sequence number, of either form. */
static uint32_t open_sample(
	struct wire *w, const struct sflow_sample *s, bool expanded, uint32_t records)
{
	uint32_t start;

	if (expanded)
		return bytes_flow(w, s, records);
	start = wire_open(w, SFLOW_FLOW_SAMPLE);
	wire_u32(w, s->sequence);
	wire_u32(w, s->source.class << 24 | s->source.index);
	wire_u32(w, s->sampling_rate);
	wire_u32(w, s->pool);
	wire_u32(w, s->drops);
	wire_u32(w, s->input.format << 30 | s->input.value);
	wire_u32(w, s->output.format << 30 | s->output.value);
	wire_u32(w, records);
	return start;
}

/* The same dice make the same sample; with a foreign record behind the others it is not a usual one. */
static void make_sample(struct wire *w, struct dice *d, uint32_t sequence, bool foreign)
{
	const struct sflow_sample s = {.sequence = sequence,
		.source = {.class = dice_below(d, 10) == 0, .index = 1 + dice_below(d, 6)},
		.sampling_rate = dice_below(d, 20) ? 1 + dice_below(d, 1000) : 0,
		.pool = sequence * 100,
		.drops = sequence / 7,
		.input.value = dice_below(d, 9),
		.output = {.format = dice_below(d, 3), .value = dice_below(d, 9)}};
	uint32_t vlans = dice_below(d, 2), start;
	uint8_t header[HEADER];

	start = open_sample(w, &s, dice_below(d, 2) == 0, 1 + vlans + foreign);
	make_header(d, header);
	bytes_header(w, dice_below(d, 30) ? 1 : 11, 64 + dice_below(d, 1400),
		dice_below(d, 10) ? 4 : dice_below(d, 1000), header,
		dice_below(d, 8) ? HEADER : dice_below(d, HEADER));
	if (vlans)
		bytes_switch(w, dice_below(d, 4), 1, dice_below(d, 4), dice_below(d, 8));
	if (foreign)
		wire_close(w, wire_open(w, FOREIGN));
	wire_close(w, start);
}

/* Payloads that datagrams which wait are in. */
static uint8_t *kept[DATAGRAMS];
static unsigned kept_count;

static void flush(struct core *core, bool later)
{
	collect_flush(&core->c, core->w);
	while (later && kept_count > 0)
		free(kept[--kept_count]);
}

/* Usual ones wait for their agents, as they do on an RX core, and some have to be taken in at once. */
static void take_usual(struct core *core, const struct wire *w, uint32_t number, bool at_once)
{
	if (at_once) {
		core_take(core, w, number);
		return;
	}
	kept[kept_count] = wire_copy(w);
	core->w->ingress[INGRESS_DATAGRAMS]++;
	collect_later(&core->c, core->w, &core->from, kept[kept_count++], w->len, number);
}

/* A discarded packet of a sampled header. */
static void make_discard(struct wire *w, struct dice *d, uint32_t sequence)
{
	uint32_t start = wire_open(w, SFLOW_DISCARDED_PACKET);
	uint8_t header[HEADER];

	wire_u32(w, sequence);
	wire_u32(w, 0);
	wire_u32(w, 1 + dice_below(d, 6));
	for (unsigned i = 0; i < 3; i++)
		wire_u32(w, dice_below(d, 9));
	wire_u32(w, 256 + dice_below(d, 4));
	wire_u32(w, 1);
	make_header(d, header);
	bytes_header(w, 1, 64 + dice_below(d, 1400), 4, header, HEADER);
	wire_close(w, start);
}

/* A custom flow of one text. */
static void make_custom(struct wire *w, struct dice *d)
{
	uint32_t start = wire_open(w, SFLOW_RTFLOW);
	char name[] = {'s', (char)('0' + dice_below(d, 4)), 0};

	wire_string(w, name);
	wire_u32(w, dice_below(d, 3));
	wire_u32(w, 100);
	wire_u32(w, 1);
	wire_string(w, "a");
	wire_u32(w, 0); /* string */
	wire_string(w, name);
	wire_close(w, start);
}

/* How many samples of the datagram are usual ones, from its start or behind one that is not. */
static unsigned usual_of(const struct wire *w)
{
	uint64_t stats[SFLOW_STATS] = {0};
	uint8_t *bytes = wire_copy(w);
	struct sflow_datagram dg;
	struct sflow_sample s;
	struct sflow_usual u;
	unsigned count = 0;

	assert_int_equal(sflow_datagram_open(&dg, bytes, w->len, stats), 0);
	do {
		for (; dg.walked < dg.samples && sflow_usual_next(&dg.cursor, &u); dg.walked++)
			count++;
	} while (sflow_sample_next(&dg, &s, stats));
	free(bytes);
	return count;
}

static void make_datagram(struct wire *w, struct dice *d, uint32_t number, bool foreign)
{
	struct base_addr agent = core_agent(1 + dice_below(d, AGENTS));
	uint32_t samples = dice_below(d, SAMPLES + 1), before = number * SAMPLES;

	bytes_datagram(w, &agent, 0, number, number * 10, samples);
	for (uint32_t i = 0; i < samples; i++) {
		uint32_t kind = dice_below(d, 36);

		if (kind < 3)
			wire_close(w, bytes_counter(w, (struct sflow_source){.index = 3}, i, 0));
		else if (kind == 3)
			make_discard(w, d, before + i);
		else if (kind == 4)
			make_custom(w, d);
		else
			make_sample(w, d, before + i, foreign);
	}
}

/* @return how many of its samples are usual ones */
static unsigned take(struct core *core, uint64_t seed, uint32_t number, bool foreign)
{
	struct dice d = {.state = seed};
	struct wire w = {.len = 0};

	make_datagram(&w, &d, number, foreign);
	if (foreign)
		core_take(core, &w, number);
	else
		take_usual(core, &w, number, dice_below(&d, 10) == 0);
	if (number % 32 == 0)
		flush(core, !foreign);
	return usual_of(&w);
}

/* ---- what they come to ---- */

/* Also sketches, which came by the same numbers in the same order. */
static void assert_same_lanes(
	const struct table *t, uint32_t entry, const struct table *u, uint32_t other)
{
	for (unsigned i = 0; i < t->lanes.count; i++) {
		const struct table_lane *a = &table_lanes_of(t, entry)[i];
		const struct table_lane *b = &table_lanes_of(u, other)[i];
		struct sketch_view va, vb;

		assert_int_equal(a->samples, b->samples);
		if (a->samples == 0)
			continue;
		if (t->lanes.kind[i] != TABLE_COUNT) {
			assert_int_equal(a->number, b->number);
			if (t->lanes.kind[i] == TABLE_MEAN)
				assert_true(a->squares == b->squares);
			continue;
		}
		assert_true(table_sketch(&t->lanes, a, &va) && table_sketch(&u->lanes, b, &vb));
		assert_int_equal(va.count, vb.count);
		if (va.codes)
			assert_memory_equal(va.codes, vb.codes, va.count * sizeof(*va.codes));
		else
			assert_memory_equal(va.registers, vb.registers, SKETCH_REGISTERS);
	}
}

/* Whether two entries are of the same flow. */
static bool same_flow(const struct table *t, const struct table_entry *e, const struct table *u,
	const struct table_entry *f)
{
	unsigned len = table_key_len(t, e);

	return e->hash == f->hash && e->source == f->source && table_key_len(u, f) == len &&
	       memcmp(table_key(t, e), table_key(u, f), len) == 0;
}

/* The entry of `u` of the flow that the i-th one of `t` is of: it need not have come at the same time. NULL: none is. */
static const struct table_entry *find_entry(
	const struct table *t, uint32_t i, const struct table *u, uint32_t *at)
{
	for (uint32_t n = 0; n < u->count; n++) {
		*at = (i + n) % u->count;
		if (same_flow(t, table_entry_at(t, i), u, table_entry_at(u, *at)))
			return table_entry_at(u, *at);
	}
	return NULL;
}

/* Which flows find room depends on which of them came first. */
static void assert_whole(const struct window_definition *wd)
{
	const struct table *t = &wd->table;
	uint64_t value = t->other_value, samples = t->other_samples;

	for (uint32_t i = 0; i < t->count; i++) {
		value += table_entry_at(t, i)->value;
		samples += table_entry_at(t, i)->samples;
	}
	assert_int_equal(value, wd->total);
	assert_int_equal(samples, wd->counted);
}

static void assert_same_table(const struct window_definition *a, const struct window_definition *b)
{
	const struct table *t = &a->table, *u = &b->table;

	assert_int_equal(a->filtered, b->filtered);
	assert_int_equal(a->keyless, b->keyless);
	assert_int_equal(a->counted, b->counted);
	assert_int_equal(a->total, b->total);
	assert_whole(a);
	assert_whole(b);
	assert_int_equal(t->count, u->count);
	assert_int_equal(t->other_samples > 0, u->other_samples > 0);
	for (uint32_t i = 0; i < t->count; i++) {
		const struct table_entry *e = table_entry_at(t, i), *f;
		uint32_t at;

		f = find_entry(t, i, u, &at);
		/* In a full table it may have found none, or later. */
		if (t->other_samples > 0 && (!f || e->samples != f->samples))
			continue;
		assert_non_null(f);
		assert_int_equal(e->value, f->value);
		assert_int_equal(e->samples, f->samples);
		if (t->lanes.count)
			assert_same_lanes(t, i, u, at);
	}
}

static void assert_same(const struct window *a, const struct window *b)
{
	for (unsigned i = 0; i < a->plan->table_count; i++)
		assert_same_table(&a->definitions[i], &b->definitions[i]);
	assert_int_equal(a->agent_count, b->agent_count);
	assert_memory_equal(a->agents, b->agents, a->agent_count * sizeof(*a->agents));
	assert_int_equal(a->source_count, b->source_count);
	assert_memory_equal(a->sources, b->sources, a->source_count * sizeof(*a->sources));
	assert_int_equal(a->sflow[SFLOW_RECORD_UNKNOWN], 0);
	assert_int_equal(b->sflow[SFLOW_RECORD_UNKNOWN], b->sflow[SFLOW_FLOW_SAMPLES]);
	assert_memory_equal(a->seen.keys, b->seen.keys, sizeof(a->seen.keys));
	assert_int_equal(a->seen.looks, b->seen.looks);
	assert_int_not_equal(b->sflow[SFLOW_FLOW_SAMPLES], 0);
	for (unsigned i = 0; i < SFLOW_STATS; i++) {
		if (i != SFLOW_RECORD_UNKNOWN)
			assert_int_equal(a->sflow[i], b->sflow[i]);
	}
	assert_memory_equal(a->stats, b->stats, sizeof(a->stats));
}

static void open_core(struct core *core, const struct flow_plan *plan, const struct base_hash *hash,
	const struct flow_census *census)
{
	const struct agent_rate rate = {core_agent(2), 77};

	core_open(core, plan, hash, &limits);
	core_senders(core, &(struct agent_senders_options){.rates = &rate, .rate_count = 1});
	core->c.census = census;
}

/* So many of the definitions, from `first` on. */
static void check(unsigned first, unsigned count, bool shares)
{
	struct flow_plan *plan = plan_make(specs + first, count);
	struct flow_census *census = flow_census_create();
	struct dice d = {.state = first * 1000 + count};
	struct base_hash hash;
	struct core usual, other;
	unsigned usuals = 0;

	assert_int_equal(base_hash_init(&hash), 0);
	open_core(&usual, plan, &hash, census);
	open_core(&other, plan, &hash, census);
	if (shares)
		usual.c.share = other.c.share = base_bucket_rate(500, 1000, 50);
	for (uint32_t i = 1; i <= DATAGRAMS; i++) {
		uint64_t seed = dice_u64(&d);

		usuals += take(&usual, seed, i, false);
		assert_int_equal(take(&other, seed, i, true), 0);
	}
	flush(&usual, true);
	flush(&other, false);
	assert_same(usual.w, other.w);
	assert_in_range(usuals, DATAGRAMS, 3 * DATAGRAMS); /* some of both kinds */
	core_close(&usual);
	core_close(&other);
	flow_census_destroy(census);
	flow_plan_free(plan);
}

/* Of one datagram, all that are said to be usual go that way, up to the first that is not. */
static void walk_one(struct core *core, const struct wire *w)
{
	uint64_t stats[SFLOW_STATS] = {0};
	uint8_t *bytes = wire_copy(w);
	struct sflow_datagram dg, before;
	struct sflow_sample s;
	struct sflow_flow flow;
	struct collect_context x = {
		.c = &core->c, .w = core->w, .dg = &dg, .sample = &s, .flow = &flow};
	struct sflow_usual u;

	assert_int_equal(sflow_datagram_open(&dg, bytes, w->len, stats), 0);
	x.agent = agent_find(core->c.agents, &dg.agent, dg.sub_agent, 1);
	do {
		before = dg;
		core->w->seen.skip = UINT32_MAX; /* the census wants none */
		collect_usual(&x, &dg);
		for (; before.walked < before.samples && sflow_usual_next(&before.cursor, &u);)
			before.walked++;
		assert_int_equal(dg.walked, before.walked);
		assert_ptr_equal(dg.cursor.p, before.cursor.p);
		assert_true(dg.cursor.p <= dg.cursor.end);
	} while (sflow_sample_next(&dg, &s, stats));
	collect_write(&core->c, core->w); /* what is picked is read there */
	free(bytes);
}

static void test_walk(void **state)
{
	struct flow_plan *plan = plan_make(specs, 2);
	struct dice d = {.state = 7};
	struct base_hash hash;
	struct core core;

	(void)state;
	assert_int_equal(base_hash_init(&hash), 0);
	open_core(&core, plan, &hash, NULL);
	for (uint32_t i = 1; i <= DATAGRAMS; i++) {
		struct wire w = {.len = 0};

		make_datagram(&w, &d, i, false);
		if (w.len > 200 && dice_below(&d, 3) == 0)
			w.len -= dice_below(&d, 150); /* cut off */
		walk_one(&core, &w);
	}
	collect_flush(&core.c, core.w);
	core_close(&core);
	flow_plan_free(plan);
}

/* Which headers ask for more than what is picked, once all samples of a burst were heard. */
static void assert_picked(unsigned first, unsigned count, bool picked)
{
	struct flow_plan *plan = plan_make(specs + first, count);

	for (unsigned shape = 1; shape < PACKET_SHAPES; shape++)
		assert_int_equal(plan->picked[shape] != NULL, picked);
	flow_plan_free(plan);
}

/*
 * Keys of either length, those that a header lacks, frames, and filters that the header answers, not a regular
 * expression; and what counts no flow samples.
 */
static void test_picked(void **state)
{
	(void)state;
	assert_picked(0, 4, true);
	assert_picked(5, 3, true);
	assert_picked(5, 4, false);
	assert_picked(13, 2, true);
}

static void make_six(struct wire *w, uint32_t sequence)
{
	const struct sflow_sample s = {
		.sequence = sequence, .source.index = 1, .sampling_rate = 10, .pool = sequence};
	uint32_t start = open_sample(w, &s, true, 1);
	uint8_t header[HEADER] = {0};

	base_put_u16(header + 12, 0x86DD);
	header[14] = 0x60;
	header[20] = 6;
	base_put_u32(header + 34, sequence);
	bytes_header(w, 1, 200, 4, header, HEADER);
	wire_close(w, start);
}

/* Keys of so many bytes that a batch has no more room for them before it has as many updates as it can. */
static void test_long_keys(void **state)
{
	enum { EACH = 8, MANY = 32 };
	const struct flow_spec spec = DEFINITION(
		"far", "macsource,macdestination,ip6source,ip6destination", "bytes", .filter = "");
	const struct base_addr agent = core_agent(1);
	struct flow_plan *plan = plan_make(&spec, 1);
	struct base_hash hash;
	struct core core;

	(void)state;
	assert_int_equal(base_hash_init(&hash), 0);
	open_core(&core, plan, &hash, NULL);
	core.w->seen.skip = UINT32_MAX; /* the census wants none */
	for (uint32_t i = 1; i <= MANY; i++) {
		struct wire w = {.len = 0};

		bytes_datagram(&w, &agent, 0, i, i * 10, EACH);
		for (uint32_t n = 0; n < EACH; n++)
			make_six(&w, i * EACH + n);
		take_usual(&core, &w, i, false);
	}
	flush(&core, true);
	assert_int_equal(core.w->definitions[0].counted, MANY * EACH);
	assert_int_equal(core.w->definitions[0].table.count, MANY * EACH);
	core_close(&core);
	flow_plan_free(plan);
}

static void test_each(void **state)
{
	for (unsigned i = 0; i < SPECS; i++)
		check(i, 1, false);
}

static void test_together(void **state)
{
	check(0, SPECS, false);
	check(0, SPECS, true);
	check(0, 0, false);
	for (unsigned i = 0; i + 3 <= SPECS; i++)
		check(i, 3, false);
}

/* A tick each time that it is asked for. */
static uint64_t tick(void)
{
	static uint64_t now;

	return now++;
}

/* Writing is timed whenever it happens: where there is no room left as well as at the end. */
static void test_timed(void **state)
{
	struct flow_plan *plan = plan_make(specs, 2);
	const struct base_addr agent = core_agent(1);
	const struct bytes_ip ip = core_ip(1, 2, 100);
	struct base_hash hash;
	struct core core;

	(void)state;
	assert_int_equal(base_hash_init(&hash), 0);
	open_core(&core, plan, &hash, NULL);
	core.c.ticks = tick;
	for (uint32_t i = 1; i <= 2 * COLLECT_STAGED + 1; i++) {
		struct wire w = {.len = 0};

		bytes_datagram(&w, &agent, 0, i, 1000 * i, 1);
		core_flow(&w, 3, i, 10, &ip);
		core_take(&core, &w, i);
	}
	assert_int_equal(core.c.write_ticks, 2);
	collect_flush(&core.c, core.w);
	assert_int_equal(core.c.write_ticks, 3);
	core.c.ticks = NULL;
	collect_flush(&core.c, core.w);
	assert_int_equal(core.c.write_ticks, 3);
	core_close(&core);
	flow_plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_picked),
		cmocka_unit_test(test_long_keys),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_timed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
