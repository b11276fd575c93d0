/* SPDX-License-Identifier: BSD-3-Clause */
#include "capacity/analyse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "capacity/hour.h"
#include "capacity/number.h"

enum {
	WEEK_DAYS = 7,
	WEEK_LEAST = 5, /* days that a week has at least, so that weekends do not make a trend */
	WEEKS_MOST = 1024,
	PARTS_MOST = 4096,
};

#define WEEK_MS (7.0 * CAPACITY_DAY_MS)

static double value_at(const struct capacity_record *r, unsigned metric, enum capacity_level level)
{
	return capacity_value(r->metrics[metric].points[level]);
}

/* ---- the period ---- */

/* What the period is made of; a day that has no record yet stands for its hours. */
struct parts {
	const struct capacity_record *list[PARTS_MOST];
	unsigned count;
	uint64_t minutes;
	struct capacity_part of_metric[PARTS_MOST]; /* scratch */
};

static void add_part(struct parts *p, const struct capacity_record *r)
{
	if (r->minutes == 0 || p->count == PARTS_MOST)
		return;
	p->list[p->count++] = r;
	p->minutes += r->minutes;
}

static const struct capacity_record *day_at(const struct capacity_history *h, uint32_t day)
{
	const struct capacity_record *r;

	if (day < h->first_day || day - h->first_day >= h->day_count)
		return NULL;
	r = &h->days[day - h->first_day];
	return r->minutes ? r : NULL;
}

static void add_hours(
	struct parts *p, const struct capacity_history *h, uint32_t day, uint32_t since)
{
	for (uint32_t i = 0; i < CAPACITY_DAY_HOURS; i++) {
		uint32_t hour = day * CAPACITY_DAY_HOURS + i;

		if (hour >= since && hour >= h->first_hour && hour - h->first_hour < h->hour_count)
			add_part(p, &h->hours[hour - h->first_hour]);
	}
}

/* A day that began under another name is not of this link. */
static uint32_t first_day_of(const struct capacity_found *f)
{
	return (f->since + CAPACITY_DAY_HOURS - 1) / CAPACITY_DAY_HOURS;
}

