/* SPDX-License-Identifier: BSD-3-Clause */

/* Events, flow records and histories: streams and channels, and what waits while Redis is away. */
#include "snapshots.h"
#include "window/ring.h"

enum { SIZE = 16 };

static struct ring *make_ring(const char *id)
{
	const struct ring_options o = {.id = id, .size = SIZE, .view = SIZE};
	struct ring *r = ring_create(&o);

	assert_non_null(r);
	return r;
}

static void put(struct ring *r, const char *name, const char *value)
{
	const struct metric_pair pairs[] = {{"name", name, false}, {"value", value, true}};

	ring_put(r, ring_document(name, 1, pairs, 2));
}

static struct publish *start_with(
	struct fixture *f, struct ring *events, struct ring *records, struct ring *steps)
{
	const struct publish_options o = {.url = f->server.url,
		.prefix = "weir",
		.collector = "c1",
		.expire_ms = EXPIRE_MS,
		.events = events,
		.records = records,
		.steps = steps,
		.events_length = 5,
		.records_length = 1000};
	char error[256];
	struct publish *p = publish_start(&o, f->x, error, sizeof(error));

	if (!p)
		fail_msg("%s", error);
	return p;
}

static void test_streams(void **state)
{
	struct ring *events = make_ring("eventID"), *records = make_ring("flowID"),
		    *steps = make_ring("stepID");
	struct fixture *f = *state;
	struct publish *p = start_with(f, events, records, steps);

	put(events, "a \"b\"", "1.5");
	put(records, "one", "7");
	put(records, "two", "8");
	put(steps, "10s", "9");
	assert_true(publish_stop(p, 5000)); /* also where there is no window */
	assert_non_null(strstr(ask(f->redis, "XRANGE weir:events - +"),
		"[eventID 1 name a \"b\" value 1.5 collector c1]"));
	assert_non_null(strstr(ask(f->redis, "XRANGE weir:records:{one} - +"),
		"[flowID 1 name one value 7 collector c1]"));
	assert_non_null(strstr(ask(f->redis, "XRANGE weir:records:{two} - +"), "[flowID 2 "));
	assert_string_equal(ask(f->redis, "XLEN weir:history:{10s}:10s"), "1");
	assert_in_range(atol(ask(f->redis, "PTTL weir:history:{10s}:10s")), 7000000, 7200000);
	ring_destroy(events);
	ring_destroy(records);
	ring_destroy(steps);
}

static void show(struct fixture *f, struct publish *p, uint64_t number, unsigned flows)
{
	struct window_snapshot *s = make_snapshot(number, true);

	s->flow_count = flows;
	window_exchange_put(f->x, s);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == number);
}

/* Records of a definition that was removed are kept for a time; where it comes again, for good. */
static void test_gone(void **state)
{
	struct ring *records = make_ring("flowID");
	struct fixture *f = *state;
	struct publish *p = start_with(f, NULL, records, NULL);

	put(records, "pairs", "7");
	put(records, "none", "8");
	WAIT_UNTIL(stat_of(p, PUBLISH_RECORDS) == 2);
	show(f, p, 1, 2);
	assert_int_equal(atol(ask(f->redis, "PTTL weir:records:{none}")), -1);
	show(f, p, 2, 1);
	assert_in_range(atol(ask(f->redis, "PTTL weir:records:{none}")), 7000000, 7200000);
	assert_int_equal(atol(ask(f->redis, "PTTL weir:records:{pairs}")), -1);
	show(f, p, 3, 2);
	assert_int_equal(atol(ask(f->redis, "PTTL weir:records:{none}")), -1);
	assert_true(publish_stop(p, 5000));
	ring_destroy(records);
}

static void test_channel(void **state)
{
	struct ring *events = make_ring("eventID");
	struct fixture *f = *state;
	redisContext *c = server_connect(&f->server);
	struct publish *p = start_with(f, events, NULL, NULL);
	redisReply *r = NULL;

	assert_string_equal(ask(c, "SUBSCRIBE weir:events"), "[subscribe weir:events 1]");
	put(events, "a \"b\"", "1.5");
	assert_int_equal(redisGetReply(c, (void **)&r), REDIS_OK);
	assert_string_equal(r->element[2]->str,
		"{\"eventID\":1,\"name\":\"a \\\"b\\\"\",\"value\":1.5,\"collector\":\"c1\"}");
	freeReplyObject(r);
	redisFree(c);
	assert_true(publish_stop(p, 5000));
	ring_destroy(events);
}

/* The oldest are dropped and counted, and what is left comes in order once Redis is back. */
static void test_away(void **state)
{
	struct ring *events = make_ring("eventID");
	struct fixture *f = *state;
	struct publish *p;

	redisFree(f->redis);
	f->redis = NULL;
	server_kill(&f->server);
	p = start_with(f, events, NULL, NULL);
	for (unsigned i = 0; i < SIZE + 4; i++)
		put(events, "e", "1");
	assert_int_equal(stat_of(p, PUBLISH_EVENTS), 0);
	assert_int_equal(stat_of(p, PUBLISH_EVENTS_DROPPED), 4);
	assert_false(publish_connected(p));
	server_run(&f->server);
	WAIT_UNTIL(stat_of(p, PUBLISH_EVENTS) == SIZE);
	f->redis = server_connect(&f->server);
	assert_non_null(
		strstr(ask(f->redis, "XRANGE weir:events - + COUNT 1"), "[eventID 5 name e "));
	assert_true(publish_stop(p, 5000));
	assert_int_equal(ring_dropped(events), 4);
	ring_destroy(events);
}

/* What Redis does not take is counted, and does not hold up what comes after. */
static void test_refused(void **state)
{
	struct ring *events = make_ring("eventID"), *records = make_ring("flowID");
	struct fixture *f = *state;
	struct publish *p;

	ask(f->redis, "SET weir:events text");
	p = start_with(f, events, records, NULL);
	put(events, "e", "1");
	put(records, "r", "1");
	WAIT_UNTIL(stat_of(p, PUBLISH_RECORDS) == 1);
	assert_int_equal(stat_of(p, PUBLISH_ERRORS), 1);
	assert_string_equal(ask(f->redis, "XLEN weir:records:{r}"), "1");
	assert_true(publish_stop(p, 5000));
	ring_destroy(events);
	ring_destroy(records);
}

/* A stop with a Redis that is away says that not all was published. */
static void test_stop(void **state)
{
	struct ring *events = make_ring("eventID");
	struct fixture *f = *state;
	struct publish *p;

	redisFree(f->redis);
	f->redis = NULL;
	server_kill(&f->server);
	p = start_with(f, events, NULL, NULL);
	put(events, "e", "1");
	assert_false(publish_stop(p, 200));
	ring_destroy(events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(test_streams),
		FIXTURE_TEST(test_gone),
		FIXTURE_TEST(test_channel),
		FIXTURE_TEST(test_away),
		FIXTURE_TEST(test_refused),
		FIXTURE_TEST(test_stop),
	};

	return server_installed() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
