/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>

/*
 * Memory that is taken piece by piece and freed as a whole: what one snapshot or
 * one set of settings is made of. Not thread-safe; out of memory ends the process,
 * since nothing sensible is left to do off the data path.
 */
struct region_chunk;
struct base_region {
	struct region_chunk *head;
	size_t used, size; /* of the head chunk */
	size_t total;      /* bytes given out */
};

/** `len` zeroed bytes, aligned for any type, valid until base_region_free(). */
void *base_region_alloc(struct base_region *r, size_t len);

/** The same in a piece of its own, not zeroed: for arrays that are written whole at once. */
void *base_region_take(struct base_region *r, size_t len);

/** A copy of `len` bytes with a NUL behind them. */
char *base_region_copy(struct base_region *r, const char *text, size_t len);

/** A copy of a string. */
char *base_region_text(struct base_region *r, const char *text);

/** Formatted text. */
char *base_region_printf(struct base_region *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** Free all of it; the region is empty and can be used again. */
void base_region_free(struct base_region *r);
