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

static const struct flow_spec specs[] = {
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
enum { SPECS = sizeof(specs) / sizeof(specs[0]) };

static struct flow_plan *plan;
static struct base_hash hash;
static struct collector collector;
static struct window *window;
static struct flow_scratch scratch;

static void check(bool good)
{
	if (!good)
		abort();
}

static void start(void)
{
	static const struct agent_limits agents = {
		.agents = 8, .sources = 32, .idle_tsc = UINT64_MAX / 2};
	static const struct window_limits limits = {
		.agents = 8, .sources = 32, .counter_bytes = 4096};
	struct flow_error error;

	check(base_hash_init(&hash) == 0);
	plan = flow_compile(specs, SPECS, NULL, &error);
	check(plan != NULL);
	collector.hash = &hash;
	collector.agents = agent_table_create(&agents, &hash, -1);
	collector.census = flow_census_create();
	window = window_create(plan, &limits, -1);
	check(collector.agents && collector.census && window);
	check(flow_scratch_init(&collector.scratch) == 0 && flow_scratch_init(&scratch) == 0);
	window_open(window, 1, 0, 0);
}

/* What one definition comes to. */
struct sums {
	uint64_t filtered, keyless, counted, total;
};

static void add(struct sums *sums, const struct flow_definition *d, const struct sflow_sample *s,
	const struct sflow_flow *flow, const struct flow_fields *fields)
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

static void model(const uint8_t *data, size_t size, struct sums *sums, uint64_t *stats)
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
		for (unsigned i = 0; i < SPECS; i++)
			add(&sums[i], &plan->definitions[i], &s, &flow, &fields);
	}
}

static uint64_t sum_of(const struct table *t)
{
	uint64_t sum = t->other_value;

	for (uint32_t i = 0; i < t->count; i++)
		sum = table_sum(sum, table_entry_at(t, i)->value);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint64_t number;
	uint64_t stats[SFLOW_STATS] = {0};
	struct sums sums[SPECS];

	memset(sums, 0, sizeof(sums));
	if (!plan)
		start();
	/* Twice: the second waits while the first is taken in, and repeats its numbers. */
	for (unsigned i = 0; i < 2; i++) {
		model(data, size, sums, stats);
		collect_later(&collector, window, NULL, data, (uint32_t)size, ++number);
	}
	collect_flush(&collector, window);
	for (unsigned i = 0; i < SPECS; i++) {
		const struct window_definition *wd =
			&window->definitions[plan->definitions[i].table];

		check(wd->filtered == sums[i].filtered && wd->keyless == sums[i].keyless);
		check(wd->counted == sums[i].counted && wd->total == sums[i].total);
		check(sum_of(&wd->table) == wd->total);
	}
	check(memcmp(stats, window->sflow, sizeof(stats)) == 0);
	window_clear(window);
	window_open(window, number % WINDOWS + 1, 0, 0);
	return 0;
}
