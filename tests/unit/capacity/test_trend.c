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
#include "capacity/trend.h"

enum { SEEDS = 300 };

static double uniform(struct dice *d)
{
	return dice_below(d, 1u << 24) / (double)(1u << 24);
}

static double normal(struct dice *d)
{
	return sqrt(-2 * log(uniform(d) + 1e-12)) * cos(2 * M_PI * uniform(d));
}

static void test_line(void **state)
{
	struct capacity_point p[20];
	struct capacity_crossing c;
	struct capacity_trend t;

	for (unsigned i = 0; i < 20; i++)
		p[i] = (struct capacity_point){i, 10 + 2.0 * i};
	assert_true(capacity_trend_fit(p, 20, &t));
	assert_true(fabs(t.slope - 2) < 1e-9 && fabs(t.low - 2) < 1e-9 && fabs(t.high - 2) < 1e-9);
	assert_true(fabs(capacity_trend_at(&t, 100) - 210) < 1e-9);
	capacity_trend_cross(&t, 80, 20, 200, 1, &c);
	assert_true(fabs(c.at - 35) < 1e-6 && fabs(c.from - 35) < 1e-6 && fabs(c.to - 35) < 1e-6);
	capacity_trend_cross(&t, 80, 50, 200, 1, &c);
	assert_true(fabs(c.at - 35) < 1e-6 && c.from == 50 && c.to == 50);
	capacity_trend_cross(&t, 1000, 20, 200, 1, &c);
	assert_true(isinf(c.at) && isinf(c.from) && isinf(c.to));
}

static void test_falling(void **state)
{
	struct capacity_point p[20];
	struct capacity_crossing c;
	struct capacity_trend t;

	for (unsigned i = 0; i < 20; i++)
		p[i] = (struct capacity_point){i, 90 - 1.0 * i};
	assert_true(capacity_trend_fit(p, 20, &t));
	capacity_trend_cross(&t, 85, 20, 500, 1, &c);
	assert_true(isinf(c.at) && isinf(c.from));
	capacity_trend_cross(&t, 60, 20, 500, 1, &c); /* above it, and always was */
	assert_true(c.at == -INFINITY && c.from == 20);
}

static void test_too_few(void **state)
{
	const struct capacity_point p[5] = {{0, 1}, {1, 2}, {2, 3}, {3, 3}, {4, 5}};
	struct capacity_trend t;

	assert_false(capacity_trend_fit(p, 4, &t));
	assert_true(capacity_trend_fit(p, 5, &t));
	assert_true(t.low < t.slope && t.slope < t.high);
}

/* A third of the points are nonsense: the slope hardly moves, and the interval is not empty. */
static void test_outliers(void **state)
{
	struct capacity_point p[60];
	struct capacity_trend t;
	struct dice d = {4};

	for (unsigned i = 0; i < 60; i++)
		p[i] = (struct capacity_point){
			i, i % 4 ? 30 + 0.5 * i + normal(&d) : 100 * uniform(&d)};
	assert_true(capacity_trend_fit(p, 60, &t));
	assert_true(fabs(t.slope - 0.5) < 0.05);
	assert_true(t.low < 0.5 && 0.5 < t.high);
}

struct noise {
	const char *name;
	unsigned weeks;
	double slope, sigma;
	double follow;        /* how much of the noise the next point has, too */
	double wild, missing; /* shares */
};

static unsigned make(struct dice *d, const struct noise *n, struct capacity_point *p)
{
	double state = normal(d) * n->sigma;
	unsigned count = 0;

	for (unsigned i = 0; i < n->weeks; i++) {
		double y = 40 + n->slope * i + state;

		state = n->follow * state + sqrt(1 - n->follow * n->follow) * n->sigma * normal(d);
		if (uniform(d) < n->wild)
			y += 60 * (uniform(d) - 0.3);
		if (uniform(d) >= n->missing)
			p[count++] = (struct capacity_point){i, y};
	}
	return count;
}

static void cover(const struct noise *n)
{
	double truth = n->slope > 0 ? (80 - 40) / n->slope : INFINITY;
	unsigned slopes = 0, dates = 0, fits = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct dice d = {seed * 7919};
		struct capacity_point p[200];
		struct capacity_crossing c;
		struct capacity_trend t;

		if (!capacity_trend_fit(p, make(&d, n, p), &t))
			continue;
		fits++;
		capacity_trend_cross(&t, 80, n->weeks, n->weeks + 2000, 1, &c);
		slopes += t.low <= n->slope && n->slope <= t.high;
		dates += c.from <= truth && truth <= c.to;
	}
	print_message("%-24s %u weeks: slope in %.1f %%, date in %.1f %%\n", n->name, n->weeks,
		100.0 * slopes / fits, 100.0 * dates / fits);
	assert_true(fits > SEEDS * 9 / 10);
	assert_in_range(slopes, fits * 92 / 100, fits * 995 / 1000);
	assert_in_range(dates, fits * 92 / 100, fits);
}

/* Of many seeds the interval has the truth in about as many as it says: 95 %. */
static void test_cover(void **state)
{
	static const struct noise rows[] = {
		{"noise", 52, 0.4, 3, 0, 0, 0},
		{"noise, a short time", 8, 1, 3, 0, 0, 0},
		{"no trend", 52, 0, 3, 0, 0, 0},
		{"outliers and gaps", 52, 0.4, 3, 0, 0.1, 0.2},
		{"noise that follows", 52, 0.4, 3, 0.4, 0, 0},
		{"three years", 156, 0.2, 5, 0.3, 0.05, 0.1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cover(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_falling),
		cmocka_unit_test(test_too_few),
		cmocka_unit_test(test_outliers),
		cmocka_unit_test(test_cover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
