/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/api.h"
#include "base/clock.h"

enum { ANSWER = 65536, PATIENCE_S = 20, CLIENTS = 8 };

/* ---- a resource with room for two, whose things are what was put ---- */

struct shelf {
	pthread_mutex_t mutex;
	json_t *things;
};

static json_t *shelf_list(void *ctx)
{
	struct shelf *s = ctx;
	json_t *copy;

	pthread_mutex_lock(&s->mutex);
	copy = json_deep_copy(s->things);
	pthread_mutex_unlock(&s->mutex);
	return copy;
}

static json_t *shelf_get(void *ctx, const char *name)
{
	json_t *all = shelf_list(ctx), *one = json_incref(json_object_get(all, name));

	json_decref(all);
	return one;
}

static int shelf_put(void *ctx, const char *name, const json_t *body, struct api_error *e)
{
	struct shelf *s = ctx;
	int err = 0;

	if (!json_object_get(body, "value")) {
		*e = (struct api_error){.text = "value is missing", .in = "value", .offset = 3};
		return -EINVAL;
	}
	if (strcmp(name, "late") == 0) {
		snprintf(e->text, sizeof(e->text), "the shelf is far away");
		return -ETIMEDOUT;
	}
	pthread_mutex_lock(&s->mutex);
	if (json_object_size(s->things) >= 2 && !json_object_get(s->things, name))
		err = -ENOSPC;
	else
		json_object_set_new(s->things, name, json_deep_copy(body));
	pthread_mutex_unlock(&s->mutex);
	if (err)
		snprintf(e->text, sizeof(e->text), "the shelf is full");
	return err;
}

static int shelf_remove(void *ctx, const char *name, struct api_error *e)
{
	struct shelf *s = ctx;
	int rc;

	pthread_mutex_lock(&s->mutex);
	rc = json_object_del(s->things, name);
	pthread_mutex_unlock(&s->mutex);
	return rc ? -ENOENT : 0;
}

/* ---- a server ---- */

struct fixture {
	struct window_exchange *x;
	struct shelf shelf;
	struct api *api;
};

static const struct api_options plain = {.listen = "127.0.0.1:0",
	.token = "",
	.read_token = "",
	.tls_cert = "",
	.tls_key = "",
	.collector = "c",
	.body_bytes = 1000,
	.connections = 2 * CLIENTS,
	.timeout_ms = 10000};

static void start_with(struct fixture *f, const struct api_options *o, bool read_only)
{
	struct api_resource r = {.kind = "flow",
		.ctx = &f->shelf,
		.list = shelf_list,
		.get = shelf_get,
		.put = read_only ? NULL : shelf_put,
		.remove = read_only ? NULL : shelf_remove};
	char error[256];

	f->x = window_exchange_create();
	pthread_mutex_init(&f->shelf.mutex, NULL);
	f->shelf.things = json_object();
	f->api = api_create(o, f->x);
	assert_non_null(f->api);
	assert_int_equal(api_add_resource(f->api, &r), 0);
	r.kind = "nothing of ours";
	assert_int_equal(api_add_resource(f->api, &r), -EINVAL);
	if (api_start(f->api, error, sizeof(error)) < 0)
		fail_msg("%s", error);
}

static void stop(struct fixture *f)
{
	api_stop(f->api);
	window_exchange_destroy(f->x);
	json_decref(f->shelf.things);
	pthread_mutex_destroy(&f->shelf.mutex);
}

static uint64_t stat_of(const struct fixture *f, enum api_stat i)
{
	uint64_t stats[API_STATS];

	api_read_stats(f->api, stats);
	return stats[i];
}

/* ---- a client ---- */

static int dial(const struct fixture *f)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(api_port(f->api))};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void say(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* the server is through with us, which the caller sees */
		text += n;
		len -= (size_t)n;
	}
}

/* All that comes until the server closes. @return bytes; -1: nothing came in time */
static ssize_t hear(int fd, char *answer)
{
	size_t len = 0;
	ssize_t n = 0;

	while (len < ANSWER - 1 && (n = recv(fd, answer + len, ANSWER - 1 - len, 0)) > 0)
		len += (size_t)n;
	answer[len] = '\0';
	return n < 0 && errno == EAGAIN ? -1 : (ssize_t)len;
}

/* @return the status; 0: the connection was closed without one */
static int ask_bytes(const struct fixture *f, const char *text, size_t len, char *answer)
{
	int fd = dial(f), status = 0;

	say(fd, text, len);
	if (hear(fd, answer) < 0)
		fail_msg("no answer to %.60s", text);
	sscanf(answer, "HTTP/1.%*d %d", &status);
	close(fd);
	return status;
}

