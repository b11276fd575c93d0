/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "publish/url.h"

struct expect {
	const char *text;
	const char *path, *host;
	int port;
	const char *user, *password;
	int db;
	const char *place;
};

static const struct expect good[] = {
	{"redis://127.0.0.1:6379/0", NULL, "127.0.0.1", 6379, NULL, NULL, 0, "127.0.0.1:6379"},
	{"redis://redis.example", NULL, "redis.example", 6379, NULL, NULL, 0, "redis.example:6379"},
	{"redis://h/", NULL, "h", 6379, NULL, NULL, 0, "h:6379"},
	{"redis://h:1/15", NULL, "h", 1, NULL, NULL, 15, "h:1"},
	{"redis://[::1]", NULL, "::1", 6379, NULL, NULL, 0, "[::1]:6379"},
	{"redis://[fe80::1%25eth0]:7000/2", NULL, "fe80::1%eth0", 7000, NULL, NULL, 2,
		"[fe80::1%eth0]:7000"},
	{"redis://:secret@h", NULL, "h", 6379, NULL, "secret", 0, "h:6379"},
	{"redis://weir:p%40ss%2Fw%3Ard@h:1/3", NULL, "h", 1, "weir", "p@ss/w:rd", 3, "h:1"},
	{"redis://weir:a@b:c@h", NULL, "h", 6379, "weir", "a@b:c", 0, "h:6379"},
	{"redis://weir:@h", NULL, "h", 6379, "weir", "", 0, "h:6379"},
	{"unix:///run/redis.sock", "/run/redis.sock", NULL, 0, NULL, NULL, 0, "/run/redis.sock"},
	{"unix:///run/re%20dis.sock?db=4", "/run/re dis.sock", NULL, 0, NULL, NULL, 4,
		"/run/re dis.sock"},
	{"unix://u:p@/run/r@x.sock?db=1", "/run/r@x.sock", NULL, 0, "u", "p", 1, "/run/r@x.sock"},
	{"sentinel://a/mymaster", NULL, "mymaster", 6379, NULL, NULL, 0,
		"mymaster (by Sentinel a:26379)"},
	{"sentinel://u:p%2Fw@[::1],b:1/the.master-1/4?sentinel=:x", NULL, "the.master-1", 6379, "u",
		"p/w", 4, "the.master-1 (by Sentinel [::1]:26379, …)"},
	{"unix:/run/redis.sock", "/run/redis.sock", NULL, 0, NULL, NULL, 0, "/run/redis.sock"},
	{"unix:here/redis%20.sock", "here/redis%20.sock", NULL, 0, NULL, NULL, 0,
		"here/redis%20.sock"},
};

static void assert_text(const char *a, const char *b)
{
	if (b)
		assert_string_equal(a, b);
	else
		assert_null(a);
}

static void test_good(void **state)
{
	struct publish_url u;
	char error[256];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(publish_url_parse(good[i].text, &u, error, sizeof(error)), 0);
		assert_text(u.path, good[i].path);
		assert_text(u.host, good[i].host);
		assert_int_equal(u.port, good[i].port);
		assert_text(u.user, good[i].user);
		assert_text(u.password, good[i].password);
		assert_int_equal(u.db, good[i].db);
		assert_text(u.place, good[i].place);
		publish_url_free(&u);
	}
}

/* Each Sentinel has the login of Sentinels, and a port of its own. */
static void test_sentinels(void **state)
{
	struct publish_url u;
	char error[256];

	assert_int_equal(publish_url_parse("sentinel://:m@a,[::1],c:7/x?sentinel=u:p%40", &u, error,
				 sizeof(error)),
		0);
	assert_int_equal(u.sentinels->count, 3);
	assert_string_equal(u.sentinels->list[0].place, "a:26379");
	assert_string_equal(u.sentinels->list[1].place, "[::1]:26379");
	assert_string_equal(u.sentinels->list[2].place, "c:7");
	for (unsigned i = 0; i < 3; i++) {
		assert_string_equal(u.sentinels->list[i].user, "u");
		assert_string_equal(u.sentinels->list[i].password, "p@");
	}
	publish_url_free(&u);
	assert_int_equal(publish_url_parse("sentinel://:m@a/x", &u, error, sizeof(error)), 0);
	assert_null(u.sentinels->list[0].password);
	publish_url_free(&u);
}

