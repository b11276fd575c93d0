/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "base/narrow.h"
#include "table/keep.h"
#include "table/pool.h"
#include "table/sketch.h"

/*
 * The flow table of one definition in one window of one RX core.
 *
 * Ordering and progress: one thread at a time. The RX core writes; after the window is sealed and
 * the grace period is over, the aggregator reads and clears. Nothing here is shared while it is
 * written, so there is no atomic operation.
 *
 * Memory is fixed: `capacity` entries, two to a cache line where keys are short and all of one length, else
 * of one line each, densely in the order in which keys first came, in chunks of which those are touched that are
 * used (table/pool.h); an index of 5 to 11 bytes per entry, and room for long keys. A key that finds
 * no room is added to `other`: the sum over entries and other is exact. Of the index only as much is in use
 * as the entries need, so that few of them stay in the caches.
 *
 * Where a table was full, its owner may set places aside for keys that are known before it is filled anew, and others
 * have what is left (table/keep.h). So a flood of keys that come once takes room from its like.
 *
 * An entry has one sum. Whatever else is kept of a flow is in lanes, an array beside that of the
 * entries, which tables without them do not have.
 */

enum {
	TABLE_ENTRY_TAIL = 16, /* bytes of source and key in an entry that is half a cache line */
	TABLE_KEY_SHORT =
		13, /* bytes of key of an entry that is half a cache line: an IPv4 5-tuple */
	TABLE_KEY_INLINE = 38, /* of one that is a whole one */
	TABLE_KEY_MAX = 255,
	TABLE_BATCH = 128,            /* updates staged between two applications */
	TABLE_SOURCES = (1 << 24) - 1 /* the largest number of a data source */
};

/* What keys of a table can be besides of so many bytes each. */
enum {
	TABLE_KEYS_VARY = 0,
	TABLE_KEYS_EMPTY = TABLE_KEY_MAX + 1,
};

struct table_entry {
	uint64_t value; /* sum; saturates */
	uint32_t samples;
	uint32_t hash;        /* table_index_hash() */
	uint32_t source : 24; /* number in the window's array of data sources */
	/* Where lengths vary its length, a byte; then the key, or where in the table's room for keys it is. */
	uint8_t key[];
} __attribute__((packed, aligned(32)));

enum {
	TABLE_LANES = 8,
	TABLE_FEW = 4,   /* codes of a sketch in the lane itself */
	TABLE_SOME = 16, /* in a list of the pool */
};

/* What a lane keeps of the numbers of its flow's samples. */
enum table_lane_kind {
	TABLE_SUM,   /* number: their sum */
	TABLE_MEAN,  /* number: their sum; squares: that of their squares */
	TABLE_MIN,   /* number: the least */
	TABLE_MAX,   /* number: the largest */
	TABLE_LAST,  /* number: that of the newest, at `tsc` */
	TABLE_COUNT, /* numbers are hashes: a sketch of them */
};

/* Where a sketch is: in the lane, or the number of a list or of registers in the pool. */
enum {
	TABLE_SKETCH_LIST = UINT32_C(1) << 30,
	TABLE_SKETCH_DENSE = UINT32_C(2) << 30,
	TABLE_SKETCH_FULL = UINT32_C(3) << 30, /* it found no room: the count is unknown */
	TABLE_SKETCH_AT = TABLE_SKETCH_LIST - 1,
};

struct table_lane {
	union {
		struct {
			uint64_t number;
			union {
				double squares;
				uint64_t tsc;
			};
		};
		uint32_t few[TABLE_FEW];
	};
	uint32_t samples; /* that had a number for this lane */
	uint32_t sketch;  /* TABLE_COUNT: which of the above; in the lane: how many codes */
};

/* What a staged update has for the lanes. */
struct table_extra {
	uint64_t number[TABLE_LANES];
	uint64_t tsc;
	uint32_t there; /* bit set of lanes */
};

/* The lanes of a table, and room for the sketches that grow. One sketch in 4 can be a list, one in
 * 64 can have registers. */
struct table_lanes {
	uint8_t count;             /* of each entry; 0: none */
	uint8_t kind[TABLE_LANES]; /* enum table_lane_kind */
	struct table_lane *lane;   /* count for each entry */
	struct table_extra *extra; /* of the batch */
	uint32_t (*list)[TABLE_SOME];
	uint8_t (*dense)[SKETCH_REGISTERS];
	uint32_t list_used, list_max, dense_used, dense_max;
	uint64_t full; /* sketches that found no room */
};

