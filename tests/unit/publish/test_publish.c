/* SPDX-License-Identifier: BSD-3-Clause */

/* The contract: what stands in Redis after a window, and who may log in how. */
#include <errno.h>
#include <pthread.h>

#include "snapshots.h"

static void publish_one(struct fixture *f, bool complete)
{
	struct publish *p = start_at(f->x, f->server.url);

	window_exchange_put(f->x, make_snapshot(1, complete));
	assert_true(publish_stop(p, 5000));
}

static void test_flows(void **state)
{
	struct fixture *f = *state;
	redisContext *c = f->redis;

	publish_one(f, true);
	assert_string_equal(ask(c, "HLEN weir:flow:{pairs}"), "8");
	assert_string_equal(ask(c, "HGET weir:flow:{pairs} 10.0.0.1,1.3"), "1.25");
	assert_string_equal(ask(c, "ZREVRANGE weir:flow:{pairs}:rank 0 1 WITHSCORES"),
		"[10.0.0.1,1.7 1.25 10.0.0.1,1.6 1.25]");
	assert_string_equal(ask(c, "HGETALL weir:flow:{pairs}:meta"),
		"[window 1 start_ms 1700000001000 end_ms 1700000002000 value bytes aggregate rate "
		"unit bytes values  total 5000 "
		"other 10 flows 12 samples 90 filtered 3 keyless 7 lost 0.25 corrected true "
		"dropped false custom false "
		"collector c1]");
	assert_string_equal(ask(c, "EXISTS weir:flow:{none} weir:flow:{none}:rank"), "0");
	assert_string_equal(ask(c, "HGET weir:flow:{none}:meta total"), "0");
}

static void assert_ttl(redisContext *c, const char *key, long low, long high)
{
	long ttl = atol(ask(c, "PTTL %s", key));

	assert_in_range(ttl, low, high);
}

/* All keys that every window replaces go when no window comes, but not between two windows. */
static void test_flows_expire(void **state)
{
	static const char *const keys[] = {"weir:flow:{pairs}", "weir:flow:{pairs}:rank",
		"weir:flow:{pairs}:meta", "weir:flow:{none}:meta", "weir:collector:c1"};
	struct publish_options o = {
		.url = NULL, .prefix = "weir", .collector = "c1", .expire_ms = 1000};
	struct fixture *f = *state;
	struct window_snapshot *s = make_snapshot(2, true);
	char error[128];
	struct publish *p;

	publish_one(f, true);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_ttl(f->redis, keys[i], EXPIRE_MS - 10000, EXPIRE_MS);
	o.url = f->server.url;
	s->end_ms = s->start_ms + 60000;
	p = publish_start(&o, f->x, error, sizeof(error));
	assert_non_null(p);
	window_exchange_put(f->x, s);
	assert_true(publish_stop(p, 5000));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_ttl(f->redis, keys[i], 170000, 180000);
}

static void test_entities(void **state)
{
	struct fixture *f = *state;
	redisContext *c = f->redis;

	ask(c, "ZADD weir:agents 1600000000000 192.0.2.99");
	publish_one(f, true);
	assert_string_equal(
		ask(c, "ZRANGE weir:agents 0 -1 WITHSCORES"), "[192.0.2.1 1700000001900]");
	assert_string_equal(
		ask(c, "HGETALL weir:agent:{192.0.2.1}"), "[datagrams 12 lost 0 version a b]");
	assert_string_equal(
		ask(c, "HGETALL weir:metric:{192.0.2.1}:10"), "[ifinoctets 125.5 ifname swp\"1]");
	assert_string_equal(ask(c, "HGETALL weir:metric:{192.0.2.1}:2.1"), "[load_one 0.5]");
	assert_string_equal(ask(c, "HMGET weir:collector:c1 window datagrams"), "[1 7]");
	assert_ttl(c, "weir:agent:{192.0.2.1}", EXPIRE_MS - 10000, EXPIRE_MS - 100);
	assert_ttl(c, "weir:metric:{192.0.2.1}:10", EXPIRE_MS - 10990, EXPIRE_MS - 990);
	assert_ttl(c, "weir:metric:{192.0.2.1}:2.1", EXPIRE_MS - 16000, EXPIRE_MS - 6000);
	assert_ttl(c, "weir:collector:c1", EXPIRE_MS - 10000, EXPIRE_MS);
}

/* An update may hold a part of what is known of a data source: the rest stays. */
static void test_metric_fields_stay(void **state)
{
	struct fixture *f = *state;

	ask(f->redis, "HSET weir:metric:{192.0.2.1}:10 other 1 ifinoctets 2");
	publish_one(f, true);
	assert_string_equal(
		ask(f->redis, "HMGET weir:metric:{192.0.2.1}:10 other ifinoctets"), "[1 125.5]");
}

