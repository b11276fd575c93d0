/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdio.h>

#include "base/region.h"

enum { TABLE_COLUMNS = 12 };

/* Rows of text that are printed in aligned columns. */
struct table {
	struct base_region region;
	const char *heads[TABLE_COLUMNS]; /* a head that starts with > is aligned to the right */
	unsigned columns;
	const char **cells; /* rows * columns */
	size_t count, size;
};

/** `heads` end with NULL and are kept by pointer. Free with table_free(). */
void table_init(struct table *t, const char *const *heads);
void table_free(struct table *t);

/** Add the next cell, row by row; copied. */
void table_add(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void table_print(const struct table *t, FILE *out);
