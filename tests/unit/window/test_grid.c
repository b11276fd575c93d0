/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "window/grid.h"

static const uint64_t MS = 1000000, S = 1000000000;

static void test_after(void **state)
{
	(void)state;
	assert_int_equal(grid_after(10 * S, S), 11 * S);
	assert_int_equal(grid_after(10 * S + 1, S), 11 * S);
	assert_int_equal(grid_after(11 * S - 1, S), 11 * S);
	assert_int_equal(grid_after(61 * S, 60 * S), 120 * S);
}

static void test_first(void **state)
{
	(void)state;
	assert_true(grid_first_seconds(1, S) == 1);
	assert_true(grid_first_seconds(0.6, S) == 0.6);
	assert_true(grid_first_seconds(0.01, S) == 0.5);
	/* Of 100 ms half; of a minute half a second, as of all that are longer. */
	assert_true(grid_first_seconds(0.01, 100 * MS) == 0.05);
	assert_true(grid_first_seconds(0.07, 100 * MS) == 0.07);
	assert_true(grid_first_seconds(0.01, 60 * S) == 0.5);
	assert_true(grid_first_seconds(20, 60 * S) == 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_after),
		cmocka_unit_test(test_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
