/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "capacity/record.h"

/*
 * The running hour of one interface: rates as they come are averaged over each minute, and the minutes
 * kept until the hour is over. One owner. Times are wall clock, in milliseconds since 1970.
 *
 * A rate holds for the time between two counter records, which may begin in one minute and end in the
 * next, or cover several: it counts in each for the part of it that it covers. A minute counts where
 * at least half of it is covered. Where the clock is set back, minutes come twice: they are all taken,
 * up to sixty of an hour; where it is set back into an earlier hour, the hour ends there.
 */

enum {
	CAPACITY_MINUTE_MS = 60000,
	CAPACITY_HOUR_MS = 3600000,
	CAPACITY_DAY_MS = 86400000,
	CAPACITY_GAP_MS = 600000, /* longer than this between two records: nothing is known of it */
};

/* What one counter record says. */
struct capacity_sample {
	uint64_t from_ms, to_ms; /* the time that its rates hold for */
	uint8_t mask;            /* metrics that there are */
	double values[CAPACITY_METRICS];
};

/* A minute that is over. */
struct capacity_minute {
	uint32_t minute; /* since 1970 */
	uint8_t mask;
	double values[CAPACITY_METRICS];
};

/* Told of what is over, in the order of time. */
struct capacity_sink {
	void (*minute)(void *ctx, const struct capacity_minute *m);
	/** `r`: without a speed; only where at least one minute counts */
	void (*hour)(void *ctx, const struct capacity_record *r);
	void *ctx;
};

/* Zeroed: nothing came yet. */
struct capacity_hour {
	uint32_t minute;                    /* that is running, since 1970; 0: none */
	float sums[CAPACITY_METRICS];       /* value * ms of it */
	uint16_t covered[CAPACITY_METRICS]; /* ms of it */
	uint16_t peaks[CAPACITY_METRICS];   /* of the hour; codes */
	uint8_t counts[CAPACITY_METRICS];   /* minutes of the hour in `values`, and those of 0 */
	uint8_t zeros[CAPACITY_METRICS];
	uint16_t *values[CAPACITY_METRICS]; /* codes; from malloc with the first that is not 0 */
	uint8_t minutes;                    /* that count for any metric */
};

/** Take a sample. Those whose time is empty, negative or too long are left out. */
void capacity_hour_add(
	struct capacity_hour *h, const struct capacity_sample *s, const struct capacity_sink *sink);

/** End the hour where its end is not after `now_ms`, or at once with `now_ms` UINT64_MAX. */
void capacity_hour_end(struct capacity_hour *h, uint64_t now_ms, const struct capacity_sink *sink);

/** The hour so far, with the running minute as it is. @return false: nothing came yet */
bool capacity_hour_peek(const struct capacity_hour *h, struct capacity_record *r);

/** Free what it holds; it is as new. */
void capacity_hour_reset(struct capacity_hour *h);
