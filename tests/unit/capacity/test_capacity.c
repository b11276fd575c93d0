/* SPDX-License-Identifier: BSD-3-Clause */
#include "../publish/server.h"

#include <errno.h>

#include "capacity/capacity.h"
#include "capacity/hour.h"
#include "capacity/number.h"
#include "capacity/query.h"

/* Feeding, writing and asking, with clocks of our own and a real Redis that comes and goes. */

/* A Thursday, 00:00 UTC, on which a week begins. */
static const uint64_t start_ms = UINT64_C(2900) * 7 * CAPACITY_DAY_MS;

enum { STEP_MS = 20000 };

static struct capacity *create(const struct server *redis)
{
	const struct capacity_options o = {.url = redis->url,
		.prefix = "w",
		.links = 5,
		.hours_kept = 40000, /* no key expires: the days of these tests are long ago */
		.days_kept = 40000,
		.groups = {"pair"},
		.group_count = 1};
	struct capacity *k = capacity_create(&o);

	assert_non_null(k);
	return k;
}

static uint64_t stat(const struct capacity *k, enum capacity_stat which)
{
	uint64_t stats[CAPACITY_STATS];

	capacity_read_stats(k, stats);
	return stats[which];
}

static void feed_named(
	struct capacity *k, uint32_t index, uint64_t ms, double in, double out, const char *name)
{
	struct base_addr agent;
	struct capacity_news news = {.time_ms = ms,
		.mask = (1u << CAPACITY_METRICS) - 1,
		.values = {in, out},
		.speed = 1e9 * index,
		.name = name};
	struct capacity_link *l;

	base_addr_parse("10.0.0.1", &agent);
	capacity_begin(k);
	l = capacity_link_get(k, &agent, index);
	if (l && capacity_link_wants(l, ms)) {
		if (capacity_link_wants_groups(l, ms))
			capacity_link_set_groups(l, ms, index <= 2);
		capacity_link_take(k, l, &news);
	}
	capacity_end(k);
}

static void feed(struct capacity *k, uint32_t index, uint64_t ms, double in, double out)
{
	feed_named(k, index, ms, in, out, index == 1 ? "eth1" : NULL);
}

/* A record every 20 s, from one time to another. */
static void feed_all(
	struct capacity *k, uint32_t index, uint64_t from_ms, uint64_t to_ms, double in)
{
	for (uint64_t ms = from_ms; ms <= to_ms; ms += STEP_MS)
		feed(k, index, ms, in, in / 2);
}

/* All that can be done at a time. */
static void settle(struct capacity *k, uint64_t now_ms)
{
	for (unsigned i = 0; i < 1000 && capacity_tick(k, now_ms, 100); i++)
		;
}

static struct capacity_question question(uint64_t now_ms)
{
	return (struct capacity_question){.period_days = 30,
		.trend_days = 365,
		.threshold = 80,
		.years = 5,
		.most = 10,
		.now_ms = now_ms};
}

static struct capacity_answer asked(struct capacity *k, const struct capacity_question *q)
{
	struct capacity_answer a;

	assert_int_equal(capacity_ask(k, q, &a), 0);
	return a;
}

static struct server redis;
static redisContext *c;

static int open_redis(void **state)
{
	server_folder(&redis);
	server_run(&redis);
	c = server_connect(&redis);
	return 0;
}

static int close_redis(void **state)
{
	redisFree(c);
	server_remove(&redis);
	return 0;
}

static void test_hour(void **state)
{
	struct capacity *k = create(&redis);
	struct capacity_question q = question(start_ms + 2 * CAPACITY_HOUR_MS);
	struct capacity_answer a;

	settle(k, start_ms);
	feed_all(k, 1, start_ms, start_ms + CAPACITY_HOUR_MS + STEP_MS, 30);
	settle(k, start_ms + CAPACITY_HOUR_MS + STEP_MS);
	assert_int_equal(stat(k, CAPACITY_WRITTEN), 1);
	assert_string_equal(ask(c, "ZRANGE w:capacity:agents 0 -1"), "[10.0.0.1]");
	assert_string_equal(
		ask(c, "HGET w:capacity:{10.0.0.1} 1"), "487200 487200 1000000000 3498 2986 eth1");
	assert_string_equal(ask(c, "EXISTS w:capacity:{10.0.0.1}:1:hours:2900"), "1");
	assert_true(strtol(ask(c, "TTL w:capacity:{10.0.0.1}:1:hours:2900"), NULL, 10) > 0);
	a = asked(k, &q);
	assert_int_equal(a.count, 1);
	assert_false(a.away);
	assert_string_equal(a.found[0].name, "eth1");
	assert_int_equal(a.found[0].minutes, 61); /* one of the next hour is running */
	assert_int_equal(a.found[0].metric, CAPACITY_IN);
	assert_int_equal(
		a.found[0].period.metrics[CAPACITY_IN].points[CAPACITY_P95], capacity_code(30));
	assert_int_equal(a.found[0].hour.minutes, 1);
	free(a.found);
	capacity_destroy(k);
}

