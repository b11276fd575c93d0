/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/secret.h"

enum { ROOM = 16 };

static void test_itself(void **state)
{
	char secret[ROOM], why[BASE_SECRET_WHY];

	assert_int_equal(base_secret_read("public", secret, sizeof(secret), why), 0);
	assert_string_equal(secret, "public");
	assert_int_equal(base_secret_read("", secret, sizeof(secret), why), 0);
	assert_string_equal(secret, "");
	assert_true(base_secret_read("0123456789abcdef", secret, sizeof(secret), why) < 0);
	assert_null(strstr(why, "0123"));
}

static void test_env(void **state)
{
	char secret[ROOM], why[BASE_SECRET_WHY];

	unsetenv("WEIR_TEST");
	assert_int_equal(base_secret_read("env:WEIR_TEST", secret, sizeof(secret), why), -EINVAL);
	assert_string_equal(why, "variable WEIR_TEST: it is not set");
	setenv("WEIR_TEST", "hunter2", 1);
	assert_int_equal(base_secret_read("env:WEIR_TEST", secret, sizeof(secret), why), 0);
	assert_string_equal(secret, "hunter2");
	setenv("WEIR_TEST", "hunter2hunter2hunter2", 1);
	assert_int_equal(base_secret_read("env:WEIR_TEST", secret, sizeof(secret), why), -EINVAL);
	assert_null(strstr(why, "hunter2"));
}

static int secret_of(const char *text, char *secret, char *why)
{
	char path[] = "/tmp/weir-secret-XXXXXX", name[64];
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	snprintf(name, sizeof(name), "file:%s", path);
	err = base_secret_read(name, secret, ROOM, why);
	unlink(path);
	return err;
}

static void test_file(void **state)
{
	char secret[ROOM], why[BASE_SECRET_WHY];

	assert_int_equal(secret_of("hunter2\nsecond line\n", secret, why), 0);
	assert_string_equal(secret, "hunter2");
	assert_int_equal(secret_of("0123456789abcd\n", secret, why), 0);
	assert_string_equal(secret, "0123456789abcd");
	assert_int_equal(secret_of("hunter2", secret, why), 0);
	assert_string_equal(secret, "hunter2");
	assert_int_equal(secret_of("hunter2hunter2hunter2\n", secret, why), -ENAMETOOLONG);
	assert_null(strstr(why, "hunter2"));
	assert_int_equal(secret_of("\n", secret, why), -EINVAL);
	assert_int_equal(secret_of("", secret, why), -EINVAL);
	assert_int_equal(base_secret_read("file:/nowhere/at/all", secret, ROOM, why), -ENOENT);
	assert_string_equal(why, "file /nowhere/at/all: No such file or directory");
}

static void test_place(void **state)
{
	assert_true(base_secret_is_place("file:/etc/weir/token"));
	assert_true(base_secret_is_place("env:TOKEN"));
	assert_false(base_secret_is_place("token"));
	assert_false(base_secret_is_place(""));
}

/* What stands behind the text is that of others. */
static void test_hide_login(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{"redis://:hunter2@h:1/0", "redis://:***@h:1/0"},
		{"redis://u:hunter2@h", "redis://u:***@h"},
		{"rediss://u:p@h", "rediss://u:*@h"},
		{"redis://u:@h", "redis://u:@h"},
		{"--redis=unix://u:a@b/c@/run/redis.sock?db=1",
			"--redis=unix://u:***@/run/redis.sock?db=1"},
		{"redis.url=redis://:hunter2@h", "redis.url=redis://:***@h"},
		{"sentinel://:a@h/m?sentinel=:hunter2", "sentinel://:*@h/m?sentinel=:***"},
		{"sentinel://h/m?sentinel=u:p@ss", "sentinel://h/m?sentinel=u:***"},
		{"sentinels://u:p@h/m?sentinel=:x", "sentinels://u:*@h/m?sentinel=:*"},
		{"redis://h:6379/0", "redis://h:6379/0"},
		{"redis://user@h", "redis://user@h"},
		{"unix:/run/redis.sock", "unix:/run/redis.sock"},
		{"", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128];
		size_t len = strlen(cases[i].text);

		memset(text, 'x', sizeof(text));
		memcpy(text, cases[i].text, len + 1);
		assert_int_equal(base_secret_hide_login(text),
			strstr(cases[i].text, "://") &&
				(strchr(cases[i].text, '@') || strchr(cases[i].text, '?')) &&
				strcmp(cases[i].text, "redis://user@h") != 0);
		assert_string_equal(text, cases[i].shown);
		for (size_t at = strlen(text); at <= len; at++)
			assert_int_equal(text[at], 0);
		assert_int_equal(text[len + 1], 'x');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_itself),
		cmocka_unit_test(test_env),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_hide_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
