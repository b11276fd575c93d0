/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

/*
 * The hash index of a table, or of a dense array: open addressing, linear probing, sixteen slots to a cache line. As many bits of a
 * slot as the index needs to tell its own slots apart hold its entry's number, plus one; the rest are those bits
 * of the hash that the slot where probing starts does not tell. So it is half as large as one that has the whole
 * hash beside the number (base/index.h). What that costs: a probe also meets entries of other hashes that
 * stand there because their own slot was taken, where these bits agree; and an entry has to have its hash, for
 * the index to grow.
 *
 * 0 is empty. Entries only come here, and all of them are forgotten at once; base/dense.c also takes single ones
 * out of it. One writer; no memory of its own.
 */
struct base_narrow {
	uint32_t *slots;
	uint32_t mask; /* slots - 1; they are a power of two, and there are fewer entries */
};

enum { BASE_NARROW_NONE = UINT32_MAX };

static inline const uint32_t *base_narrow_home(const struct base_narrow *ix, uint32_t hash)
{
	return &ix->slots[hash & ix->mask];
}

/* A probe: the entries that may have this hash, one after the other. */
struct base_narrow_probe {
	uint32_t hash;
	uint32_t at; /* slot to look at next; after the last entry: where a new one goes */
};

static inline struct base_narrow_probe base_narrow_probe(
	const struct base_narrow *ix, uint32_t hash)
{
	return (struct base_narrow_probe){.hash = hash, .at = hash & ix->mask};
}

/** @return number of the next candidate, or BASE_NARROW_NONE */
static inline uint32_t base_narrow_next(
	const struct base_narrow *ix, struct base_narrow_probe *probe)
{
	uint32_t slot;

	while ((slot = ix->slots[probe->at]) != 0) {
		probe->at = (probe->at + 1) & ix->mask;
		if (((slot ^ probe->hash) & ~ix->mask) == 0)
			return (slot & ix->mask) - 1;
	}
	return BASE_NARROW_NONE;
}

/** The first candidate of a hash, which is nearly always in the slot where probing starts. */
static inline uint32_t base_narrow_first(const struct base_narrow *ix, uint32_t hash)
{
	uint32_t number = *base_narrow_home(ix, hash) - (hash & ~ix->mask) - 1;
	struct base_narrow_probe probe;

	if (__builtin_expect(
		    number < ix->mask, 1)) /* these bits agree, and the slot is not empty */
		return number;
	probe = base_narrow_probe(ix, hash);
	return base_narrow_next(ix, &probe);
}

/** Put an entry where the probe, at its end, stands. */
static inline void base_narrow_put(
	struct base_narrow *ix, const struct base_narrow_probe *probe, uint32_t number)
{
	ix->slots[probe->at] = (probe->hash & ~ix->mask) | (number + 1);
}

/** Put one in that is not there. */
static inline void base_narrow_enter(struct base_narrow *ix, uint32_t hash, uint32_t number)
{
	struct base_narrow_probe probe = base_narrow_probe(ix, hash);

	while (ix->slots[probe.at] != 0)
		probe.at = (probe.at + 1) & ix->mask;
	base_narrow_put(ix, &probe, number);
}