/* The running hour is there before it is in Redis, and without Redis. */
static void test_running(void **state)
{
	struct capacity *k = create(&redis);
	struct capacity_question q = question(start_ms + 10 * CAPACITY_MINUTE_MS);
	struct capacity_answer a;

	server_kill(&redis);
	feed_all(k, 1, start_ms, start_ms + 10 * CAPACITY_MINUTE_MS, 40);
	a = asked(k, &q);
	assert_true(a.away);
	assert_int_equal(a.count, 1);
	assert_int_equal(a.found[0].hour.minutes, 10);
	assert_int_equal(a.found[0].minutes, 10);
	free(a.found);
	capacity_destroy(k);
	server_run(&redis);
	redisFree(c);
	c = server_connect(&redis);
}

/* Minutes of members, by their speeds: 1 and 2 Gb/s. */
static void test_group(void **state)
{
	struct capacity *k = create(&redis);
	struct capacity_question q = question(start_ms + 2 * CAPACITY_HOUR_MS);
	uint64_t end_ms = start_ms + CAPACITY_HOUR_MS + STEP_MS;
	struct capacity_answer a;

	q.group = "pair";
	feed_all(k, 1, start_ms, end_ms, 30);
	feed_all(k, 2, start_ms, end_ms, 60);
	feed_all(k, 3, start_ms, end_ms, 90); /* not in it */
	settle(k, end_ms + 20 * CAPACITY_MINUTE_MS);
	assert_string_equal(ask(c, "EXISTS w:capacity:group:{pair}:hours:2900"), "1");
	a = asked(k, &q);
	assert_int_equal(a.count, 1);
	assert_string_equal(a.found[0].group, "pair");
	assert_true(a.found[0].speed == 3e9);
	assert_int_equal(
		a.found[0].period.metrics[CAPACITY_IN].points[CAPACITY_P50], capacity_code(50));
	free(a.found);
	q.group = "nobody";
	assert_int_equal(capacity_ask(k, &q, &a), -ENOENT);
	capacity_destroy(k);
}

/* Hours of a day become a day half an hour after it, once. */
static void test_day(void **state)
{
	struct capacity *k = create(&redis);
	uint64_t midnight = start_ms + CAPACITY_DAY_MS;
	struct capacity_question q = question(midnight + 2 * CAPACITY_HOUR_MS);
	struct capacity_answer a;

	settle(k, start_ms);
	for (unsigned h = 0; h < 24; h++) {
		feed_all(k, 1, start_ms + h * CAPACITY_HOUR_MS,
			start_ms + (h + 1) * CAPACITY_HOUR_MS, 10 + h);
		settle(k, start_ms + (h + 1) * CAPACITY_HOUR_MS);
	}
	settle(k, midnight + 29 * CAPACITY_MINUTE_MS);
	assert_int_equal(stat(k, CAPACITY_DAYS), 0);
	settle(k, midnight + 31 * CAPACITY_MINUTE_MS);
	assert_int_equal(stat(k, CAPACITY_DAYS), 2); /* the link's, and its group's */
	settle(k, midnight + 32 * CAPACITY_MINUTE_MS);
	assert_int_equal(stat(k, CAPACITY_DAYS), 2);
	assert_string_equal(ask(c, "GET w:capacity:day"), "20300");
	assert_string_equal(ask(c, "EXISTS w:capacity:{10.0.0.1}:1:days:2025"), "1");
	ask(c, "DEL w:capacity:{10.0.0.1}:1:hours:2900");
	a = asked(k, &q);
	assert_int_equal(a.count, 1);
	assert_in_range(a.found[0].minutes, 1435, 1440);
	assert_int_equal(
		a.found[0].period.metrics[CAPACITY_IN].points[CAPACITY_MAX], capacity_code(33));
	free(a.found);
	capacity_destroy(k);
}

