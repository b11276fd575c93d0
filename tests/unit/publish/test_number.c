/* SPDX-License-Identifier: BSD-3-Clause */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
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
		cmocka_unit_test(test_not_finite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
