/* SPDX-License-Identifier: BSD-3-Clause */

/* Against a DNS server of its own, tests/dns/nameserver.py, which says what 192.0.2.N does. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "resolve/resolve.h"

enum { PATIENCE = 3000 }; /* tries of 10 ms: far longer than anything takes */

/* The server, and one that does not exist. */
static struct {
	pid_t pid;
	int in;
	char address[32];
} server;

static struct base_hash hash;

static int start_server(void **state)
{
	int in[2], out[2];
	unsigned port;
	FILE *f;

	assert_int_equal(base_hash_init(&hash), 0);
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	server.pid = fork();
	if (server.pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		execlp("python3", "python3", "tests/dns/nameserver.py", (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	server.in = in[1];
	f = fdopen(out[0], "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%u", &port), 1);
	fclose(f);
	snprintf(server.address, sizeof(server.address), "127.0.0.1:%u", port);
	return 0;
}

static int stop_server(void **state)
{
	int status;

	close(server.in);
	assert_int_equal(waitpid(server.pid, &status, 0), server.pid);
	return 0;
}

static struct resolve *start(uint64_t timeout_ms, unsigned tries, unsigned under_way)
{
	const struct resolve_options o = {.servers = server.address,
		.limits = {.entries = 10000,
			.queue = 10000,
			.ttl_min_ms = 60000,
			.ttl_max_ms = 3600000,
			.negative_ms = 60000,
			.retry_ms = 60000},
		.timeout_ms = timeout_ms,
		.tries = tries,
		.under_way = under_way};
	char error[256];
	struct resolve *r = resolve_start(&o, &hash, error, sizeof(error));

	assert_non_null(r);
	return r;
}

static void pause_a_little(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

/* Look an address up until something is known. */
static enum resolve_answer answer(struct resolve *r, const char *address, char text[256])
{
	struct base_addr addr;

	assert_int_equal(base_addr_parse(address, &addr), 0);
	for (unsigned i = 0; i < PATIENCE; i++) {
		struct base_text t = base_text(text, 256);
		enum resolve_answer a = resolve_name(r, &addr, &t);

		if (a != RESOLVE_IS_UNKNOWN)
			return a;
		pause_a_little();
	}
	return RESOLVE_IS_UNKNOWN;
}

static void expect(struct resolve *r, const char *address, const char *name)
{
	char text[256];

	assert_int_equal(answer(r, address, text), *name ? RESOLVE_IS_NAME : RESOLVE_IS_NONE);
	assert_string_equal(text, name);
}

static uint64_t stat_of(struct resolve *r, enum resolve_stat stat)
{
	uint64_t values[RESOLVE_STATS];

	resolve_read_stats(r, values);
	return values[stat];
}

static void test_names(void **state)
{
	struct resolve *r = start(5000, 2, 100);

	expect(r, "10.1.2.3", "host-1-2-3.net-1.example.");
	expect(r, "2001:db8::beef", "v6-beef.example.");
	expect(r, "192.0.2.5", "whole.example."); /* cut over UDP, whole over TCP */
	expect(r, "192.0.2.7", "alias.example.");
	expect(r, "192.0.2.8", "a,b\\032\"c\".\\000\\255\\010.d\\046e\\092f.example.");
	expect(r, "192.0.2.14", "brief.example.");
	expect(r, "10.1.2.3", "host-1-2-3.net-1.example.");
	assert_int_equal(stat_of(r, RESOLVE_QUERIES), 6);
	assert_int_equal(stat_of(r, RESOLVE_ANSWERS), 6);
	assert_int_equal(stat_of(r, RESOLVE_UNDER_WAY), 0);
	resolve_stop(r);
}

static void test_no_names(void **state)
{
	struct resolve *r = start(5000, 2, 100);

	expect(r, "192.0.2.2", "");
	expect(r, "192.0.2.10", "");
	expect(r, "198.51.100.1", "");
	assert_int_equal(stat_of(r, RESOLVE_NO_NAME), 3);
	expect(r, "192.0.2.9", "");  /* its name is too long */
	expect(r, "192.0.2.12", ""); /* points to itself */
	assert_int_equal(stat_of(r, RESOLVE_BAD), 2);
	expect(r, "192.0.2.6", "");
	assert_int_equal(stat_of(r, RESOLVE_FAILURES), 1);
	expect(r, "192.0.2.2", "");
	assert_int_equal(stat_of(r, RESOLVE_QUERIES), 6);
	resolve_stop(r);
}

/* Silence, garbage and a forged answer are the same: a time-out. */
static void test_time_outs(void **state)
{
	struct resolve *r = start(200, 1, 100);

	expect(r, "192.0.2.1", "");
	expect(r, "192.0.2.3", "");
	expect(r, "192.0.2.11", "");
	assert_int_equal(stat_of(r, RESOLVE_TIMEOUTS), 3);
	resolve_stop(r);
}

static void test_second_try(void **state)
{
	struct resolve *r = start(200, 5, 100);

	expect(r, "192.0.2.13", "second.example.");
	assert_int_equal(stat_of(r, RESOLVE_QUERIES), 1);
	resolve_stop(r);
}

/* Those that come behind a slow one are answered before it, as long as both may be under way. */
static void test_slow(void **state)
{
	struct resolve *r = start(30000, 1, 100);
	struct base_addr silent;
	char text[256];
	struct base_text t = base_text(text, sizeof(text));

	base_addr_parse("192.0.2.1", &silent);
	assert_int_equal(resolve_name(r, &silent, &t), RESOLVE_IS_UNKNOWN);
	expect(r, "10.0.0.2", "host-0-0-2.net-0.example.");
	expect(r, "192.0.2.4", "late.example.");
	assert_int_equal(resolve_name(r, &silent, &t), RESOLVE_IS_UNKNOWN);
	assert_int_equal(stat_of(r, RESOLVE_UNDER_WAY), 1);
	resolve_stop(r); /* with a question under way */
}

/* Many at once, of which few may be under way: each is answered by its own name. */
static void test_many(void **state)
{
	enum { MANY = 2000 };
	struct resolve *r = start(5000, 3, 16);
	char text[256], address[32], name[64];

	for (unsigned i = 0; i < MANY; i++) {
		struct base_text t = base_text(text, sizeof(text));
		struct base_addr addr;

		snprintf(address, sizeof(address), "10.0.%u.%u", i >> 8, i & 255);
		base_addr_parse(address, &addr);
		resolve_name(r, &addr, &t);
		assert_true(stat_of(r, RESOLVE_UNDER_WAY) <= 16);
	}
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(address, sizeof(address), "10.0.%u.%u", i >> 8, i & 255);
		snprintf(name, sizeof(name), "host-0-%u-%u.net-0.example.", i >> 8, i & 255);
		expect(r, address, name);
	}
	assert_int_equal(stat_of(r, RESOLVE_QUERIES), MANY);
	assert_int_equal(stat_of(r, RESOLVE_WAITING), 0);
	resolve_stop(r);
}

/* A port where nobody listens. */
static void test_no_server(void **state)
{
	char address[sizeof(server.address)];
	struct resolve *r;

	memcpy(address, server.address, sizeof(address));
	snprintf(server.address, sizeof(server.address), "127.0.0.1:1");
	r = start(200, 1, 100);
	memcpy(server.address, address, sizeof(address));
	expect(r, "10.0.0.1", "");
	assert_int_equal(stat_of(r, RESOLVE_QUERIES), 1);
	assert_int_equal(stat_of(r, RESOLVE_TIMEOUTS) + stat_of(r, RESOLVE_FAILURES), 1);
	resolve_stop(r);
}

static void test_system(void **state)
{
	const struct resolve_options o = {.servers = RESOLVE_SYSTEM,
		.limits = {.entries = 16, .queue = 16},
		.timeout_ms = 200,
		.tries = 1,
		.under_way = 1};
	char error[256];
	struct resolve *r = resolve_start(&o, &hash, error, sizeof(error));

	assert_non_null(r);
	resolve_stop(r);
	resolve_stop(NULL);
}

static void test_wrong_server(void **state)
{
	const struct resolve_options o = {.servers = "nowhere",
		.limits = {.entries = 16, .queue = 16},
		.timeout_ms = 200,
		.tries = 1,
		.under_way = 1};
	char error[256] = "";

	assert_null(resolve_start(&o, &hash, error, sizeof(error)));
	assert_int_equal(errno, EINVAL);
	assert_memory_equal(error, "DNS: ", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_no_names),
		cmocka_unit_test(test_time_outs),
		cmocka_unit_test(test_second_try),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_no_server),
		cmocka_unit_test(test_system),
		cmocka_unit_test(test_wrong_server),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
