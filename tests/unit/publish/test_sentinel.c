/* SPDX-License-Identifier: BSD-3-Clause */

/* Sentinels that know, do not know, are wrong, or are no Sentinels; and what they name. */
#include <errno.h>

#include "publish/connection.h"
#include "scripted.h"

/* A Sentinel or Redis of a test. */
struct actor {
	struct scripted server;
	const char *login;   /* what AUTH has to bring, or NULL: none */
	const char *role;    /* of a Redis */
	const char *address; /* in wire form, of a Sentinel */
	bool told;           /* it has a change to tell */
	unsigned asked;      /* relaxed atomic */
};

static bool act(void *ctx, const redisReply *c, char text[SCRIPTED_TEXT])
{
	struct actor *a = ctx;

	if (scripted_is(c, "AUTH")) {
		bool right = a->login && strcmp(c->element[1]->str, a->login) == 0;

		strcpy(text, right ? "+OK\r\n" : "-WRONGPASS no\r\n");
	} else if (scripted_is(c, "SENTINEL")) {
		__atomic_add_fetch(&a->asked, 1, __ATOMIC_RELAXED);
		assert_string_equal(c->element[1]->str, "get-master-addr-by-name");
		assert_string_equal(c->element[2]->str, "mymaster");
		strcpy(text, a->address);
	} else if (scripted_is(c, "SUBSCRIBE")) {
		assert_string_equal(c->element[1]->str, "+switch-master");
		strcpy(text, "*3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n");
		if (a->told)
			strcat(text, "*3\r\n$7\r\nmessage\r\n$14\r\n+switch-master\r\n$1\r\nx\r\n");
	} else if (scripted_is(c, "ROLE")) {
		snprintf(text, SCRIPTED_TEXT, "*3\r\n$%zu\r\n%s\r\n:0\r\n*0\r\n", strlen(a->role),
			a->role);
	} else if (scripted_is(c, "SELECT")) {
		assert_string_equal(c->element[1]->str, "3");
		strcpy(text, "+OK\r\n");
	} else {
		strcpy(text, "+PONG\r\n");
	}
	return true;
}

static void start(struct actor *a)
{
	a->server.answer = act;
	a->server.ctx = a;
	scripted_start(&a->server);
}

static const char *address_of(const struct actor *redis, char text[64])
{
	char port[8];
	int len = snprintf(port, sizeof(port), "%d", redis->server.port);

	snprintf(text, 64, "*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%s\r\n", len, port);
	return text;
}

static struct publish_url url_of(
	const char *login, const struct actor *first, const struct actor *second, const char *query)
{
	struct publish_url url;
	char text[256], error[256] = "";

	snprintf(text, sizeof(text), "sentinel://%s127.0.0.1:%d,127.0.0.1:%d/mymaster/3%s", login,
		first->server.port, second->server.port, query);
	assert_int_equal(publish_url_parse(text, &url, error, sizeof(error)), 0);
	return url;
}

static unsigned asked(const struct actor *a)
{
	return __atomic_load_n(&a->asked, __ATOMIC_RELAXED);
}

/* One Sentinel is gone, the other knows; each of all has its own login. */
static void test_second(void **state)
{
	struct actor gone = {.address = ""}, sentinel = {.login = "watcher"};
	struct actor redis = {.login = "pass/word", .role = "master"};
	char text[64], error[PUBLISH_ERROR];
	struct publish_link *c, *watch;
	struct publish_url url;

	start(&gone);
	start(&sentinel);
	start(&redis);
	sentinel.address = address_of(&redis, text);
	url = url_of(":pass%2Fword@", &gone, &sentinel, "?sentinel=:watcher");
	scripted_stop(&gone.server);
	for (unsigned i = 1; i <= 2; i++) {
		c = publish_connect_watched(&url, &watch, error);
		if (!c)
			fail_msg("%s", error);
		assert_int_equal(publish_link_context(c)->tcp.port, redis.server.port);
		assert_int_equal(asked(&sentinel), i);
		assert_false(publish_watch_tells(watch));
		publish_link_close(c);
		publish_link_close(watch);
	}
	assert_int_equal(url.sentinels->first, 1); /* who has answered is asked first */
	scripted_stop(&sentinel.server);
	c = publish_connect(&url, error);
	assert_null(c);
	assert_non_null(strstr(error, "Connection refused"));
	scripted_stop(&redis.server);
	publish_url_free(&url);
}

