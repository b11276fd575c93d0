/* SPDX-License-Identifier: BSD-3-Clause */
#include "table/table.h"

#include <errno.h>

#include "base/index.h"
#include "base/memory.h"
#include "base/simd.h"
#include "table/lanes_pvt.h"

#ifdef BASE_SSE4_1
#include <smmintrin.h>
#endif

enum {
	TABLE_KEY_TYPICAL = 64, /* bytes of a long key, where they vary */
	TABLE_SLOTS_LEAST = 1024,
	ENTRY_HALF = 5, /* entry_shift: half a cache line */
	ENTRY_WHOLE = 6,
	GROW_AHEAD = 16, /* entries between the look at a slot and its use */
};

_Static_assert(sizeof(struct table_entry) == 1 << ENTRY_HALF, "two in a cache line");
_Static_assert(offsetof(struct table_entry, key) + TABLE_KEY_SHORT == 1 << ENTRY_HALF, "all of it");
_Static_assert(
	offsetof(struct table_entry, key) + 1 + TABLE_KEY_INLINE <= 1 << ENTRY_WHOLE, "fits");

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
	uint64_t each = key_width == TABLE_KEYS_VARY ? TABLE_KEY_TYPICAL
			: key_width > TABLE_KEY_INLINE && key_width <= TABLE_KEY_MAX ? key_width
										     : 0;
	uint64_t all = capacity * each;

	return all < UINT32_MAX ? (uint32_t)all : UINT32_MAX;
}

static bool keys_are_short(unsigned key_width)
{
	return key_width == TABLE_KEYS_EMPTY ||
	       (key_width != TABLE_KEYS_VARY && key_width <= TABLE_KEY_SHORT);
}

static unsigned entry_shift(unsigned key_width)
{
	return keys_are_short(key_width) ? ENTRY_HALF : ENTRY_WHOLE;
}

size_t table_memory(uint32_t capacity, unsigned key_width)
{
	return table_pool_memory(capacity, 1U << entry_shift(key_width)) +
	       key_room(capacity, key_width) + base_index_slots_tight(capacity) * sizeof(uint32_t) +
	       table_keep_memory(capacity);
}

/* @param pool  NULL: one of its own */
static int init(
	struct table *t, struct table_pool *pool, uint32_t capacity, unsigned key_width, int socket)
{
	memset(t, 0, sizeof(*t));
	t->capacity = capacity;
	t->entry_shift = (uint8_t)entry_shift(key_width);
	t->keys_vary = key_width == TABLE_KEYS_VARY;
	t->key_len = key_width == TABLE_KEYS_EMPTY ? 0 : (uint8_t)key_width;
	t->slots = (uint32_t)base_index_slots_tight(capacity);
	t->index.mask = slots_for(t, 0) - 1;
	t->keys_size = key_room(capacity, key_width);
	t->pool = pool ? pool : table_pool_create(capacity, 1U << t->entry_shift, socket);
	t->chunks = t->pool ? table_pool_join(t->pool, socket) : NULL;
	t->index.slots = base_memory_alloc(index_bytes(t), socket);
	t->keys = base_memory_alloc(t->keys_size, socket);
	if (table_keep_init(&t->keep, capacity, socket) == 0 && t->chunks && t->index.slots &&
		t->keys)
		return 0;
	table_fini(t);
	return -ENOMEM;
}

int table_init(struct table *t, uint32_t capacity, unsigned key_width, int socket)
{
	return init(t, NULL, capacity, key_width, socket);
}

int table_init_beside(struct table *t, const struct table *other, uint32_t capacity,
	unsigned key_width, int socket)
{
	return init(t, other->pool, capacity, key_width, socket);
}

void table_fini(struct table *t)
{
	if (t->pool)
		table_pool_leave(t->pool);
	base_memory_free(t->index.slots, index_bytes(t));
	base_memory_free(t->keys, t->keys_size);
	table_keep_fini(&t->keep);
	table_lanes_fini(&t->lanes, t->capacity);
	memset(t, 0, sizeof(*t));
}