static void assert_message(redisContext *c, const char *channel, const char *want)
{
	redisReply *r = NULL;

	assert_int_equal(redisGetReply(c, (void **)&r), REDIS_OK);
	assert_string_equal(r->element[1]->str, channel);
	assert_string_equal(r->element[2]->str, want);
	freeReplyObject(r);
}

static void skip_reply(redisContext *c)
{
	redisReply *r = NULL;

	assert_int_equal(redisGetReply(c, (void **)&r), REDIS_OK);
	freeReplyObject(r);
}

static void test_channels(void **state)
{
	struct fixture *f = *state;
	redisContext *c = server_connect(&f->server);

	/* The first reply is this one, the second that of the second channel. */
	ask(c, "SUBSCRIBE weir:flow:{none} weir:metric:{192.0.2.1}");
	skip_reply(c);
	publish_one(f, true);
	assert_message(c, "weir:flow:{none}",
		"{\"flow\":\"none\",\"collector\":\"c1\",\"window\":1,"
		"\"start_ms\":1700000001000,\"end_ms\":1700000002000,"
		"\"value\":\"frames\",\"aggregate\":\"rate\",\"unit\":\"frames\",\"values\":[],"
		"\"total\":0,\"other\":0,\"flows\":0,"
		"\"samples\":0,\"filtered\":0,\"keyless\":97,\"lost\":0,\"corrected\":false,"
		"\"dropped\":true,\"custom\":false,"
		"\"top\":[]}");
	assert_message(c, "weir:metric:{192.0.2.1}",
		"{\"agent\":\"192.0.2.1\",\"sub_agent\":0,\"source\":\"10\","
		"\"time_ms\":1700000001010,\"collector\":\"c1\","
		"\"metrics\":{\"ifinoctets\":125.5,\"ifname\":\"swp\\\"1\"}}");
	redisFree(c);
}

static void test_flow_document(void **state)
{
	struct fixture *f = *state;
	redisContext *c = server_connect(&f->server);
	redisReply *r = NULL;

	ask(c, "SUBSCRIBE weir:flow:{pairs}");
	publish_one(f, true);
	assert_int_equal(redisGetReply(c, (void **)&r), REDIS_OK);
	assert_non_null(strstr(r->element[2]->str,
		"\"top\":[{\"key\":\"10.0.0.1,1.0\",\"value\":1.25,\"samples\":100,"
		"\"error\":0.196,\"agent\":\"192.0.2.1\",\"source\":\"10\"},"));
	freeReplyObject(r);
	redisFree(c);
}

enum { MANY = 5000 };

/* Several pieces of a batch, and more agents than one ZADD takes. */
static void test_many_agents(void **state)
{
	struct fixture *f = *state;
	struct window_snapshot *s = make_snapshot(1, true);
	struct window_agent *a = base_region_alloc(&s->region, MANY * sizeof(*a));
	struct publish *p = start_at(f->x, f->server.url);

	for (unsigned i = 0; i < MANY; i++) {
		a[i] = s->agents[0];
		a[i].addr.bytes[2] = (uint8_t)(i >> 8);
		a[i].addr.bytes[3] = (uint8_t)i;
	}
	s->agents = a;
	s->agent_count = MANY;
	window_exchange_put(f->x, s);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	assert_true(stat_of(p, PUBLISH_BYTES) > 1000000);
	assert_true(stat_of(p, PUBLISH_COMMANDS) > 5 * MANY);
	assert_int_equal(stat_of(p, PUBLISH_ERRORS), 0);
	assert_string_equal(ask(f->redis, "ZCARD weir:agents"), "5000");
	assert_string_equal(ask(f->redis, "HGET weir:agent:{192.0.19.135} datagrams"), "12");
	assert_true(publish_stop(p, 5000));
}

static void *put_many(void *arg)
{
	struct window_exchange *x = arg;

	for (uint64_t i = 1; i <= 400; i++) {
		window_exchange_put(x, make_snapshot(i, i % 10 == 0));
		if (i % 4 == 0)
			nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	return NULL;
}

/* All keys of one definition, as a consumer reads them: of one window, whatever the moment. */
static uint64_t check_one_window(redisContext *c)
{
	redisReply *r;
	uint64_t window;
	char value[32];

	ask(c, "MULTI");
	ask(c, "HGET weir:flow:{pairs}:meta window");
	ask(c, "HVALS weir:flow:{pairs}");
	ask(c, "ZRANGE weir:flow:{pairs}:rank 0 -1 WITHSCORES");
	r = redisCommand(c, "EXEC");
	assert_non_null(r);
	if (r->element[0]->type == REDIS_REPLY_NIL) {
		freeReplyObject(r);
		return 0;
	}
	window = strtoull(r->element[0]->str, NULL, 10);
	snprintf(value, sizeof(value), "%llu.25", (unsigned long long)window);
	assert_int_equal(r->element[1]->elements, FLOWS);
	assert_int_equal(r->element[2]->elements, 2 * FLOWS);
	for (size_t i = 0; i < FLOWS; i++) {
		assert_string_equal(r->element[1]->element[i]->str, value);
		assert_string_equal(r->element[2]->element[2 * i + 1]->str, value);
	}
	freeReplyObject(r);
	return window;
}

static void test_atomic(void **state)
{
	struct fixture *f = *state;
	struct publish *p = start_at(f->x, f->server.url);
	uint64_t last = 0, window, stats[PUBLISH_STATS];
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, put_many, f->x), 0);
	while (last < 400) {
		window = check_one_window(f->redis);
		assert_true(window >= last);
		last = window;
	}
	pthread_join(thread, NULL);
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) + stat_of(p, PUBLISH_SUPERSEDED) == 400);
	publish_read_stats(p, stats);
	assert_true(stats[PUBLISH_WINDOWS] > 0);
	assert_int_equal(stats[PUBLISH_ERRORS], 0);
	assert_true(publish_stop(p, 5000));
}

