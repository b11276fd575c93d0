/* SPDX-License-Identifier: BSD-3-Clause */

/* Redis away, back, full, read-only, hung: the publisher goes on, and all is right again after. */
#include <signal.h>

#include "base/clock.h"
#include "snapshots.h"

/* As an aggregator does: complete where a reader asked for it. */
static uint64_t put_next(struct fixture *f)
{
	uint64_t number = window_exchange_wait(f->x, 0, 0) + 1;

	window_exchange_put(f->x, make_snapshot(number, window_exchange_wants_all(f->x)));
	return number;
}

static void test_absent_at_start(void **state)
{
	struct fixture *f = *state;
	struct publish *p;

	redisFree(f->redis);
	f->redis = NULL;
	server_kill(&f->server);
	p = start_at(f->x, f->server.url);
	put_next(f);
	put_next(f);
	assert_false(publish_connected(p));
	server_run(&f->server);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	assert_int_equal(stat_of(p, PUBLISH_SUPERSEDED), 1);
	f->redis = server_connect(&f->server);
	assert_string_equal(ask(f->redis, "HGET weir:flow:{pairs}:meta window"), "2");
	assert_true(publish_stop(p, 5000));
}

static void test_stop_without_redis(void **state)
{
	struct fixture *f = *state;
	uint64_t start;
	struct publish *p;

	redisFree(f->redis);
	f->redis = NULL;
	server_kill(&f->server);
	p = start_at(f->x, f->server.url);
	assert_true(publish_stop(p, 5000)); /* nothing to publish: done */
	p = start_at(f->x, f->server.url);
	put_next(f);
	start = base_clock_mono_ns();
	assert_false(publish_stop(p, 300));
	assert_in_range(base_clock_mono_ns() - start, 250000000u, 1500000000u);
	assert_true(publish_stop(NULL, 0));
}

/* A server that comes back within the time of the stop still gets the last window. */
static void test_stop_waits(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);

	put_next(f);
	assert_true(publish_stop(p, 5000));
	assert_string_equal(ask(f->redis, "HGET weir:flow:{pairs}:meta window"), "1");
}

static void test_kill_and_restart(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);
	uint64_t last;

	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 2);
	redisFree(f->redis);
	server_kill(&f->server);
	WAIT_UNTIL(!publish_connected(p)); /* an idle connection too is seen to be dead */
	assert_int_equal(stat_of(p, PUBLISH_DISCONNECTS), 1);
	put_next(f);
	put_next(f);
	last = put_next(f);

	server_run(&f->server);
	f->redis = server_connect(&f->server);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 3);
	assert_int_equal(last, 5);
	assert_int_equal(stat_of(p, PUBLISH_SUPERSEDED), 2);
	assert_int_equal(stat_of(p, PUBLISH_CONNECTS), 2);
	assert_string_equal(ask(f->redis, "HGET weir:flow:{pairs}:meta window"), "5");
	assert_string_equal(ask(f->redis, "EXISTS weir:metric:{192.0.2.1}:2.1"), "0");
	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 4);
	assert_string_equal(ask(f->redis, "EXISTS weir:metric:{192.0.2.1}:2.1"), "1");
	assert_true(publish_stop(p, 5000));
}

/* Documents of flows and metrics that came until one of window `last` did: none comes twice. */
static void assert_documents(redisContext *c, unsigned long long last, unsigned want)
{
	unsigned long long window = 0;
	unsigned count = 0;

	while (window < last) {
		redisReply *r = NULL;
		const char *member;

		assert_int_equal(redisGetReply(c, (void **)&r), REDIS_OK);
		member = strstr(r->element[3]->str, "\"window\":");
		if (member)
			assert_int_equal(sscanf(member, "\"window\":%llu", &window), 1);
		count++;
		freeReplyObject(r);
	}
	assert_int_equal(count, want);
}

/*
 * The connection is lost between two windows: the newest one's keys are written once more, and its
 * documents are not published again.
 */
static void test_documents_once(void **state)
{
	struct fixture *f = *state;
	redisContext *c = server_connect(&f->server);
	struct publish *p = start_at(f->x, f->server.url);
	redisReply *r = NULL;
	uint64_t commands;

	ask(c, "PSUBSCRIBE weir:flow:{pairs} weir:metric:*");
	assert_int_equal(redisGetReply(c, (void **)&r), REDIS_OK); /* of the second pattern */
	freeReplyObject(r);
	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	ask(f->redis, "DEL weir:flow:{pairs}");
	commands = stat_of(p, PUBLISH_COMMANDS);
	ask(f->redis, "CLIENT KILL TYPE normal SKIPME yes");
	WAIT_UNTIL(stat_of(p, PUBLISH_COMMANDS) > commands);
	WAIT_UNTIL(strcmp(ask(f->redis, "EXISTS weir:flow:{pairs}"), "1") == 0);
	WAIT_UNTIL(stat_of(p, PUBLISH_CONNECTS) == 2);
	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 2);
	assert_documents(c, 2, 3); /* flows 1, metric 1, flows 2 */
	assert_true(publish_stop(p, 5000));
	redisFree(c);
}

