/* SPDX-License-Identifier: BSD-3-Clause */
#include "table/pool.h"

#include "base/memory.h"

/* Slots of the ring: a power of two, as many as there are chunks or more. */
static uint32_t ring_slots(uint32_t chunks)
{
	uint32_t slots = TABLE_POOL_TABLES;

	while (slots < TABLE_POOL_TABLES * chunks)
		slots *= 2;
	return slots;
}

/* Of the pool itself. */
static size_t pool_bytes(uint32_t chunks)
{
	return sizeof(struct table_pool) +
	       (2 * (size_t)TABLE_POOL_TABLES * chunks + ring_slots(chunks)) * sizeof(char *);
}

static size_t chunk_bytes(uint32_t capacity, unsigned entry_bytes)
{
	return (size_t)(capacity < TABLE_CHUNK ? capacity : TABLE_CHUNK) * entry_bytes;
}

static size_t block_bytes(const struct table_pool *p)
{
	return p->chunks * p->chunk_bytes;
}

size_t table_pool_memory(uint32_t capacity, unsigned entry_bytes)
{
	uint32_t chunks = table_pool_chunks(capacity);

	return chunks * chunk_bytes(capacity, entry_bytes) + pool_bytes(chunks) / TABLE_POOL_TABLES;
}

struct table_pool *table_pool_create(uint32_t capacity, unsigned entry_bytes, int socket)
{
	uint32_t chunks = table_pool_chunks(capacity);
	struct table_pool *p = base_memory_alloc(pool_bytes(chunks), socket);

	if (!p)
		return NULL;
	p->chunks = chunks;
	p->chunk_bytes = chunk_bytes(capacity, entry_bytes);
	p->mask = ring_slots(chunks) - 1;
	p->stack = &p->lists[TABLE_POOL_TABLES * chunks];
	p->ring = &p->stack[TABLE_POOL_TABLES * chunks];
	return p;
}

char **table_pool_join(struct table_pool *p, int socket)
{
	unsigned table = p->tables++;
	char *block = base_memory_alloc(block_bytes(p), socket);

	p->blocks[table] = block;
	if (!block)
		return NULL;
	for (uint32_t i = p->chunks; i-- > 0;)
		p->stack[p->height++] = block + i * p->chunk_bytes;
	return &p->lists[table * p->chunks];
}

void table_pool_leave(struct table_pool *p)
{
	if (--p->tables > 0)
		return;
	for (unsigned i = 0; i < TABLE_POOL_TABLES; i++)
		base_memory_free(p->blocks[i], block_bytes(p));
	base_memory_free(p, pool_bytes(p->chunks));
}

char *table_pool_take(struct table_pool *p)
{
	uint32_t given = __atomic_load_n(&p->given, __ATOMIC_ACQUIRE);

	while (p->taken != given)
		p->stack[p->height++] = p->ring[p->taken++ & p->mask];
	return p->stack[--p->height];
}

void table_pool_give(struct table_pool *p, char *const *chunks, uint32_t count)
{
	uint32_t given = p->given;

	for (uint32_t i = 0; i < count; i++)
		p->ring[given++ & p->mask] = chunks[i];
	__atomic_store_n(&p->given, given, __ATOMIC_RELEASE);
}
