/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Random numbers that are the same in every run, so that a failure comes back. */
struct dice {
	uint64_t state;
};

static inline uint64_t dice_u64(struct dice *d)
{
	uint64_t x = d->state += 0x9E3779B97F4A7C15u;

	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
	x = (x ^ x >> 27) * 0x94D049BB133111EBu;
	return x ^ x >> 31;
}

/* 0 to n - 1. */
static inline uint32_t dice_below(struct dice *d, uint32_t n)
{
	return (uint32_t)((dice_u64(d) >> 32) * n >> 32);
}

static inline void dice_bytes(struct dice *d, uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)dice_u64(d);
}
