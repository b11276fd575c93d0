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

#include "capacity/hour.h"
#include "capacity/number.h"

/* 2020-01-01 00:00 UTC, the begin of an hour. */
static const uint64_t start_ms = UINT64_C(1577836800000);

struct told {
	unsigned hours, minutes;
	struct capacity_record hour[8];
	struct capacity_minute minute[600];
};

static void tell_minute(void *ctx, const struct capacity_minute *m)
{
	struct told *t = ctx;

	t->minute[t->minutes++] = *m;
}

static void tell_hour(void *ctx, const struct capacity_record *r)
{
	struct told *t = ctx;

	t->hour[t->hours++] = *r;
}

static struct capacity_sample in(uint64_t from_ms, uint64_t to_ms, double value)
{
	return (struct capacity_sample){.from_ms = start_ms + from_ms,
		.to_ms = start_ms + to_ms,
		.mask = 1 << CAPACITY_IN,
		.values = {value}};
}

static void add(struct capacity_hour *h, struct told *t, uint64_t from_ms, uint64_t to_ms, double v)
{
	const struct capacity_sink sink = {tell_minute, tell_hour, t};
	const struct capacity_sample s = in(from_ms, to_ms, v);

	capacity_hour_add(h, &s, &sink);
}

static void finish(struct capacity_hour *h, struct told *t)
{
	const struct capacity_sink sink = {tell_minute, tell_hour, t};

	capacity_hour_end(h, UINT64_MAX, &sink);
}

/* Rates every 20 s that do not stand on the minute: each counts in each minute for its part. */
static void test_parts(void **state)
{
	struct capacity_hour h = {.minute = 0};
	struct told t = {0};

	add(&h, &t, 0, 10000, 40);
	add(&h, &t, 10000, 50000, 10);
	add(&h, &t, 50000, 70000, 70);
	add(&h, &t, 70000, 120000, 20);
	add(&h, &t, 120000, 121000, 20);
	assert_int_equal(t.minutes, 2);
	assert_true(fabs(t.minute[0].values[CAPACITY_IN] - (40 * 10 + 10 * 40 + 70 * 10) / 60.0) <
		    1e-3);
	assert_true(fabs(t.minute[1].values[CAPACITY_IN] - (70 * 10 + 20 * 50) / 60.0) < 1e-3);
	assert_int_equal(t.minute[1].minute, start_ms / CAPACITY_MINUTE_MS + 1);
	capacity_hour_reset(&h);
}

static void test_hour_is_exact(void **state)
{
	struct capacity_hour h = {.minute = 0};
	struct told t = {0};

	for (unsigned i = 0; i < 180; i++)
		add(&h, &t, i * 20000, (i + 1) * 20000, 1 + i / 3 + (i % 3 == 2));
	assert_int_equal(t.hours, 0);
	add(&h, &t, 3600000, 3620000, 5);
	assert_int_equal(t.hours, 1);
	assert_int_equal(t.hour[0].slot, start_ms / CAPACITY_HOUR_MS);
	assert_int_equal(t.hour[0].minutes, 60);
	assert_int_equal(t.hour[0].mask, 1 << CAPACITY_IN);
	/* Minute i averages i + 4/3. */
	assert_int_equal(t.hour[0].metrics[0].points[CAPACITY_P95], capacity_code(56 + 4.0 / 3));
	assert_int_equal(t.hour[0].metrics[0].points[CAPACITY_P50], capacity_code(29 + 4.0 / 3));
	assert_int_equal(t.hour[0].metrics[0].peak, capacity_code(61));
	assert_int_equal(t.hour[0].metrics[0].mean, capacity_code(29.5 + 4.0 / 3));
	capacity_hour_reset(&h);
}

/* One record may cover several minutes, and the end of the hour. */
static void test_long_interval(void **state)
{
	struct capacity_hour h = {.minute = 0};
	struct told t = {0};

	add(&h, &t, 3600000 - 150000, 3600000 + 90000, 12);
	finish(&h, &t);
	assert_int_equal(t.hours, 2);
	assert_int_equal(t.hour[0].minutes, 3); /* of the first of which half is covered */
	assert_int_equal(t.hour[1].minutes, 2);
	assert_int_equal(t.hour[1].metrics[0].mean, capacity_code(12));
}

