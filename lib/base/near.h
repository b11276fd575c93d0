/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>

/**
 * The name nearest to `word` by edit distance, for "did you mean" in errors.
 * @param next  gives the i-th name, NULL past the last
 * @return a name from `next`, or NULL where none is near (over a third of it differs).
 */
const char *base_near(
	const char *word, const char *(*next)(const void *ctx, size_t i), const void *ctx);
