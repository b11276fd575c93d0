/* SPDX-License-Identifier: BSD-3-Clause */

/* Definitions with many flows: only what changed is sent, and keys are right whatever others do to them. */
#include <math.h>

#include "base/clock.h"
#include "publish/held_pvt.h"
#include "snapshots.h"

enum { KEYS = 400, MANY = 300, ROUNDS = 80 };

static uint32_t dice(uint32_t below)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 33) % below);
}

/* What Redis is to have: thousandths of each key's value; 0: it is not among the flows. */
struct model {
	uint64_t thousandths[KEYS];
	uint64_t number;
};

/* Some flows go, others come, one in three has another value. */
static void model_next(struct model *m)
{
	unsigned there = 0;

	m->number++;
	for (unsigned i = 0; i < KEYS; i++) {
		if (m->thousandths[i] == 0 || dice(3) == 0)
			m->thousandths[i] = 1 + dice(1000000);
		if (dice(16) == 0)
			m->thousandths[i] = 0;
		if (m->thousandths[i] && ++there > MANY)
			m->thousandths[i] = 0;
	}
}

static void set_flows(struct window_snapshot *s, const struct window_flow *top, unsigned count)
{
	struct window_flows *f = base_region_alloc(&s->region, sizeof(*f));

	*f = (struct window_flows){.name = "many",
		.unit = "bytes",
		.value = {"bytes", "rate", "bytes"},
		.count = count,
		.top = top};
	s->flows = f;
	s->flow_count = 1;
}

static struct window_snapshot *model_snapshot(const struct model *m)
{
	struct window_snapshot *s = make_snapshot(m->number, false);
	struct window_flow *top = base_region_alloc(&s->region, KEYS * sizeof(*top));
	unsigned count = 0;

	for (unsigned i = 0; i < KEYS; i++) {
		if (m->thousandths[i])
			top[count++] = (struct window_flow){
				.key = base_region_printf(&s->region, "10.0.0.%u,\"%u", i, i * i),
				.value = (double)m->thousandths[i] / 1000,
				.agent = "192.0.2.1",
				.source = "10"};
	}
	set_flows(s, top, count);
	return s;
}

static void put(struct fixture *f, struct publish *p, const struct model *m)
{
	window_exchange_put(f->x, model_snapshot(m));
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == m->number);
}

static bool has_flow(redisContext *c, const char *key, const char *value)
{
	return strcmp(ask(c, "HGET weir:flow:{many} %s", key), value) == 0 &&
	       fabs(atof(ask(c, "ZSCORE weir:flow:{many}:rank %s", key)) - atof(value)) < 1e-9;
}

static bool is_right(struct fixture *f, const struct model *m)
{
	redisContext *c = f->redis;
	char key[32], value[32];
	long there = 0;

	for (unsigned i = 0; i < KEYS; i++) {
		if (!m->thousandths[i])
			continue;
		snprintf(key, sizeof(key), "10.0.0.%u,\"%u", i, i * i);
		snprintf(value, sizeof(value), "%.6g", (double)m->thousandths[i] / 1000);
		if (!has_flow(c, key, value))
			return false;
		there++;
	}
	return atol(ask(c, "HLEN weir:flow:{many}")) == there &&
	       atol(ask(c, "ZCARD weir:flow:{many}:rank")) == there &&
	       strtoull(ask(c, "HGET weir:flow:{many}:meta window"), NULL, 10) == m->number;
}

/* Over more windows than lie between two that are written whole. */
static void test_changes(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);
	struct model m = {.number = 0};

	for (unsigned i = 0; i < ROUNDS; i++) {
		model_next(&m);
		put(f, p, &m);
		assert_true(is_right(f, &m));
	}
	assert_int_equal(stat_of(p, PUBLISH_ERRORS), 0);
	assert_true(publish_stop(p, 5000));
}