/* All that is said of TLS goes for each Sentinel, and the master. */
static void test_sentinels_tls(void **state)
{
	const struct publish_access access = {.tls_ca = "/ca",
		.tls_cert = "/c",
		.tls_key = "/k",
		.tls_server_name = "redis.example",
		.tls_unverified = true};
	struct publish_url u;
	char error[256];

	assert_int_equal(publish_url_parse("sentinel://a/x", &u, error, sizeof(error)), 0);
	assert_false(u.tls || u.sentinels->list[0].tls);
	assert_int_equal(publish_url_add(&u, &access, NULL, error, sizeof(error)), -EINVAL);
	assert_non_null(strstr(error, "sentinels://"));
	assert_int_equal(
		publish_url_parse("sentinels://:m@a,b/x/2?sentinel=:n", &u, error, sizeof(error)),
		0);
	assert_int_equal(publish_url_add(&u, &access, NULL, error, sizeof(error)), 0);
	assert_string_equal(u.password, "m");
	for (unsigned i = 0; i < 3; i++) {
		const struct publish_url *one = i < 2 ? &u.sentinels->list[i] : &u;

		assert_true(one->tls && one->unverified);
		assert_string_equal(one->ca, "/ca");
		assert_string_equal(one->cert, "/c");
		assert_string_equal(one->key, "/k");
		assert_string_equal(one->server_name, "redis.example");
	}
	publish_url_free(&u);
}

static const char *const bad[][2] = {
	{"", "starts with redis://"},
	{"http://h", "starts with redis://"},
	{"127.0.0.1:6379", "starts with redis://"},
	{"redis://", "no host"},
	{"redis:///0", "no host"},
	{"redis://:6379", "no host"},
	{"redis://h:", "port"},
	{"redis://h:0", "port"},
	{"redis://h:65536", "port"},
	{"redis://h:99999999999999999999", "port"},
	{"redis://h:63x", "port"},
	{"redis://h/x", "database"},
	{"redis://h/-1", "database"},
	{"redis://h/0/1", "database"},
	{"redis://h/99999999999", "database"},
	{"redis://user@h", "[user]:password"},
	{"redis://u:%zz@h", "two hex digits"},
	{"redis://u:%4@h", "two hex digits"},
	{"redis://u:abc%@h", "two hex digits"},
	{"redis://u:a%00b@h", "two hex digits"},
	{"redis://::1", "brackets"},
	{"redis://[::1", "no ]"},
	{"redis://[::1]6379", ":port or nothing"},
	{"redis://[]", "no host"},
	{"redis://h?password=x", "stands before it"},
	{"redis://h%20h", "letters"},
	{"redis://[h]", "letters"},
	{"redis://h_h,h", "letters"},
	{"sentinel://", "/NAME"},
	{"sentinel://a", "/NAME"},
	{"sentinel://a/", "/NAME"},
	{"sentinel://a/?sentinel=:x", "/NAME"},
	{"sentinel:///m", "no host"},
	{"sentinel://a,/m", "no host"},
	{"sentinel://a,,b/m", "no host"},
	{"sentinel://a:0/m", "port"},
	{"sentinel://a,b:x/m", "port"},
	{"sentinel://::1/m", "brackets"},
	{"sentinel://a/m:1", "letters"},
	{"sentinel://a/m/x", "database"},
	{"sentinel://a/m/0/1", "database"},
	{"sentinel://a/m?sentinels=:x", "?sentinel="},
	{"sentinel://a/m?sentinel=x", "[user]:password"},
	{"sentinel://a/m?sentinel=:x/y", "%2F"},
	{"sentinel://u:pass/word@a/m", "%2F"},
	{"sentinel://a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a/m", "16 Sentinels"},
	{"unix:", "no socket"},
	{"unix://", "slash"},
	{"unix://run", "slash"},
	{"unix://run/redis.sock", "no host"},
	{"redis://u:pass/word@h/0", "%2F"},
	{"redis://:6379/s@h", "%2F"},
	{"unix://u:pass/word@/run/redis.sock", "%2F"},
	{"unix:u:password@/run/redis.sock", "takes no login"},
	{"unix:///r.sock?database=1", "?db=N"},
	{"unix:///r.sock?db=", "database"},
	{"unix:/0123456789012345678901234567890123456789012345678901234567890123456789"
	 "01234567890123456789012345678901234567890123456789",
		"longer"},
};