void table_clear(struct table *t)
{
	uint32_t half = (t->index.mask + 1) / 2, next;

	table_pool_give(t->pool, t->chunks, table_pool_chunks(t->count));
	memset(t->index.slots, 0, ((size_t)t->index.mask + 1) * sizeof(*t->index.slots));
	next = slots_for(t, t->count);
	/* Half as many at least: what comes back after a quiet window does not have to grow again. */
	t->index.mask = (next > half ? next : half) - 1;
	t->count = 0;
	t->keys_used = 0;
	t->other_value = 0;
	t->other_samples = 0;
	t->keep.on = false;
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

/* How the data source and the key of an entry of half a cache line are compared: its last 16 bytes at once. */
struct short_keys {
#ifdef BASE_SSE4_1
	__m128i key, both; /* which bytes are that */
#else
	unsigned len;
#endif
};

static struct short_keys short_keys(unsigned len)
{
#ifdef BASE_SSE4_1
	uint8_t key[TABLE_ENTRY_TAIL] = {0}, both[TABLE_ENTRY_TAIL] = {0};
	struct short_keys k;

	memset(key + TABLE_ENTRY_TAIL - TABLE_KEY_SHORT, 0xFF, len);
	memset(both, 0xFF, TABLE_ENTRY_TAIL - TABLE_KEY_SHORT + len);
	memcpy(&k.key, key, sizeof(k.key));
	memcpy(&k.both, both, sizeof(k.both));
	return k;
#else
	return (struct short_keys){len};
#endif
}

/* @param source  at most TABLE_SOURCES @param key  its bytes, with those before it: of the first one the batch's `before` */
static inline bool short_equal(const struct short_keys *k, const struct table_entry *e,
	uint32_t source, const uint8_t *key)
{
#ifdef BASE_SSE4_1
	const uint8_t *tail = (const uint8_t *)e + sizeof(*e) - TABLE_ENTRY_TAIL;
	__m128i have = _mm_loadu_si128((const __m128i *)(const void *)tail);
	__m128i want = _mm_loadu_si128(
		(const __m128i *)(const void *)(key - (TABLE_ENTRY_TAIL - TABLE_KEY_SHORT)));

	want = _mm_or_si128(_mm_and_si128(want, k->key), _mm_cvtsi32_si128((int)source));
	return _mm_testz_si128(_mm_xor_si128(have, want), k->both);
#else
	return e->source == source && memcmp(e->key, key, k->len) == 0;
#endif
}

/* @param k  NULL where entries are not half a cache line */
static inline __attribute__((always_inline)) bool key_equal(const struct table *t,
	const struct short_keys *k, const struct table_entry *e, const struct table_update *u,
	const uint8_t *key)
{
	if (k)
		return short_equal(k, e, u->source, key);
	return e->source == u->source && e->hash == table_index_hash(u->hash) &&
	       table_key_len(t, e) == u->key_len && bytes_equal(table_key(t, e), key, u->key_len);
}

static inline __attribute__((always_inline)) struct table_entry *entry_at(
	const struct table *t, uint32_t number, bool half)
{
	struct table_entry *chunk = (void *)t->chunks[number / TABLE_CHUNK];

	return half ? chunk + number % TABLE_CHUNK : table_entry_at(t, number);
}

static void key_write(
	struct table *t, struct table_entry *e, const struct table_update *u, const uint8_t *key)
{
	uint8_t *to = e->key + t->keys_vary;

	if (t->keys_vary)
		e->key[0] = u->key_len;
	if (u->key_len <= TABLE_KEY_INLINE) {
		memcpy(to, key, u->key_len);
		return;
	}
	memcpy(to, &t->keys_used, sizeof(t->keys_used));
	memcpy(t->keys + t->keys_used, key, u->key_len);
	t->keys_used += u->key_len;
}

/* Twice as many slots. Those behind the ones in use are zero, as table_clear() left them. */
static __attribute__((noinline)) void index_grow(struct table *t)
{
	struct base_narrow *ix = &t->index;

	memset(ix->slots, 0, ((size_t)ix->mask + 1) * sizeof(*ix->slots));
	ix->mask = 2 * ix->mask + 1;
	for (uint32_t i = 0; i < t->count; i++) {
		if (i + GROW_AHEAD < t->count)
			__builtin_prefetch(
				base_narrow_home(ix, table_entry_at(t, i + GROW_AHEAD)->hash), 1);
		base_narrow_enter(ix, table_entry_at(t, i)->hash, i);
	}
}

/*
 * A new entry at `probe`, or NONE where there is no room for it, as there is none for a key of another length
 * than the table's. @return its number
 */
static uint32_t entry_add(struct table *t, const struct base_narrow_probe *probe,
	const struct table_update *u, const uint8_t *key)
{
	uint32_t number = t->count;
	struct table_entry *e;
	bool spill = u->key_len > TABLE_KEY_INLINE;

	if (number == t->capacity || (!t->keys_vary && u->key_len != t->key_len) ||
		(spill && t->keys_size - t->keys_used < u->key_len))
		return BASE_NARROW_NONE;
	if (__builtin_expect(t->keep.on, 0) &&
		!table_keep_admits(&t->keep, u->hash, spill ? u->key_len : 0))
		return BASE_NARROW_NONE;
	if (number % TABLE_CHUNK == 0)
		table_pool_take(t->pool, t->chunks, number / TABLE_CHUNK);
	e = table_entry_at(t, number);
	e->hash = table_index_hash(u->hash);
	e->source = u->source;
	e->value = 0;
	e->samples = 0;
	key_write(t, e, u, key);
	base_narrow_put(&t->index, probe, t->count++);
	if (t->count > t->index.mask / 2 && t->index.mask + 1 < t->slots)
		index_grow(t);
	return number;
}

static __attribute__((noinline)) uint32_t entry_find(
	struct table *t, const struct table_update *u, const uint8_t *key)
{
	struct base_narrow_probe probe = base_narrow_probe(&t->index, table_index_hash(u->hash));
	uint32_t number;

	while ((number = base_narrow_next(&t->index, &probe)) != BASE_NARROW_NONE) {
		if (key_equal(t, NULL, table_entry_at(t, number), u, key))
			return number;
	}
	return entry_add(t, &probe, u, key);
}

/* The first entry that may have the hash, which is nearly always the one with that key. */
static inline __attribute__((always_inline)) void prefetch_entry(
	const struct table *t, struct table_update *u, bool lanes, bool half)
{
	uint32_t number = base_narrow_first(&t->index, table_index_hash(u->hash));
	struct table_entry *e = NULL;

	/* A new key goes behind the last entry, which is in the cache. */
	if (number != BASE_NARROW_NONE) {
		e = entry_at(t, number, half);
		__builtin_prefetch(e, 1);
		if (lanes)
			__builtin_prefetch(table_lanes_of(t, number), 1);
	}
	if (lanes)
		u->number = number;
	else
		u->entry = e;
}

static inline __attribute__((always_inline)) struct table_entry *likely_entry(
	const struct table *t, const struct table_update *u, bool lanes, bool half)
{
	if (!lanes)
		return u->entry;
	return u->number != BASE_NARROW_NONE ? entry_at(t, u->number, half) : NULL;
}

/* The entry of an update, which has its number then if there are lanes; NULL where there is no room. */
static inline __attribute__((always_inline)) struct table_entry *entry_of(struct table *t,
	const struct short_keys *k, struct table_update *u, const uint8_t *key, bool lanes)
{
	struct table_entry *e = likely_entry(t, u, lanes, k != NULL);
	uint32_t number;

	if (__builtin_expect(e && key_equal(t, k, e, u, key), 1))
		return e;
	number = entry_find(t, u, key);
	if (lanes)
		u->number = number;
	return number != BASE_NARROW_NONE ? entry_at(t, number, k != NULL) : NULL;
}

/* A new entry has lanes that still hold those of an earlier window. */
static inline void apply_lanes(struct table *t, uint32_t number, uint32_t update)
{
	struct table_lane *lanes = table_lanes_of(t, number);

	if (table_entry_at(t, number)->samples == 0)
		memset(lanes, 0, t->lanes.count * sizeof(*lanes));
	table_lanes_apply(&t->lanes, lanes, &t->lanes.extra[update]);
}

/* Inline for each kind of table, so that those without lanes know nothing of them. */
static inline __attribute__((always_inline)) uint64_t apply(struct table *t, struct table_batch *b,
	const struct short_keys *k, const uint32_t *sources, bool lanes)
{
	const uint8_t *key = b->keys;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < b->count; i++) {
		struct table_update *u = &b->update[i];

		u->source = sources ? sources[u->source] : u->source;
		prefetch_entry(t, u, lanes, k != NULL);
	}
	for (uint32_t i = 0; i < b->count; i++) {
		struct table_update *u = &b->update[i];
		struct table_entry *e = entry_of(t, k, u, key, lanes);

		sum = table_sum(sum, u->value);
		if (__builtin_expect(e != NULL, 1)) {
			if (lanes)
				apply_lanes(t, u->number, i);
			e->value = table_sum(e->value, u->value);
			e->samples++;
		} else {
			t->other_value = table_sum(t->other_value, u->value);
			t->other_samples++;
		}
		key += u->key_len;
	}
	b->count = 0;
	b->key_bytes = 0;
	return sum;
}

static uint64_t apply_short(struct table *t, struct table_batch *b, const uint32_t *sources)
{
	const struct short_keys k = short_keys(t->key_len);

	/* Inline for each, so that not each update asks. */
	return sources ? apply(t, b, &k, sources, false) : apply(t, b, &k, NULL, false);
}

uint64_t table_apply(struct table *t, struct table_batch *b, const uint32_t *sources)
{
	if (t->lanes.count)
		return apply(t, b, NULL, sources, true);
	if (t->entry_shift == ENTRY_HALF)
		return apply_short(t, b, sources);
	return apply(t, b, NULL, sources, false);
}
