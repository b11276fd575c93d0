/* SPDX-License-Identifier: BSD-3-Clause */
#include "prefix/area_pvt.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22 /* Linux 5.14 */
#endif

enum { PAGE = 4096, HUGE_PAGE = 2 << 20 };

static size_t pages(size_t len)
{
	return (len + PAGE - 1) & ~(size_t)(PAGE - 1);
}

static void *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Whole huge pages, where the kernel has some: a wish, without which it is only slower. */
static void *map_huge(size_t size)
{
	char *p = map(size + HUGE_PAGE), *start;

	if (!p)
		return NULL;
	start = p + (HUGE_PAGE - (uintptr_t)p % HUGE_PAGE) % HUGE_PAGE;
	if (start > p)
		munmap(p, (size_t)(start - p));
	if (start < p + HUGE_PAGE)
		munmap(start + size, (size_t)(p + HUGE_PAGE - start));
	madvise(start, size, MADV_HUGEPAGE);
	return start;
}

static int resize(struct prefix_area *a, size_t size)
{
	void *p;

	if (!a->p)
		p = size >= HUGE_PAGE ? map_huge(size) : map(size);
	else
		p = mremap(a->p, a->size, size, MREMAP_MAYMOVE);
	if (!p || p == MAP_FAILED)
		return -1;
	a->p = p;
	a->size = size;
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

/* What has grown is wherever it found room: a large one is copied to where huge pages can be. */
void prefix_area_trim(struct prefix_area *a)
{
	size_t size = pages(a->used);
	void *p = size >= HUGE_PAGE ? map_huge(size) : NULL;

	if (p) {
		memcpy(p, a->p, a->used);
		munmap(a->p, a->size);
		a->p = p;
		a->size = size;
	} else if (size < a->size && size > 0) {
		resize(a, size);
	}
}

void prefix_area_populate(const struct prefix_area *a)
{
	const volatile char *p = a->p;

	if (!p || madvise(a->p, a->size, MADV_POPULATE_READ) == 0)
		return;
	for (size_t i = 0; i < a->size; i += PAGE)
		(void)p[i];
}

void prefix_area_free(struct prefix_area *a)
{
	if (a->p)
		munmap(a->p, a->size);
	*a = (struct prefix_area){0};
}