static uint64_t bytes_of(struct fixture *f, struct publish *p, const struct model *m)
{
	uint64_t before = stat_of(p, PUBLISH_BYTES);

	put(f, p, m);
	assert_true(is_right(f, m));
	return stat_of(p, PUBLISH_BYTES) - before;
}

/* The same flows once more are a document, but no fields and scores; one that changed is both of its own. */
static void test_only_changes(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);
	struct model m = {.number = 0};
	uint64_t whole, same, one, flow = sizeof("10.0.0.0,\"0") + sizeof("123.456");

	model_next(&m);
	m.thousandths[0] = 123456;
	whole = bytes_of(f, p, &m);
	m.number++;
	same = bytes_of(f, p, &m);
	m.number++;
	m.thousandths[0]++;
	m.thousandths[1]++;
	one = bytes_of(f, p, &m);
	assert_true(whole - same > 2 * flow * MANY / 2);
	assert_in_range(one - same, 2 * flow, 8 * flow);
	assert_true(publish_stop(p, 5000));
}

/* Whatever others do to the keys is put right, without waiting for long. */
static void test_repair(void **state)
{
	static const char *const deeds[] = {"DEL weir:flow:{many}", "DEL weir:flow:{many}:rank",
		"SET weir:flow:{many} text", "SET weir:flow:{many}:rank text", "FLUSHALL"};
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);
	struct model m = {.number = 0};

	model_next(&m);
	put(f, p, &m);
	for (unsigned i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		for (unsigned changed = 0; changed < 2; changed++) {
			ask(f->redis, deeds[i]);
			m.number++;
			if (changed) {
				m.number--;
				model_next(&m);
			}
			put(f, p, &m);
			WAIT_UNTIL(is_right(f, &m));
		}
	}
	assert_true(publish_stop(p, 5000));
}

/* Deleted before the last window: what is left at the end is whole, and expires. */
static void test_repair_at_stop(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);
	struct model m = {.number = 0};

	model_next(&m);
	put(f, p, &m);
	ask(f->redis, "DEL weir:flow:{many} weir:flow:{many}:rank");
	model_next(&m);
	window_exchange_put(f->x, model_snapshot(&m));
	assert_true(publish_stop(p, 5000));
	assert_true(is_right(f, &m));
	assert_string_not_equal(ask(f->redis, "PTTL weir:flow:{many}"), "-1");
	assert_string_not_equal(ask(f->redis, "PTTL weir:flow:{many}:rank"), "-1");
}

/* A flow that somebody took out, and one that is not ours. */
static void test_repair_members(void **state)
{
	static const char *const deeds[][2] = {
		{"HDEL weir:flow:{many} %s", NULL}, {"ZREM weir:flow:{many}:rank %s", NULL}};
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);
	struct model m = {.number = 0};
	unsigned at;

	model_next(&m);
	put(f, p, &m);
	for (unsigned i = 0; i < 2; i++) {
		char key[32];

		for (at = 0; !m.thousandths[at]; at++)
			;
		snprintf(key, sizeof(key), "10.0.0.%u,\"%u", at, at * at);
		assert_string_equal(ask(f->redis, deeds[i][0], key), "1");
		m.number++;
		m.thousandths[at] += 1; /* a change: the reply says that it was not there */
		put(f, p, &m);
		WAIT_UNTIL(is_right(f, &m));
	}
	ask(f->redis, "HSET weir:flow:{many} foreign 1");
	ask(f->redis, "ZADD weir:flow:{many}:rank 1 foreign");
	for (unsigned i = 0; i <= PUBLISH_HELD_WINDOWS; i++) {
		m.number++;
		put(f, p, &m);
	}
	assert_true(is_right(f, &m));
	assert_true(publish_stop(p, 5000));
}

