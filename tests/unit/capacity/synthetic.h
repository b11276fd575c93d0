/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../dice.h"
#include "capacity/hour.h"
#include "capacity/number.h"
#include "capacity/series.h"

/*
 * Synthetic years of a link whose trend is known: minutes of a line, a week and a day, noise, days that
 * are out of the way, and gaps; made into hours and days by the same code as real ones.
 */

struct synthetic {
	uint64_t seed;
	uint32_t last_day, days; /* days, the last one included */
	double speed;
	double now, slope; /* percent on the last day; growth a week */
	double weekend,
		swing; /* on two days of seven lower by; above and below the mean of a day */
	double noise;  /* half width of what is added to each day, and a quarter to each minute */
	double wild, missing; /* shares of days */
};

static inline double synthetic_uniform(struct dice *d)
{
	return (double)dice_below(d, 1u << 24) / (double)(1u << 23) - 1;
}

/* About normal, with a deviation of 1/3. */
static inline double synthetic_noise(struct dice *d)
{
	return (synthetic_uniform(d) + synthetic_uniform(d) + synthetic_uniform(d)) / 3;
}

/* What a minute has above the line. */
static inline double synthetic_season(const struct synthetic *s, uint32_t day, unsigned minute)
{
	double v = s->swing * sin(2 * M_PI * minute / 1440);

	return day % 7 < 2 ? v - s->weekend : v;
}

/* What a day has above its line and season. */
static inline double synthetic_of_day(const struct synthetic *s, struct dice *d)
{
	double v = 3 * s->noise * synthetic_noise(d);

	return synthetic_uniform(d) < 2 * s->wild - 1 ? v + 40 * synthetic_uniform(d) : v;
}

/* Of a day all minutes, in 24 hours. @return false: the day is missing */
static inline bool synthetic_day(const struct synthetic *s, struct dice *d, uint32_t day,
	struct capacity_record hours[CAPACITY_DAY_HOURS])
{
	double week = ((double)day - s->last_day) / 7.0, of_day = synthetic_of_day(s, d);
	bool missing = synthetic_uniform(d) < 2 * s->missing - 1;

	memset(hours, 0, CAPACITY_DAY_HOURS * sizeof(*hours));
	for (unsigned h = 0; !missing && h < CAPACITY_DAY_HOURS; h++) {
		uint16_t in[60], out[60];

		hours[h].slot = day * CAPACITY_DAY_HOURS + h;
		hours[h].minutes = 60;
		hours[h].mask = (1u << CAPACITY_METRICS) - 1;
		hours[h].speed = s->speed;
		for (unsigned m = 0; m < 60; m++) {
			double v = s->now + s->slope * (week + (h * 60 + m) / 10080.0) +
				   synthetic_season(s, day, h * 60 + m) + of_day +
				   s->noise / 4 * synthetic_noise(d);

			in[m] = capacity_code(v);
			out[m] = capacity_code(v / 4);
		}
		capacity_summarize(in, 60, in[59], &hours[h].metrics[CAPACITY_IN]);
		capacity_summarize(out, 60, out[59], &hours[h].metrics[CAPACITY_OUT]);
	}
	return !missing;
}

/* What the 95th percentile of a day has above the mean of it, on a line and without noise. */
static inline double synthetic_above(const struct synthetic *s)
{
	return s->swing * sin(2 * M_PI * (0.25 - 0.025));
}

static inline int synthetic_by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * The level that weeks are at, above the line: of the median of seven days, of which two are lower. The
 * noise moves it, too, so it is the median of many weeks.
 */
static inline double synthetic_week(const struct synthetic *s)
{
	enum { WEEKS = 20000 };
	static double weeks[WEEKS];
	struct dice d = {99};

	for (unsigned w = 0; w < WEEKS; w++) {
		double days[7];
		unsigned count = 0;

		while (count < 5) {
			count = 0;
			for (unsigned i = 0; i < 7; i++) {
				double v = synthetic_of_day(s, &d) - (i < 2 ? s->weekend : 0);

				if (synthetic_uniform(&d) >= 2 * s->missing - 1)
					days[count++] = v;
			}
		}
		qsort(days, count, sizeof(*days), synthetic_by_value);
		weeks[w] = (days[(count - 1) / 2] + days[count / 2]) / 2;
	}
	qsort(weeks, WEEKS, sizeof(*weeks), synthetic_by_value);
	return weeks[WEEKS / 2] + synthetic_above(s);
}

/* The day (since 1970, with a fraction) on which the line of weeks reaches a value. */
static inline double synthetic_reaches(const struct synthetic *s, double value)
{
	return s->last_day + 7 * (value - s->now - synthetic_week(s)) / s->slope;
}

/* All days and hours, as records. `each` is told of an hour or a day. */
static inline void synthetic_make(const struct synthetic *s,
	void (*each)(void *ctx, enum capacity_span span, const struct capacity_record *r),
	void *ctx)
{
	struct dice d = {s->seed * 7919 + 1};

	for (uint32_t day = s->last_day - s->days + 1; day <= s->last_day; day++) {
		struct capacity_record hours[CAPACITY_DAY_HOURS], whole;

		if (!synthetic_day(s, &d, day, hours))
			continue;
		for (unsigned h = 0; h < CAPACITY_DAY_HOURS; h++)
			each(ctx, CAPACITY_HOUR, &hours[h]);
		capacity_records_merge(hours, CAPACITY_DAY_HOURS, &whole);
		whole.slot = day;
		each(ctx, CAPACITY_DAY, &whole);
	}
}
