/* SPDX-License-Identifier: BSD-3-Clause */
#include "table/table.h"

#include <errno.h>

#include "base/memory.h"
#include "table/lanes_pvt.h"

enum {
	TABLE_KEY_TYPICAL = 64, /* bytes of a long key, where they vary */
	TABLE_SLOTS_LEAST = 1024,
};

static size_t index_bytes(const struct table *t)
{
	return (size_t)t->slots * sizeof(*t->index.slots);
}

/* Slots for so many entries, and a quarter more of them. */
static uint32_t slots_for(const struct table *t, uint32_t entries)
{
	uint64_t wanted = base_index_slots(entries + entries / 4);

	if (wanted < TABLE_SLOTS_LEAST)
		wanted = TABLE_SLOTS_LEAST;
	return wanted < t->slots ? (uint32_t)wanted : t->slots;
}

/* Room for long keys: none where all of them are short. */
static uint32_t key_room(uint32_t capacity, unsigned key_width)
{
	uint64_t each = key_width == 0                 ? TABLE_KEY_TYPICAL
			: key_width > TABLE_KEY_INLINE ? key_width
						       : 0;
	uint64_t all = capacity * each;

	return all < UINT32_MAX ? (uint32_t)all : UINT32_MAX;
}

size_t table_memory(uint32_t capacity, unsigned key_width)
{
	return (size_t)capacity * sizeof(struct table_entry) + key_room(capacity, key_width) +
	       base_index_slots_tight(capacity) * sizeof(uint64_t);
}

int table_init(struct table *t, uint32_t capacity, unsigned key_width, int socket)
{
	memset(t, 0, sizeof(*t));
	t->capacity = capacity;
	t->slots = (uint32_t)base_index_slots_tight(capacity);
	t->index.mask = slots_for(t, 0) - 1;
	t->keys_size = key_room(capacity, key_width);
	t->entries = base_memory_alloc((size_t)capacity * sizeof(*t->entries), socket);
	t->index.slots = base_memory_alloc(index_bytes(t), socket);
	t->keys = base_memory_alloc(t->keys_size, socket);
	if (t->entries && t->index.slots && t->keys)
		return 0;
	table_fini(t);
	return -ENOMEM;
}

void table_fini(struct table *t)
{
	base_memory_free(t->entries, (size_t)t->capacity * sizeof(*t->entries));
	base_memory_free(t->index.slots, index_bytes(t));
	base_memory_free(t->keys, t->keys_size);
	table_lanes_fini(&t->lanes, t->capacity);
	memset(t, 0, sizeof(*t));
}

void table_clear(struct table *t)
{
	uint32_t half = (t->index.mask + 1) / 2, next;

	memset(t->index.slots, 0, ((size_t)t->index.mask + 1) * sizeof(*t->index.slots));
	next = slots_for(t, t->count);
	/* Half as many at least: what comes back after a quiet window does not have to grow again. */
	t->index.mask = (next > half ? next : half) - 1;
	t->count = 0;
	t->keys_used = 0;
	t->other_value = 0;
	t->other_samples = 0;
	table_lanes_clear(&t->lanes);
}

/* Keys are short, and a call costs more than the comparison. */
static inline bool bytes_equal(const uint8_t *a, const uint8_t *b, unsigned len)
{
	enum { WORD = sizeof(uint64_t) };

	if (len < WORD)
		return memcmp(a, b, len) == 0;
	for (unsigned i = 0; i + WORD < len; i += WORD) {
		if (memcmp(a + i, b + i, WORD) != 0)
			return false;
	}
	return memcmp(a + len - WORD, b + len - WORD, WORD) == 0;
}

static inline bool key_equal(const struct table *t, const struct table_entry *e,
	const struct table_update *u, const uint8_t *key)
{
	return e->hash == u->hash && e->source == u->source && e->key_len == u->key_len &&
	       bytes_equal(table_key(t, e), key, u->key_len);
}