struct table {
	/* Written by the RX core until the seal, by the aggregator after the grace period. */
	char **chunks;       /* of entries, as many as those take; table_entry_at() */
	uint8_t entry_shift; /* 2 to the power of it bytes each */
	uint8_t key_len;     /* of each */
	bool keys_vary;      /* or an entry says it */
	uint32_t count;
	uint32_t capacity;
	struct base_narrow index; /* of as many slots as the entries need */
	uint32_t slots;           /* that there is room for */
	uint8_t *keys; /* room for keys longer than TABLE_KEY_INLINE, which are there as a whole */
	uint32_t keys_used, keys_size;
	uint64_t other_value, other_samples; /* found no room */
	struct table_pool
		*pool; /* that chunks come out of; other windows of the RX core have the same */
	struct table_keep keep;
	struct table_lanes lanes;
};

/* One update, staged. */
struct table_update {
	uint64_t hash;
	uint64_t value;
	union { /* the entry that it is likely for, once that is prefetched */
		struct table_entry *entry;
		uint32_t number; /* where there are lanes */
	};
	uint32_t source;
	uint8_t key_len; /* of table_batch_add() */
};

/*
 * Updates of a burst, staged so that cache misses overlap: table_batch_ahead() prefetches the index, applying
 * prefetches the entries, then writes. Belongs to the RX core.
 */
struct table_batch {
	uint32_t count;
	uint32_t key_bytes;
	struct table_update update[TABLE_BATCH];
	uint8_t before[TABLE_ENTRY_TAIL -
		       TABLE_KEY_SHORT]; /* who compares keys reads them with the first one */
	/* Until it is full: TABLE_KEY_INLINE each, and the key that filled it. */
	uint8_t keys[TABLE_BATCH * TABLE_KEY_INLINE + TABLE_KEY_MAX];
};
static_assert(offsetof(struct table_batch, keys) ==
		      offsetof(struct table_batch, before) + TABLE_ENTRY_TAIL - TABLE_KEY_SHORT,
	"one behind the other");

/**
 * @param key_width  bytes of each key, or TABLE_KEYS_VARY, or TABLE_KEYS_EMPTY: one key, of no bytes
 * @param socket     NUMA node of the RX core
 * @return 0 or -ENOMEM
 */
int table_init(struct table *t, uint32_t capacity, unsigned key_width, int socket);

/**
 * The table of another window of the same RX core, while none of the two is in use: entries of both come out of one pool.
 * @param other  of the same capacity and width of keys; they may go in any order
 */
int table_init_beside(struct table *t, const struct table *other, uint32_t capacity,
	unsigned key_width, int socket);

/**
 * Give a table lanes, right after table_init().
 * @param kinds  enum table_lane_kind, `count` of them, at most TABLE_LANES
 * @return 0 or -ENOMEM, with nothing to undo but table_fini()
 */
int table_init_lanes(struct table *t, const uint8_t *kinds, unsigned count, int socket);
void table_fini(struct table *t);

/** Bytes that either of them takes. */
size_t table_memory(uint32_t capacity, unsigned key_width);

/** Bytes that table_init_lanes() takes. */
size_t table_lanes_memory(uint32_t capacity, const uint8_t *kinds, unsigned count);

/** Forget all entries, other, and who has a place set aside; cost follows the number of entries. The index is then of a
 * size for as many again, or half of what it was. The owner of the window; the RX core may take the entries' memory for another. */
void table_clear(struct table *t);

/**
 * Write the staged updates; the batch is empty then. RX core.
 * @param sources  the number of the data source for what the updates have in its place; NULL: they have it
 * @return the sum of their values; saturates
 */
uint64_t table_apply(struct table *t, struct table_batch *b, const uint32_t *sources);

/**
 * The hash of a flow: that of its key, with the upper half of its data source's added to the upper half; both are
 * keyed. By that half, which is as even as the two are, goes the index, and an entry keeps it.
 */
static inline uint64_t table_hash(uint64_t key, uint64_t source)
{
	return key + (source >> 32 << 32);
}

