/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "flow/plan.h"
#include "table/sketch.h"

/*
 * What one expression of a definition comes to: of a sighting, of a key that was seen at several
 * places, or of any sightings that a reader merges. Pure; any thread.
 */
struct window_value {
	uint8_t aggregate; /* enum flow_aggregate */
	bool there;        /* false: no sample had such a number, or its count found no room */
	double value;      /* of a rate per second */
	double samples;    /* that it rests on (effective count, as of smoothed rates) */
	double squares;    /* FLOW_AVG: mean of the squares; FLOW_RATE: variance of the value */
	uint64_t tsc;      /* FLOW_LAST: of the newest sample */
	struct sketch_view sketch; /* FLOW_COUNT: of the values; owned elsewhere */
};

/**
 * Merge two values of one expression: averages by their samples, the least, the largest, the newest,
 * distinct values by union; of two rates the larger one, or their sum.
 * @param to    the first of them, and the outcome
 * @param sum   rates add up (merge modes sum, edge, core); else the larger one stays (max)
 * @param room  FLOW_COUNT, where both have a value: what `to->sketch` shows then, or already does; two values that are merged into each need
 *              one of their own. May be NULL for all else
 * @return whether `from` is what the outcome is named after: the larger one, that with more samples
 * of an average
 */
bool window_value_merge(
	struct window_value *to, const struct window_value *from, bool sum, struct sketch *room);

/**
 * With a probability of 95 % the true value is within this share of the published one: sampling
 * theory for rates, the variance of the samples for averages, the standard error of the sketch for
 * distinct values (among those that were sampled). NAN where it is not known: least, largest, last,
 * and an average of less than two samples.
 */
double window_value_error95(const struct window_value *v);
