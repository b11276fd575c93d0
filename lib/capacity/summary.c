/* SPDX-License-Identifier: BSD-3-Clause */
#include "capacity/summary.h"

#include <math.h>
#include <stdlib.h>

#include "capacity/number.h"

static const double shares[CAPACITY_LEVELS] = {0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 1};

double capacity_share(enum capacity_level level)
{
	return shares[level];
}

/* ---- of minutes ---- */

static int by_code(const void *a, const void *b)
{
	uint16_t x, y;

	x = *(const uint16_t *)a;
	y = *(const uint16_t *)b;
	return (x > y) - (x < y);
}

/* The nearest rank from below: the least value that at least that share of all is not above. */
static unsigned rank_of(double share, unsigned count)
{
	double rank = ceil(share * count - 1e-9);

	return rank < 1 ? 0 : (unsigned)rank - 1;
}

void capacity_summarize(
	uint16_t *values, unsigned count, uint16_t peak, struct capacity_summary *out)
{
	double sum = 0;

	qsort(values, count, sizeof(*values), by_code);
	for (unsigned i = 0; i < CAPACITY_LEVELS; i++)
		out->points[i] = values[rank_of(shares[i], count)];
	for (unsigned i = 0; i < count; i++)
		sum += capacity_value(values[i]);
	out->mean = capacity_code(sum / count);
	out->peak = peak > out->points[CAPACITY_MAX] ? peak : out->points[CAPACITY_MAX];
}

/* ---- of summaries ---- */

/* The share of the minutes of a part that are not above a code. */
static double share_below(const struct capacity_summary *s, uint16_t code)
{
	unsigned i = CAPACITY_LEVELS - 1;

	if (code < s->points[CAPACITY_MIN])
		return 0;
	while (s->points[i] > code)
		i--;
	if (i == CAPACITY_MAX)
		return 1;
	return shares[i] + (shares[i + 1] - shares[i]) * (code - s->points[i]) /
				   (s->points[i + 1] - s->points[i]);
}

static double minutes_below(const struct capacity_part *parts, unsigned count, uint16_t code)
{
	double sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += parts[i].minutes * share_below(parts[i].summary, code);
	return sum;
}

/* The least code with that many minutes at or below it, between two that are known to enclose it. */
static uint16_t find_code(const struct capacity_part *parts, unsigned count, double minutes,
	uint16_t low, uint16_t high)
{
	while (low < high) {
		uint16_t middle = (uint16_t)(low + (high - low) / 2);

		if (minutes_below(parts, count, middle) < minutes)
			low = (uint16_t)(middle + 1);
		else
			high = middle;
	}
	return low;
}

static void find_range(const struct capacity_part *parts, unsigned count, enum capacity_level level,
	uint16_t *low, uint16_t *high)
{
	*low = UINT16_MAX;
	*high = 0;
	for (unsigned i = 0; i < count; i++) {
		uint16_t code = parts[i].summary->points[level];

		*low = code < *low ? code : *low;
		*high = code > *high ? code : *high;
	}
}

void capacity_merge(const struct capacity_part *parts, unsigned count, struct capacity_summary *out)
{
	struct capacity_summary merged = {.peak = 0};
	double sum = 0, minutes = 0;
	uint16_t low, high;

	for (unsigned i = 0; i < count; i++) {
		minutes += parts[i].minutes;
		sum += parts[i].minutes * capacity_value(parts[i].summary->mean);
		if (parts[i].summary->peak > merged.peak)
			merged.peak = parts[i].summary->peak;
	}
	merged.mean = capacity_code(sum / minutes);
	for (unsigned i = 0; i < CAPACITY_LEVELS; i++) {
		find_range(parts, count, (enum capacity_level)i, &low, &high);
		if (i == CAPACITY_MIN)
			high = low;
		else if (i == CAPACITY_MAX)
			low = high;
		merged.points[i] =
			find_code(parts, count, shares[i] * minutes * (1 - 1e-12), low, high);
	}
	*out = merged;
}