/* While the clock may be wrong no day is begun, and none passed over. */
static void test_held(void **state)
{
	const struct capacity_options o = {
		.url = redis.url, .prefix = "w", .links = 5, .hours_kept = 8, .days_kept = 35};
	uint64_t later = start_ms + 100 * (uint64_t)CAPACITY_DAY_MS;
	struct capacity *k = capacity_create(&o);

	settle(k, start_ms);
	feed_all(k, 3, start_ms, start_ms + CAPACITY_HOUR_MS + STEP_MS, 10);
	settle(k, start_ms + CAPACITY_HOUR_MS + STEP_MS);
	capacity_hold_days(k, true);
	settle(k, later);
	assert_int_equal(stat(k, CAPACITY_FORGOTTEN), 0);
	capacity_hold_days(k, false);
	settle(k, start_ms + CAPACITY_DAY_MS + CAPACITY_HOUR_MS);
	assert_string_equal(ask(c, "GET w:capacity:day"), "20300");
	assert_int_equal(stat(k, CAPACITY_SKIPPED), 0);
	settle(k, later);
	assert_int_equal(stat(k, CAPACITY_SKIPPED), 92);
	assert_int_equal(stat(k, CAPACITY_FORGOTTEN), 1);
	capacity_destroy(k);
}

/* A question that is told to end answers with what it has; hours that Redis did not get are counted. */
static void test_end(void **state)
{
	struct capacity *k = create(&redis);
	struct capacity_question q = question(start_ms + 2 * CAPACITY_HOUR_MS);
	struct capacity_answer a;

	settle(k, start_ms);
	feed_all(k, 3, start_ms, start_ms + 10 * CAPACITY_MINUTE_MS, 10);
	capacity_end_questions(k);
	a = asked(k, &q);
	assert_int_equal(a.known, 1);
	assert_int_equal(a.analysed, 0);
	free(a.found);
	ask(c, "CONFIG SET maxmemory 1");
	capacity_finish(k, 500);
	assert_true(stat(k, CAPACITY_LOST) > 0);
	capacity_destroy(k);
}

/* A day that was over while weir was down is made of what Redis has. */
static void test_day_after_restart(void **state)
{
	struct capacity *k = create(&redis);

	settle(k, start_ms);
	feed_all(k, 1, start_ms, start_ms + 3 * CAPACITY_HOUR_MS, 20);
	settle(k, start_ms + 3 * CAPACITY_HOUR_MS);
	ask(c, "SET w:capacity:day 20299");
	capacity_destroy(k);
	k = create(&redis);
	settle(k, start_ms + 3 * (uint64_t)CAPACITY_DAY_MS + CAPACITY_HOUR_MS);
	assert_int_equal(stat(k, CAPACITY_DAYS), 2);
	assert_string_equal(ask(c, "GET w:capacity:day"), "20302");
	capacity_destroy(k);
}

/* The parts of an hour before and after a restart are one. */
static void test_restart(void **state)
{
	struct capacity *k = create(&redis);
	struct capacity_question q = question(start_ms + 2 * CAPACITY_HOUR_MS);
	uint64_t half_ms = start_ms + 30 * CAPACITY_MINUTE_MS;
	struct capacity_answer a;

	settle(k, start_ms);
	feed_all(k, 1, start_ms, half_ms, 10);
	capacity_finish(k, 2000);
	capacity_destroy(k);
	k = create(&redis);
	settle(k, half_ms);
	feed_all(k, 1, half_ms, start_ms + CAPACITY_HOUR_MS, 50);
	capacity_finish(k, 2000);
	a = asked(k, &q);
	assert_int_equal(a.count, 1);
	assert_int_equal(a.found[0].minutes, 60);
	assert_in_range(a.found[0].period.metrics[CAPACITY_IN].mean, capacity_code(30) - 1,
		capacity_code(30) + 1);
	assert_int_equal(a.found[0].since, start_ms / CAPACITY_HOUR_MS);
	free(a.found);
	capacity_destroy(k);
}

