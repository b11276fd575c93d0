/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capacity/summary.h"

/*
 * What is kept of an hour or a day of one interface or group, and how it is written: records one
 * behind the other in a block, appended as they come. Pure.
 */

enum capacity_metric {
	CAPACITY_IN, /* utilization, percent */
	CAPACITY_OUT,
	CAPACITY_IN_ERRORS, /* per second */
	CAPACITY_OUT_ERRORS,
	CAPACITY_IN_DISCARDS,
	CAPACITY_OUT_DISCARDS,
	CAPACITY_METRICS,
};

/** Names of the metrics in the order of the enum, as sFlow has them: "ifinutilization". */
extern const char *const capacity_metric_names[CAPACITY_METRICS];

/* What a slot is: it is counted from 1970, UTC. */
enum capacity_span {
	CAPACITY_HOUR,
	CAPACITY_DAY,
};

enum { CAPACITY_HOUR_MINUTES = 60, CAPACITY_DAY_MINUTES = 1440, CAPACITY_DAY_HOURS = 24 };

struct capacity_record {
	uint32_t slot;    /* hour or day */
	uint16_t minutes; /* that were seen of it: 1 to 60 or 1440 */
	uint8_t mask;     /* a bit for each metric that there is */
	double speed;     /* bits per second, the newest; 0: not known */
	struct capacity_summary metrics[CAPACITY_METRICS];
};

enum { CAPACITY_RECORD_MOST = 256 }; /* bytes of a record, written */

/**
 * Write a record.
 * @param base  first slot of its block
 * @param out   room for CAPACITY_RECORD_MOST
 * @return bytes written
 */
size_t capacity_record_write(
	const struct capacity_record *r, uint32_t base, uint8_t out[CAPACITY_RECORD_MOST]);

/* A block of records that is read into a table of its slots. */
struct capacity_block {
	enum capacity_span span;
	uint32_t base, slots; /* the first slot, and how many there are */
	struct capacity_record
		*records; /* the caller's, one for each slot; `minutes` 0: nothing is known */
	uint64_t bad;     /* records that were passed over: damaged, or of a later version */
};

/**
 * Read the bytes of a block, which may be anything, into the table. Of an hour that weir was started
 * in again the parts are merged; what was written twice, since an answer of Redis was lost, counts
 * once; of a day the last record counts.
 */
void capacity_block_read(struct capacity_block *block, const uint8_t *bytes, size_t len);

/**
 * Merge records, at least one, of the same span or of mixed ones. Slot and speed are the last one's.
 * Metrics that not all have are merged of those that do.
 */
void capacity_records_merge(
	const struct capacity_record *records, unsigned count, struct capacity_record *out);
