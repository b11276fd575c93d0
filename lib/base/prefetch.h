/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

/** Ask for bytes that will all be read soon: a hint, so that they need not be there. Any thread. */
static inline void base_prefetch(const void *bytes, uint32_t len)
{
	enum { LINE = 64 };
	uint32_t before = (uintptr_t)bytes % LINE; /* in the first line */
	const char *line = (const char *)bytes - before;

	for (uint32_t i = 0; i < before + len; i += LINE)
		__builtin_prefetch(line + i);
}
