/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/near.h"

#include <stdbool.h>
#include <string.h>

enum { NEAR_MAX = 63 }; /* longer words have no near name */

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

static bool is_swap(const char *a, size_t i, const char *b, size_t j)
{
	return i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
}

/*
 * Edits from one word to the other: letters put in, left out, changed, or two neighbours swapped.
 * Row i of the matrix is that of the first i letters of `a`; three rows are kept.
 */
static size_t distance(const char *a, size_t la, const char *b, size_t lb)
{
	size_t rows[3][NEAR_MAX + 1];

	for (size_t j = 0; j <= lb; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *row = rows[i % 3], *up = rows[(i - 1) % 3], *up2 = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			row[j] =
				min3(up[j] + 1, row[j - 1] + 1, up[j - 1] + (a[i - 1] != b[j - 1]));
			if (is_swap(a, i, b, j) && up2[j - 2] + 1 < row[j])
				row[j] = up2[j - 2] + 1;
		}
	}
	return rows[la % 3][lb];
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
