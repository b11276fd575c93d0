/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "units.h"

static void scaled(double v, const char *want)
{
	char text[UNITS_TEXT];

	assert_string_equal(units_scaled(text, v, "bps"), want);
}

static void test_scaled(void **state)
{
	scaled(0, "0.00 bps");
	scaled(1.234, "1.23 bps");
	scaled(99.94, "99.9 bps");
	scaled(99.96, "100 bps");
	scaled(999.4, "999 bps");
	scaled(999.6, "1.00 Kbps");
	scaled(43.25e9, "43.2 Gbps");
	scaled(999.6e15, "1.00 Ebps");
	scaled(5e21, "5000 Ebps");
}

static void test_rate(void **state)
{
	char text[UNITS_TEXT];

	assert_string_equal(units_rate(text, 125e6, "bytes"), "1.00 Gbps");
	assert_string_equal(units_rate(text, 1500, "frames"), "1.50 Kfps");
	assert_string_equal(units_rate(text, 2, "requests"), "2.00 requests/s");
	assert_string_equal(units_rate(text, 2, "a name that is far too long to show here"),
		"2.00 a name that is far t/s");
}

static void test_value(void **state)
{
	char text[UNITS_TEXT];

	assert_string_equal(units_value(text, 1500, "bytes"), "1.50 KB");
	assert_string_equal(units_value(text, 12, "microseconds"), "12 µs");
	assert_string_equal(units_value(text, 999.4, "microseconds"), "999 µs");
	assert_string_equal(units_value(text, 12345, "microseconds"), "12.3 ms");
	assert_string_equal(units_value(text, 12345678, "microseconds"), "12.35 s");
	assert_string_equal(units_value(text, 60, "distinct"), "60");
	assert_string_equal(units_value(text, 1234567.8, "distinct"), "1234568");
	assert_string_equal(units_value(text, 63.25, "number"), "63.25");
}

static void test_time(void **state)
{
	char text[UNITS_TEXT];

	assert_string_equal(units_time(text, 0), "0 ms");
	assert_string_equal(units_time(text, 999), "999 ms");
	assert_string_equal(units_time(text, 59999), "59 s");
	assert_string_equal(units_time(text, 60000), "1 min 0 s");
	assert_string_equal(units_time(text, 7260000), "2 h 1 min");
	assert_string_equal(units_time(text, 90000000), "1 d 1 h");
	units_time(text, UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scaled),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_value),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
