/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "capacity/analyse.h"
#include "synthetic.h"

/* Years of minutes, whose trend is known, and what is found of it. */

enum { LAST_DAY = 20400, YEAR = 365, SEEDS = 300, MINUTES = 12, TABLE_HOURS = 336 };

static struct capacity_record days[4 * 366], hours[TABLE_HOURS];

static void keep(void *ctx, enum capacity_span span, const struct capacity_record *r)
{
	struct capacity_history *h = ctx;

	if (span == CAPACITY_DAY && r->slot >= h->first_day)
		h->days[r->slot - h->first_day] = *r;
	else if (span == CAPACITY_HOUR && r->slot >= h->first_hour)
		h->hours[r->slot - h->first_hour] = *r;
}

static struct capacity_history make(const struct synthetic *s)
{
	struct capacity_history h = {.first_day = s->last_day - s->days + 1,
		.day_count = s->days,
		.days = days,
		.first_hour = (s->last_day + 1) * 24 - TABLE_HOURS,
		.hour_count = TABLE_HOURS,
		.hours = hours};

	memset(days, 0, sizeof(days));
	memset(hours, 0, sizeof(hours));
	synthetic_make(s, keep, &h);
	return h;
}

static struct capacity_question question(void)
{
	return (struct capacity_question){.period_days = 30,
		.trend_days = YEAR,
		.threshold = 80,
		.years = 5,
		.most = 10,
		.now_ms = (uint64_t)(LAST_DAY + 1) * CAPACITY_DAY_MS + 3600000};
}

static struct synthetic usual(uint64_t seed)
{
	return (struct synthetic){.seed = seed,
		.last_day = LAST_DAY,
		.days = YEAR,
		.speed = 1e10,
		.now = 45,
		.slope = 0.3,
		.weekend = 12,
		.swing = 15,
		.noise = 4,
		.wild = 0.05,
		.missing = 0.05};
}

/* A year of days, each the same all day long: fast. */
static struct capacity_history make_days(const struct synthetic *s)
{
	struct capacity_history h = {
		.first_day = s->last_day - s->days + 1, .day_count = s->days, .days = days};
	struct dice d = {s->seed * 7919 + 1};

	memset(days, 0, sizeof(days));
	for (uint32_t i = 0; i < s->days; i++) {
		uint32_t day = h.first_day + i;
		double week = ((double)day + 0.5 - s->last_day) / 7;
		double v = s->now + s->slope * week + synthetic_above(s) + synthetic_of_day(s, &d) -
			   (day % 7 < 2 ? s->weekend : 0);
		uint16_t code = capacity_code(v);

		if (synthetic_uniform(&d) < 2 * s->missing - 1)
			continue;
		days[i] = (struct capacity_record){
			.slot = day, .minutes = 1440, .mask = 1, .speed = s->speed};
		capacity_summarize(&code, 1, code, &days[i].metrics[CAPACITY_IN]);
	}
	return h;
}

/* How often the intervals have the truth. */
struct score {
	unsigned slopes, dates, all;
};

static void score(const struct synthetic *s, const struct capacity_history *h, double truth,
	struct score *score)
{
	const struct capacity_question q = question();
	struct capacity_found f = {.speed = s->speed};

	assert_true(capacity_analyse(&q, h, &f));
	assert_true(f.has_trend && f.trend.count >= 46);
	assert_int_equal(f.metric, CAPACITY_IN);
	assert_int_equal(f.state, CAPACITY_REACHES);
	assert_true(fabs(f.trend.slope - s->slope) < 0.1);
	assert_true(f.crossing.from <= f.crossing.at && f.crossing.at <= f.crossing.to);
	score->slopes += f.trend.low <= s->slope && s->slope <= f.trend.high;
	score->dates += f.crossing.from <= truth && truth <= f.crossing.to;
	score->all++;
}

/* Of many years the intervals have the truth in about as many as they say: 95 %. */
static void test_truth(void **state)
{
	struct synthetic s = usual(0);
	double truth = synthetic_reaches(&s, question().threshold) * CAPACITY_DAY_MS;
	struct score n = {0};

	for (s.seed = 1; s.seed <= SEEDS; s.seed++) {
		const struct capacity_history h = make_days(&s);

		score(&s, &h, truth, &n);
	}
	print_message("of %u years: growth in %u, date in %u\n", n.all, n.slopes, n.dates);
	assert_in_range(n.slopes, SEEDS * 92 / 100, SEEDS * 99 / 100);
	assert_in_range(n.dates, SEEDS * 92 / 100, SEEDS);
}

/* The same by all minutes of them. */
static void test_minutes(void **state)
{
	struct synthetic s = usual(0);
	double truth = synthetic_reaches(&s, question().threshold) * CAPACITY_DAY_MS;
	struct score n = {0};

	for (s.seed = 1; s.seed <= MINUTES; s.seed++) {
		const struct capacity_history h = make(&s);

		score(&s, &h, truth, &n);
	}
	print_message(
		"of %u years of minutes: growth in %u, date in %u\n", n.all, n.slopes, n.dates);
	assert_in_range(n.slopes, MINUTES - 2, MINUTES);
	assert_in_range(n.dates, MINUTES - 2, MINUTES);
}

