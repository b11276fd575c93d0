/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

static inline uint64_t *table_keep_word(const struct table_keep *k, uint64_t hash)
{
	return &k->words[hash >> 32 & k->mask];
}

static inline uint64_t table_keep_bits(uint64_t hash)
{
	return UINT64_C(1) << (hash & 63) | UINT64_C(1) << (hash >> 6 & 63) |
	       UINT64_C(1) << (hash >> 12 & 63) | UINT64_C(1) << (hash >> 18 & 63) |
	       UINT64_C(1) << (hash >> 24 & 63);
}

static inline void table_keep_add(struct table_keep *k, uint64_t hash)
{
	*table_keep_word(k, hash) |= table_keep_bits(hash);
}

static inline bool table_keep_has(const struct table_keep *k, uint64_t hash)
{
	uint64_t bits = table_keep_bits(hash);

	return (*table_keep_word(k, hash) & bits) == bits;
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
