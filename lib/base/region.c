/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/region.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REGION_CHUNK = 65536 };

struct region_chunk {
	struct region_chunk *next;
	_Alignas(max_align_t) char data[];
};

static struct region_chunk *need(struct region_chunk *c, size_t size)
{
	if (c)
		return c;
	fprintf(stderr, "weir: out of memory (%zu bytes)\n", size);
	abort();
}

static void chunk_add(struct base_region *r, size_t len)
{
	size_t size = len > REGION_CHUNK ? len : REGION_CHUNK;
	struct region_chunk *c = need(calloc(1, sizeof(*c) + size), size);

	c->next = r->head;
	r->head = c;
	r->used = 0;
	r->size = size;
}

void *base_region_alloc(struct base_region *r, size_t len)
{
	const size_t align = _Alignof(max_align_t);
	void *p;

	len = (len + align - 1) & ~(align - 1);
	if (!r->head || r->size - r->used < len)
		chunk_add(r, len);
	p = r->head->data + r->used;
	r->used += len;
	r->total += len;
	return p;
}

/* Behind the head, whose room is not used up yet. */
void *base_region_take(struct base_region *r, size_t len)
{
	struct region_chunk *c = need(malloc(sizeof(*c) + len), len);
	struct region_chunk **place = r->head ? &r->head->next : &r->head;

	if (!r->head)
		r->used = r->size = 0;
	c->next = *place;
	*place = c;
	r->total += len;
	return c->data;
}

char *base_region_copy(struct base_region *r, const char *text, size_t len)
{
	char *p = base_region_alloc(r, len + 1);

	memcpy(p, text, len);
	return p;
}

char *base_region_text(struct base_region *r, const char *text)
{
	return base_region_copy(r, text, strlen(text));
}

char *base_region_printf(struct base_region *r, const char *fmt, ...)
{
	va_list ap, again;
	char *p;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = base_region_alloc(r, (size_t)len + 1);
	vsnprintf(p, (size_t)len + 1, fmt, again);
	va_end(again);
	return p;
}

void base_region_free(struct base_region *r)
{
	struct region_chunk *c = r->head, *next;

	for (; c; c = next) {
		next = c->next;
		free(c);
	}
	memset(r, 0, sizeof(*r));
}
