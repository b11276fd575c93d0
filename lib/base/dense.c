/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/dense.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DENSE_START = 64 };

static uint64_t hash_of(const struct base_dense *d, uint32_t number)
{
	uint64_t hash;

	memcpy(&hash, base_dense_at(d, number), sizeof(hash));
	return hash;
}

static void enter(struct base_index *ix, uint64_t hash, uint32_t number)
{
	struct base_probe probe = base_index_probe(ix, hash);

	while (base_index_next(ix, &probe) != BASE_INDEX_NONE)
		;
	base_index_put(ix, &probe, number);
}

static int grow(struct base_dense *d, uint32_t capacity)
{
	uint64_t slots = base_index_slots(capacity);
	struct base_index index = {
		.slots = calloc(slots, sizeof(*index.slots)), .mask = (uint32_t)(slots - 1)};
	char *records;

	if (!index.slots)
		return -ENOMEM;
	records = realloc(d->records, capacity * d->size);
	if (!records) {
		free(index.slots);
		return -ENOMEM;
	}
	d->records = records;
	for (uint32_t i = 0; i < d->count;
		i++) /* there is no hole now, or it would have been used */
		enter(&index, hash_of(d, i), i);
	free(d->index.slots);
	d->index = index;
	d->capacity = capacity;
	return 0;
}

int base_dense_init(struct base_dense *d, size_t size, uint32_t max)
{
	memset(d, 0, sizeof(*d));
	d->size = size;
	d->max = max;
	d->free = BASE_INDEX_NONE;
	return grow(d, max < DENSE_START ? max : DENSE_START);
}

void base_dense_fini(struct base_dense *d)
{
	free(d->records);
	free(d->index.slots);
	memset(d, 0, sizeof(*d));
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
	if (d->count == d->max)
		return BASE_INDEX_NONE;
	if (d->count == d->capacity &&
		grow(d, d->capacity > d->max / 2 ? d->max : 2 * d->capacity) < 0)
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
	memcpy(record, &hash, sizeof(hash));
	enter(&d->index, hash, number);
	return number;
}

void base_dense_free(struct base_dense *d, uint32_t number)
{
	char *record = base_dense_at(d, number);
	uint64_t next = d->free;

	base_index_remove(&d->index, hash_of(d, number), number);
	memset(record, 0, d->size);
	memcpy(record, &next, sizeof(next));
	d->free = number;
	d->holes++;
}

void base_dense_remove(struct base_dense *d, uint32_t number)
{
	uint32_t last = d->count - 1;

	base_index_remove(&d->index, hash_of(d, number), number);
	if (number != last) {
		base_index_renumber(&d->index, hash_of(d, last), last, number);
		memcpy(base_dense_at(d, number), base_dense_at(d, last), d->size);
	}
	d->count--;
}