/* The first names what was the master once. */
static void test_old_master(void **state)
{
	struct actor behind = {.login = NULL}, right = {.login = NULL};
	struct actor old = {.role = "slave"}, redis = {.role = "master"};
	char texts[2][64], error[PUBLISH_ERROR];
	struct publish_link *c;
	struct publish_url url;

	start(&behind);
	start(&right);
	start(&old);
	start(&redis);
	behind.address = address_of(&old, texts[0]);
	right.address = address_of(&redis, texts[1]);
	url = url_of("", &behind, &right, "");
	c = publish_connect(&url, error);
	assert_non_null(c);
	assert_int_equal(publish_link_context(c)->tcp.port, redis.server.port);
	publish_link_close(c);
	right.address = behind.address; /* all do: none is a master */
	c = publish_connect(&url, error);
	assert_null(c);
	assert_non_null(strstr(error, "which a Sentinel names: it is no master"));
	publish_url_free(&url);
	scripted_stop(&behind.server);
	scripted_stop(&right.server);
	scripted_stop(&old.server);
	scripted_stop(&redis.server);
}

/* Whatever a Sentinel says, there is a sentence and no connection. */
static void test_odd_answers(void **state)
{
	static const char *const odd[][2] = {
		{"*-1\r\n", "knows no master \"mymaster\""},
		{"-NOAUTH Authentication required.\r\n", "NOAUTH"},
		{":1\r\n", "is no address"},
		{"*0\r\n", "is no address"},
		{"*2\r\n:1\r\n:2\r\n", "is no address"},
		{"*3\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\n1\r\n", "is no address"},
		{"*2\r\n$0\r\n\r\n$1\r\n1\r\n", "is no address"},
		{"*2\r\n$1\r\na\r\n$1\r\n0\r\n", "is no address"},
		{"*2\r\n$1\r\na\r\n$5\r\n65536\r\n", "is no address"},
		{"*2\r\n$1\r\na\r\n$2\r\n7x\r\n", "is no address"},
		{"*2\r\n$1\r\na\r\n$-1\r\n", "is no address"},
		{"?\r\n", "Protocol error"},
	};
	struct actor sentinel = {.login = NULL};
	char error[PUBLISH_ERROR];
	struct publish_url url;

	start(&sentinel);
	url = url_of("", &sentinel, &sentinel, "");
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		sentinel.address = odd[i][0];
		assert_null(publish_connect(&url, error));
		if (!strstr(error, odd[i][1]))
			fail_msg("%zu: \"%s\" says nothing of \"%s\"", i, error, odd[i][1]);
	}
	publish_url_free(&url);
	scripted_stop(&sentinel.server);
}

/* News of a fail-over, also at once, and the end of the Sentinel: both ask for a new connection. */
static void test_watch(void **state)
{
	struct actor sentinel = {.login = NULL}, redis = {.role = "master"};
	char text[64], error[PUBLISH_ERROR];
	struct publish_link *c, *watch;
	struct publish_url url;

	start(&sentinel);
	start(&redis);
	sentinel.address = address_of(&redis, text);
	url = url_of("", &sentinel, &sentinel, "");
	sentinel.told = true;
	c = publish_connect_watched(&url, &watch, error);
	assert_non_null(c);
	assert_true(publish_watch_tells(watch));
	publish_link_close(c);
	publish_link_close(watch);
	sentinel.told = false;
	c = publish_connect_watched(&url, &watch, error);
	assert_non_null(c);
	assert_false(publish_watch_tells(watch));
	scripted_stop(&sentinel.server);
	assert_true(publish_watch_tells(watch));
	publish_link_close(c);
	publish_link_close(watch);
	assert_false(publish_watch_tells(NULL));
	publish_url_free(&url);
	scripted_stop(&redis.server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_second),
		cmocka_unit_test(test_old_master),
		cmocka_unit_test(test_odd_answers),
		cmocka_unit_test(test_watch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
