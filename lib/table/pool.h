/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * The entries of one definition's tables of one RX core, in chunks.
 *
 * Its windows take turns: while one fills, the one before is merged. So their tables have no entries of their own, but
 * take chunks as they fill, and give them back when they are cleared. Those that came back last are taken first.
 * So the memory that is ever touched is that of the entries that were there at the same time. There are
 * as many chunks as all tables need that are full: none has to wait for another. The last chunk that a table can have
 * is always its own, and no larger than it has to be: small tables have nothing but that.
 *
 * Ordering and progress: one thread takes, the RX core, and one gives, the owner of sealed windows. Both are wait-free;
 * no atomic operation but a load and a store. A chunk goes back through a ring that has room for all of them; what
 * was done with it before table_pool_give() happens before table_pool_take() returns it. To join and to leave
 * is for one thread while no other uses the pool.
 */
enum {
	TABLE_CHUNK = 1 << 14, /* entries of a chunk, but for the last of a table */
	TABLE_POOL_TABLES = 2, /* the windows of an RX core */
};

struct table_pool {
	/* Who joins and leaves. */
	unsigned joined; /* tables, ever */
	unsigned tables; /* that have not left */
	void *blocks
		[TABLE_POOL_TABLES]; /* of memory, each for as many entries as one table can have */
	size_t block_bytes, chunk_bytes;
	uint32_t shared; /* chunks for each table that any may have */
	uint32_t mask;   /* of the ring */
	/* RX core. */
	char **stack; /* shared ones that nobody has */
	uint32_t height;
	uint32_t taken; /* out of the ring, ever */
	/* Who gives; the RX core reads. */
	uint32_t given __attribute__((aligned(64))); /* into it, ever */
	char **ring;
	char *lists[]; /* of the chunks that each table has; then stack and ring */
} __attribute__((aligned(64)));

/** A pool without tables and chunks. @return NULL where there is no memory; goes with the last table that leaves */
struct table_pool *table_pool_create(uint32_t capacity, unsigned entry_bytes, int socket);

/**
 * Add what one table needs. @return room for the list of its chunks; NULL where there is no memory, or
 * TABLE_POOL_TABLES have joined already. table_pool_leave() in any case
 */
char **table_pool_join(struct table_pool *p, int socket);
void table_pool_leave(struct table_pool *p);

/** Bytes that a table takes of it. */
size_t table_pool_memory(uint32_t capacity, unsigned entry_bytes);

/** RX core: the list has its chunk of this number then, which holds what it held. */
void table_pool_take(struct table_pool *p, char **list, uint32_t number);

/** The owner of a sealed table: it does not use the first `count` chunks of its list any more. */
void table_pool_give(struct table_pool *p, char *const *list, uint32_t count);

/** Chunks of so many entries. */
static inline uint32_t table_pool_chunks(uint32_t entries)
{
	return (uint32_t)(((uint64_t)entries + TABLE_CHUNK - 1) / TABLE_CHUNK);
}
