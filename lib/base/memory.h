/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>

/*
 * Memory that RX cores touch: large, zeroed, cache-line aligned, local to a NUMA node, never
 * freed while traffic runs. The daemon hands in DPDK's allocator where there are hugepages;
 * otherwise it is anonymous memory that asks for transparent hugepages, of which only what is
 * touched is backed.
 */
struct base_memory {
	void *(*alloc)(
		size_t len, int socket); /* zeroed, 64-byte aligned; NULL where there is none */
	void (*free)(void *p, size_t len);
};

/** Choose the allocator for all later calls; at start, before any other call here. */
void base_memory_use(const struct base_memory *memory);

/** @return zeroed memory, or NULL with errno ENOMEM. `socket` is a NUMA node, -1 any. */
void *base_memory_alloc(size_t len, int socket);

/** Free what base_memory_alloc() gave; `len` as there. NULL is fine. */
void base_memory_free(void *p, size_t len);
