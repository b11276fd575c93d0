/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "document.h"

static void assert_value(const char *text, const char *want)
{
	json_t *v = document_value(text);
	char *got = json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

	assert_string_equal(got, want);
	free(got);
	json_decref(v);
}

static void test_value(void **state)
{
	assert_value("0", "0");
	assert_value("-5", "-5");
	assert_value("0.25", "0.25");
	assert_value("9223372036854775807", "9223372036854775807");
	assert_value("9223372036854775808", "9.22337203685478e18");
	assert_value("18446744073709551615", "1.84467440737096e19");
	assert_value("", "\"\"");
	assert_value("-", "\"-\"");
	assert_value("10.0.0.1", "\"10.0.0.1\"");
	assert_value("true", "\"true\"");
	assert_value("\xff", "\"?\"");
}

/* One sum that forged samples made too large must not hide the window. */
static void test_parse(void **state)
{
	json_t *d = document_parse("{\"window\":3,\"total\":18446744073709551615}");

	assert_true(json_is_object(d));
	assert_true(json_number_value(json_object_get(d, "window")) == 3);
	assert_true(json_number_value(json_object_get(d, "total")) > 1.8e19);
	json_decref(d);
	d = document_parse("{\"window\":3}");
	assert_true(json_is_integer(json_object_get(d, "window")));
	json_decref(d);
	assert_null(document_parse("{\"window\":"));
	assert_null(document_parse(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_value),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
