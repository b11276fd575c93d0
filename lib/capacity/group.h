/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "capacity/hour.h"

/*
 * A group of interfaces: its utilization is the traffic of all members over the speed of all, minute by
 * minute, of those that have that minute; errors and discards are added up. One owner.
 */

enum {
	CAPACITY_GROUP_HOURS = 2, /* that are open: members end their minutes at different times */
	CAPACITY_GROUP_LATE_MS = 900000, /* after its end an hour waits for members so long */
};

struct capacity_group_minute {
	double sums[CAPACITY_METRICS];   /* of utilization * speed, or of rates */
	double speeds[CAPACITY_METRICS]; /* of those that were added, bits per second */
	uint8_t mask;
};

struct capacity_group_hour {
	uint32_t hour; /* since 1970; 0: not in use */
	struct capacity_group_minute minutes[CAPACITY_HOUR_MINUTES];
};

/* Zeroed: nothing came yet. */
struct capacity_group {
	struct capacity_group_hour hours[CAPACITY_GROUP_HOURS];
};

/**
 * Add a minute of a member.
 * @param speed  of the member, bits per second; without one its utilization is left out
 * @param sink   told of an hour that this minute ends, with the speed of all members
 * @return false: the minute is too old
 */
bool capacity_group_add(struct capacity_group *g, const struct capacity_minute *m, double speed,
	const struct capacity_sink *sink);

/**
 * End hours that were over CAPACITY_GROUP_LATE_MS ago, or all with `now_ms` UINT64_MAX; and those that are
 * to come, since the clock is set back.
 */
void capacity_group_end(
	struct capacity_group *g, uint64_t now_ms, const struct capacity_sink *sink);

/** The newest hour that has a minute, as it is. @return false: there is none */
bool capacity_group_peek(const struct capacity_group *g, struct capacity_record *r);
