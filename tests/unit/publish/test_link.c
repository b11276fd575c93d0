/* SPDX-License-Identifier: BSD-3-Clause */
#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "publish/link.h"

/* Over a real Redis, and over servers that are none. */

struct place {
	struct server server;
	struct publish_url url;
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	char error[PUBLISH_ERROR];

	signal(SIGPIPE, SIG_IGN);
	server_folder(&p->server);
	server_run(&p->server);
	assert_int_equal(publish_url_parse(p->server.url, &p->url, error, sizeof(error)), 0);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	publish_url_free(&p->url);
	server_remove(&p->server);
	free(p);
	return 0;
}

static struct publish_link *open_link(const struct place *p)
{
	char error[PUBLISH_ERROR] = "";
	struct publish_link *l = publish_link_open(&p->url, error);

	if (!l)
		fail_msg("%s", error);
	return l;
}

static void want_status(struct publish_link *l, const char *text)
{
	void *reply = NULL;
	const redisReply *r;

	if (!publish_link_reply(l, &reply))
		fail_msg("%s", publish_link_error(l));
	r = reply;
	assert_string_equal(r->str, text);
	freeReplyObject(reply);
}

/* Commands of all kinds, which go out together. */
static void test_commands(void **state)
{
	const char *set[] = {"SET", "k", "a\0b"}, *get[] = {"GET", "k"};
	const size_t lens[] = {3, 1, 3};
	struct publish_link *l = open_link(*state);
	redisReply *r;

	publish_link_append(l, 3, set, lens);
	publish_link_format(l, "SET %s %d", "n", 7);
	publish_link_append(l, 2, get, NULL);
	want_status(l, "OK");
	want_status(l, "OK");
	want_status(l, "a");
	assert_true(publish_link_write(l, "*1\r\n$4\r\nPING\r\n", 14));
	want_status(l, "PONG");
	r = publish_link_ask(l, 2, get, NULL);
	assert_non_null(r);
	assert_int_equal(r->len, 3);
	freeReplyObject(r);
	publish_link_close(l);
}

static void test_now(void **state)
{
	const char *publish[] = {"PUBLISH", "c", "x"};
	struct publish_link *l = open_link(*state), *other = open_link(*state);
	struct pollfd pfd = {.fd = publish_link_fd(l), .events = POLLIN};
	void *reply;

	publish_link_format(l, "SUBSCRIBE c");
	assert_true(publish_link_reply(l, &reply));
	freeReplyObject(reply);
	assert_true(publish_link_reply_now(l, &reply));
	assert_null(reply);
	assert_false(publish_link_hung_up(l));
	freeReplyObject(publish_link_ask(other, 3, publish, NULL));
	assert_int_equal(poll(&pfd, 1, 10000), 1);
	assert_true(publish_link_hung_up(l)); /* it says so of anything that comes */
	assert_true(publish_link_reply_now(l, &reply));
	assert_non_null(reply);
	freeReplyObject(reply);
	publish_link_close(other);
	publish_link_close(l);
}

static void test_gone(void **state)
{
	struct place *p = *state;
	struct publish_link *l = open_link(p);
	const char *ping[] = {"PING"};
	char error[PUBLISH_ERROR];

	server_kill(&p->server);
	assert_true(publish_link_hung_up(l));
	assert_null(publish_link_ask(l, 1, ping, NULL));
	assert_string_not_equal(publish_link_error(l), "");
	publish_link_close(l);
	assert_null(publish_link_open(&p->url, error));
	assert_string_not_equal(error, "");
	publish_link_close(NULL);
	server_run(&p->server);
}

/* ---- no Redis ---- */

struct stranger {
	int listener;
	const char *answer;
};

static void *answer(void *arg)
{
	struct stranger *s = arg;
	int fd = accept(s->listener, NULL, NULL);
	char bytes[64];

	assert_true(recv(fd, bytes, sizeof(bytes), 0) > 0);
	if (*s->answer)
		assert_true(send(fd, s->answer, strlen(s->answer), MSG_NOSIGNAL) > 0);
	close(fd);
	return NULL;
}

static void test_strangers(void **state)
{
	static const struct {
		const char *answer, *says;
	} cases[] = {{"\x15\x03\x03", "speaks TLS"}, {"", "rediss://"},
		{"HTTP/1.1 400\r\n", "rotocol"}, {"+PONG\r\n", NULL}};
	const char *ping[] = {"PING"};
	char text[64], error[PUBLISH_ERROR];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sockaddr_in sin = {
			.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
		struct stranger s = {socket(AF_INET, SOCK_STREAM, 0), cases[i].answer};
		socklen_t len = sizeof(sin);
		struct publish_link *l;
		struct publish_url url;
		redisReply *reply;
		pthread_t thread;

		assert_int_equal(bind(s.listener, (struct sockaddr *)&sin, len), 0);
		assert_int_equal(listen(s.listener, 1), 0);
		getsockname(s.listener, (struct sockaddr *)&sin, &len);
		snprintf(text, sizeof(text), "redis://127.0.0.1:%u", ntohs(sin.sin_port));
		assert_int_equal(publish_url_parse(text, &url, error, sizeof(error)), 0);
		pthread_create(&thread, NULL, answer, &s);
		l = publish_link_open(&url, error);
		assert_non_null(l);
		reply = publish_link_ask(l, 1, ping, NULL);
		assert_int_equal(!reply, cases[i].says != NULL);
		if (!reply && !strstr(publish_link_error(l), cases[i].says))
			fail_msg("\"%s\" says nothing of \"%s\"", publish_link_error(l),
				cases[i].says);
		freeReplyObject(reply);
		pthread_join(thread, NULL);
		publish_link_close(l);
		publish_url_free(&url);
		close(s.listener);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_now),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_strangers),
	};

	if (!server_installed())
		return 77;
	return cmocka_run_group_tests(tests, setup, teardown);
}