static int ask(const struct fixture *f, const char *method, const char *path, const char *body,
	char *answer)
{
	char text[8192];
	int len = snprintf(text, sizeof(text),
		"%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
		"%zu\r\n\r\n%s",
		method, path, strlen(body), body);

	return ask_bytes(f, text, (size_t)len, answer);
}

/* ---- tests ---- */

static char answer[ANSWER];

static void test_resource(void **state)
{
	struct fixture f;

	start_with(&f, &plain, false);
	assert_int_equal(ask(&f, "GET", "/flow/a/json", "", answer), 404);
	assert_int_equal(ask(&f, "PUT", "/flow/a/json", "{}", answer), 400);
	assert_non_null(strstr(answer, "\"in\": \"value\""));
	assert_non_null(strstr(answer, "\"offset\": 3"));
	assert_int_equal(ask(&f, "PUT", "/flow/a/json", "{\"value\": \"bytes\"}", answer), 204);
	assert_int_equal(ask(&f, "GET", "/flow/a/json", "", answer), 200);
	assert_non_null(strstr(answer, "\"value\": \"bytes\""));
	assert_int_equal(ask(&f, "PUT", "/flow/a%2Fb/json", "{\"value\": 1}", answer), 204);
	assert_int_equal(ask(&f, "PUT", "/flow/c/json", "{\"value\": 1}", answer), 507);
	assert_non_null(strstr(answer, "the shelf is full"));
	assert_int_equal(ask(&f, "PUT", "/flow/late/json", "{\"value\": 1}", answer), 503);
	assert_non_null(strstr(answer, "the shelf is far away"));
	assert_int_equal(ask(&f, "GET", "/flow/json", "", answer), 200);
	assert_non_null(strstr(answer, "\"a/b\""));
	assert_int_equal(ask(&f, "DELETE", "/flow/a/json", "", answer), 204);
	assert_int_equal(ask(&f, "DELETE", "/flow/a/json", "", answer), 404);
	assert_int_equal(stat_of(&f, API_ERRORS), 5);
	stop(&f);
}

static void test_read_only(void **state)
{
	struct fixture f;

	start_with(&f, &plain, true);
	assert_int_equal(ask(&f, "PUT", "/flow/a/json", "{\"value\": 1}", answer), 403);
	assert_int_equal(ask(&f, "DELETE", "/flow/a/json", "", answer), 403);
	stop(&f);
}

/* Before the first window there is nothing to ask, and that is said. */
static void test_no_snapshot(void **state)
{
	struct fixture f;

	start_with(&f, &plain, false);
	assert_int_equal(ask(&f, "GET", "/activeflows/ALL/pairs/json", "", answer), 503);
	window_exchange_put(f.x, calloc(1, sizeof(struct window_snapshot)));
	assert_int_equal(ask(&f, "GET", "/activeflows/ALL/pairs/json", "", answer), 503);
	stop(&f);
}

/* The first snapshot has no view; those after somebody asked do. */
static void *close_windows(void *arg)
{
	static const struct window_view nothing = {.plan = NULL};
	struct window_exchange *x = arg;

	for (uint64_t number = 2; number <= 3; number++) {
		struct window_snapshot *s = calloc(1, sizeof(*s));

		s->number = number;
		while (number == 3 && !window_exchange_wants_view(x))
			usleep(1000);
		if (number == 3)
			s->view = &nothing;
		window_exchange_put(x, s);
	}
	return NULL;
}

static void test_view(void **state)
{
	struct api_options o = plain;
	struct window_snapshot *s = calloc(1, sizeof(*s));
	struct fixture f;
	pthread_t thread;

	o.window_ms = 20;
	start_with(&f, &o, false);
	s->number = 1;
	window_exchange_put(f.x, s);
	assert_int_equal(ask(&f, "GET", "/agents/json", "", answer), 503); /* nobody makes one */
	assert_int_equal(ask(&f, "GET", "/analyzer/json", "", answer), 200);
	assert_true(window_exchange_wants_view(f.x));
	stop(&f);

	o.window_ms = 10000;
	start_with(&f, &o, false);
	assert_int_equal(pthread_create(&thread, NULL, close_windows, f.x), 0);
	assert_int_equal(ask(&f, "GET", "/agents/json", "", answer), 200);
	pthread_join(thread, NULL);
	stop(&f);
}

