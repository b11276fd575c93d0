/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "expression.h"

static void expect_read(const char *value, const char *values, const char *want)
{
	json_t *o = expression_read(value, values);
	char *text = json_dumps(o, JSON_COMPACT);

	assert_string_equal(text, want);
	free(text);
	json_decref(o);
}

static void test_known(void **state)
{
	expect_read("bytes", NULL,
		"{\"value\":\"bytes\",\"aggregate\":\"rate\",\"unit\":\"bytes\",\"values\":[]}");
	expect_read("avg:tcprtt", "frames,count:or:ipsource:ip6source",
		"{\"value\":\"avg:tcprtt\",\"aggregate\":\"avg\",\"unit\":\"microseconds\","
		"\"values\":[{\"value\":\"frames\",\"aggregate\":\"rate\",\"unit\":\"frames\"},"
		"{\"value\":\"count:or:ipsource:ip6source\",\"aggregate\":\"count\","
		"\"unit\":\"distinct\"}]}");
}

static void test_unknown(void **state)
{
	expect_read("avg:of_another_version", "",
		"{\"unit\":\"avg:of_another_version\",\"values\":[]}");
	expect_read(NULL, NULL, "{\"values\":[]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
