/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdlib.h>

#include "publish/publish.h"
#include "server.h"

enum {
	START_MS = 1700000000000, /* of window 0; windows are a second long */
	FLOWS = 8,
	EXPIRE_MS = 600000,
};

static inline const struct metric_pair *pairs_of(
	struct base_region *r, const struct metric_pair *from, unsigned count)
{
	struct metric_pair *to = base_region_alloc(r, count * sizeof(*to));

	memcpy(to, from, count * sizeof(*to));
	return to;
}

/* Values of every flow are the number of the window, so that mixed windows stand out. */
static inline void add_flows(struct window_snapshot *s)
{
	struct window_flows *f = base_region_alloc(&s->region, 2 * sizeof(*f));
	struct window_flow *top = base_region_alloc(&s->region, FLOWS * sizeof(*top));

	for (unsigned i = 0; i < FLOWS; i++)
		top[i] = (struct window_flow){
			.key = base_region_printf(
				&s->region, "10.0.0.1,%llu.%u", (unsigned long long)s->number, i),
			.value = (double)s->number + 0.25,
			.samples = 100 + i,
			.error95 = 0.196,
			.agent = "192.0.2.1",
			.source = "10",
		};
	f[0] = (struct window_flows){.name = "pairs",
		.unit = "bytes",
		.value = {"bytes", "rate", "bytes"},
		.total = 5000,
		.other = 10,
		.samples = 90,
		.filtered = 3,
		.keyless = 7,
		.lost = 0.25,
		.corrected = true,
		.flows = 12,
		.count = FLOWS,
		.top = top};
	f[1] = (struct window_flows){.name = "none",
		.unit = "frames",
		.value = {"frames", "rate", "frames"},
		.keyless = 97,
		.dropped = true};
	s->flows = f;
	s->flow_count = 2;
}

static inline void add_agents(struct window_snapshot *s)
{
	const struct metric_pair pairs[] = {
		{"datagrams", "12", true}, {"lost", "0", true}, {"version", "a b", false}};
	struct window_agent *a = base_region_alloc(&s->region, sizeof(*a));

	a->addr = base_addr_from((const uint8_t *)"\xC0\x00\x02\x01", 4);
	a->seen_ms = s->end_ms - 100;
	a->pairs = pairs_of(&s->region, pairs, 3);
	a->count = 3;
	s->agents = a;
	s->agent_count = 1;
}

static inline void add_metrics(struct window_snapshot *s)
{
	const struct metric_pair port[] = {
		{"ifinoctets", "125.5", true}, {"ifname", "swp\"1", false}};
	const struct metric_pair host[] = {{"load_one", "0.5", true}};
	struct metric_update *m = base_region_alloc(&s->region, 2 * sizeof(*m));

	m[0] = (struct metric_update){
		.agent = base_addr_from((const uint8_t *)"\xC0\x00\x02\x01", 4),
		.source = {0, 10},
		.time_ms = s->start_ms + 10,
		.count = 2,
		.pairs = pairs_of(&s->region, port, 2),
	};
	m[1] = m[0];
	m[1].source.class = 2;
	m[1].source.index = 1;
	m[1].time_ms = s->start_ms - 5000;
	m[1].count = 1;
	m[1].pairs = pairs_of(&s->region, host, 1);
	s->metrics = m;
	s->metric_count = s->complete ? 2 : 1;
}

static inline struct window_snapshot *make_snapshot(uint64_t number, bool complete)
{
	const struct metric_pair pairs[] = {{"datagrams", "7", true}};
	struct window_snapshot *s = calloc(1, sizeof(*s));

	s->number = number;
	s->start_ms = (uint64_t)START_MS + number * 1000;
	s->end_ms = s->start_ms + 1000;
	s->complete = complete;
	add_flows(s);
	add_agents(s);
	add_metrics(s);
	s->collector = pairs_of(&s->region, pairs, 1);
	s->collector_count = 1;
	return s;
}

static inline struct publish *start_at(struct window_exchange *x, const char *url)
{
	const struct publish_options o = {
		.url = url, .prefix = "weir", .collector = "c1", .expire_ms = EXPIRE_MS};
	char error[256];
	struct publish *p = publish_start(&o, x, error, sizeof(error));

	if (!p)
		fail_msg("%s", error);
	return p;
}

static inline uint64_t stat_of(const struct publish *p, enum publish_stat i)
{
	uint64_t stats[PUBLISH_STATS];

	publish_read_stats(p, stats);
	return stats[i];
}

/* What a group of tests shares: a server, and an exchange of each test's own. */
struct fixture {
	struct server server;
	struct window_exchange *x;
	redisContext *redis;
};

static inline int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	server_folder(&f->server);
	server_run(&f->server);
	f->x = window_exchange_create();
	f->redis = server_connect(&f->server);
	*state = f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	if (f->redis)
		redisFree(f->redis);
	window_exchange_destroy(f->x);
	server_remove(&f->server);
	free(f);
	return 0;
}

#define FIXTURE_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
