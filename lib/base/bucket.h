/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Token buckets, as one number each: the time at which the bucket would be full again (the generic cell
 * rate algorithm of ITU-T I.371). Times are ticks of any clock that does not go back; whoever owns a
 * bucket calls. Nothing here is a system call.
 */

enum { BASE_BUCKET_FINE = 10 }; /* bits of a tick that the cost of a token is kept to */

/* What a bucket lets through; all zero: everything. Read-only once made. */
struct base_bucket_rate {
	uint64_t cost;  /* of a token: ticks << BASE_BUCKET_FINE */
	uint64_t burst; /* ticks that a full bucket is worth */
};

struct base_bucket {
	uint64_t full; /* ticks; in the past: the bucket is full. All zero is a fresh one */
};

/**
 * @param tokens  a second; 0: no limit
 * @param hz      ticks a second
 * @param burst   ticks: as many tokens as come in that time are in a full bucket
 */
static inline struct base_bucket_rate base_bucket_rate(uint64_t tokens, uint64_t hz, uint64_t burst)
{
	if (tokens == 0)
		return (struct base_bucket_rate){0};
	return (struct base_bucket_rate){
		.cost = (uint64_t)(((unsigned __int128)hz << BASE_BUCKET_FINE) / tokens),
		.burst = burst};
}

static inline bool base_bucket_limits(const struct base_bucket_rate *r)
{
	return r->cost != 0;
}

/** What so many tokens take, in ticks. */
static inline uint64_t base_bucket_cost(const struct base_bucket_rate *r, uint32_t tokens)
{
	return (uint64_t)((unsigned __int128)r->cost * tokens >> BASE_BUCKET_FINE);
}

/**
 * Whether the bucket has something left. What takes more than is left takes the rest, and puts the bucket
 * in debt: so big and small ones get the same share, and none is too big ever to pass.
 */
static inline bool base_bucket_has(
	const struct base_bucket *b, const struct base_bucket_rate *r, uint64_t now)
{
	return b->full <= now || b->full - now < r->burst;
}

/** Take tokens out, whether they are there or not. */
static inline void base_bucket_pay(struct base_bucket *b, uint64_t cost, uint64_t now)
{
	b->full = (b->full > now ? b->full : now) + cost;
}