static inline uint32_t table_index_hash(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

/* What the reader of a table knows of each data source in it. */
struct table_source {
	uint32_t number; /* the reader's own */
	uint32_t hash;   /* the upper half of the one that table_hash() was given */
};

/** The upper half of the key's own hash: so who adds tables up can tell the flows of a key together. */
static inline uint32_t table_key_hash(
	const struct table_entry *e, const struct table_source *sources)
{
	return e->hash - sources[e->source].hash;
}

/** Entries that keys which are not known can still have. */
static inline uint32_t table_room(const struct table *t)
{
	uint32_t left = t->capacity - t->count;

	return t->keep.on && t->keep.strangers < left ? t->keep.strangers : left;
}

static inline struct table_entry *table_entry_at(const struct table *t, uint32_t number)
{
	char *chunk = t->chunks[number / TABLE_CHUNK];

	return (struct table_entry *)(void *)(chunk +
					      ((size_t)(number % TABLE_CHUNK) << t->entry_shift));
}

/** The length of an entry's key. */
static inline unsigned table_key_len(const struct table *t, const struct table_entry *e)
{
	return t->keys_vary ? e->key[0] : t->key_len;
}

/** Its bytes. */
static inline const uint8_t *table_key(const struct table *t, const struct table_entry *e)
{
	const uint8_t *key = e->key + t->keys_vary;
	uint32_t at;

	if (table_key_len(t, e) <= TABLE_KEY_INLINE)
		return key;
	memcpy(&at, key, sizeof(at));
	return t->keys + at;
}

/** Where to write the next key: room for TABLE_KEY_MAX bytes. */
static inline uint8_t *table_batch_key(struct table_batch *b)
{
	return b->keys + b->key_bytes;
}

/* Where the next update goes, for who stages several: in registers until then. */
struct table_batch_end {
	struct table_update *update;
	uint8_t *key; /* as table_batch_key() */
};

static inline struct table_batch_end table_batch_end(struct table_batch *b)
{
	return (struct table_batch_end){&b->update[b->count], table_batch_key(b)};
}

/**
 * table_batch_add() where there is room, as there is for TABLE_BATCH updates in all where each key of the table has the
 * same length, at most TABLE_KEY_INLINE.
 */
static inline void table_batch_put(struct table_batch_end *end, uint64_t hash, unsigned key_len,
	uint32_t source, uint64_t value)
{
	struct table_update *u = end->update++;

	u->hash = hash;
	u->value = value;
	u->source = source;
	u->key_len = (uint8_t)key_len;
	end->key += key_len;
}

/** The batch has what was staged. */
static inline void table_batch_set_end(struct table_batch *b, struct table_batch_end end)
{
	b->count = (uint32_t)(end.update - b->update);
	b->key_bytes = (uint32_t)(end.key - b->keys);
}

/** Stage an update of the key just written to table_batch_key(), of a length that the table has. @return whether the batch is full now. */
static inline bool table_batch_add(
	struct table_batch *b, uint64_t hash, unsigned key_len, uint32_t source, uint64_t value)
{
	struct table_update *u = &b->update[b->count++];

	u->hash = hash;
	u->value = value;
	u->source = source;
	u->key_len = (uint8_t)key_len;
	b->key_bytes += key_len;
	return b->count == TABLE_BATCH || b->key_bytes > TABLE_BATCH * TABLE_KEY_INLINE;
}

/**
 * Have ready where the updates will be looked up: some time before table_apply(). Not while datagrams are read: these
 * lines are in no cache where there are many flows, and a core can only wait for so many at a time.
 */
static inline __attribute__((always_inline)) void table_batch_ahead(
	const struct table_batch *b, const struct table *t)
{
	const struct base_narrow index = t->index;

	for (uint32_t i = 0; i < b->count; i++)
		__builtin_prefetch(base_narrow_home(&index, table_index_hash(b->update[i].hash)));
}

/** Where to write what the update to be staged next has for the lanes. */
static inline struct table_extra *table_batch_extra(
	const struct table_batch *b, const struct table *t)
{
	return &t->lanes.extra[b->count];
}

/** The lanes of an entry. */
static inline struct table_lane *table_lanes_of(const struct table *t, uint32_t entry)
{
	return &t->lanes.lane[(size_t)entry * t->lanes.count];
}

/** The sketch of a TABLE_COUNT lane. @return false where it is TABLE_SKETCH_FULL */
bool table_sketch(
	const struct table_lanes *l, const struct table_lane *lane, struct sketch_view *v);

/** a + b, or the largest number. */
static inline uint64_t table_sum(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}