/* OK while windows are closed; before the first one, and long after the last, it is not. */
static void test_status(void **state)
{
	struct api_options o = plain;
	struct window_snapshot *s = calloc(1, sizeof(*s));
	struct fixture f;

	o.window_ms = 20;
	start_with(&f, &o, false);
	assert_int_equal(ask(&f, "GET", "/status", "", answer), 503);
	s->sealed_ns = base_clock_mono_ns();
	window_exchange_put(f.x, s);
	assert_int_equal(ask(&f, "GET", "/status", "", answer), 200);
	assert_non_null(strstr(answer, "\r\n\r\nOK\n"));
	s = calloc(1, sizeof(*s));
	s->sealed_ns = base_clock_mono_ns() - 11 * UINT64_C(1000000000);
	window_exchange_put(f.x, s);
	assert_int_equal(ask(&f, "GET", "/status", "", answer), 503);
	stop(&f);
}

/* Lists within a short text that would take a hundred times as much; the memory is given back. */
static void test_memory(void **state)
{
	char body[1000] = "{\"value\": [{}";
	struct fixture f;

	while (strlen(body) < 900)
		strcat(body, ",{}");
	strcat(body, "]}");
	start_with(&f, &plain, false);
	assert_int_equal(ask(&f, "PUT", "/flow/a/json", body, answer), 413);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(
			ask(&f, "PUT", "/flow/a/json", "{\"value\": [[], {}, 1]}", answer), 204);
	stop(&f);
}

static void test_malformed(void **state)
{
	static const struct {
		const char *text;
		int status; /* 0: closed, 1: any error */
	} wrong[] = {
		{"\r\n\r\n\r\n", 1},
		{"GET\r\n\r\n", 1},
		{"GET /version\r\n\r\n", 1},
		{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 1},
		{"GET /version HTTP/9.9\r\nHost: localhost\r\n\r\n", 1},
		{"PUT /flow/a/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 1},
		{"PUT /flow/a/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
		 "99999999999999999999999\r\n\r\n",
			1},
		{"PUT /flow/a/json HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
		 "chunked\r\n\r\nzz\r\n",
			1},
		{"PUT /flow/a/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n",
			413},
	};
	struct fixture f;

	start_with(&f,
		&(struct api_options){.listen = plain.listen,
			.token = "",
			.read_token = "",
			.tls_cert = "",
			.tls_key = "",
			.collector = "c",
			.body_bytes = 1000,
			.connections = 2 * CLIENTS,
			.timeout_ms = 500},
		false);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int status = ask_bytes(&f, wrong[i].text, strlen(wrong[i].text), answer);

		if (wrong[i].status == 1 ? status != 0 && status < 400 : status != wrong[i].status)
			fail_msg("%d for %s", status, wrong[i].text);
	}
	assert_int_equal(ask(&f, "GET", "/version", "", answer), 200);
	stop(&f);
}

static void test_large(void **state)
{
	static char head[200000];
	char body[3000];
	struct fixture f;
	size_t len;
	int status;

	start_with(&f, &plain, false);
	len = (size_t)snprintf(head, sizeof(head), "GET /version HTTP/1.1\r\nX: ");
	memset(head + len, 'x', sizeof(head) - len);
	status = ask_bytes(&f, head, sizeof(head), answer);
	assert_true(status == 0 || status >= 400);
	memset(head + 5, 'x', 100000);
	status = ask_bytes(&f, head, sizeof(head), answer);
	assert_true(status == 0 || status >= 400);

	/* In pieces, without a length before it. */
	len = (size_t)snprintf(body, sizeof(body),
		"PUT /flow/a/json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
		"Transfer-Encoding: chunked\r\n\r\n400\r\n%*s\r\n0\r\n\r\n",
		0x400, "");
	assert_int_equal(ask_bytes(&f, body, len, answer), 413);
	assert_int_equal(stat_of(&f, API_TOO_LARGE), 1);
	stop(&f);
}

/* Deeper than anybody writes: an error, not the end of the stack. */
static void test_deep(void **state)
{
	struct api_options o = plain;
	char *body = malloc(100001);
	char *text = malloc(110000);
	struct fixture f;
	int len;

	o.body_bytes = 1 << 20;
	start_with(&f, &o, false);
	memset(body, '[', 100000);
	body[100000] = '\0';
	len = snprintf(text, 110000,
		"PUT /flow/a/json HTTP/1.1\r\nHost: localhost\r\nConnection: "
		"close\r\nContent-Length: 100000\r\n\r\n%s",
		body);
	assert_int_equal(ask_bytes(&f, text, (size_t)len, answer), 400);
	free(text);
	free(body);
	stop(&f);
}

