/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * A hash index over records that lie densely in an array of their own: open addressing, linear
 * probing, eight slots to a cache line, at most half full; or three quarters, where memory counts more
 * than the last misses do. A slot holds 32 bits of the hash and
 * the record's number plus one; 0 is empty. The records' owner keeps the full hash and compares
 * keys. One writer; no memory of its own (the caller gives `slots`).
 */
struct base_index {
	uint64_t *slots;
	uint32_t mask; /* number of slots - 1, a power of two minus one */
};

enum { BASE_INDEX_NONE = UINT32_MAX };

/** Slots for `records` records: a power of two, at least twice as many. */
static inline uint64_t base_index_slots(uint32_t records)
{
	uint64_t slots = 8;

	while (slots < 2 * (uint64_t)records)
		slots *= 2;
	return slots;
}

/** The same for an index that may be three quarters full. */
static inline uint64_t base_index_slots_tight(uint32_t records)
{
	uint64_t slots = 8;

	while (3 * slots < 4 * (uint64_t)records)
		slots *= 2;
	return slots;
}

/** Records that fit so many slots then. */
static inline uint64_t base_index_room_tight(uint64_t slots)
{
	return slots / 4 * 3;
}

static inline uint32_t base_index_tag(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

static inline const uint64_t *base_index_home(const struct base_index *ix, uint64_t hash)
{
	return &ix->slots[base_index_tag(hash) & ix->mask];
}

/* A probe: the records whose tag equals that of the hash, one after the other. */
struct base_probe {
	uint32_t tag;
	uint32_t at; /* slot to look at next; after the last record: where a new one goes */
};

static inline struct base_probe base_index_probe(const struct base_index *ix, uint64_t hash)
{
	uint32_t tag = base_index_tag(hash);

	return (struct base_probe){.tag = tag, .at = tag & ix->mask};
}

/** @return number of the next candidate record, or BASE_INDEX_NONE */
static inline uint32_t base_index_next(const struct base_index *ix, struct base_probe *probe)
{
	uint64_t slot;

	while ((slot = ix->slots[probe->at]) != 0) {
		if ((uint32_t)(slot >> 32) == probe->tag) {
			probe->at = (probe->at + 1) & ix->mask;
			return (uint32_t)slot - 1;
		}
		probe->at = (probe->at + 1) & ix->mask;
	}
	return BASE_INDEX_NONE;
}

/** The first candidate of a hash, which is nearly always in the slot where probing starts. */
static inline uint32_t base_index_first(const struct base_index *ix, uint64_t hash)
{
	uint64_t slot = *base_index_home(ix, hash);
	struct base_probe probe;

	if (__builtin_expect((uint32_t)(slot >> 32) == base_index_tag(hash), 1))
		return (uint32_t)slot - 1; /* of an empty one NONE */
	probe = base_index_probe(ix, hash);
	return base_index_next(ix, &probe);
}

/** Put a record where the probe, at its end, stands. */
static inline void base_index_put(
	struct base_index *ix, const struct base_probe *probe, uint32_t record)
{
	ix->slots[probe->at] = (uint64_t)probe->tag << 32 | (uint64_t)(record + 1);
}

/**
 * Twice as many slots: an index no larger than its records need stays in the caches. The slots behind
 * those that are in use must be there, and zero.
 * @return false, and nothing has changed, in the unlikely case that too many stand at its start
 */
bool base_index_grow(struct base_index *ix);

/** Where a record stands that is known to be there. */
static inline uint32_t base_index_slot_of(
	const struct base_index *ix, uint64_t hash, uint32_t record)
{
	uint64_t slot = (uint64_t)base_index_tag(hash) << 32 | (uint64_t)(record + 1);
	uint32_t at = base_index_tag(hash) & ix->mask;

	while (ix->slots[at] != slot)
		at = (at + 1) & ix->mask;
	return at;
}

/** Take a record out; those behind it move up, so that probes need no tombstones. */
static inline void base_index_remove(struct base_index *ix, uint64_t hash, uint32_t record)
{
	uint32_t hole = base_index_slot_of(ix, hash, record), at = hole;

	for (;;) {
		uint64_t slot;
		uint32_t home;

		at = (at + 1) & ix->mask;
		slot = ix->slots[at];
		if (slot == 0)
			break;
		home = (uint32_t)(slot >> 32) & ix->mask;
		if (((at - home) & ix->mask) >= ((at - hole) & ix->mask)) {
			ix->slots[hole] = slot;
			hole = at;
		}
	}
	ix->slots[hole] = 0;
}

/** Record `from` is now number `to` (the array's owner moved it). */
static inline void base_index_renumber(
	struct base_index *ix, uint64_t hash, uint32_t from, uint32_t to)
{
	uint32_t at = base_index_slot_of(ix, hash, from);

	ix->slots[at] = (uint64_t)base_index_tag(hash) << 32 | (uint64_t)(to + 1);
}