static uint32_t later(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t days_back(const struct capacity_question *q, uint32_t days)
{
	uint32_t today = (uint32_t)(q->now_ms / CAPACITY_DAY_MS);

	return today > days ? today - days : 0;
}

/*
 * Whether Redis has the running hour by now, since it ended meanwhile. While it runs, what Redis has is the
 * part before a restart.
 */
static bool is_written(const struct capacity_question *q, const struct capacity_history *h,
	const struct capacity_found *f)
{
	uint32_t hour = f->hour.slot;

	return hour < q->now_ms / CAPACITY_HOUR_MS && hour >= h->first_hour &&
	       hour - h->first_hour < h->hour_count && h->hours[hour - h->first_hour].minutes;
}

static void collect(const struct capacity_question *q, const struct capacity_history *h,
	const struct capacity_found *f, struct parts *p)
{
	uint32_t today = (uint32_t)(q->now_ms / CAPACITY_DAY_MS);
	uint32_t first = days_back(q, q->period_days), whole = first_day_of(f);

	for (uint32_t day = later(first, f->since / CAPACITY_DAY_HOURS); day <= today; day++) {
		const struct capacity_record *r = day >= whole ? day_at(h, day) : NULL;

		if (r)
			add_part(p, r);
		else
			add_hours(p, h, day, f->since);
	}
	if (!is_written(q, h, f))
		add_part(p, &f->hour);
}

static void merge_metric(struct parts *p, unsigned m, struct capacity_record *out)
{
	unsigned count = 0;

	for (unsigned i = 0; i < p->count; i++) {
		if (p->list[i]->mask & 1u << m)
			p->of_metric[count++] = (struct capacity_part){
				&p->list[i]->metrics[m], p->list[i]->minutes};
	}
	if (count == 0)
		return;
	capacity_merge(p->of_metric, count, &out->metrics[m]);
	out->mask |= (uint8_t)(1u << m);
}

/* ---- the trend ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Its part of the speed that the link has now. */
static double now_value(const struct capacity_record *r, enum capacity_metric metric, double speed)
{
	double v = value_at(r, metric, CAPACITY_P95);

	if (metric > CAPACITY_OUT || !(r->speed > 0) || !(speed > 0))
		return v;
	return v * r->speed / speed;
}

/* The week from `day` on. @return false: too few days are known */
static bool make_week(const struct capacity_history *h, uint32_t day, enum capacity_metric metric,
	double speed, struct capacity_point *point)
{
	double values[WEEK_DAYS];
	unsigned count = 0;

	for (unsigned i = 0; i < WEEK_DAYS; i++) {
		const struct capacity_record *r = day_at(h, day + i);

		if (r && r->mask & 1u << metric)
			values[count++] = now_value(r, metric, speed);
	}
	if (count < WEEK_LEAST)
		return false;
	qsort(values, count, sizeof(*values), by_value);
	point->t = (day + WEEK_DAYS / 2.0) / WEEK_DAYS;
	point->y = (values[(count - 1) / 2] + values[count / 2]) / 2;
	return true;
}

static void find_trend(const struct capacity_question *q, const struct capacity_history *h,
	struct capacity_found *f)
{
	uint32_t today = (uint32_t)(q->now_ms / CAPACITY_DAY_MS);
	uint32_t day = later(days_back(q, q->trend_days), first_day_of(f));
	struct capacity_point points[WEEKS_MOST];
	unsigned count = 0;

	/* Weeks that end with yesterday, so that the newest is always whole. */
	day += today > day ? (today - day) % WEEK_DAYS : 0;
	for (; day + WEEK_DAYS <= today && count < WEEKS_MOST; day += WEEK_DAYS)
		count += make_week(h, day, f->metric, f->speed, &points[count]);
	f->has_trend = capacity_trend_fit(points, count, &f->trend);
}

static void find_date(const struct capacity_question *q, struct capacity_found *f)
{
	double now = (double)q->now_ms / WEEK_MS, end = now + q->years * 365.25 / WEEK_DAYS;
	struct capacity_crossing c;

	if (!f->has_trend || !(q->threshold > 0))
		return;
	capacity_trend_cross(&f->trend, q->threshold, now, end, 1, &c);
	f->crossing = (struct capacity_crossing){
		.at = c.at * WEEK_MS, .from = c.from * WEEK_MS, .to = c.to * WEEK_MS};
	if (capacity_trend_at(&f->trend, now) >= q->threshold)
		f->state = CAPACITY_ABOVE;
	else
		f->state = isfinite(c.at) ? CAPACITY_REACHES : CAPACITY_NOT;
}

/* ---- a link ---- */

static enum capacity_metric choose_metric(
	const struct capacity_question *q, const struct capacity_record *period)
{
	if (q->measure != CAPACITY_UTILIZATION)
		return (enum capacity_metric)(q->measure - CAPACITY_MEASURE_IN);
	return value_at(period, CAPACITY_OUT, CAPACITY_P95) >
			       value_at(period, CAPACITY_IN, CAPACITY_P95)
		       ? CAPACITY_OUT
		       : CAPACITY_IN;
}

bool capacity_analyse(const struct capacity_question *q, const struct capacity_history *h,
	struct capacity_found *found)
{
	struct parts *p = calloc(1, sizeof(*p));

	if (!p)
		return false;
	collect(q, h, found, p);
	memset(&found->period, 0, sizeof(found->period));
	for (unsigned m = 0; m < CAPACITY_METRICS; m++)
		merge_metric(p, m, &found->period);
	found->minutes = p->minutes;
	free(p);
	found->metric = choose_metric(q, &found->period);
	if (!(found->period.mask & 1u << found->metric))
		return false;
	find_trend(q, h, found);
	find_date(q, found);
	return true;
}
