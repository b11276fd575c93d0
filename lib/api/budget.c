/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/budget.h"

/* Bytes for what stands behind a character outside of strings, with what malloc() adds. */
enum {
	COST_LIST = 320, /* an object and its first buckets, or an array */
	COST_PAIR = 112, /* a name, its value's place and bucket */
	COST_VALUE = 96, /* a number or string, and its place in an array */
	COST_TEXT = 2,   /* a byte: the text itself, and a copy of it */
};

bool api_budget_take(struct api_budget *b, uint64_t bytes)
{
	uint64_t used = __atomic_load_n(&b->used, __ATOMIC_RELAXED);

	do {
		if (bytes > b->limit || used > b->limit - bytes)
			return false;
	} while (!__atomic_compare_exchange_n(
		&b->used, &used, used + bytes, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return true;
}

void api_budget_give(struct api_budget *b, uint64_t bytes)
{
	__atomic_fetch_sub(&b->used, bytes, __ATOMIC_RELAXED);
}

static unsigned cost_of(char c)
{
	switch (c) {
	case '{':
	case '[':
		return COST_LIST;
	case ':':
		return COST_PAIR;
	case ',':
		return COST_VALUE;
	default:
		return 0;
	}
}

uint64_t api_json_cost(const char *text, size_t len)
{
	uint64_t cost = COST_VALUE + COST_TEXT * (uint64_t)len;
	bool string = false;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			string = !string;
		else if (!string)
			cost += cost_of(text[i]);
		else if (text[i] == '\\')
			i++;
	}
	return cost;
}
