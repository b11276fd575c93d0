/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>

/*
 * The line through a series that outliers do not move, how sure it is, and when it reaches a value.
 * Pure.
 *
 * The slope is that of Theil and Sen, the median of the slopes of all pairs of points; its interval of
 * 95 % is the one of Sen (1968) from the variance of Kendall's S, which is made larger where residuals
 * follow one another (a lag-1 correction of ranks as of Yue and Wang, 2004). It holds for noise of any
 * distribution, as long as the trend is a line.
 */

struct capacity_point {
	double t, y; /* t ascends */
};

enum { CAPACITY_TREND_LEAST = 5 }; /* points: with fewer no interval of 95 % exists */

struct capacity_trend {
	unsigned count;          /* points behind it */
	double slope, low, high; /* y per t, with the ends of its interval */
	double middle, level;    /* the line goes through (middle, level) */
	double level_error;      /* half of the 95 % interval of `level` */
};

/** @return false: there are fewer than CAPACITY_TREND_LEAST points, or memory is short */
bool capacity_trend_fit(
	const struct capacity_point *points, unsigned count, struct capacity_trend *out);

/** Where the line is at `t`. */
double capacity_trend_at(const struct capacity_trend *trend, double t);

/* When the line reaches a value, INFINITY: not until the end. */
struct capacity_crossing {
	double at; /* of the line; before `now` where it is above already, -INFINITY: always was */
	double from, to; /* with 95 % probability between these; `from` is never before `now` */
};

/**
 * @param now, end  the times to look between
 * @param step      how finely; much less than end - now
 */
void capacity_trend_cross(const struct capacity_trend *trend, double value, double now, double end,
	double step, struct capacity_crossing *out);