/* Percentiles of the period are those of its minutes. */
static void test_period(void **state)
{
	struct synthetic s = usual(3);
	struct capacity_question q = question();
	struct capacity_found f = {.speed = s.speed};
	const struct capacity_summary *p = &f.period.metrics[CAPACITY_IN];
	struct capacity_history h;
	double top;

	s.noise = s.wild = s.missing = s.slope = s.weekend = 0;
	h = make(&s);
	q.period_days = 7;
	assert_true(capacity_analyse(&q, &h, &f));
	assert_int_equal(f.minutes, 7 * 1440);
	top = s.now + synthetic_above(&s);
	assert_true(fabs(capacity_value(p->points[CAPACITY_P95]) - top) < 0.01 * top);
	assert_true(fabs(capacity_value(p->points[CAPACITY_P50]) - s.now) < 0.01 * s.now);
	assert_true(fabs(capacity_value(p->mean) - s.now) < 0.01 * s.now);
	assert_true(f.trend.low <= 0 && f.trend.high >= 0);
	assert_int_equal(f.state, CAPACITY_NOT);
}

/* A link that was made four times as fast has no break in its trend. */
static void test_speed(void **state)
{
	const struct capacity_question q = question();
	struct synthetic s = usual(5);
	struct capacity_found f = {.speed = 4 * s.speed};
	struct capacity_history h;

	h = make(&s);
	for (uint32_t i = YEAR / 2; i < YEAR; i++) {
		struct capacity_record *r = &days[i];

		r->speed *= 4;
		for (unsigned l = 0; l < CAPACITY_LEVELS; l++)
			r->metrics[0].points[l] =
				capacity_code(capacity_value(r->metrics[0].points[l]) / 4);
	}
	assert_true(capacity_analyse(&q, &h, &f));
	assert_true(f.trend.low <= s.slope / 4 && s.slope / 4 <= f.trend.high);
	assert_true(f.trend.high < s.slope / 2);
}

/* What was before another interface had this ifIndex does not count. */
static void test_since(void **state)
{
	const struct capacity_question q = question();
	const struct synthetic s = usual(6);
	const struct capacity_history h = make(&s);
	struct capacity_found f = {
		.speed = s.speed, .since = (LAST_DAY - 9) * CAPACITY_DAY_HOURS + 5};

	assert_true(capacity_analyse(&q, &h, &f));
	assert_false(f.has_trend);
	assert_int_equal(f.state, CAPACITY_UNKNOWN);
	assert_true(f.minutes <= 10 * 1440);
}

/* Days that are not made yet are their hours, and the running hour counts, too. */
static void test_hours(void **state)
{
	struct capacity_question q = question();
	const struct synthetic s = usual(8);
	const struct capacity_history h = make(&s);
	struct capacity_found with = {.speed = s.speed}, without = {.speed = s.speed};
	struct capacity_found f = {.speed = s.speed};

	q.period_days = 7;
	assert_true(capacity_analyse(&q, &h, &with));
	for (unsigned i = 1; i <= 7; i++)
		days[s.days - i].minutes = 0;
	assert_true(capacity_analyse(&q, &h, &without));
	assert_int_equal(with.minutes, without.minutes);
	assert_in_range(without.period.metrics[0].points[CAPACITY_P95],
		with.period.metrics[0].points[CAPACITY_P95] - 8,
		with.period.metrics[0].points[CAPACITY_P95] + 8);
	f.hour = hours[TABLE_HOURS - 1];
	f.hour.slot++; /* the one that is running */
	f.hour.minutes = 7;
	f.hour.metrics[CAPACITY_IN].peak = capacity_code(99);
	assert_true(capacity_analyse(&q, &h, &f));
	assert_int_equal(f.minutes, without.minutes + 7);
	assert_int_equal(f.period.metrics[CAPACITY_IN].peak, capacity_code(99));
	f.hour.slot--; /* it ended between the looks at memory and at Redis, and counts once */
	assert_true(capacity_analyse(&q, &h, &f));
	assert_int_equal(f.minutes, without.minutes);
}

static void test_nothing(void **state)
{
	const struct capacity_question q = question();
	const struct capacity_history h = {.first_day = 0};
	struct capacity_found f = {.speed = 1e9};

	assert_false(capacity_analyse(&q, &h, &f));
}

static void test_above(void **state)
{
	struct capacity_question q = question();
	const struct synthetic s = usual(9);
	const struct capacity_history h = make(&s);
	struct capacity_found f = {.speed = s.speed};

	q.threshold = 50;
	assert_true(capacity_analyse(&q, &h, &f));
	assert_int_equal(f.state, CAPACITY_ABOVE);
	assert_true(f.crossing.at < (double)q.now_ms);
	q.threshold = 0;
	f = (struct capacity_found){.speed = s.speed};
	assert_true(capacity_analyse(&q, &h, &f));
	assert_int_equal(f.state, CAPACITY_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_truth),
		cmocka_unit_test(test_minutes),
		cmocka_unit_test(test_period),
		cmocka_unit_test(test_speed),
		cmocka_unit_test(test_since),
		cmocka_unit_test(test_hours),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_above),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
