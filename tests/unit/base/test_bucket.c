/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/bucket.h"

enum { HZ = 1000000 }; /* ticks a second */

static bool take(
	struct base_bucket *b, const struct base_bucket_rate *r, uint32_t tokens, uint64_t now)
{
	if (!base_bucket_has(b, r, now))
		return false;
	base_bucket_pay(b, base_bucket_cost(r, tokens), now);
	return true;
}

static void test_off(void **state)
{
	const struct base_bucket_rate off = base_bucket_rate(0, HZ, HZ);

	(void)state;
	assert_false(base_bucket_limits(&off));
}

/* A full bucket at once, then what the rate brings. */
static void test_burst_and_rate(void **state)
{
	const struct base_bucket_rate r = base_bucket_rate(100, HZ, HZ / 2);
	struct base_bucket b = {0};
	unsigned passed = 0;

	(void)state;
	assert_true(base_bucket_limits(&r));
	while (take(&b, &r, 1, 5 * HZ))
		passed++;
	assert_int_equal(passed, 50);
	for (uint64_t now = 5 * HZ; now < 15 * HZ; now += 100)
		passed += take(&b, &r, 1, now);
	assert_in_range(passed, 50 + 1000 - 1, 50 + 1000 + 1);
	/* It fills up again, and no further. */
	passed = 0;
	while (take(&b, &r, 1, 100 * HZ))
		passed++;
	assert_int_equal(passed, 50);
}

/* Whoever keeps below the rate never loses one, however it began. */
static void test_below_rate(void **state)
{
	const struct base_bucket_rate r = base_bucket_rate(1000, HZ, HZ / 10);
	struct base_bucket b = {0};

	(void)state;
	for (uint64_t now = 0; now < 100 * HZ; now += HZ / 990)
		assert_true(take(&b, &r, 1, now));
}

/* Large ones pass as debt, so that tokens a second are the same. */
static void test_large(void **state)
{
	const struct base_bucket_rate r = base_bucket_rate(1000, HZ, HZ / 1000);
	struct base_bucket b = {0};
	uint64_t tokens = 0;

	(void)state;
	for (uint64_t now = 0; now < 100 * HZ; now += HZ / 2000)
		tokens += take(&b, &r, 70, now) ? 70 : 0;
	assert_in_range(tokens, 99900, 100200);
}

/* Rates near that of the clock, and as slow as one can be. */
static void test_precision(void **state)
{
	const struct base_bucket_rate fast = base_bucket_rate(300000, HZ, 10),
				      slow = base_bucket_rate(1, HZ, 1);
	struct base_bucket b = {0};
	uint64_t tokens = 0;

	(void)state;
	for (uint64_t now = 0; now < 10 * HZ; now++)
		tokens += take(&b, &fast, 1, now) + take(&b, &fast, 1, now);
	assert_in_range(tokens, 2990000, 3340000); /* whole ticks: 3 and not 3.33 */
	b.full = 0;
	assert_true(take(&b, &slow, 1, HZ));
	assert_false(take(&b, &slow, 1, 2 * HZ - 1));
	assert_true(take(&b, &slow, 1, 2 * HZ));
	assert_int_equal(base_bucket_cost(&slow, UINT32_MAX), (uint64_t)UINT32_MAX * HZ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_burst_and_rate),
		cmocka_unit_test(test_below_rate),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_precision),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
