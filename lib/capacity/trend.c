/* SPDX-License-Identifier: BSD-3-Clause */
#include "capacity/trend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double z95 = 1.959963984540054;

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *sorted, unsigned count)
{
	return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

/* ---- how residuals follow one another ---- */

/* Ranks of residuals from -1 to 1, in the order of time; ties share their middle. */
static void rank(const double *residuals, const double *sorted, unsigned count, double *ranks)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned below = 0, same = 0;

		for (unsigned j = 0; j < count; j++) {
			below += sorted[j] < residuals[i];
			same += sorted[j] == residuals[i];
		}
		ranks[i] = (2 * (below + (double)(same - 1) / 2) - (count - 1)) / count;
	}
}

/* Correlation of neighbours; it is estimated too small in short series, which is set right. */
static double correlation(const double *ranks, unsigned count)
{
	double with_next = 0, with_self = 0;

	for (unsigned i = 0; i < count; i++)
		with_self += ranks[i] * ranks[i];
	for (unsigned i = 0; i + 1 < count; i++)
		with_next += ranks[i] * ranks[i + 1];
	if (with_self == 0)
		return 0;
	return (count * (with_next / with_self) + 1) / (count - 4.0);
}

/* By how much the variance of S grows. */
static double inflation(const double *ranks, unsigned count)
{
	double r = count > 8 ? correlation(ranks, count) : 0, power = 1, sum = 0;

	if (r < 1 / sqrt(count))
		return 1; /* none that could be told from chance */
	r = r < 0.9 ? r : 0.9;
	for (unsigned k = 1; k < count; k++) {
		power *= r;
		sum += (1 - (double)k / count) * power;
	}
	return 1 + 2 * sum;
}

/* ---- slope ---- */

static unsigned make_slopes(const struct capacity_point *p, unsigned count, double *slopes)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = i + 1; j < count; j++) {
			if (p[j].t > p[i].t)
				slopes[n++] = (p[j].y - p[i].y) / (p[j].t - p[i].t);
		}
	}
	qsort(slopes, n, sizeof(*slopes), by_value);
	return n;
}

/* The slopes that as many others stand beyond as S may come to by chance. */
static void slope_interval(
	const double *slopes, unsigned n, double wider, struct capacity_trend *out)
{
	double count = out->count;
	double deviation = sqrt(count * (count - 1) * (2 * count + 5) / 18 * wider);
	double beyond = (n - z95 * deviation) / 2;
	unsigned rank = beyond >= 1 ? (unsigned)beyond - 1 : 0;

	out->low = slopes[rank];
	out->high = slopes[n - 1 - rank];
}

/* ---- level ---- */

/* The interval of a median: the residuals that as many others stand beyond as a fair coin may give. */
static double level_error(const double *sorted, unsigned count, double wider)
{
	double beyond = (count - z95 * sqrt(count * wider)) / 2;
	unsigned rank = beyond >= 1 ? (unsigned)beyond - 1 : 0;

	return (sorted[count - 1 - rank] - sorted[rank]) / 2;
}

static void make_residuals(const struct capacity_point *p, unsigned count,
	const struct capacity_trend *trend, double *residuals, double *sorted)
{
	for (unsigned i = 0; i < count; i++)
		residuals[i] = p[i].y - trend->slope * (p[i].t - trend->middle);
	memcpy(sorted, residuals, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_value);
}

bool capacity_trend_fit(
	const struct capacity_point *points, unsigned count, struct capacity_trend *out)
{
	size_t pairs = (size_t)count * (count - 1) / 2;
	double *slopes, *residuals, *sorted, *ranks, wider;
	unsigned n;

	*out = (struct capacity_trend){.count = count};
	if (count < CAPACITY_TREND_LEAST)
		return false;
	slopes = malloc((pairs + 3 * (size_t)count) * sizeof(*slopes));
	if (!slopes)
		return false;
	residuals = slopes + pairs;
	sorted = residuals + count;
	ranks = sorted + count;
	n = make_slopes(points, count, slopes);
	out->slope = median(slopes, n);
	out->middle = (points[(count - 1) / 2].t + points[count / 2].t) / 2;
	make_residuals(points, count, out, residuals, sorted);
	rank(residuals, sorted, count, ranks);
	wider = inflation(ranks, count);
	slope_interval(slopes, n, wider, out);
	out->level = median(sorted, count);
	out->level_error = level_error(sorted, count, wider);
	free(slopes);
	return true;
}

double capacity_trend_at(const struct capacity_trend *trend, double t)
{
	return trend->level + trend->slope * (t - trend->middle);
}

/* ---- crossing ---- */

/* The largest and the smallest that the line may be at a time: errors of slope and level are independent. */
static double highest(const struct capacity_trend *trend, double t)
{
	double error = (trend->high - trend->slope) * (t - trend->middle);

	return capacity_trend_at(trend, t) + hypot(trend->level_error, error);
}

static double lowest(const struct capacity_trend *trend, double t)
{
	double error = (trend->slope - trend->low) * (t - trend->middle);

	return capacity_trend_at(trend, t) - hypot(trend->level_error, error);
}

static double reach(const struct capacity_trend *trend,
	double (*line)(const struct capacity_trend *, double), double value, double now, double end,
	double step)
{
	double before = line(trend, now);

	if (before >= value)
		return now;
	for (double t = now + step; t <= end; t += step) {
		double y = line(trend, t);

		if (y >= value)
			return t - step * (y - value) / (y - before);
		before = y;
	}
	return INFINITY;
}

void capacity_trend_cross(const struct capacity_trend *trend, double value, double now, double end,
	double step, struct capacity_crossing *out)
{
	out->at = reach(trend, capacity_trend_at, value, now, end, step);
	if (out->at <= now && trend->slope > 0)
		out->at = trend->middle + (value - trend->level) / trend->slope;
	else if (out->at <= now)
		out->at = -INFINITY; /* it only falls: it was never below */
	out->from = reach(trend, highest, value, now, end, step);
	out->to = reach(trend, lowest, value, now, end, step);
}
