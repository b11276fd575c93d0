/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/index.h"
#include "base/narrow.h"

/*
 * Records of one size that lie densely in an array that grows, found through a hash index. Each
 * record starts with its 64-bit hash, or with the upper half of it, which is all that the index goes by; or it has
 * none, and its owner tells that half. For the side that may allocate; one thread at a time.
 *
 * What is large is memory of its own that asks for transparent hugepages; it grows without being copied
 * (but for the index), and of what is allocated only what is used is backed.
 *
 * A record goes by base_dense_remove(), and the array stays without holes; or, where others hold its
 * number, by base_dense_free(), and leaves a hole of zeroes. One array is used in one of these ways.
 */
struct base_dense;

/* The upper half of a record's hash. */
typedef uint32_t base_dense_tag(const struct base_dense *d, uint32_t number);

struct base_dense {
	struct base_narrow index; /* base_dense_probe() */
	char *records;
	size_t size;         /* bytes of a record */
	base_dense_tag *tag; /* asked when the index grows, and when a record goes */
	const void *owner;   /* for it */
	bool loose;          /* between base_dense_loosen() and base_dense_tighten() */
	uint32_t count;      /* records 0 to count - 1 */
	uint32_t capacity;   /* allocated */
	uint32_t max;        /* may be changed */
	uint32_t free;       /* first freed record, BASE_INDEX_NONE: none */
	uint32_t holes;      /* freed records among count */
};

/** @return 0 or -ENOMEM. */
int base_dense_init(struct base_dense *d, size_t size, uint32_t max);

/** The same for records that start with base_index_tag() of their hash. */
int base_dense_init_halves(struct base_dense *d, size_t size, uint32_t max);

/**
 * The same for records that do not have their hash.
 * @param tag    base_index_tag() of it, for any record that is there
 * @param owner  what `tag` finds as d->owner
 */
int base_dense_init_bare(
	struct base_dense *d, size_t size, uint32_t max, base_dense_tag *tag, const void *owner);
void base_dense_fini(struct base_dense *d);

static inline void *base_dense_at(const struct base_dense *d, uint32_t number)
{
	return d->records + (size_t)number * d->size;
}

/* Records go by the upper half of their hash. */

static inline const uint32_t *base_dense_home(const struct base_dense *d, uint64_t hash)
{
	return base_narrow_home(&d->index, base_index_tag(hash));
}

static inline struct base_narrow_probe base_dense_probe(const struct base_dense *d, uint64_t hash)
{
	return base_narrow_probe(&d->index, base_index_tag(hash));
}

/** @return number of the next record that may have the hash, or BASE_INDEX_NONE */
static inline uint32_t base_dense_next(const struct base_dense *d, struct base_narrow_probe *probe)
{
	return base_narrow_next(&d->index, probe);
}

/**
 * Enter a record that is not there yet, zeroed but for its hash (half of it, or none). May move all records.
 * @return its number; BASE_INDEX_NONE where `max` is reached or memory is short
 */
uint32_t base_dense_add(struct base_dense *d, uint64_t hash);

/** Take a record out; it reads as zeroes behind its hash until its number is given out again. */
void base_dense_free(struct base_dense *d, uint32_t number);

/** Take a record out; the last one moves to its number (pointers to both are void). */
void base_dense_remove(struct base_dense *d, uint32_t number);

/**
 * Before many records are taken out by base_dense_remove(), and after it: the index is made anew instead of taken apart.
 * Between them nothing is looked up or added.
 */
void base_dense_loosen(struct base_dense *d);
void base_dense_tighten(struct base_dense *d);
