/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/quote.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Of one to three bytes; a longer one is as good as any other. @param size  out: bytes */
static uint32_t code_of(const unsigned char *p, size_t len, size_t *size)
{
	*size = 1;
	if (p[0] >> 5 == 0x6 && len >= 2) {
		*size = 2;
		return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
	}
	if (p[0] >> 4 == 0xE && len >= 3) {
		*size = 3;
		return (p[0] & 0xFu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
	}
	return p[0] < 0x80 ? p[0] : 'x';
}

/* Controls, what breaks lines, and what YAML 1.1 does not take in a stream (sections 5.1 and 5.4). */
static bool is_escaped(uint32_t code)
{
	return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
	       code == 0xFEFF || code == 0xFFFE || code == 0xFFFF;
}

size_t conf_quote(const char *text, size_t len, char out[CONF_QUOTED])
{
	size_t size;
	uint32_t code = code_of((const unsigned char *)text, len, &size);

	if (code == '"' || code == '\\') {
		snprintf(out, CONF_QUOTED, "\\%c", (char)code);
	} else if (is_escaped(code)) {
		snprintf(out, CONF_QUOTED, "\\u%04X", code & 0xFFFFu);
	} else {
		memcpy(out, text, size);
		out[size] = '\0';
	}
	return size;
}
