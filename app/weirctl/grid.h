/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdio.h>

#include <jansson.h>

#include "base/region.h"

enum { GRID_COLUMNS = 16 };

/* Rows of text that are printed in aligned columns. */
struct grid {
	struct base_region region;
	const char *heads[GRID_COLUMNS]; /* a head that starts with > is aligned to the right */
	unsigned columns;
	const char **cells; /* rows * columns */
	size_t count, size;
};

/** `heads` end with NULL and are kept by pointer. Free with grid_free(). */
void grid_init(struct grid *t, const char *const *heads);
void grid_free(struct grid *t);

/** Add the next cell, row by row; copied. */
void grid_add(struct grid *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Add a value as the next cell: a text as it is, nothing as "-"; numbers with up to `digits`. */
void grid_add_json(struct grid *t, const json_t *value, unsigned digits);

void grid_print(const struct grid *t, FILE *out);
