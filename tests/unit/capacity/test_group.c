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

#include "capacity/group.h"
#include "capacity/number.h"

enum { HOUR = 400000, MINUTE = HOUR * 60 };

static struct capacity_record told[4];
static unsigned told_count;

static void tell(void *ctx, const struct capacity_record *r)
{
	told[told_count++] = *r;
}

static const struct capacity_sink sink = {.hour = tell};

static bool add(struct capacity_group *g, uint32_t minute, double in, double errors, double speed)
{
	struct capacity_minute m = {.minute = minute,
		.mask = 1 << CAPACITY_IN | 1 << CAPACITY_IN_ERRORS,
		.values = {[CAPACITY_IN] = in, [CAPACITY_IN_ERRORS] = errors}};

	return capacity_group_add(g, &m, speed, &sink);
}

/* 10 % of 100G and 50 % of 10G are 15 of 110 Gb/s. */
static void test_weights(void **state)
{
	struct capacity_group g = {0};
	struct capacity_record r;

	for (unsigned i = 0; i < 60; i++) {
		assert_true(add(&g, MINUTE + i, 10, 1, 100e9));
		assert_true(add(&g, MINUTE + i, 50, 2, 10e9));
	}
	assert_true(capacity_group_peek(&g, &r));
	assert_int_equal(r.slot, HOUR);
	assert_int_equal(r.minutes, 60);
	assert_true(r.speed == 110e9);
	assert_int_equal(r.metrics[CAPACITY_IN].mean, capacity_code(15 / 1.1));
	assert_int_equal(r.metrics[CAPACITY_IN_ERRORS].points[CAPACITY_P50], capacity_code(3));
	assert_false(r.mask & 1 << CAPACITY_OUT);
}

/* Members end their minutes at different times; who is too late is left out. */
static void test_hours(void **state)
{
	struct capacity_group g = {0};

	told_count = 0;
	add(&g, MINUTE + 59, 10, 0, 1e9);
	add(&g, MINUTE + 60, 20, 0, 1e9);
	assert_true(add(&g, MINUTE + 59, 30, 0, 1e9));
	capacity_group_end(&g, (uint64_t)(HOUR + 1) * CAPACITY_HOUR_MS, &sink);
	assert_int_equal(told_count, 0);
	capacity_group_end(
		&g, (uint64_t)(HOUR + 1) * CAPACITY_HOUR_MS + CAPACITY_GROUP_LATE_MS, &sink);
	assert_int_equal(told_count, 1);
	assert_int_equal(told[0].slot, HOUR);
	assert_int_equal(told[0].metrics[CAPACITY_IN].mean, capacity_code(20));
	add(&g, MINUTE + 180, 20, 0, 1e9); /* takes the place of the hour two before */
	assert_int_equal(told_count, 2);
	assert_false(add(&g, MINUTE + 61, 20, 0, 1e9));
	capacity_group_end(&g, UINT64_MAX, &sink);
	assert_int_equal(told_count, 3);
	assert_int_equal(told[2].slot, HOUR + 3);
}

/* A clock that is set back does not stop a group until its old time. */
static void test_set_back(void **state)
{
	struct capacity_group g = {0};

	told_count = 0;
	add(&g, MINUTE + 120, 10, 0, 1e9);
	capacity_group_end(&g, (uint64_t)(HOUR + 2) * CAPACITY_HOUR_MS - CAPACITY_GAP_MS, &sink);
	assert_int_equal(told_count, 0); /* it may be the first minute, of a clock that runs fast */
	capacity_group_end(&g, (uint64_t)HOUR * CAPACITY_HOUR_MS, &sink);
	assert_int_equal(told_count, 1);
	assert_true(add(&g, MINUTE, 20, 0, 1e9));
}

static void test_no_speed(void **state)
{
	struct capacity_group g = {0};
	struct capacity_record r;

	add(&g, MINUTE, 10, 5, 0);
	assert_true(capacity_group_peek(&g, &r));
	assert_int_equal(r.mask, 1 << CAPACITY_IN_ERRORS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_hours),
		cmocka_unit_test(test_set_back),
		cmocka_unit_test(test_no_speed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
