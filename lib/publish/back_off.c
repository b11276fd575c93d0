/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/back_off.h"

#include "base/clock.h"

enum {
	BACK_OFF_FIRST_MS = 100,
	BACK_OFF_MAX_MS = 500, /* keys are right again within this, a window and a wait */
	BACK_OFF_LEAST_MS = 40,
};

/* From a half of `ms` to all of it. The nanoseconds of this moment are nobody else's. */
static uint64_t drawn_ns(uint32_t ms)
{
	uint64_t dice = base_clock_mono_ns() * UINT64_C(0x9E3779B97F4A7C15) >> 32;
	uint64_t half = (uint64_t)ms * 500000;

	return half + (dice * half >> 32);
}

void publish_back_off_try(struct publish_back_off *b)
{
	b->try_ns = base_clock_mono_ns();
}

uint64_t publish_back_off_next(struct publish_back_off *b)
{
	uint32_t ms = b->ms ? b->ms : BACK_OFF_FIRST_MS;
	uint64_t next = b->try_ns + drawn_ns(ms);
	uint64_t least = base_clock_mono_ns() + drawn_ns(BACK_OFF_LEAST_MS);

	b->ms = ms * 2 < BACK_OFF_MAX_MS ? ms * 2 : BACK_OFF_MAX_MS;
	return next > least ? next : least;
}