/* While Redis is away hours wait, and all are written when it is back. */
static void test_away(void **state)
{
	struct capacity *k = create(&redis);
	uint64_t end_ms = start_ms + 5 * CAPACITY_HOUR_MS;

	settle(k, start_ms);
	server_kill(&redis);
	feed_all(k, 3, start_ms, end_ms, 10);
	settle(k, end_ms);
	assert_int_equal(stat(k, CAPACITY_HOURS), 4);
	assert_true(stat(k, CAPACITY_WAITING) >= 4);
	assert_int_equal(stat(k, CAPACITY_WRITTEN), 0);
	server_run(&redis);
	redisFree(c);
	c = server_connect(&redis);
	WAIT_UNTIL((settle(k, end_ms), stat(k, CAPACITY_WRITTEN) == 4));
	assert_int_equal(stat(k, CAPACITY_LOST), 0);
	assert_int_equal(stat(k, CAPACITY_WAITING), 0);
	capacity_destroy(k);
}

/* A key of another type loses its own records alone; a Redis that is full gets them later. */
static void test_refused(void **state)
{
	struct capacity *k = create(&redis);
	uint64_t end_ms = start_ms + CAPACITY_HOUR_MS + STEP_MS;

	settle(k, start_ms);
	ask(c, "LPUSH w:capacity:{10.0.0.1}:3:hours:2900 x");
	feed_all(k, 3, start_ms, end_ms, 10);
	feed_all(k, 4, start_ms, end_ms, 10);
	ask(c, "CONFIG SET maxmemory 1");
	settle(k, end_ms);
	assert_int_equal(stat(k, CAPACITY_WRITTEN), 0);
	ask(c, "CONFIG SET maxmemory 0");
	WAIT_UNTIL((settle(k, end_ms), stat(k, CAPACITY_WAITING) == 0));
	assert_int_equal(stat(k, CAPACITY_WRITTEN), 1);
	assert_int_equal(stat(k, CAPACITY_REFUSED), 1);
	assert_string_equal(ask(c, "EXISTS w:capacity:{10.0.0.1}:4:hours:2900"), "1");
	capacity_destroy(k);
}

static void test_full(void **state)
{
	struct capacity *k = create(&redis);

	for (uint32_t i = 1; i <= 7; i++)
		feed(k, i, start_ms, 1, 1);
	assert_int_equal(stat(k, CAPACITY_LINKS), 5);
	assert_int_equal(stat(k, CAPACITY_FULL), 2);
	capacity_destroy(k);
}

/* A name that is another for a moment is the same interface; one that goes to another ifIndex is not. */
static void test_renamed(void **state)
{
	struct capacity *k = create(&redis);
	uint64_t hour = start_ms;
	struct capacity_question q = question(start_ms + 4 * CAPACITY_HOUR_MS);
	struct capacity_answer a;

	settle(k, start_ms);
	for (uint64_t ms = hour; ms < hour + CAPACITY_HOUR_MS; ms += STEP_MS)
		feed_named(k, 1, ms, 90, 0, ms % (10 * STEP_MS) == 9 * STEP_MS ? "port1" : "eth1");
	assert_int_equal(stat(k, CAPACITY_RENAMED), 0);
	hour += CAPACITY_HOUR_MS;
	for (uint64_t ms = hour; ms < hour + 3 * CAPACITY_HOUR_MS; ms += STEP_MS) {
		feed_named(k, 1, ms, 10, 0, "eth7");
		feed_named(k, 2, ms, 5, 0, "eth1");
	}
	settle(k, hour + 3 * CAPACITY_HOUR_MS);
	assert_int_equal(stat(k, CAPACITY_RENAMED), 1);
	q.interface = "1";
	a = asked(k, &q);
	assert_int_equal(a.count, 1);
	assert_string_equal(a.found[0].name, "eth7");
	assert_int_equal(a.found[0].since, hour / CAPACITY_HOUR_MS + 1);
	assert_int_equal(
		a.found[0].period.metrics[CAPACITY_IN].points[CAPACITY_MAX], capacity_code(10));
	free(a.found);
	capacity_destroy(k);
}