/* The documents of a window that is written once more do not come again. */
static void test_repair_is_silent(void **state)
{
	struct fixture *f = *state;
	redisContext *c = server_connect(&f->server);
	struct publish *p = start_at(f->x, f->server.url);
	struct model m = {.number = 0};

	ask(c, "SUBSCRIBE weir:flow:{many}");
	for (unsigned i = 0; i < 3; i++) {
		model_next(&m);
		put(f, p, &m);
		WAIT_UNTIL(is_right(f, &m));
		ask(f->redis, "DEL weir:flow:{many} weir:flow:{many}:rank");
	}
	for (unsigned long long i = 1, window; i <= 3; i++) {
		redisReply *r = NULL;

		assert_int_equal(redisGetReply(c, (void **)&r), REDIS_OK);
		assert_int_equal(sscanf(strstr(r->element[2]->str, "\"window\":"),
					 "\"window\":%llu", &window),
			1);
		assert_int_equal(window, i);
		freeReplyObject(r);
	}
	assert_true(publish_stop(p, 5000));
	redisFree(c);
}

/* Many, few, none, many again; and a connection in between. */
static void test_few_and_many(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);
	struct model m = {.number = 0}, none = {.number = 0};
	uint64_t connects;

	for (unsigned i = 0; i < 3; i++) {
		model_next(&m);
		put(f, p, &m);
		assert_true(is_right(f, &m));
		none.number = ++m.number;
		none.thousandths[7] = i % 2 ? 5 : 0;
		put(f, p, &none);
		assert_true(is_right(f, &none));
		model_next(&m);
		put(f, p, &m);
		connects = stat_of(p, PUBLISH_CONNECTS);
		ask(f->redis, "CLIENT KILL TYPE normal SKIPME yes");
		WAIT_UNTIL(stat_of(p, PUBLISH_CONNECTS) > connects);
	}
	assert_int_equal(stat_of(p, PUBLISH_ERRORS), 0);
	assert_true(publish_stop(p, 5000));
}

/* Keys whose texts are the same are one field: which of them is not known, but never more than one. */
static void test_same_text(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);

	for (uint64_t n = 1; n <= 3; n++) {
		struct window_snapshot *s = make_snapshot(n, false);
		struct window_flow *top = base_region_alloc(&s->region, MANY * sizeof(*top));

		for (unsigned i = 0; i < MANY; i++)
			top[i] = (struct window_flow){
				.key = base_region_printf(&s->region, "%u", i / 2),
				.value = (double)(MANY - i) + (double)n / 8,
				.agent = "192.0.2.1",
				.source = "10"};
		set_flows(s, top, MANY);
		window_exchange_put(f->x, s);
		WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == n);
	}
	assert_int_equal(stat_of(p, PUBLISH_ERRORS), 0);
	assert_string_equal(ask(f->redis, "HLEN weir:flow:{many}"), "150");
	assert_string_equal(ask(f->redis, "HGET weir:flow:{many} 0"), "299.375");
	assert_true(publish_stop(p, 5000));
}

/* Times are told of a window whose seal is known. */
static void test_times(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);
	struct window_snapshot *s = make_snapshot(1, true);
	uint64_t stats[PUBLISH_STATS];

	s->sealed_ns = base_clock_mono_ns() - 5000000;
	window_exchange_put(f->x, s);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	publish_read_stats(p, stats);
	assert_true(stats[PUBLISH_LAG] >= 5000 + stats[PUBLISH_LAG_FORMAT] +
						  stats[PUBLISH_LAG_SEND] +
						  stats[PUBLISH_LAG_REPLIES]);
	window_exchange_put(f->x, make_snapshot(2, true));
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 2);
	assert_int_equal(stat_of(p, PUBLISH_LAG), 0);
	assert_true(publish_stop(p, 5000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(test_changes),
		FIXTURE_TEST(test_only_changes),
		FIXTURE_TEST(test_repair),
		FIXTURE_TEST(test_repair_at_stop),
		FIXTURE_TEST(test_repair_members),
		FIXTURE_TEST(test_repair_is_silent),
		FIXTURE_TEST(test_few_and_many),
		FIXTURE_TEST(test_same_text),
		FIXTURE_TEST(test_times),
	};

	if (!server_installed())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
