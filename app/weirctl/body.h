/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * What is to be put, from words of the command line: one that is JSON, one that is @FILE or - (stdin)
 * with JSON in it, or ATTRIBUTE=VALUE, any number of them. Values are texts; those that start with [ or {
 * are JSON. An attribute may be given once.
 * @param lists  values are lists: with commas between their items
 * @return the caller's reference, or NULL after a word on stderr
 */
json_t *body_read(const char *const *words, unsigned count, bool lists);