static void test_tls(void **state)
{
	const struct publish_access tls = {.user = "u",
		.password = "file:/p",
		.tls_ca = "ca",
		.tls_cert = "cert",
		.tls_key = "key",
		.tls_server_name = "n"};
	struct publish_url u;
	char error[256];

	assert_int_equal(publish_url_parse("rediss://h:1/2", &u, error, sizeof(error)), 0);
	assert_int_equal(publish_url_add(&u, NULL, NULL, error, sizeof(error)), 0);
	assert_true(u.tls && !u.unverified);
	assert_string_equal(u.place, "h:1");
	assert_null(u.server_name);
	assert_null(u.ca);
	assert_int_equal(publish_url_add(&u, &tls, NULL, error, sizeof(error)), 0);
	assert_string_equal(u.user, "u");
	assert_string_equal(u.password, "file:/p");
	assert_true(u.password_elsewhere);
	assert_string_equal(u.ca, "ca");
	assert_string_equal(u.cert, "cert");
	assert_string_equal(u.key, "key");
	assert_string_equal(u.server_name, "n");
	publish_url_free(&u);
}

static void test_bad_access(void **state)
{
	static const struct {
		const char *url;
		struct publish_access access;
		const char *option, *says;
	} wrong[] = {
		{"redis://:hunter2@h", {.password = "hunter3"}, "redis.password", "besides it"},
		{"redis://h", {.user = "u"}, "redis.user", "no password"},
		{"redis://h", {.tls_ca = "ca"}, "redis.tls_ca", "rediss://"},
		{"redis://h", {.tls_unverified = true}, "redis.tls_verify", "rediss://"},
		{"unix:/s", {.tls_server_name = "n"}, "redis.tls_server_name", "rediss://"},
		{"rediss://h", {.tls_cert = "c"}, "redis.tls_cert", "takes its key"},
		{"rediss://h", {.tls_key = "k"}, "redis.tls_key", "takes its key"},
	};
	struct publish_url u;
	const char *option;
	char error[256];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(publish_url_parse(wrong[i].url, &u, error, sizeof(error)), 0);
		assert_int_equal(
			publish_url_add(&u, &wrong[i].access, &option, error, sizeof(error)),
			-EINVAL);
		assert_string_equal(option, wrong[i].option);
		assert_non_null(strstr(error, wrong[i].says));
		assert_null(strstr(error, "hunter"));
		assert_null(u.host);
	}
}

static void test_bad(void **state)
{
	struct publish_url u;
	char error[256];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		error[0] = '\0';
		assert_int_equal(publish_url_parse(bad[i][0], &u, error, sizeof(error)), -EINVAL);
		if (!strstr(error, bad[i][1]))
			fail_msg("\"%s\": \"%s\" says nothing of \"%s\"", bad[i][0], error,
				bad[i][1]);
		assert_null(u.host);
		assert_null(u.path);
		assert_null(u.password);
	}
}

static void test_no_secret(void **state)
{
	static const char *const urls[] = {
		"redis://u:hunter2",
		"redis://u:hunter2/x",
		"redis://hunter2@h",
		"redis://u:hunter2/x@h",
		"redis://u:1/hunter2@h",
		"redis://u:x@hunter2/y@h",
		"redis://u:x@h:hunter2",
		"unix://hunter2/s",
		"unix://u:hunter2/x@/s",
		"unix://u:x@hunter2/y@/s",
		"unix:///s?db=hunter2",
		"unix:u:hunter2@/s",
		"redis://u:hunter2@:1",
		"redis://u:hunter2@h:x",
		"redis://u:hunter2%@h",
		"redis://u:hunter2@h/x",
		"redis://h?password=hunter2",
		"unix://u:hunter2@x/s",
		"unix://u:hunter2@/s?x",
	};
	struct publish_url u;
	char error[256];

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		assert_int_equal(publish_url_parse(urls[i], &u, error, sizeof(error)), -EINVAL);
		assert_null(strstr(error, "hunter2"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_sentinels),
		cmocka_unit_test(test_sentinels_tls),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_no_secret),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_bad_access),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
