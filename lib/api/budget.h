/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Memory that all requests together may take for JSON, which needs up to a hundred times what its text
 * does. Nobody waits for it: who finds none is told to come again. Any thread; wait-free but for
 * collisions.
 */

struct api_budget {
	uint64_t limit; /* bytes; constant */
	uint64_t used;  /* relaxed atomic */
};

/** Take `bytes`, which api_budget_give() gives back. @return false: there is no room now. */
bool api_budget_take(struct api_budget *b, uint64_t bytes);
void api_budget_give(struct api_budget *b, uint64_t bytes);

/** About what jansson takes for a text, rather more, in bytes. Pure; any bytes. */
uint64_t api_json_cost(const char *text, size_t len);
