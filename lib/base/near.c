/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/near.h"

#include <string.h>

enum { NEAR_MAX = 63 }; /* longer words have no near name */

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein distance, one row of the matrix at a time. */
static size_t distance(const char *a, size_t la, const char *b, size_t lb)
{
	size_t row[NEAR_MAX + 1], i, j;

	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (j = 1; j <= lb; j++) {
			size_t up = row[j];

			row[j] = min3(up + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = up;
		}
	}
	return row[lb];
}

const char *base_near(
	const char *word, const char *(*next)(const void *ctx, size_t i), const void *ctx)
{
	size_t len = strlen(word), best = NEAR_MAX, i;
	const char *name, *nearest = NULL;

	if (len > NEAR_MAX)
		return NULL;
	for (i = 0; (name = next(ctx, i)); i++) {
		size_t n = strlen(name), d;

		if (n > NEAR_MAX)
			continue;
		d = distance(word, len, name, n);
		if (d < best && d <= (n > len ? n : len) / 3) {
			best = d;
			nearest = name;
		}
	}
	return nearest;
}
