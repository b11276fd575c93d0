/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/term.h"

static void test_statistics(void **state)
{
	struct api_error e = {.text = ""};
	struct terms t;

	assert_int_equal(
		terms_parse(&t, "ifspeed,avg:2.1.load_one;sum:pairs", TERM_STATISTIC, &e), 0);
	assert_int_equal(t.count, 3);
	assert_string_equal(t.list[0].text, "ifspeed");
	assert_int_equal(t.list[0].statistic, METRIC_STATISTIC_MAX);
	assert_string_equal(t.list[1].text, "avg:2.1.load_one");
	assert_string_equal(t.list[1].metric, "2.1.load_one");
	assert_int_equal(t.list[1].statistic, METRIC_STATISTIC_AVG);
	assert_int_equal(t.list[2].statistic, METRIC_STATISTIC_SUM);
	terms_fini(&t);
}

static void test_columns(void **state)
{
	struct api_error e = {.text = ""};
	struct terms t;

	assert_int_equal(terms_parse(&t, "null:sort:load_one:-10,host_name,sort_of;null:2.1.uptime",
				 TERM_COLUMN, &e),
		0);
	assert_int_equal(t.count, 4);
	assert_true(t.list[0].sort && t.list[0].null);
	assert_int_equal(t.list[0].most, -10);
	assert_string_equal(t.list[0].metric, "load_one");
	assert_false(t.list[1].sort || t.list[1].null);
	assert_string_equal(t.list[2].metric, "sort_of");
	assert_true(t.list[3].null && !t.list[3].sort);
	terms_fini(&t);
	assert_int_equal(terms_parse(&t, "sort:load_one", TERM_COLUMN, &e), 0);
	assert_true(t.list[0].sort && t.list[0].most == 0);
	terms_fini(&t);
}

static void test_plain(void **state)
{
	struct api_error e = {.text = ""};
	struct terms t;

	assert_int_equal(terms_parse(&t, "all,ifspeed", TERM_PLAIN, &e), 0);
	assert_true(t.list[0].all && !t.list[1].all);
	terms_fini(&t);
}

static void test_wrong(void **state)
{
	static const struct {
		const char *text;
		enum term_kind kind;
		const char *error;
	} rows[] = {
		{"", TERM_STATISTIC, "names no metric"},
		{"a,,b", TERM_STATISTIC, "names no metric"},
		{"a,", TERM_PLAIN, "names no metric"},
		{"mex:load_one", TERM_STATISTIC, "did you mean \"max\"?"},
		{"sum:", TERM_STATISTIC, "\"sum:\" names no metric"},
		{"sort:", TERM_COLUMN, "names no metric"},
		{"sort:a:x", TERM_COLUMN, "sort:a: \"x\" is no number of rows"},
		{"sort:a:", TERM_COLUMN, "sort:a: \"\" is no number of rows"},
		{"sort:a:99999999999999999999", TERM_COLUMN, "is no number of rows"},
		{"max:a", TERM_COLUMN, "\"max:a\": a column is a metric"},
		{"sort:a:1,b,sort:c:2", TERM_COLUMN, "not by both a and c"},
		{"max:a\nb", TERM_STATISTIC, "not printable ASCII"},
		{"max:a\xFF", TERM_STATISTIC, "not printable ASCII"},
		{"max:a", TERM_PLAIN, "\"max:a\": there are no statistics of single values"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct api_error e = {.text = ""};
		struct terms t;

		assert_int_equal(terms_parse(&t, rows[i].text, rows[i].kind, &e), -EINVAL);
		if (!strstr(e.text, rows[i].error))
			fail_msg(
				"%s: \"%s\" is not in \"%s\"", rows[i].text, rows[i].error, e.text);
	}
}

static void test_many(void **state)
{
	char text[2 * TERMS + 2] = "";
	struct api_error e;
	struct terms t;

	for (unsigned i = 0; i < TERMS; i++)
		strcat(text, i ? ",m" : "m");
	assert_int_equal(terms_parse(&t, text, TERM_STATISTIC, &e), 0);
	terms_fini(&t);
	strcat(text, ",");
	assert_int_equal(terms_parse(&t, text, TERM_STATISTIC, &e), -EINVAL);
	assert_string_equal(e.text, "more than 100 metrics");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statistics),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
