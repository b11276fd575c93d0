/* SPDX-License-Identifier: BSD-3-Clause */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "publish/number_pvt.h"

static void expect(double v, unsigned decimals, const char *want)
{
	char text[PUBLISH_NUMBER];
	size_t len = publish_number(text, v, decimals);

	assert_string_equal(text, want);
	assert_int_equal(len, strlen(want));
}

static void test_short(void **state)
{
	expect(0, 3, "0");
	expect(-0.0, 3, "0");
	expect(-0.0001, 3, "0");
	expect(1, 3, "1");
	expect(100, 0, "100");
	expect(100, 3, "100");
	expect(1.5, 3, "1.5");
	expect(1.25, 1, "1.2");
	expect(0.0004, 3, "0");
	expect(0.0006, 3, "0.001");
	expect(123456789012.125, 3, "123456789012.125");
	expect(-2.5, 3, "-2.5");
}

static void test_no_exponent(void **state)
{
	char text[PUBLISH_NUMBER];

	expect(1e15, 3, "1000000000000000");
	expect(1e-30, 3, "0");
	publish_number(text, DBL_MAX, 6);
	assert_null(strpbrk(text, "eE+"));
	assert_true(strtod(text, NULL) == DBL_MAX);
	publish_number(text, -DBL_MAX, 6);
	assert_true(strtod(text, NULL) == -DBL_MAX);
}

/* As printf(3) has it, without zeros at the end. */
static void expect_printed(double v, unsigned decimals)
{
	char want[PUBLISH_NUMBER];
	size_t len = (size_t)snprintf(want, sizeof(want), "%.*f", (int)decimals, v);

	while (decimals && want[len - 1] == '0')
		len--;
	if (decimals && want[len - 1] == '.')
		len--;
	want[len] = '\0';
	expect(v, decimals, strcmp(want, "-0") == 0 ? "0" : want);
}

static double dice(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (double)(state >> 11) / 9007199254740992.0;
}

/* Of all sizes; and next to where the last digit turns, as near as doubles come. */
static void test_as_printf(void **state)
{
	for (unsigned i = 0; i < 300000; i++) {
		unsigned decimals = i % 7;
		double scale = pow(10, decimals), v = exp(dice() * 90 - 45);
		double half = (floor(dice() * 1e6) + 0.5) / scale;

		expect_printed(i % 2 ? v : -v, decimals);
		expect_printed(half, decimals);
		expect_printed(nextafter(half, 0), decimals);
		expect_printed(nextafter(half, 1e9), decimals);
		expect_printed(floor(dice() * 1024) / 1024, decimals);
	}
}

static void test_not_finite(void **state)
{
	expect((double)NAN, 3, "0");
	expect((double)INFINITY, 3, "0");
	expect((double)-INFINITY, 3, "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_no_exponent),
		cmocka_unit_test(test_as_printf),
		cmocka_unit_test(test_not_finite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
