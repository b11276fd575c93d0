/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>
#include <time.h>

/* Not for the RX path: there it could be a system call. */

static inline uint64_t base_clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/** Nanoseconds since 1970 UTC. */
static inline uint64_t base_clock_wall_ns(void)
{
	return base_clock_ns(CLOCK_REALTIME);
}

/** Nanoseconds since an arbitrary point; never steps back. */
static inline uint64_t base_clock_mono_ns(void)
{
	return base_clock_ns(CLOCK_MONOTONIC);
}
