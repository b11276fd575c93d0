/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"

#include <errno.h>
#include <sys/mman.h>

static void *map_alloc(size_t len, int socket)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, len, MADV_HUGEPAGE); /* a wish: without it only slower */
	return p;
}

static void map_free(void *p, size_t len)
{
	munmap(p, len);
}

static struct base_memory memory_in_use = {.alloc = map_alloc, .free = map_free};

void base_memory_use(const struct base_memory *memory)
{
	memory_in_use = *memory;
}

void *base_memory_alloc(size_t len, int socket)
{
	void *p = memory_in_use.alloc(len ? len : 1, socket);

	if (!p)
		errno = ENOMEM;
	return p;
}

void base_memory_free(void *p, size_t len)
{
	if (p)
		memory_in_use.free(p, len ? len : 1);
}
