/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "window/collect.h"

/*
 * A UDP payload as an RX core takes it in, with definitions of several kinds. What must hold: conservation, and
 * that what the definitions come to is what they come to sample by sample, by the way that all samples can go.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CAPACITY = 64, WINDOWS = 1000 };

#define TUPLE "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport"

/* Of several kinds; then those that ask nothing of a sample but what the sampled header tells. */
static const struct flow_spec kinds[] = {
	{.name = "tuple", .keys = TUPLE, .value = "bytes", .n = 5, .t = 1, .capacity = CAPACITY},
	{.name = "total", .keys = "", .value = "bytes", .n = 5, .t = 1, .capacity = CAPACITY},
	{.name = "long",
		.keys = "ip6source,ip6destination,ip6nexthdr,udpsourceport",
		.value = "bytes",
		.n = 5,
		.t = 1,
		.capacity = CAPACITY},
	{.name = "filter",
		.keys = "macsource,vlan",
		.value = "frames",
		.filter = "ipprotocol=6|ip6nexthdr=17",
		.n = 5,
		.t = 1,
		.capacity = CAPACITY},
	{.name = "switch",
		.keys = "vlansource,inputifindex",
		.value = "bytes",
		.values = "avg:ipbytes,count:ipsource",
		.n = 5,
		.t = 1,
		.capacity = CAPACITY},
};
static const struct flow_spec picks[] = {
	{.name = "tuple", .keys = TUPLE, .value = "bytes", .n = 5, .t = 1, .capacity = CAPACITY},
	{.name = "pair",
		.keys = "ipsource,ipdestination",
		.value = "bytes",
		.n = 5,
		.t = 1,
		.capacity = CAPACITY},
	{.name = "macs",
		.keys = "macsource,macdestination",
		.value = "bytes",
		.n = 5,
		.t = 1,
		.capacity = CAPACITY},
	{.name = "long",
		.keys = "ip6source,ip6destination,ip6nexthdr,tcpsourceport,tcpdestinationport",
		.value = "frames",
		.filter = "ip6nexthdr=6&(tcpdestinationport=80,443|vlan=null)",
		.n = 5,
		.t = 1,
		.capacity = CAPACITY},
	{.name = "short",
		.keys = "ipsource",
		.value = "bytes",
		.filter = "ipdscp!=0|udpsourceport=53",
		.n = 5,
		.t = 1,
		.capacity = CAPACITY},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), PICKS = sizeof(picks) / sizeof(picks[0]) };

/* An RX core's. */
struct core {
	struct flow_plan *plan;
	struct collector collector;
	struct window *window;
};

static struct base_hash hash;
static struct core of_kinds, of_picks;
static struct flow_scratch scratch;

static void check(bool good)
{
	if (!good)
		abort();
}

static void open_core(struct core *core, const struct flow_spec *specs, unsigned count)
{
	static const struct agent_limits agents = {
		.agents = 8, .sources = 32, .idle_tsc = UINT64_MAX / 2};
	static const struct window_limits limits = {
		.agents = 8, .sources = 32, .counter_bytes = 4096};
	struct collector *c = &core->collector;
	struct flow_error error;

	core->plan = flow_compile(specs, count, NULL, &error);
	check(core->plan != NULL);
	c->hash = &hash;
	c->agents = agent_table_create(&agents, &hash, -1);
	c->census = flow_census_create();
	core->window = window_create(core->plan, &limits, -1);
	check(c->agents && c->census && core->window);
	check(flow_scratch_init(&c->scratch) == 0);
	window_open(core->window, 1, 0, 0);
}

static void start(void)
{
	check(base_hash_init(&hash) == 0);
	check(flow_scratch_init(&scratch) == 0);
	open_core(&of_kinds, kinds, KINDS);
	open_core(&of_picks, picks, PICKS);
}

/* What one definition comes to. */
struct sums {
	uint64_t filtered, keyless, counted, total;
};

static void add(struct sums *sums, const struct flow_plan *plan, const struct flow_definition *d,
	const struct sflow_sample *s, const struct sflow_flow *flow,
	const struct flow_fields *fields)
{
	uint8_t key[FLOW_KEY_BYTES];
	uint64_t value;

	flow_scratch_sample(&scratch);
	if (d->filter && !flow_filter_accepts(d->filter, plan, fields->value, &scratch)) {
		sums->filtered++;
	} else if (flow_key_build(d, plan, fields, key) < 0 ||
		   !flow_value_of(&d->values[0], s, flow, fields, &value)) {
		sums->keyless++;
	} else {
		sums->counted++;
		sums->total = table_sum(sums->total, value);
	}
}

static void model(const struct flow_plan *plan, const uint8_t *data, size_t size, struct sums *sums,
	uint64_t *stats)
{
	static struct sflow_flow flow;
	static struct flow_fields fields;
	struct sflow_datagram dg;
	struct sflow_sample s;

	sflow_datagram_open(&dg, data, (uint32_t)size, stats);
	while (sflow_sample_next_any(&dg, &s, &flow, stats)) {
		if (s.kind != SFLOW_KIND_FLOW)
			continue;
		flow_extract(plan, &dg.agent, &s, &flow, &fields);
		for (unsigned i = 0; i < plan->definition_count; i++)
			add(&sums[i], plan, &plan->definitions[i], &s, &flow, &fields);
	}
}

static uint64_t sum_of(const struct table *t)
{
	uint64_t sum = t->other_value;

	for (uint32_t i = 0; i < t->count; i++)
		sum = table_sum(sum, table_entry_at(t, i)->value);
	return sum;
}

static void check_sums(const struct core *core, const struct sums *sums)
{
	for (unsigned i = 0; i < core->plan->definition_count; i++) {
		const struct window_definition *wd =
			&core->window->definitions[core->plan->definitions[i].table];

		check(wd->filtered == sums[i].filtered && wd->keyless == sums[i].keyless);
		check(wd->counted == sums[i].counted && wd->total == sums[i].total);
		check(sum_of(&wd->table) == wd->total);
	}
}

static void take_at_once(struct core *core, const uint8_t *data, size_t size, uint64_t number)
{
	uint8_t *copy = malloc(size + 1);

	check(copy != NULL);
	memcpy(copy, data, size);
	collect_datagram(&core->collector, core->window, NULL, copy, (uint32_t)size, number);
	free(copy);
}

/* @param skip  samples before the census wants one, which takes it off the way of usual ones */
static void run(struct core *core, const uint8_t *data, size_t size, uint32_t skip)
{
	static uint64_t number;
	uint64_t stats[SFLOW_STATS] = {0};
	struct sums sums[KINDS > PICKS ? KINDS : PICKS];

	memset(sums, 0, sizeof(sums));
	core->window->seen.skip = skip;
	/* Twice: the second waits while the first is taken in, and repeats its numbers. Then at once, from what is gone. */
	for (unsigned i = 0; i < 2; i++) {
		model(core->plan, data, size, sums, stats);
		collect_later(&core->collector, core->window, NULL, data, (uint32_t)size, ++number);
	}
	model(core->plan, data, size, sums, stats);
	take_at_once(core, data, size, ++number);
	collect_flush(&core->collector, core->window);
	check_sums(core, sums);
	check(memcmp(stats, core->window->sflow, sizeof(stats)) == 0);
	window_clear(core->window);
	window_open(core->window, number % WINDOWS + 1, 0, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!of_kinds.plan)
		start();
	run(&of_kinds, data, size, 0);
	run(&of_kinds, data, size, UINT32_MAX);
	run(&of_picks, data, size, UINT32_MAX);
	return 0;
}
