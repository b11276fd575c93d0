/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/backoff.h"

/* Polls that give nothing, none of which may be followed by a nap. */
static void stay_awake(struct base_backoff *b, unsigned polls)
{
	for (unsigned i = 0; i < polls; i++)
		assert_int_equal(base_backoff(b, false), 0);
}

static void test_awake_at_first(void **state)
{
	struct base_backoff b = {0};

	(void)state;
	stay_awake(&b, BASE_BACKOFF_POLLS);
	assert_int_equal(base_backoff(&b, false), BASE_BACKOFF_FIRST_NS);
}

static void test_naps_grow_to_the_bound(void **state)
{
	struct base_backoff b = {0};
	uint32_t want = BASE_BACKOFF_FIRST_NS;

	(void)state;
	stay_awake(&b, BASE_BACKOFF_POLLS);
	for (unsigned i = 0; i < 1000000; i++) {
		assert_int_equal(base_backoff(&b, false), want);
		want = want * 2 < BASE_BACKOFF_MOST_NS ? want * 2 : BASE_BACKOFF_MOST_NS;
	}
}

static void test_one_find_wakes(void **state)
{
	struct base_backoff b = {0};

	(void)state;
	for (unsigned naps = 0; naps < 10; naps++) {
		stay_awake(&b, BASE_BACKOFF_POLLS);
		for (unsigned i = 0; i < naps; i++)
			assert_int_not_equal(base_backoff(&b, false), 0);
		assert_int_equal(base_backoff(&b, true), 0);
	}
}

/* Now and then a frame, and never a nap: fewer empty polls between them than it takes. */
static void test_busy_never_naps(void **state)
{
	struct base_backoff b = {0};

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		stay_awake(&b, BASE_BACKOFF_POLLS);
		assert_int_equal(base_backoff(&b, true), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_awake_at_first),
		cmocka_unit_test(test_naps_grow_to_the_bound),
		cmocka_unit_test(test_one_find_wakes),
		cmocka_unit_test(test_busy_never_naps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