/* Who gives names may change: the history is that of the same interface, also over a restart. */
static void test_called_otherwise(void **state)
{
	struct capacity *k = create(&redis);
	uint64_t hour = start_ms;
	struct capacity_question q = question(start_ms + 4 * CAPACITY_HOUR_MS);
	struct capacity_answer a;

	settle(k, start_ms);
	feed_all(k, 1, hour, hour + 90 * CAPACITY_MINUTE_MS, 90);
	capacity_finish(k, 2000);
	capacity_destroy(k);
	k = create(&redis);
	hour += 2 * CAPACITY_HOUR_MS;
	feed_named(k, 1, hour, 10, 0, "port1"); /* before Redis is asked */
	settle(k, hour);
	a = asked(k, &q);
	assert_int_equal(a.count, 1);
	assert_string_equal(a.found[0].name, "eth1");
	free(a.found);
	for (uint64_t ms = hour; ms <= hour + CAPACITY_HOUR_MS + STEP_MS; ms += STEP_MS)
		feed_named(k, 1, ms, 10, 0, "port1");
	a = asked(k, &q);
	assert_int_equal(a.count, 1);
	assert_int_equal(stat(k, CAPACITY_RENAMED), 0);
	assert_string_equal(a.found[0].name, "port1");
	assert_int_equal(a.found[0].since, start_ms / CAPACITY_HOUR_MS);
	assert_int_equal(
		a.found[0].period.metrics[CAPACITY_IN].points[CAPACITY_MAX], capacity_code(90));
	free(a.found);
	capacity_destroy(k);
}

/* An agent may have half of all interfaces, others the rest; one that has none any more is not kept. */
static void test_share(void **state)
{
	const struct capacity_options o = {
		.url = redis.url, .prefix = "w", .links = 200, .hours_kept = 8, .days_kept = 35};
	struct capacity *k = capacity_create(&o);
	struct base_addr other;

	settle(k, start_ms);
	for (uint32_t i = 1; i <= 200; i++)
		feed(k, i, start_ms, 1, 1);
	assert_int_equal(stat(k, CAPACITY_LINKS), 100);
	assert_int_equal(stat(k, CAPACITY_SHARE), 100);
	assert_int_equal(stat(k, CAPACITY_FULL), 0);
	base_addr_parse("10.0.0.2", &other);
	capacity_begin(k);
	assert_non_null(capacity_link_get(k, &other, 1));
	capacity_end(k);
	for (unsigned day = 1; day < 4; day++)
		settle(k, start_ms + day * (uint64_t)CAPACITY_DAY_MS + CAPACITY_HOUR_MS);
	capacity_begin(k);
	capacity_end(k);
	assert_int_equal(stat(k, CAPACITY_LINKS), 0);
	assert_string_equal(ask(c, "EXISTS w:capacity:agents"), "0");
	capacity_destroy(k);
}

/* Two sub-agents of one address that both have the ifIndex: the second is not mixed in. */
static void test_sub_agents(void **state)
{
	struct capacity *k = create(&redis);
	struct capacity_link *l;
	struct base_addr agent;

	base_addr_parse("10.0.0.1", &agent);
	feed(k, 1, start_ms, 1, 1);
	capacity_begin(k);
	l = capacity_link_find(k, &agent, 1);
	assert_true(capacity_link_is_of(k, l, 0, start_ms + STEP_MS));
	assert_false(capacity_link_is_of(k, l, 7, start_ms + STEP_MS));
	assert_true(capacity_link_is_of(k, l, 7, start_ms + CAPACITY_HOUR_MS)); /* alone by now */
	capacity_end(k);
	assert_int_equal(stat(k, CAPACITY_TWICE), 1);
	capacity_destroy(k);
}

/* What Redis says of interfaces may be anything. */
static void test_hostile(void **state)
{
	struct capacity *k;
	struct capacity_question q = question(start_ms + 2 * CAPACITY_HOUR_MS);
	struct capacity_answer a;

	ask(c, "ZADD w:capacity:agents 1 10.0.0.9 2 nobody 3 10.0.0.8");
	ask(c, "HSET w:capacity:{10.0.0.9} 1 %s x %s 4294967296 %s 2 %s",
		"487200 487200 1000 5 5 eth1", "1 2 3 4 5 y", "1 2 3 4 5 y", "rubbish");
	ask(c, "SET w:capacity:{10.0.0.8} text");
	ask(c, "SET w:capacity:{10.0.0.9}:1:hours:2900 %b", "\x20rubbish", (size_t)8);
	ask(c, "LPUSH w:capacity:{10.0.0.9}:1:days:2025 x");
	ask(c, "SET w:capacity:day 4294967295");
	k = create(&redis);
	settle(k, start_ms);
	assert_int_equal(stat(k, CAPACITY_DAMAGED), 3);
	feed_all(k, 1, start_ms, start_ms + CAPACITY_HOUR_MS + STEP_MS, 30);
	settle(k, start_ms + CAPACITY_DAY_MS + CAPACITY_HOUR_MS);
	assert_int_equal(stat(k, CAPACITY_DAYS), 2);
	a = asked(k, &q);
	assert_int_equal(a.known, 2);
	assert_int_equal(a.count, 1);
	free(a.found);
	capacity_destroy(k);
}

