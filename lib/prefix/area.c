/* SPDX-License-Identifier: BSD-3-Clause */
#include "prefix/area_pvt.h"

#include <sys/mman.h>

enum { PAGE = 4096, HUGE_PAGE = 2 << 20 };

static size_t pages(size_t len)
{
	return (len + PAGE - 1) & ~(size_t)(PAGE - 1);
}

static int resize(struct prefix_area *a, size_t size)
{
	void *p =
		a->p ? mremap(a->p, a->size, size, MREMAP_MAYMOVE)
		     : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	a->p = p;
	a->size = size;
	if (size >= HUGE_PAGE)
		madvise(p, size, MADV_HUGEPAGE); /* a wish: without it only slower */
	return 0;
}

void *prefix_area_add(struct prefix_area *a, size_t len)
{
	size_t size = a->size ? a->size : PAGE, need = pages(a->used + len);
	char *p;

	while (size < need)
		size *= 2;
	if (size != a->size && resize(a, size) < 0)
		return NULL;
	p = (char *)a->p + a->used;
	a->used += len;
	return p;
}

void prefix_area_trim(struct prefix_area *a)
{
	size_t size = pages(a->used);

	if (size < a->size && size > 0)
		resize(a, size);
}

void prefix_area_free(struct prefix_area *a)
{
	if (a->p)
		munmap(a->p, a->size);
	*a = (struct prefix_area){0};
}
