/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NODES = 1024 }; /* as many as a kernel can have */

/* Wherever it is touched first; a wish, too: EPERM and ENOSYS of containers are no harm. */
static void prefer_node(void *p, size_t len, int node)
{
	enum { BITS = 8 * sizeof(unsigned long) };
	unsigned long mask[NODES / BITS] = {0};

	if (node < 0 || node >= NODES)
		return;
	mask[node / BITS] = 1UL << node % BITS;
	syscall(SYS_mbind, p, len, MPOL_PREFERRED, mask, NODES, 0);
}

static void *map_alloc(size_t len, int socket)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	prefer_node(p, len, socket);
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
