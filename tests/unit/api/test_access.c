/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "api/access.h"

static enum api_role role_of(const char *token, const char *read_token, const char *header)
{
	struct api_access a;

	api_access_init(&a, token, read_token);
	assert_int_equal(api_access_asks(&a), *token || *read_token);
	return api_access_role(&a, header);
}

static void test_open(void **state)
{
	assert_int_equal(role_of("", "", NULL), API_WRITER);
	assert_int_equal(role_of("", "", "Bearer x"), API_WRITER);
}

static void test_tokens(void **state)
{
	static const struct {
		const char *header;
		enum api_role role;
	} given[] = {
		{NULL, API_NOBODY},
		{"", API_NOBODY},
		{"Bearer", API_NOBODY},
		{"Bearer ", API_NOBODY},
		{"Basic write", API_NOBODY},
		{"write", API_NOBODY},
		{"Bearer write", API_WRITER},
		{"bearer  write", API_WRITER},
		{"Bearer read", API_READER},
		{"Bearer writ", API_NOBODY},
		{"Bearer writee", API_NOBODY},
		{"Bearer writewrite", API_NOBODY},
		{"Bearer Write", API_NOBODY},
	};

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		assert_int_equal(role_of("write", "read", given[i].header), given[i].role);
}

/* The token that is not set is nobody's. */
static void test_one_token(void **state)
{
	assert_int_equal(role_of("", "read", "Bearer read"), API_READER);
	assert_int_equal(role_of("", "read", "Bearer "), API_NOBODY);
	assert_int_equal(role_of("write", "", "Bearer "), API_NOBODY);
	assert_int_equal(role_of("write", "", "Bearer write"), API_WRITER);
}

static void test_host(void **state)
{
	static const char *const local[] = {"127.0.0.1", "127.0.0.1:8008", "[::1]", "[::1]:8008",
		"localhost", "LOCALHOST:1", "192.0.2.1:80"};
	static const char *const foreign[] = {"", "evil.example", "evil.example:8008",
		"localhost.evil", "127.0.0.1.evil.example", "[evil]:1", "::1"};

	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		assert_true(api_host_is_local(local[i]));
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		assert_false(api_host_is_local(foreign[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_one_token),
		cmocka_unit_test(test_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