/* One that is silent for as long as hours are kept is forgotten. */
static void test_forgotten(void **state)
{
	const struct capacity_options o = {
		.url = redis.url, .prefix = "w", .links = 5, .hours_kept = 8, .days_kept = 35};
	struct capacity *k = capacity_create(&o);

	settle(k, start_ms);
	feed_all(k, 4, start_ms, start_ms + CAPACITY_HOUR_MS + STEP_MS, 10);
	feed_all(k, 3, start_ms, start_ms + 26 * CAPACITY_HOUR_MS, 10);
	settle(k, start_ms + CAPACITY_DAY_MS + 2 * CAPACITY_HOUR_MS);
	assert_int_equal(stat(k, CAPACITY_LINKS), 2);
	settle(k, start_ms + 2 * CAPACITY_DAY_MS + CAPACITY_HOUR_MS);
	settle(k, start_ms + 3 * CAPACITY_DAY_MS + CAPACITY_HOUR_MS);
	capacity_begin(k);
	capacity_end(k);
	assert_int_equal(stat(k, CAPACITY_LINKS), 1); /* the new one is gone */
	for (unsigned day = 4; day < 14; day++)
		settle(k, start_ms + day * (uint64_t)CAPACITY_DAY_MS + CAPACITY_HOUR_MS);
	capacity_begin(k);
	capacity_end(k);
	assert_int_equal(stat(k, CAPACITY_LINKS), 0);
	assert_int_equal(stat(k, CAPACITY_FORGOTTEN), 2);
	assert_string_equal(ask(c, "EXISTS w:capacity:{10.0.0.1}"), "0");
	assert_string_equal(ask(c, "EXISTS w:capacity:agents"), "0");
	capacity_destroy(k);
}

static void test_question(void **state)
{
	struct capacity *k = create(&redis);
	struct capacity_question q = question(start_ms + 10 * CAPACITY_MINUTE_MS);
	struct capacity_answer a;

	feed_all(k, 1, start_ms, start_ms + 5 * CAPACITY_MINUTE_MS, 10);
	feed_all(k, 2, start_ms, start_ms + 5 * CAPACITY_MINUTE_MS, 50);
	feed_all(k, 3, start_ms, start_ms + 5 * CAPACITY_MINUTE_MS, 30);
	a = asked(k, &q);
	assert_int_equal(a.count, 3);
	assert_int_equal(a.found[0].index, 2);
	assert_int_equal(a.found[2].index, 1);
	free(a.found);
	q.interface = "e*h1";
	a = asked(k, &q);
	assert_int_equal(a.count, 1);
	assert_int_equal(a.found[0].index, 1);
	free(a.found);
	q.interface = "3";
	q.measure = CAPACITY_MEASURE_IN + CAPACITY_OUT;
	a = asked(k, &q);
	assert_int_equal(a.count, 1);
	assert_int_equal(a.found[0].metric, CAPACITY_OUT);
	assert_int_equal(a.found[0].period.metrics[CAPACITY_OUT].mean, capacity_code(15));
	free(a.found);
	base_addr_parse("10.0.0.2", &q.agent);
	a = asked(k, &q);
	assert_int_equal(a.count, 0);
	free(a.found);
	capacity_destroy(k);
}

int main(void)
{
#define ON_REDIS(test) cmocka_unit_test_setup_teardown(test, open_redis, close_redis)
	const struct CMUnitTest tests[] = {
		ON_REDIS(test_hour),
		ON_REDIS(test_running),
		ON_REDIS(test_group),
		ON_REDIS(test_day),
		ON_REDIS(test_held),
		ON_REDIS(test_end),
		ON_REDIS(test_day_after_restart),
		ON_REDIS(test_restart),
		ON_REDIS(test_away),
		ON_REDIS(test_refused),
		ON_REDIS(test_full),
		ON_REDIS(test_renamed),
		ON_REDIS(test_called_otherwise),
		ON_REDIS(test_share),
		ON_REDIS(test_sub_agents),
		ON_REDIS(test_hostile),
		ON_REDIS(test_forgotten),
		ON_REDIS(test_question),
	};

	signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	if (!server_installed())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
