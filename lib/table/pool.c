/* SPDX-License-Identifier: BSD-3-Clause */
#include "table/pool.h"

#include "base/memory.h"

/* Of each table, all but the last. */
static uint32_t shared_chunks(uint32_t capacity)
{
	return capacity ? table_pool_chunks(capacity) - 1 : 0;
}

/* Slots of the ring: a power of two, as many as there are shared chunks or more. */
static uint32_t ring_slots(uint32_t shared)
{
	uint32_t slots = TABLE_POOL_TABLES;

	while (slots < TABLE_POOL_TABLES * shared)
		slots *= 2;
	return slots;
}

/* Of the pool itself. */
static size_t pool_bytes(uint32_t shared)
{
	size_t lists = (size_t)TABLE_POOL_TABLES * (shared + 1),
	       stack = (size_t)TABLE_POOL_TABLES * shared;

	return sizeof(struct table_pool) + (lists + stack + ring_slots(shared)) * sizeof(char *);
}

size_t table_pool_memory(uint32_t capacity, unsigned entry_bytes)
{
	return (size_t)capacity * entry_bytes +
	       pool_bytes(shared_chunks(capacity)) / TABLE_POOL_TABLES;
}

struct table_pool *table_pool_create(uint32_t capacity, unsigned entry_bytes, int socket)
{
	uint32_t shared = shared_chunks(capacity);
	struct table_pool *p = base_memory_alloc(pool_bytes(shared), socket);

	if (!p)
		return NULL;
	p->block_bytes = (size_t)capacity * entry_bytes;
	p->chunk_bytes = (size_t)TABLE_CHUNK * entry_bytes;
	p->shared = shared;
	p->mask = ring_slots(shared) - 1;
	p->stack = &p->lists[(size_t)TABLE_POOL_TABLES * (shared + 1)];
	p->ring = &p->stack[(size_t)TABLE_POOL_TABLES * shared];
	return p;
}

char **table_pool_join(struct table_pool *p, int socket)
{
	char *block, **list;

	p->tables++;
	if (p->joined == TABLE_POOL_TABLES)
		return NULL;
	block = base_memory_alloc(p->block_bytes, socket);
	if (!block)
		return NULL;
	list = &p->lists[(size_t)p->joined * (p->shared + 1)];
	p->blocks[p->joined++] = block;
	list[p->shared] = block + p->shared * p->chunk_bytes;
	for (uint32_t i = p->shared; i-- > 0;)
		p->stack[p->height++] = block + i * p->chunk_bytes;
	return list;
}

void table_pool_leave(struct table_pool *p)
{
	if (--p->tables > 0)
		return;
	for (unsigned i = 0; i < TABLE_POOL_TABLES; i++)
		base_memory_free(p->blocks[i], p->block_bytes);
	base_memory_free(p, pool_bytes(p->shared));
}

void table_pool_take(struct table_pool *p, char **list, uint32_t number)
{
	uint32_t given = __atomic_load_n(&p->given, __ATOMIC_ACQUIRE);

	if (number == p->shared)
		return; /* its own */
	while (p->taken != given)
		p->stack[p->height++] = p->ring[p->taken++ & p->mask];
	list[number] = p->stack[--p->height];
}

void table_pool_give(struct table_pool *p, char *const *list, uint32_t count)
{
	uint32_t given = p->given;

	for (uint32_t i = 0; i < count && i < p->shared; i++)
		p->ring[given++ & p->mask] = list[i];
	__atomic_store_n(&p->given, given, __ATOMIC_RELEASE);
}
