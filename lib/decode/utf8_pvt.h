/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/**
 * Bytes of the character at `p` (below `end`), 0 where there is no valid one: RFC 3629, section 4,
 * without overlong forms, surrogates and what is beyond U+10FFFF.
 */
static inline unsigned utf8_length(const uint8_t *p, const uint8_t *end)
{
	uint8_t b = p[0], low = 0x80, high = 0xBF;
	unsigned n;

	if (b < 0x80)
		return 1;
	if (b < 0xC2 || b > 0xF4)
		return 0;
	n = b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
	if (b == 0xE0)
		low = 0xA0;
	else if (b == 0xED)
		high = 0x9F;
	else if (b == 0xF0)
		low = 0x90;
	else if (b == 0xF4)
		high = 0x8F;
	if (end - p < (long)n || p[1] < low || p[1] > high)
		return 0;
	for (unsigned i = 2; i < n; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return n;
}

/** Whether a character of `n` bytes is one of U+0080 to U+009F, which terminals obey. */
static inline bool utf8_control(const uint8_t *p, unsigned n)
{
	return n == 2 && p[0] == 0xC2 && p[1] < 0xA0;
}
