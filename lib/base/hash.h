/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/simd.h"

enum { BASE_HASH_SECRET = 192 }; /* bytes; XXH3 asks for 136 or more */

/*
 * A keyed hash: XXH3, or a step of it, with a secret that is random for each run, so that who sends
 * traffic cannot choose keys that collide. Immutable once made; shared by all threads.
 */
struct base_hash {
	uint8_t secret[BASE_HASH_SECRET];
};

/** A fresh random secret. @return 0, or -errno of getrandom(2). */
int base_hash_init(struct base_hash *h);

/* A product, folded, as XXH3 has it. */
static inline uint64_t base_hash_product(uint64_t a, uint64_t b)
{
#ifdef BASE_MULQ
	uint64_t high;

	/* The two halves stay in their registers: of a number of 128 bits gcc has them in memory in between. */
	__asm__("mulq %2" : "+a"(a), "=d"(high) : "rm"(b) : "cc");
	return high ^ a;
#else
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)(product >> 64) ^ (uint64_t)product;
#endif
}

/* The same with secrets. @param secret  16 bytes */
static inline uint64_t base_hash_fold(const uint8_t *secret, uint64_t a, uint64_t b)
{
	uint64_t word[2];

	memcpy(word, secret, sizeof(word));
	return base_hash_product(a ^ word[0], b ^ word[1]);
}

/** A keyed hash of another and of a number, which a sender may choose. */
static inline uint64_t base_hash_join(const struct base_hash *h, uint64_t hash, uint64_t number)
{
	return base_hash_fold(h->secret, hash, number);
}

/* What is the same of base_hash_join() of one hash and many numbers. */
struct base_hash_stem {
	uint64_t hash, secret;
};

static inline struct base_hash_stem base_hash_stem(const struct base_hash *h, uint64_t hash)
{
	uint64_t word[2];

	memcpy(word, h->secret, sizeof(word));
	return (struct base_hash_stem){hash ^ word[0], word[1]};
}

/** base_hash_join() of its hash and a number. */
static inline uint64_t base_hash_branch(struct base_hash_stem stem, uint64_t number)
{
	return base_hash_product(stem.hash, number ^ stem.secret);
}

/** A keyed hash of two numbers, which a sender may choose. */
static inline uint64_t base_hash_words(const struct base_hash *h, uint64_t a, uint64_t b)
{
	return base_hash_fold(h->secret + BASE_HASH_SECRET - 2 * sizeof(uint64_t), a, b);
}

/** base_hash_bytes() of `len` bytes, 8 to 16: of their first 8 and their last 8. */
static inline uint64_t base_hash_ends(
	const struct base_hash *h, uint64_t first, uint64_t last, size_t len)
{
	enum { WORD = sizeof(uint64_t) };

	/* The two overlap, and more than one length may give the same: each has its own secret. */
	return base_hash_fold(h->secret + 2 * WORD + (len - WORD) * WORD, first, last);
}

/** base_hash_bytes() of any length. */
uint64_t base_hash_any(const struct base_hash *h, const void *bytes, size_t len);

/** A keyed hash of bytes. Those of 8 to 16, as most keys have, take one multiplication. */
static inline uint64_t base_hash_bytes(const struct base_hash *h, const void *bytes, size_t len)
{
	enum { WORD = sizeof(uint64_t) };
	uint64_t first, last;

	if (__builtin_expect(len - WORD > WORD, 0))
		return base_hash_any(h, bytes, len);
	memcpy(&first, bytes, WORD);
	memcpy(&last, (const uint8_t *)bytes + len - WORD, WORD);
	return base_hash_ends(h, first, last, len);
}

/** A hash without a secret: of what nobody who sends has a say in. */
uint64_t base_hash_unkeyed(const void *bytes, size_t len);

/** Join two keyed hashes into one (order matters). Not for numbers that a sender chooses. */
static inline uint64_t base_hash_mix(uint64_t a, uint64_t b)
{
	uint64_t x = a + b * 0x9E3779B97F4A7C15u;

	x ^= x >> 32;
	x *= 0xD6E8FEB86659FD93u;
	return x ^ (x >> 32);
}
