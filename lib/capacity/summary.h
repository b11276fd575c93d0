/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

/*
 * How the minutes of an hour, a day or a longer time are distributed: quantiles, mean and peak, as
 * codes (capacity/number.h). Exact for an hour, of whose minutes it is made; a merge of several takes
 * the minutes between two quantiles as spread evenly. Pure.
 */

enum capacity_level {
	CAPACITY_MIN,
	CAPACITY_P25,
	CAPACITY_P50,
	CAPACITY_P75,
	CAPACITY_P90,
	CAPACITY_P95,
	CAPACITY_P98,
	CAPACITY_P99,
	CAPACITY_MAX,
	CAPACITY_LEVELS,
};

struct capacity_summary {
	uint16_t points[CAPACITY_LEVELS]; /* ascending; of minute averages, by nearest rank */
	uint16_t mean;                    /* from the least to the largest of them */
	uint16_t peak;                    /* largest single value, at least the largest average */
};

/** A share of the minutes: 0.95 for CAPACITY_P95. */
double capacity_share(enum capacity_level level);

/**
 * Summarize minute averages.
 * @param values  codes, at least one; sorted in place
 * @param peak    largest value that went into any of them
 */
void capacity_summarize(
	uint16_t *values, unsigned count, uint16_t peak, struct capacity_summary *out);

struct capacity_part {
	const struct capacity_summary *summary;
	unsigned minutes; /* behind it, at least one */
};

/**
 * The summary of all minutes of the parts (at least one). Each quantile lies between the least and
 * the largest of the same quantile of the parts; mean and peak are exact but for rounding.
 */
void capacity_merge(
	const struct capacity_part *parts, unsigned count, struct capacity_summary *out);
