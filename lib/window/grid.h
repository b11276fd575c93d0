/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

/* Where windows end: at multiples of their length since 1970. Pure. */

enum { GRID_FIRST_MS = 500 };

/** The next end after `ns`. */
static inline uint64_t grid_after(uint64_t ns, uint64_t window_ns)
{
	return (ns / window_ns + 1) * window_ns;
}

/**
 * Seconds that rates of the first window are over: half a window or half a second at least, so that one sample in what
 * may be a moment does not come to a rate above all thresholds.
 * @param seconds  that it lasted
 */
static inline double grid_first_seconds(double seconds, uint64_t window_ns)
{
	const uint64_t most_ns = GRID_FIRST_MS * UINT64_C(1000000);
	double least = (double)(window_ns / 2 < most_ns ? window_ns / 2 : most_ns) / 1e9;

	return seconds > least ? seconds : least;
}
