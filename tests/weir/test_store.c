/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit/publish/server.h"
#include "store.h"

/* What is kept in a real Redis that refuses some of it, or comes and goes. */

static struct store *store_on(const struct server *redis)
{
	struct store *s = store_create(redis->url, NULL, "p");

	assert_non_null(s);
	return s;
}

static void count(void *ctx, const char *name, const char *json)
{
	++*(unsigned *)ctx;
}

/* A kind that cannot be read waits; all others are written. */
static void test_refused_kind(void **state)
{
	struct server redis;
	redisContext *c;
	struct store *s;
	unsigned flows = 0, groups = 0;

	server_folder(&redis);
	server_run(&redis);
	c = server_connect(&redis);
	ask(c, "SET p:config:flow text");
	ask(c, "HSET p:config:group old {}");
	s = store_on(&redis);
	store_load(s, "flow", count, &flows);
	store_load(s, "group", count, &groups);
	assert_int_equal(flows, 0);
	assert_int_equal(groups, 1);
	assert_int_equal(store_start(s), 0);
	store_put(s, "flow", "a", "1");
	store_put(s, "group", "b", "2");
	store_put(s, "flow", "c", "3");
	WAIT_UNTIL(strcmp(ask(c, "HGET p:config:group b"), "2") == 0);
	assert_string_equal(ask(c, "GET p:config:flow"), "text");
	assert_true(store_is_overtaken(s, "flow", "a"));
	ask(c, "DEL p:config:flow");
	WAIT_UNTIL(strcmp(ask(c, "HGET p:config:flow a"), "1") == 0);
	WAIT_UNTIL(strcmp(ask(c, "HGET p:config:flow c"), "3") == 0);
	WAIT_UNTIL(!store_is_overtaken(s, "flow", "c"));
	store_stop(s, 1000);
	redisFree(c);
	server_remove(&redis);
}

static unsigned long connections(redisContext *c)
{
	static const char field[] = "total_connections_received:";
	const char *at = strstr(ask(c, "INFO stats"), field);

	assert_non_null(at);
	return strtoul(at + strlen(field), NULL, 10);
}

/* Another Redis may be master by now: a new connection is made. */
static void test_read_only(void **state)
{
	struct server redis;
	redisContext *c;
	struct store *s;
	unsigned long before;

	server_folder(&redis);
	server_run(&redis);
	c = server_connect(&redis);
	s = store_on(&redis);
	assert_int_equal(store_start(s), 0);
	store_put(s, "flow", "a", "1");
	WAIT_UNTIL(strcmp(ask(c, "HGET p:config:flow a"), "1") == 0);
	ask(c, "REPLICAOF 127.0.0.1 1");
	before = connections(c);
	store_put(s, "flow", "b", "2");
	WAIT_UNTIL(connections(c) > before);
	ask(c, "REPLICAOF NO ONE");
	WAIT_UNTIL(strcmp(ask(c, "HGET p:config:flow b"), "2") == 0);
	store_stop(s, 1000);
	redisFree(c);
	server_remove(&redis);
}

struct slow {
	bool in, out; /* atomic */
};

static void be_slow(void *ctx, const char *name, const char *json)
{
	struct slow *slow = ctx;

	__atomic_store_n(&slow->in, true, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < 60; i++)
		nap();
	__atomic_store_n(&slow->out, true, __ATOMIC_RELEASE);
}

/* A thread that does not end in time is left alone, but is in no reader then. */
static void test_abandoned(void **state)
{
	static struct store *s; /* its thread has it */
	struct server redis;
	struct slow slow = {.in = false};
	redisContext *c;

	server_folder(&redis);
	s = store_on(&redis);
	store_load(s, "flow", be_slow, &slow);
	server_run(&redis);
	c = server_connect(&redis);
	ask(c, "HSET p:config:flow a 1 b 2");
	assert_int_equal(store_start(s), 0);
	WAIT_UNTIL(__atomic_load_n(&slow.in, __ATOMIC_ACQUIRE));
	store_stop(s, 20);
	assert_true(__atomic_load_n(&slow.out, __ATOMIC_ACQUIRE));
	redisFree(c);
	server_remove(&redis);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_kind),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_abandoned),
	};

	if (!server_installed())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