/* Away for long: it is not long until weir looks again. */
static void test_back_off(void **state)
{
	struct fixture *f = *state;
	struct publish *p;
	uint64_t start;

	redisFree(f->redis);
	f->redis = NULL;
	server_kill(&f->server);
	p = start_at(f->x, f->server.url);
	put_next(f);
	nanosleep(&(struct timespec){.tv_sec = 2}, NULL); /* 100, 200, 400 ms and on */
	server_run(&f->server);
	start = base_clock_mono_ns();
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	assert_in_range(base_clock_mono_ns() - start, 0, 900000000u);
	assert_true(publish_stop(p, 5000));
}

/* A restart between two windows: the newest one is published once more. */
static void test_restart_republishes(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);

	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	redisFree(f->redis);
	server_kill(&f->server);
	server_run(&f->server);
	f->redis = server_connect(&f->server);
	WAIT_UNTIL(strcmp(ask(f->redis, "HGET weir:flow:{pairs}:meta window"), "1") == 0);
	assert_int_equal(stat_of(p, PUBLISH_WINDOWS), 1);
	assert_int_equal(stat_of(p, PUBLISH_SUPERSEDED), 0);
	assert_true(publish_stop(p, 5000));
}

static void test_wrong_type(void **state)
{
	struct fixture *f = *state;
	struct publish *p;

	ask(f->redis, "SET weir:flow:{pairs} text");
	ask(f->redis, "SET weir:flow:{pairs}:rank text");
	ask(f->redis, "SET weir:collector:c1 text");
	ask(f->redis, "SET weir:agents text");
	p = start_at(f->x, f->server.url);
	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	assert_int_equal(stat_of(p, PUBLISH_ERRORS), 2); /* ZADD, ZREMRANGEBYSCORE */
	assert_string_equal(ask(f->redis, "HLEN weir:flow:{pairs}"), "8");
	assert_string_equal(ask(f->redis, "ZCARD weir:flow:{pairs}:rank"), "8");
	assert_string_equal(ask(f->redis, "HGET weir:collector:c1 window"), "1");
	assert_string_equal(ask(f->redis, "GET weir:agents"), "text");

	ask(f->redis, "SET weir:metric:{192.0.2.1}:10 text"); /* within EXEC */
	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 2);
	assert_int_equal(stat_of(p, PUBLISH_ERRORS), 5); /* and HSET; PEXPIRE is fine */
	ask(f->redis, "DEL weir:agents weir:metric:{192.0.2.1}:10");
	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 3);
	assert_int_equal(stat_of(p, PUBLISH_ERRORS), 5);
	assert_int_equal(stat_of(p, PUBLISH_CONNECTS), 1);
	WAIT_UNTIL(window_exchange_wants_all(f->x)); /* once nothing is refused any more */
	assert_true(publish_stop(p, 5000));
}

static void test_out_of_memory(void **state)
{
	struct fixture *f = *state;
	struct publish *p;

	ask(f->redis, "CONFIG SET maxmemory 1");
	p = start_at(f->x, f->server.url);
	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	assert_true(stat_of(p, PUBLISH_ERRORS) > 0);
	assert_true(publish_connected(p));
	ask(f->redis, "CONFIG SET maxmemory 0");
	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 2);
	assert_int_equal(stat_of(p, PUBLISH_CONNECTS), 1);
	assert_string_equal(ask(f->redis, "HGET weir:flow:{pairs}:meta window"), "2");
	assert_true(publish_stop(p, 5000));
}

static void test_read_only(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);

	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	ask(f->redis, "REPLICAOF 127.0.0.1 1");
	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_DISCONNECTS) > 0);
	assert_int_equal(stat_of(p, PUBLISH_WINDOWS), 1);
	ask(f->redis, "REPLICAOF NO ONE");
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 2);
	assert_string_equal(ask(f->redis, "HGET weir:flow:{pairs}:meta window"), "2");
	assert_true(publish_stop(p, 5000));
}

static uint64_t put_flows(struct fixture *f, unsigned flows)
{
	uint64_t number = window_exchange_wait(f->x, 0, 0) + 1;
	struct window_snapshot *s = make_snapshot(number, true);

	s->flow_count = flows;
	window_exchange_put(f->x, s);
	return number;
}

static bool expires(struct fixture *f)
{
	return atol(ask(f->redis, "PTTL weir:records:{none}")) > 0;
}

