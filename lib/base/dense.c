/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/dense.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	DENSE_START = 16,
	DENSE_LARGE = 1 << 18, /* bytes from which on it is memory of its own */
};

/* ---- memory ---- */

static void *map(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, len, MADV_HUGEPAGE); /* a wish: without it only slower */
	return p;
}

static void *zeroes(size_t len)
{
	return len < DENSE_LARGE ? calloc(1, len) : map(len);
}

static void let_go(void *p, size_t len)
{
	if (len < DENSE_LARGE)
		free(p);
	else if (p)
		munmap(p, len);
}

/* @return NULL: all is as it was */
static void *resize(void *old, size_t from, size_t to)
{
	void *p;

	if (to < DENSE_LARGE)
		return realloc(old, to);
	if (from >= DENSE_LARGE) {
		p = mremap(old, from, to, MREMAP_MAYMOVE);
		return p == MAP_FAILED ? NULL : p;
	}
	p = map(to);
	if (!p)
		return NULL;
	if (old)
		memcpy(p, old, from);
	free(old);
	return p;
}

static size_t index_bytes(const struct base_narrow *ix)
{
	return ((size_t)ix->mask + 1) * sizeof(*ix->slots);
}

/* ---- records ---- */

static uint32_t tag_of_whole(const struct base_dense *d, uint32_t number)
{
	uint64_t hash;

	memcpy(&hash, base_dense_at(d, number), sizeof(hash));
	return base_index_tag(hash);
}

static uint32_t tag_of_half(const struct base_dense *d, uint32_t number)
{
	uint32_t tag;

	memcpy(&tag, base_dense_at(d, number), sizeof(tag));
	return tag;
}

/* There is no hole when it is called. */
static void enter_all(struct base_dense *d)
{
	for (uint32_t i = 0; i < d->count; i++)
		base_narrow_enter(&d->index, d->tag(d, i), i);
}

/* There is no hole when it is called, or that would have been used. */
static int grow_index(struct base_dense *d, uint64_t slots)
{
	struct base_narrow index = {
		.slots = zeroes(slots * sizeof(*index.slots)), .mask = (uint32_t)(slots - 1)};

	if (!index.slots)
		return -ENOMEM;
	if (d->index.slots)
		let_go(d->index.slots, index_bytes(&d->index));
	d->index = index;
	enter_all(d);
	return 0;
}

static int grow(struct base_dense *d, uint32_t capacity)
{
	char *records = resize(d->records, d->capacity * d->size, capacity * d->size);

	if (!records)
		return -ENOMEM;
	d->records = records;
	d->capacity = capacity;
	return 0;
}

int base_dense_init_bare(
	struct base_dense *d, size_t size, uint32_t max, base_dense_tag *tag, const void *owner)
{
	uint32_t start = max < DENSE_START ? max : DENSE_START;

	memset(d, 0, sizeof(*d));
	d->size = size;
	d->tag = tag;
	d->owner = owner;
	d->max = max;
	d->free = BASE_INDEX_NONE;
	if (grow(d, start) == 0 && grow_index(d, base_index_slots_tight(start)) == 0)
		return 0;
	base_dense_fini(d);
	return -ENOMEM;
}

int base_dense_init(struct base_dense *d, size_t size, uint32_t max)
{
	return base_dense_init_bare(d, size, max, tag_of_whole, NULL);
}

int base_dense_init_halves(struct base_dense *d, size_t size, uint32_t max)
{
	return base_dense_init_bare(d, size, max, tag_of_half, NULL);
}

void base_dense_fini(struct base_dense *d)
{
	let_go(d->records, d->capacity * d->size);
	if (d->index.slots)
		let_go(d->index.slots, index_bytes(&d->index));
	memset(d, 0, sizeof(*d));
}

static bool make_room(struct base_dense *d)
{
	uint64_t slots = (uint64_t)d->index.mask + 1;

	if (d->count == d->capacity &&
		grow(d, d->capacity > d->max / 2 ? d->max : 2 * d->capacity) < 0)
		return false;
	return d->count < base_index_room_tight(slots) || grow_index(d, 2 * slots) == 0;
}

/* A number that no record has; BASE_INDEX_NONE where there is none left. */
static uint32_t take_number(struct base_dense *d)
{
	uint32_t number = d->free;
	uint64_t next;

	if (number != BASE_INDEX_NONE) {
		memcpy(&next, base_dense_at(d, number), sizeof(next));
		d->free = (uint32_t)next;
		d->holes--;
		return number;
	}
	if (d->count >= d->max || !make_room(d))
		return BASE_INDEX_NONE;
	return d->count++;
}

uint32_t base_dense_add(struct base_dense *d, uint64_t hash)
{
	uint32_t number = take_number(d);
	char *record;

	if (number == BASE_INDEX_NONE)
		return number;
	record = base_dense_at(d, number);
	memset(record, 0, d->size);
	if (d->tag == tag_of_half)
		memcpy(record, &(uint32_t){base_index_tag(hash)}, sizeof(uint32_t));
	else if (d->tag == tag_of_whole)
		memcpy(record, &hash, sizeof(hash));
	base_narrow_enter(&d->index, base_index_tag(hash), number);
	return number;
}

/* Where a record stands that is known to be there. */
static uint32_t slot_of(const struct base_dense *d, uint32_t number)
{
	const struct base_narrow *ix = &d->index;
	uint32_t at = d->tag(d, number) & ix->mask;

	while ((ix->slots[at] & ix->mask) != number + 1)
		at = (at + 1) & ix->mask;
	return at;
}

/* Take it out of the index. Those behind it move up, so that probes need no tombstones: where each could stand, its
 * record knows. */
static void leave(struct base_dense *d, uint32_t number)
{
	const struct base_narrow *ix = &d->index;
	uint32_t hole = slot_of(d, number), at = hole, slot;

	while ((slot = ix->slots[at = (at + 1) & ix->mask]) != 0) {
		uint32_t home = d->tag(d, (slot & ix->mask) - 1) & ix->mask;

		if (((at - home) & ix->mask) < ((at - hole) & ix->mask))
			continue;
		ix->slots[hole] = slot;
		hole = at;
	}
	ix->slots[hole] = 0;
}

void base_dense_free(struct base_dense *d, uint32_t number)
{
	char *record = base_dense_at(d, number);
	uint64_t next = d->free;

	leave(d, number);
	memset(record, 0, d->size);
	memcpy(record, &next, sizeof(next));
	d->free = number;
	d->holes++;
}

/* The last record is the one of this number from now on. */
static void renumber_last(struct base_dense *d, uint32_t number)
{
	uint32_t at = slot_of(d, d->count - 1);

	d->index.slots[at] = (d->index.slots[at] & ~d->index.mask) | (number + 1);
}

void base_dense_remove(struct base_dense *d, uint32_t number)
{
	uint32_t last = d->count - 1;

	if (!d->loose)
		leave(d, number);
	if (number != last) {
		if (!d->loose)
			renumber_last(d, number);
		memcpy(base_dense_at(d, number), base_dense_at(d, last), d->size);
	}
	d->count--;
}

void base_dense_loosen(struct base_dense *d)
{
	d->loose = true;
}

void base_dense_tighten(struct base_dense *d)
{
	memset(d->index.slots, 0, index_bytes(&d->index));
	enter_all(d);
	d->loose = false;
}
