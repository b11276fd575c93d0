/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <hiredis/hiredis.h>
#include <stdint.h>

/*
 * The sums that hold at every seal (docs/design.rst), over the counters of one collector: nothing
 * that came in is unaccounted for.
 */
struct sum {
	const char *name;
	const char *left_is, *right_is; /* in words */
	uint64_t left, right;
};

enum { SUMS_MAX = 12 };

/** @param hash  reply of HGETALL. @return how many; those whose counters are missing are left out */
unsigned sums_make(const redisReply *hash, struct sum sums[SUMS_MAX]);
