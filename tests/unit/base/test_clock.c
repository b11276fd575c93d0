/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"

static void test_mono(void **state)
{
	uint64_t last = base_clock_mono_ns();

	for (unsigned i = 0; i < 1000; i++) {
		uint64_t now = base_clock_mono_ns();

		assert_true(now >= last);
		last = now;
	}
}

static void test_wall(void **state)
{
	uint64_t before = (uint64_t)time(NULL), now = base_clock_wall_ns() / 1000000000u;

	assert_in_range(now, before, before + 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mono),
		cmocka_unit_test(test_wall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
