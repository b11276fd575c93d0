/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "api/limit.h"

static const uint64_t SECOND = 1000000000;

static struct base_addr client(uint32_t i)
{
	const uint8_t bytes[4] = {10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

	return base_addr_from(bytes, 4);
}

static unsigned take(struct api_limit *l, uint32_t who, uint64_t now_ns, unsigned times)
{
	const struct base_addr addr = client(who);
	unsigned taken = 0;

	while (times--)
		taken += api_limit_take(l, &addr, now_ns);
	return taken;
}

static void test_rate(void **state)
{
	struct api_limit l;

	assert_int_equal(api_limit_init(&l, 10), 0);
	assert_int_equal(take(&l, 1, 5 * SECOND, 20), 10); /* a second's worth at once */
	assert_int_equal(take(&l, 2, 5 * SECOND, 20), 10); /* each for itself */
	assert_int_equal(take(&l, 1, 5 * SECOND + SECOND / 2, 20), 5);
	assert_int_equal(take(&l, 1, 100 * SECOND, 20), 10); /* no more than that is saved up */
	api_limit_fini(&l);
}

/* A host has all addresses of its /64. */
static void test_prefix(void **state)
{
	struct base_addr a, b, c;
	struct api_limit l;

	assert_int_equal(api_limit_init(&l, 1), 0);
	assert_int_equal(base_addr_parse("2001:db8:0:1::1", &a), 0);
	assert_int_equal(base_addr_parse("2001:db8:0:1:ffff::2", &b), 0);
	assert_int_equal(base_addr_parse("2001:db8:0:2::1", &c), 0);
	assert_true(api_limit_take(&l, &a, SECOND));
	assert_false(api_limit_take(&l, &b, SECOND));
	assert_true(api_limit_take(&l, &c, SECOND));
	api_limit_fini(&l);
}

static void test_none(void **state)
{
	struct api_limit l;

	assert_int_equal(api_limit_init(&l, 0), 0);
	assert_int_equal(take(&l, 1, SECOND, 1000), 1000);
	api_limit_fini(&l);
}

/* More clients than buckets: those that are heard keep theirs. */
static void test_many(void **state)
{
	struct api_limit l;
	unsigned taken = 0;

	assert_int_equal(api_limit_init(&l, 2), 0);
	assert_int_equal(take(&l, 0, SECOND, 5), 2);
	for (uint32_t i = 1; i <= 10 * API_BUCKETS; i++) {
		assert_int_equal(take(&l, i, SECOND + i, 5), 2);
		taken += take(&l, 0, SECOND + i, 1);
	}
	assert_int_equal(taken, 0);
	api_limit_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
