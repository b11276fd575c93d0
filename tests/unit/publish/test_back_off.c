/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "publish/back_off.h"

#define MS UINT64_C(1000000)

/* Longer and longer, up to half a second, each drawn from its upper half. */
static void test_longer(void **state)
{
	static const unsigned most[] = {100, 200, 400, 500, 500, 500};
	struct publish_back_off b = {.ms = 0};

	for (unsigned i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		uint64_t wait;

		publish_back_off_try(&b);
		wait = publish_back_off_next(&b) - b.try_ns;
		assert_in_range(wait, most[i] * MS / 2, most[i] * MS + 200 * MS);
	}
	publish_back_off_reset(&b);
	publish_back_off_try(&b);
	assert_in_range(publish_back_off_next(&b) - b.try_ns, 50 * MS, 300 * MS);
}

/* What the try has taken counts; a little is waited all the same. */
static void test_long_try(void **state)
{
	struct publish_back_off b = {.ms = 500};
	uint64_t now = base_clock_mono_ns();

	b.try_ns = now - 3000 * MS;
	assert_in_range(publish_back_off_next(&b) - now, 20 * MS, 240 * MS);
}

/* No two alike: collectors that lost one Redis at once do not come back at once. */
static void test_jitter(void **state)
{
	uint64_t first = 0, last = 0;
	bool differs = false;

	for (unsigned i = 0; i < 16; i++) {
		struct publish_back_off b = {.ms = 500, .try_ns = base_clock_mono_ns()};

		last = publish_back_off_next(&b) - b.try_ns;
		first = first ? first : last;
		differs |= (last > first ? last - first : first - last) > 10 * MS;
	}
	assert_true(differs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_longer),
		cmocka_unit_test(test_long_try),
		cmocka_unit_test(test_jitter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
