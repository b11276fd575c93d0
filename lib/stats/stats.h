/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * A counter is a row (name, unit, help) in a group that stands next to the code that
 * bumps it; its value is a uint64_t in an array with the group's order, and has one
 * writer. Telemetry, Redis, the summary and the docs all read the rows.
 */
struct stats_def {
	const char *name; /* [a-z0-9_]+, unique within its group */
	const char *unit; /* datagrams, packets, samples, bytes, … */
	const char *help; /* one sentence without the full stop */
	bool gauge;       /* it falls, too; others only grow */
};

struct stats_group {
	const char *name; /* the library */
	const struct stats_def *defs;
	unsigned count;
};

/** Add `count` counters of `from` to `to`. */
void stats_add(uint64_t *to, const uint64_t *from, unsigned count);
