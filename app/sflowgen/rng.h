/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * A seeded random sequence (SplitMix64): small state, the same on every machine. Each concern
 * has a sequence of its own, so that turning one on does not change what another draws.
 */
struct gen_rng {
	uint64_t state;
};

/** Scramble 64 bits; distinct inputs give distinct outputs. */
static inline uint64_t gen_mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
	x = (x ^ x >> 27) * 0x94D049BB133111EBu;
	return x ^ x >> 31;
}

/** The sequence number `stream` of a seed. */
static inline struct gen_rng gen_rng(uint64_t seed, uint64_t stream)
{
	return (struct gen_rng){.state = gen_mix(gen_mix(seed + 0x9E3779B97F4A7C15u) ^ stream)};
}

static inline uint64_t gen_rng_next(struct gen_rng *r)
{
	return gen_mix(r->state += 0x9E3779B97F4A7C15u);
}

/** Evenly from 0 to n - 1; n at least 1. */
static inline uint32_t gen_rng_below(struct gen_rng *r, uint32_t n)
{
	return (uint32_t)((unsigned __int128)gen_rng_next(r) * n >> 64);
}

/** Evenly from 0 to below 1. */
static inline double gen_rng_unit(struct gen_rng *r)
{
	return (double)(gen_rng_next(r) >> 11) * 0x1p-53;
}

/** True with probability p. Draws nothing where p is 0. */
static inline bool gen_rng_chance(struct gen_rng *r, double p)
{
	return p > 0 && gen_rng_unit(r) < p;
}
