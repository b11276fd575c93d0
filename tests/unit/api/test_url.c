/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "api/url.h"

static char text[4096];

static int parse(const char *target, struct api_url *u)
{
	strcpy(text, target);
	return api_url_parse(text, u);
}

static void test_path(void **state)
{
	struct api_url u;

	assert_int_equal(parse("/activeflows/ALL/a%2Fb/json", &u), 0);
	assert_int_equal(u.segment_count, 4);
	assert_string_equal(u.segments[0], "activeflows");
	assert_string_equal(u.segments[2], "a/b");
	assert_int_equal(u.argument_count, 0);

	assert_int_equal(parse("", &u), 0);
	assert_int_equal(u.segment_count, 0);
	assert_int_equal(parse("//a///b/", &u), 0);
	assert_int_equal(u.segment_count, 2);
	assert_int_equal(parse("/a+b", &u), 0); /* a blank only in a query */
	assert_string_equal(u.segments[0], "a+b");
}

static void test_query(void **state)
{
	struct api_url u;

	assert_int_equal(parse("/a?key=10.0.0.1%2C%31&x&=1&key=2&y=a=b+c%2B#z?w=1", &u), 0);
	assert_int_equal(u.argument_count, 5);
	assert_string_equal(api_url_argument(&u, "key"), "10.0.0.1,1");
	assert_string_equal(api_url_argument(&u, "x"), "");
	assert_string_equal(api_url_argument(&u, ""), "1");
	assert_string_equal(api_url_argument(&u, "y"), "a=b c+");
	assert_null(api_url_argument(&u, "w"));
	assert_int_equal(parse("/a?", &u), 0);
	assert_int_equal(u.argument_count, 0);
	assert_int_equal(parse("/a?&&", &u), 0);
	assert_int_equal(u.argument_count, 0);
}

static void test_absolute(void **state)
{
	struct api_url u;

	assert_int_equal(parse("http://weir:8008/flow/a%2Fb/json?x=http://y/", &u), 0);
	assert_string_equal(u.authority, "weir:8008");
	assert_int_equal(u.segment_count, 3);
	assert_string_equal(u.segments[1], "a/b");
	assert_string_equal(api_url_argument(&u, "x"), "http://y/");
	assert_int_equal(parse("HTTPS://[::1]", &u), 0);
	assert_string_equal(u.authority, "[::1]");
	assert_int_equal(u.segment_count, 0);
	assert_int_equal(parse("http://a?b=1", &u), 0);
	assert_string_equal(u.authority, "a");
	assert_string_equal(api_url_argument(&u, "b"), "1");
	assert_int_equal(parse("/http://a/b", &u), 0);
	assert_null(u.authority);
	assert_int_equal(u.segment_count, 3);
	assert_int_equal(parse("http:///version", &u), -EINVAL);
	assert_non_null(u.wrong);
}

static void test_wrong(void **state)
{
	static const char *const wrong[] = {
		"/%", "/%4", "/%4g", "/a?%zz=1", "/a?b=%", "/%00", "/a?b=%00"};
	struct api_url u;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(parse(wrong[i], &u), -EINVAL);
		assert_non_null(u.wrong);
	}
}

static void test_many(void **state)
{
	char many[4096] = "";
	struct api_url u;

	for (unsigned i = 0; i < API_SEGMENTS; i++)
		strcat(many, "/a");
	assert_int_equal(parse(many, &u), 0);
	strcat(many, "/a");
	assert_int_equal(parse(many, &u), -ENAMETOOLONG);

	strcpy(many, "/a?");
	for (unsigned i = 0; i < API_ARGUMENTS; i++)
		strcat(many, "b=1&");
	assert_int_equal(parse(many, &u), 0);
	strcat(many, "b=1");
	assert_int_equal(parse(many, &u), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_absolute),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