/* A new entry at `probe`, or NULL where there is no room for it. */
static struct table_entry *entry_add(struct table *t, const struct base_probe *probe,
	const struct table_update *u, const uint8_t *key)
{
	struct table_entry *e = &t->entries[t->count];
	bool spill = u->key_len > TABLE_KEY_INLINE;

	if (t->count == t->capacity || t->count == t->index.mask ||
		(spill && t->keys_size - t->keys_used < u->key_len))
		return NULL;
	e->hash = u->hash;
	e->source = u->source;
	e->key_len = u->key_len;
	e->value = 0;
	e->samples = 0;
	if (spill) {
		e->key.spill.at = t->keys_used;
		memcpy(t->keys + t->keys_used, key, u->key_len);
		t->keys_used += u->key_len;
	} else {
		memcpy(e->key.bytes, key, u->key_len);
	}
	base_index_put(&t->index, probe, t->count++);
	if (t->count > t->index.mask / 2 && t->index.mask + 1 < t->slots)
		base_index_grow(&t->index);
	return e;
}

static struct table_entry *entry_find(
	struct table *t, const struct table_update *u, const uint8_t *key)
{
	struct base_probe probe = base_index_probe(&t->index, u->hash);
	uint32_t number;

	while ((number = base_index_next(&t->index, &probe)) != BASE_INDEX_NONE) {
		if (key_equal(t, &t->entries[number], u, key))
			return &t->entries[number];
	}
	return entry_add(t, &probe, u, key);
}

/* The first entry with that tag, which is nearly always the one with that key. */
static inline __attribute__((always_inline)) uint32_t prefetch_entry(
	const struct table *t, uint64_t hash, bool lanes)
{
	struct base_probe probe = base_index_probe(&t->index, hash);
	uint32_t number = base_index_next(&t->index, &probe);

	/* A new key goes behind the last entry, which is in the cache. */
	if (number == BASE_INDEX_NONE)
		return number;
	__builtin_prefetch(&t->entries[number], 1);
	if (lanes)
		__builtin_prefetch(table_lanes_of(t, number), 1);
	return number;
}

static inline struct table_entry *entry_of(
	struct table *t, const struct table_update *u, const uint8_t *key)
{
	if (__builtin_expect(u->number != BASE_INDEX_NONE, 1) &&
		key_equal(t, &t->entries[u->number], u, key))
		return &t->entries[u->number];
	return entry_find(t, u, key);
}

/* A new entry has lanes that still hold those of an earlier window. */
static inline void apply_lanes(struct table *t, struct table_entry *e, uint32_t update)
{
	struct table_lane *lanes = table_lanes_of(t, (uint32_t)(e - t->entries));

	if (e->samples == 0)
		memset(lanes, 0, t->lanes.count * sizeof(*lanes));
	table_lanes_apply(&t->lanes, lanes, &t->lanes.extra[update]);
}

/* Inline twice, so that tables without lanes know nothing of them. */
static inline __attribute__((always_inline)) void apply(
	struct table *t, struct table_batch *b, bool lanes)
{
	for (uint32_t i = 0; i < b->count; i++)
		b->update[i].number = prefetch_entry(t, b->update[i].hash, lanes);
	for (uint32_t i = 0; i < b->count; i++) {
		const struct table_update *u = &b->update[i];
		struct table_entry *e = entry_of(t, u, b->keys + u->key_at);

		if (e) {
			if (lanes)
				apply_lanes(t, e, i);
			e->value = table_sum(e->value, u->value);
			e->samples++;
		} else {
			t->other_value = table_sum(t->other_value, u->value);
			t->other_samples++;
		}
	}
}

void table_apply(struct table *t, struct table_batch *b)
{
	if (t->lanes.count)
		apply(t, b, true);
	else
		apply(t, b, false);
	b->count = 0;
	b->key_bytes = 0;
}
