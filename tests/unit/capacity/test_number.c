/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capacity/number.h"

/* All codes are values in order, and come back. */
static void test_all_codes(void **state)
{
	double before = -1;

	for (unsigned code = 0; code <= UINT16_MAX; code++) {
		double value = capacity_value((uint16_t)code);

		assert_true(value > before);
		assert_int_equal(capacity_code(value), code);
		before = value;
	}
	assert_true(before > 1e12);
}

static void test_near(void **state)
{
	for (double v = 0.001; v < 1e12; v *= 1.0137) {
		double back = capacity_value(capacity_code(v));

		assert_true(fabs(back - v) <= fmax(0.0005, v / 1000) * (1 + 1e-9));
	}
}

static void test_exact(void **state)
{
	assert_int_equal(capacity_code(0), 0);
	assert_int_equal(capacity_code(0.001), 1);
	assert_int_equal(capacity_code(1.023), 1023);
	assert_int_equal(capacity_code(1.024), 1024);
	assert_true(capacity_value(capacity_code(0.5)) == 0.5);
}

static void test_odd(void **state)
{
	assert_int_equal(capacity_code(-3), 0);
	assert_int_equal(capacity_code(NAN), 0);
	assert_int_equal(capacity_code(INFINITY), UINT16_MAX);
	assert_int_equal(capacity_code(1e300), UINT16_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_codes),
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