static void test_left_out(void **state)
{
	struct capacity_hour h = {.minute = 0};
	struct told t = {0};

	add(&h, &t, 1000, 1000, 5);
	add(&h, &t, 2000, 1000, 5);
	add(&h, &t, 0, CAPACITY_GAP_MS + 1, 5);
	add(&h, &t, 0, CAPACITY_MINUTE_MS / 2 - 1, 5); /* too little of a minute */
	finish(&h, &t);
	assert_int_equal(t.hours, 0);
	assert_int_equal(t.minutes, 0);
}

/* Zeros take no memory, and count. */
static void test_zeros(void **state)
{
	struct capacity_hour h = {.minute = 0};
	struct told t = {0};

	for (unsigned i = 0; i < 57; i++)
		add(&h, &t, i * 60000, (i + 1) * 60000, 0);
	assert_null(h.values[CAPACITY_IN]);
	for (unsigned i = 57; i < 60; i++)
		add(&h, &t, i * 60000, (i + 1) * 60000, 8);
	finish(&h, &t);
	assert_int_equal(t.hour[0].minutes, 60);
	assert_int_equal(t.hour[0].metrics[0].points[CAPACITY_P95], 0);
	assert_int_equal(t.hour[0].metrics[0].points[CAPACITY_P98], capacity_code(8));
}

/* A metric that is not there is not 0. */
static void test_absent(void **state)
{
	struct capacity_hour h = {.minute = 0};
	struct capacity_record r;
	struct told t = {0};

	assert_false(capacity_hour_peek(&h, &r));
	add(&h, &t, 0, 60000, 3);
	add(&h, &t, 60000, 61000, 9);
	assert_true(capacity_hour_peek(&h, &r)); /* with the minute that is still running */
	assert_int_equal(r.mask, 1 << CAPACITY_IN);
	assert_int_equal(r.minutes, 2);
	assert_int_equal(r.metrics[CAPACITY_IN].points[CAPACITY_MIN], capacity_code(3));
	assert_int_equal(r.metrics[CAPACITY_IN].points[CAPACITY_MAX], capacity_code(9));
	capacity_hour_reset(&h);
}

/* Set back within the hour, minutes come twice; into the hour before, the hour ends. */
static void test_clock_back(void **state)
{
	struct capacity_hour h = {.minute = 0};
	struct told t = {0};

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 30; i++)
			add(&h, &t, i * 60000, (i + 1) * 60000, 3);
	}
	assert_int_equal(t.hours, 0);
	for (unsigned i = 50; i < 60; i++)
		add(&h, &t, i * 60000 - UINT64_C(3600000), (i + 1) * 60000 - UINT64_C(3600000), 4);
	assert_int_equal(t.hours, 1);
	assert_int_equal(t.hour[0].minutes, 60);
	finish(&h, &t);
	assert_int_equal(t.hour[1].slot, t.hour[0].slot - 1);
	assert_int_equal(t.hour[1].minutes, 10);
}

static void test_end_by_clock(void **state)
{
	struct capacity_hour h = {.minute = 0};
	struct told t = {0};
	const struct capacity_sink sink = {tell_minute, tell_hour, &t};

	add(&h, &t, 0, 60000, 3);
	capacity_hour_end(&h, start_ms + CAPACITY_HOUR_MS - 1, &sink);
	assert_int_equal(t.hours, 0);
	capacity_hour_end(&h, start_ms + CAPACITY_HOUR_MS, &sink);
	assert_int_equal(t.hours, 1);
	capacity_hour_end(&h, UINT64_MAX, &sink);
	assert_int_equal(t.hours, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_hour_is_exact),
		cmocka_unit_test(test_long_interval),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_zeros),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_clock_back),
		cmocka_unit_test(test_end_by_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
