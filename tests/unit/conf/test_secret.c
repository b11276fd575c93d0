/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <unistd.h>

#include "conf_test.h"

enum { ROOM = 16 };

static void test_itself(void **state)
{
	char secret[ROOM], why[CONF_SECRET_WHY];

	assert_int_equal(conf_secret("public", secret, sizeof(secret), why), 0);
	assert_string_equal(secret, "public");
	assert_int_equal(conf_secret("", secret, sizeof(secret), why), 0);
	assert_string_equal(secret, "");
	assert_true(conf_secret("0123456789abcdef", secret, sizeof(secret), why) < 0);
	assert_null(strstr(why, "0123"));
}

static void test_env(void **state)
{
	char secret[ROOM], why[CONF_SECRET_WHY];

	unsetenv("WEIR_TEST");
	assert_int_equal(conf_secret("env:WEIR_TEST", secret, sizeof(secret), why), -EINVAL);
	assert_string_equal(why, "variable WEIR_TEST: it is not set");
	setenv("WEIR_TEST", "hunter2", 1);
	assert_int_equal(conf_secret("env:WEIR_TEST", secret, sizeof(secret), why), 0);
	assert_string_equal(secret, "hunter2");
	setenv("WEIR_TEST", "hunter2hunter2hunter2", 1);
	assert_int_equal(conf_secret("env:WEIR_TEST", secret, sizeof(secret), why), -EINVAL);
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
	err = conf_secret(name, secret, ROOM, why);
	unlink(path);
	return err;
}

static void test_file(void **state)
{
	char secret[ROOM], why[CONF_SECRET_WHY];

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
	assert_int_equal(conf_secret("file:/nowhere/at/all", secret, ROOM, why), -ENOENT);
	assert_string_equal(why, "file /nowhere/at/all: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_itself),
		cmocka_unit_test(test_env),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