/* When the document of a window arrives, the hash shows that window or a newer one. */
static void test_hash_and_channel(void **state)
{
	struct fixture *f = *state;
	redisContext *c = server_connect(&f->server);
	struct publish *p = start_at(f->x, f->server.url);
	unsigned long long told = 0, shown;
	pthread_t thread;

	ask(c, "SUBSCRIBE weir:flow:{pairs}");
	assert_int_equal(pthread_create(&thread, NULL, put_many, f->x), 0);
	while (told < 400) {
		redisReply *r = NULL;

		assert_int_equal(redisGetReply(c, (void **)&r), REDIS_OK);
		assert_int_equal(
			sscanf(strstr(r->element[2]->str, "\"window\":"), "\"window\":%llu", &told),
			1);
		shown = strtoull(ask(f->redis, "HGET weir:flow:{pairs}:meta window"), NULL, 10);
		assert_true(shown >= told);
		freeReplyObject(r);
	}
	pthread_join(thread, NULL);
	assert_true(publish_stop(p, 5000));
	redisFree(c);
}

static void test_login(void **state)
{
	struct fixture *f = *state;
	char url[256];
	struct publish *p;

	ask(f->redis, "ACL SETUSER weir on >p@ss/word ~weir:* &weir:* -@all +hset +del +zadd "
		      "+zremrangebyscore +pexpire +persist +publish +multi +exec +select");
	snprintf(url, sizeof(url), "unix://weir:p%%40ss%%2Fword@%s?db=3", f->server.socket);
	p = start_at(f->x, url);
	window_exchange_put(f->x, make_snapshot(1, true));
	WAIT_UNTIL(stat_of(p, PUBLISH_WINDOWS) == 1);
	assert_int_equal(stat_of(p, PUBLISH_ERRORS), 0);
	assert_true(publish_stop(p, 5000));
	assert_string_equal(ask(f->redis, "EXISTS weir:agents"), "0");
	ask(f->redis, "SELECT 3");
	assert_string_equal(ask(f->redis, "EXISTS weir:agents weir:collector:c1"), "2");
}

/* A wrong password is said, and tried again: someone may put it right on the server. */
static void test_password(void **state)
{
	struct fixture *f = *state;
	char url[256];
	struct publish *p;

	ask(f->redis, "CONFIG SET requirepass right");
	snprintf(url, sizeof(url), "unix://:wrong@%s", f->server.socket);
	p = start_at(f->x, url);
	window_exchange_put(f->x, make_snapshot(1, true));
	assert_false(publish_stop(p, 100));

	p = start_at(f->x, f->server.url);
	assert_false(publish_stop(p, 100));

	snprintf(url, sizeof(url), "unix://:right@%s", f->server.socket);
	p = start_at(f->x, url);
	WAIT_UNTIL(publish_connected(p));
	assert_true(publish_stop(p, 5000));
	assert_string_equal(ask(f->redis, "AUTH right"), "OK");
	assert_string_equal(ask(f->redis, "EXISTS weir:agents"), "1");
}

static void test_bad_url(void **state)
{
	const struct publish_options o = {
		.url = "http://h", .prefix = "weir", .collector = "c1", .expire_ms = EXPIRE_MS};
	struct fixture *f = *state;
	char error[128];

	errno = 0;
	assert_null(publish_start(&o, f->x, error, sizeof(error)));
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(error, "redis://"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(test_flows),
		FIXTURE_TEST(test_flows_expire),
		FIXTURE_TEST(test_entities),
		FIXTURE_TEST(test_metric_fields_stay),
		FIXTURE_TEST(test_channels),
		FIXTURE_TEST(test_flow_document),
		FIXTURE_TEST(test_many_agents),
		FIXTURE_TEST(test_atomic),
		FIXTURE_TEST(test_hash_and_channel),
		FIXTURE_TEST(test_login),
		FIXTURE_TEST(test_password),
		FIXTURE_TEST(test_bad_url),
	};

	if (!server_installed())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