/* A client that sends nothing, or a byte now and then, is cut off; others do not notice. */
static void test_slow(void **state)
{
	struct api_options o = plain;
	struct fixture f;
	int silent, slow;
	bool open = true;

	o.timeout_ms = 300;
	start_with(&f, &o, false);
	silent = dial(&f);
	slow = dial(&f);
	say(slow, "GET /version HTTP/1.1\r\nX: ", 26);
	for (unsigned i = 0; i < 20 * PATIENCE_S && open; i++) {
		struct pollfd p = {.fd = slow, .events = POLLIN};

		say(slow, "x", 1);
		assert_int_equal(ask(&f, "GET", "/version", "", answer), 200);
		open = poll(&p, 1, 50) == 0;
	}
	assert_false(open);
	assert_int_equal(hear(silent, answer), 0);
	assert_true(stat_of(&f, API_TIMEOUTS) >= 2);
	close(silent);
	close(slow);
	stop(&f);
}

/* One address has half of all connections; what is beyond is closed, and comes again later. */
static void test_many(void **state)
{
	int fd[CLIENTS], more;
	struct fixture f;

	start_with(&f, &plain, false);
	for (unsigned i = 0; i < CLIENTS; i++) {
		fd[i] = dial(&f);
		say(fd[i], "GET", 3);
	}
	while (stat_of(&f, API_CONNECTIONS_NOW) < CLIENTS)
		poll(NULL, 0, 5);
	more = dial(&f);
	assert_int_equal(hear(more, answer), 0);
	close(more);
	for (unsigned i = 0; i < CLIENTS; i++)
		close(fd[i]);
	while (stat_of(&f, API_CONNECTIONS_NOW) > 0)
		poll(NULL, 0, 5);
	assert_int_equal(ask(&f, "GET", "/version", "", answer), 200);
	stop(&f);
}

static void test_rate(void **state)
{
	struct api_options o = plain;
	unsigned limited = 0;
	struct fixture f;

	o.requests = 5;
	start_with(&f, &o, false);
	for (unsigned i = 0; i < 50; i++)
		limited += ask(&f, "GET", "/version", "", answer) == 429;
	assert_true(limited > 0 && limited <= 45);
	assert_int_equal(stat_of(&f, API_LIMITED), limited);
	stop(&f);
}

/* As who speaks to a proxy writes it: the host in the target counts. */
static void test_absolute(void **state)
{
	static const struct {
		const char *host;
		int status;
	} hosts[] = {{"127.0.0.1:8008", 200}, {"localhost", 200}, {"rebound.example", 403}};
	struct fixture f;
	char text[256];

	start_with(&f, &plain, false);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		snprintf(text, sizeof(text),
			"GET http://%s/version HTTP/1.1\r\nHost: localhost\r\n"
			"Connection: close\r\n\r\n",
			hosts[i].host);
		assert_int_equal(ask_bytes(&f, text, strlen(text), answer), hosts[i].status);
	}
	stop(&f);
}

static void test_allow(void **state)
{
	struct fixture f;

	start_with(&f, &plain, false);
	assert_int_equal(ask(&f, "PUT", "/version", "{}", answer), 405);
	assert_non_null(strstr(answer, "Allow: GET, HEAD\r\n"));
	assert_int_equal(ask(&f, "POST", "/flow/a/json", "{}", answer), 405);
	assert_non_null(strstr(answer, "Allow: GET, HEAD, PUT, DELETE\r\n"));
	stop(&f);
}

/* An image on any page makes no definitions. */
static void test_foreign(void **state)
{
	static const char *const headers[] = {"Origin: http://example.com",
		"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"};
	struct fixture f;
	char text[256];

	start_with(&f, &plain, false);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		snprintf(text, sizeof(text),
			"GET /prometheus/flows/ALL/txt?metric=a&value=bytes HTTP/1.1\r\n"
			"Host: localhost\r\n%s\r\nConnection: close\r\n\r\n",
			headers[i]);
		assert_int_equal(ask_bytes(&f, text, strlen(text), answer), 403);
		assert_non_null(strstr(answer, "a page of another site"));
	}
	assert_int_equal(json_object_size(f.shelf.things), 0);
	stop(&f);
}

/* Stop while clients wait, send and do not read. */
static void test_stop(void **state)
{
	int fd[CLIENTS];
	struct fixture f;

	start_with(&f, &plain, false);
	for (unsigned i = 0; i < CLIENTS; i++) {
		fd[i] = dial(&f);
		if (i % 2)
			say(fd[i], "GET /api-docs HTTP/1.1\r\nHost: localhost\r\n\r\n", 44);
	}
	stop(&f);
	for (unsigned i = 0; i < CLIENTS; i++) {
		assert_true(hear(fd[i], answer) >= 0);
		close(fd[i]);
	}
	api_stop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resource),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_no_snapshot),
		cmocka_unit_test(test_view),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_absolute),
		cmocka_unit_test(test_allow),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
