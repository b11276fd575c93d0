/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>

/**
 * What a definition measures, as documents of Redis have it: `value`, `aggregate`, `unit`, and
 * `values` with an object of these for each.
 * @param value   as the definition has it; NULL: it has none
 * @param values  the same; NULL or empty: no more
 * @return a new object; where weir of this version does not know a value, only `unit`: its text
 */
json_t *expression_read(const char *value, const char *values);
