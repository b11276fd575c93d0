/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

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

/* A product with secrets, folded, as XXH3 has it. @param secret  16 bytes */
static inline uint64_t base_hash_fold(const uint8_t *secret, uint64_t a, uint64_t b)
{
	uint64_t word[2];
	unsigned __int128 product;

	memcpy(word, secret, sizeof(word));
	product = (unsigned __int128)(a ^ word[0]) * (b ^ word[1]);
	return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

/** A keyed hash of another and of a number, which a sender may choose. */
static inline uint64_t base_hash_join(const struct base_hash *h, uint64_t hash, uint64_t number)
{
	return base_hash_fold(h->secret, hash, number);
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

/** A keyed hash of bytes. Those of 8 to 16, as most keys have, take one multiplication. */
static inline uint64_t base_hash_bytes(const struct base_hash *h, const void *bytes, size_t len)
{
	enum { WORD = sizeof(uint64_t) };
	uint64_t first, last;

	if (__builtin_expect(len - WORD > WORD, 0))
		return XXH3_64bits_withSecret(bytes, len, h->secret, BASE_HASH_SECRET);
	memcpy(&first, bytes, WORD);
	memcpy(&last, (const uint8_t *)bytes + len - WORD, WORD);
	return base_hash_ends(h, first, last, len);
}

/** Join two keyed hashes into one (order matters). Not for numbers that a sender chooses. */
static inline uint64_t base_hash_mix(uint64_t a, uint64_t b)
{
	uint64_t x = a + b * 0x9E3779B97F4A7C15u;

	x ^= x >> 32;
	x *= 0xD6E8FEB86659FD93u;
	return x ^ (x >> 32);
}
