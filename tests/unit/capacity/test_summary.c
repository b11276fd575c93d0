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

#include "../dice.h"
#include "capacity/number.h"
#include "capacity/summary.h"

static int by_code(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* The definition of the nearest rank, said the other way round. */
static uint16_t nearest(const uint16_t *sorted, unsigned count, double share)
{
	for (unsigned i = 0; i < count; i++) {
		if ((i + 1) >= share * count - 1e-9)
			return sorted[i];
	}
	return sorted[count - 1];
}

static void test_exact(void **state)
{
	struct dice d = {7};

	for (unsigned count = 1; count <= 60; count++) {
		uint16_t values[60], sorted[60];
		struct capacity_summary s;
		double sum = 0;

		for (unsigned i = 0; i < count; i++) {
			values[i] = sorted[i] = (uint16_t)dice_below(&d, 9000);
			sum += capacity_value(values[i]);
		}
		qsort(sorted, count, sizeof(sorted[0]), by_code);
		capacity_summarize(values, count, 0, &s);
		for (unsigned l = 0; l < CAPACITY_LEVELS; l++)
			assert_int_equal(s.points[l],
				nearest(sorted, count, capacity_share((enum capacity_level)l)));
		assert_int_equal(s.mean, capacity_code(sum / count));
		assert_int_equal(s.peak, sorted[count - 1]);
	}
}

static void test_known(void **state)
{
	uint16_t values[60];
	struct capacity_summary s;

	for (unsigned i = 0; i < 60; i++)
		values[i] = (uint16_t)(60 - i);
	capacity_summarize(values, 60, 99, &s);
	assert_int_equal(s.points[CAPACITY_MIN], 1);
	assert_int_equal(s.points[CAPACITY_P50], 30);
	assert_int_equal(
		s.points[CAPACITY_P95], 57); /* the three largest are cut off, as it is billed */
	assert_int_equal(s.points[CAPACITY_P98], 59);
	assert_int_equal(s.points[CAPACITY_MAX], 60);
	assert_int_equal(s.peak, 99);
}

/* A day of 24 hours of a curve with noise, merged, against all its minutes. */
static void check_day(struct dice *d, double base, double swing, double noise, double *worst)
{
	struct capacity_summary hours[24], merged, exact;
	struct capacity_part parts[24];
	uint16_t all[1440], peak = 0;

	for (unsigned h = 0; h < 24; h++) {
		uint16_t values[60];

		for (unsigned i = 0; i < 60; i++) {
			double curve = base + swing * sin((h * 60 + i) * 2 * M_PI / 1440);
			double v = curve * (1 + noise * (dice_below(d, 1000) / 500.0 - 1));

			values[i] = all[h * 60 + i] = capacity_code(v);
			peak = values[i] > peak ? values[i] : peak;
		}
		capacity_summarize(values, 60, peak, &hours[h]);
		parts[h] = (struct capacity_part){&hours[h], 60};
	}
	capacity_summarize(all, 1440, peak, &exact);
	capacity_merge(parts, 24, &merged);
	assert_int_equal(merged.peak, exact.peak);
	assert_int_equal(merged.points[CAPACITY_MIN], exact.points[CAPACITY_MIN]);
	assert_int_equal(merged.points[CAPACITY_MAX], exact.points[CAPACITY_MAX]);
	assert_in_range(merged.mean, exact.mean - 1, exact.mean + 1);
	for (unsigned l = CAPACITY_P25; l < CAPACITY_MAX; l++) {
		double a = capacity_value(merged.points[l]), b = capacity_value(exact.points[l]);

		*worst = fmax(*worst, fabs(a - b) / b);
	}
}

static void test_merge_is_near(void **state)
{
	struct dice d = {11};
	double worst = 0;

	for (unsigned i = 0; i < 200; i++)
		check_day(&d, 40, 30, 0.02 + dice_below(&d, 40) / 100.0, &worst);
	print_message("quantiles of a merged day: at most %.2f %% off\n", worst * 100);
	assert_true(worst < 0.04);
}

/* Whatever the parts are, each quantile stays between those of the parts, and in order. */
static void test_merge_is_between(void **state)
{
	struct dice d = {5};

	for (unsigned round = 0; round < 2000; round++) {
		struct capacity_summary s[5], merged;
		struct capacity_part parts[5];
		unsigned count = 1 + dice_below(&d, 5);

		for (unsigned i = 0; i < count; i++) {
			uint16_t values[60], n = (uint16_t)(1 + dice_below(&d, 60));
			uint32_t range = 1 + dice_below(&d, round % 2 ? 10 : 65536);

			for (unsigned k = 0; k < n; k++)
				values[k] = (uint16_t)dice_below(&d, range);
			capacity_summarize(values, n, 0, &s[i]);
			parts[i] = (struct capacity_part){&s[i], n};
		}
		capacity_merge(parts, count, &merged);
		for (unsigned l = 0; l < CAPACITY_LEVELS; l++) {
			uint16_t low = UINT16_MAX, high = 0;

			for (unsigned i = 0; i < count; i++) {
				low = s[i].points[l] < low ? s[i].points[l] : low;
				high = s[i].points[l] > high ? s[i].points[l] : high;
			}
			assert_in_range(merged.points[l], low, high);
			assert_true(l == 0 || merged.points[l] >= merged.points[l - 1]);
		}
		assert_in_range(
			merged.mean, merged.points[CAPACITY_MIN], merged.points[CAPACITY_MAX]);
		assert_true(merged.peak >= merged.points[CAPACITY_MAX]);
		if (count == 1)
			assert_memory_equal(&merged, &s[0], sizeof(merged));
	}
}

/* A short part counts for as many minutes as it has. */
static void test_merge_by_minutes(void **state)
{
	uint16_t busy[6], idle[54];
	struct capacity_summary s[2], merged;
	struct capacity_part parts[2] = {{&s[0], 54}, {&s[1], 6}};

	for (unsigned i = 0; i < 54; i++)
		idle[i] = 100;
	for (unsigned i = 0; i < 6; i++)
		busy[i] = 900;
	capacity_summarize(idle, 54, 0, &s[0]);
	capacity_summarize(busy, 6, 0, &s[1]);
	capacity_merge(parts, 2, &merged);
	assert_int_equal(merged.points[CAPACITY_P50], 100);
	assert_int_equal(merged.points[CAPACITY_P90], 100);
	assert_int_equal(merged.points[CAPACITY_P95], 900);
	assert_int_equal(merged.mean, 180);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_merge_is_near),
		cmocka_unit_test(test_merge_is_between),
		cmocka_unit_test(test_merge_by_minutes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
