/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

/*
 * The keys that have a place set aside in a table, since it was full when it was filled last, and they are known to
 * come often. All other keys share the rest, first come first served.
 *
 * They are remembered in a Bloom filter, of 16 bits for each entry of capacity or more and 5 bits for each key,
 * all in one word. So a key that has none gets a place by mistake about once in a thousand times, and some are set aside
 * for that; which ones, no sender knows, since hashes are keyed.
 *
 * Ordering and progress: as the table. Nothing is read or written here while a table is not full.
 */
struct table_keep {
	bool on;
	uint32_t strangers;      /* entries left for all others */
	uint32_t stranger_bytes; /* the same, of the room for long keys */
	uint32_t mask;           /* words - 1 */
	uint64_t *words;
};

struct table;

/** @return 0 or -ENOMEM */
int table_keep_init(struct table_keep *k, uint32_t capacity, int socket);
void table_keep_fini(struct table_keep *k);

/** Bytes that table_keep_init() takes. */
size_t table_keep_memory(uint32_t capacity);

/** Entries, or bytes of long keys, that may be set aside of so many: two thirds. */
static inline uint32_t table_keep_most(uint32_t of)
{
	return of / 3 * 2;
}

/** Set places aside in an empty table: forget all keys, then table_keep_add() each, then table_keep_end(). */
void table_keep_start(struct table *t);

/**
 * @param entries  keys that were added, at most table_keep_most() of the capacity; 0: nothing is set aside
 * @param bytes    of those that are longer than TABLE_KEY_INLINE, the same of the room for long keys
 */
void table_keep_end(struct table *t, uint32_t entries, uint32_t bytes);

/* Where a key is in the filter: the bits, and the word that they are in. */
struct table_keep_place {
	uint64_t *word, bits;
};

/*
 * Hashes are even, but those of keys that follow one another can, for a few secrets, follow one another too: their
 * bits would then be those of others far too often. So they are mixed before.
 */
static inline struct table_keep_place table_keep_place(const struct table_keep *k, uint64_t hash)
{
	uint64_t x = base_hash_mix(hash, 0);

	return (struct table_keep_place){.word = &k->words[x >> 32 & k->mask],
		.bits = UINT64_C(1) << (x & 63) | UINT64_C(1) << (x >> 6 & 63) |
			UINT64_C(1) << (x >> 12 & 63) | UINT64_C(1) << (x >> 18 & 63) |
			UINT64_C(1) << (x >> 24 & 63)};
}

static inline void table_keep_add(struct table_keep *k, uint64_t hash)
{
	struct table_keep_place p = table_keep_place(k, hash);

	*p.word |= p.bits;
}

static inline bool table_keep_has(const struct table_keep *k, uint64_t hash)
{
	struct table_keep_place p = table_keep_place(k, hash);

	return (*p.word & p.bits) == p.bits;
}

/**
 * Whether a new key may have an entry; it has one then. RX core.
 * @param hash   table_hash()
 * @param bytes  that it takes of the room for long keys
 */
static inline bool table_keep_admits(struct table_keep *k, uint64_t hash, uint32_t bytes)
{
	if (table_keep_has(k, hash))
		return true;
	if (k->strangers == 0 || k->stranger_bytes < bytes)
		return false;
	k->strangers--;
	k->stranger_bytes -= bytes;
	return true;
}
