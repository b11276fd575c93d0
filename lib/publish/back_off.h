/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

/*
 * When to try a lost Redis again: after about 100, 200, 400 and then 500 ms, each drawn at random
 * between a half and the whole of that, so that not all collectors come at once. The time that a
 * failed try has taken counts, so that one that ran into a time-out is followed by the next. One
 * owner thread; all zero is a fresh one.
 */
struct publish_back_off {
	uint32_t ms;     /* the next one; 0: the first */
	uint64_t try_ns; /* monotonic: when the last try began */
};

/** A try begins. */
void publish_back_off_try(struct publish_back_off *b);

/** It failed, or what it brought was lost. @return when the next one may begin, monotonic */
uint64_t publish_back_off_next(struct publish_back_off *b);

/** Redis took something. */
static inline void publish_back_off_reset(struct publish_back_off *b)
{
	b->ms = 0;
}