/* A definition goes while nothing can be written, and the connection is lost. */
static void test_gone_lost(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);

	ask(f->redis, "XADD weir:records:{none} * a b");
	put_flows(f, 2);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	ask(f->redis, "REPLICAOF 127.0.0.1 1");
	put_flows(f, 1);
	WAIT_UNTIL(stat_of(p, PUBLISH_DISCONNECTS) > 0);
	assert_false(expires(f));
	ask(f->redis, "REPLICAOF NO ONE");
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 2);
	assert_true(expires(f));
	assert_string_equal(ask(f->redis, "EXISTS weir:flow:{none}:meta"), "0");

	ask(f->redis, "REPLICAOF 127.0.0.1 1");
	put_flows(f, 2);
	WAIT_UNTIL(stat_of(p, PUBLISH_DISCONNECTS) > 1);
	ask(f->redis, "REPLICAOF NO ONE");
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 3);
	assert_false(expires(f));
	assert_true(publish_stop(p, 5000));
}

/* A definition goes, or comes again, while Redis refuses to write, on a connection that is well. */
static void test_gone_refused(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);

	ask(f->redis, "XADD weir:records:{none} * a b");
	put_flows(f, 2);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	for (unsigned i = 0; i < 2; i++) {
		bool goes = i == 0;

		ask(f->redis, "CONFIG SET min-replicas-to-write 1");
		put_flows(f, goes ? 1 : 2);
		WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 2 + 2 * i);
		assert_true(expires(f) != goes);
		ask(f->redis, "CONFIG SET min-replicas-to-write 0");
		put_flows(f, goes ? 1 : 2);
		WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 3 + 2 * i);
		assert_true(expires(f) == goes);
	}
	assert_int_equal(stat_of(p, PUBLISH_CONNECTS), 1);
	assert_true(publish_stop(p, 5000));
}

/* A stream may have been left to expire on the way to another Redis: of a definition it stays. */
static void test_reconnect_persists(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);

	put_flows(f, 2);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	ask(f->redis, "XADD weir:records:{none} * a b");
	ask(f->redis, "PEXPIRE weir:records:{none} 100000");
	ask(f->redis, "CLIENT KILL TYPE normal SKIPME yes");
	WAIT_UNTIL(!expires(f));
	assert_true(publish_stop(p, 5000));
}

/* Who else keeps something in Redis is told where that may be lost, and not at a start that finds all. */
static void count_lost(void *ctx)
{
	__atomic_add_fetch((unsigned *)ctx, 1, __ATOMIC_RELAXED);
}

static void test_tells_loss(void **state)
{
	struct fixture *f = *state;
	unsigned lost = 0;
	const struct publish_options o = {.url = f->server.url,
		.prefix = "weir",
		.collector = "c1",
		.expire_ms = EXPIRE_MS,
		.lost = count_lost,
		.lost_ctx = &lost};
	char error[256];
	struct publish *p;

	ask(f->redis, "HSET weir:collector:c1 window 7");
	p = publish_start(&o, f->x, error, sizeof(error));
	assert_non_null(p);
	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 2);
	assert_int_equal(__atomic_load_n(&lost, __ATOMIC_RELAXED), 0);
	ask(f->redis, "FLUSHALL");
	put_next(f);
	WAIT_UNTIL(__atomic_load_n(&lost, __ATOMIC_RELAXED) == 1);
	ask(f->redis, "CLIENT KILL TYPE normal SKIPME yes");
	WAIT_UNTIL(__atomic_load_n(&lost, __ATOMIC_RELAXED) == 2);
	assert_true(publish_stop(p, 5000));
}

/* A server that takes bytes and never answers: the stop keeps its time-out. */
static void test_hung(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);
	uint64_t start;

	put_next(f);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	kill(f->server.pid, SIGSTOP);
	put_next(f);
	start = base_clock_mono_ns();
	assert_false(publish_stop(p, 400));
	assert_in_range(base_clock_mono_ns() - start, 350000000u, 1500000000u);
	kill(f->server.pid, SIGCONT);
}

/* Hung already while it connects: the socket takes the connection, nothing answers PING. */
static void test_hung_at_start(void **state)
{
	struct fixture *f = *state;
	struct publish *p;
	uint64_t start;

	kill(f->server.pid, SIGSTOP);
	p = start_at(f->x, f->server.url);
	put_next(f);
	nap();
	start = base_clock_mono_ns();
	assert_false(publish_stop(p, 200));
	assert_in_range(base_clock_mono_ns() - start, 150000000u, 1500000000u);
	kill(f->server.pid, SIGCONT);
	nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL); /* it frees itself */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(test_absent_at_start),
		FIXTURE_TEST(test_stop_without_redis),
		FIXTURE_TEST(test_stop_waits),
		FIXTURE_TEST(test_kill_and_restart),
		FIXTURE_TEST(test_documents_once),
		FIXTURE_TEST(test_back_off),
		FIXTURE_TEST(test_restart_republishes),
		FIXTURE_TEST(test_wrong_type),
		FIXTURE_TEST(test_out_of_memory),
		FIXTURE_TEST(test_read_only),
		FIXTURE_TEST(test_gone_lost),
		FIXTURE_TEST(test_gone_refused),
		FIXTURE_TEST(test_reconnect_persists),
		FIXTURE_TEST(test_tells_loss),
		FIXTURE_TEST(test_hung),
		FIXTURE_TEST(test_hung_at_start),
	};

	if (!server_installed())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
