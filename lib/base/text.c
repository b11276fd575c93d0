/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct base_text base_text(char *buf, size_t size)
{
	buf[0] = '\0';
	return (struct base_text){.buf = buf, .size = size};
}

void base_text_add(struct base_text *t, const char *s, size_t len)
{
	size_t room = t->size - 1 - t->len;

	if (len > room) {
		len = room;
		t->cut = true;
	}
	memcpy(t->buf + t->len, s, len);
	t->len += len;
	t->buf[t->len] = '\0';
}

void base_text_char(struct base_text *t, char c)
{
	base_text_add(t, &c, 1);
}

void base_text_uint(struct base_text *t, uint64_t v)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	base_text_add(t, digits + i, sizeof(digits) - i);
}

void base_text_printf(struct base_text *t, const char *fmt, ...)
{
	size_t room = t->size - t->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= room) {
		t->cut = true;
		n = (int)room - 1;
	}
	t->len += (size_t)n;
}

static bool is_printable(uint8_t b)
{
	return b >= 0x20 && b < 0x7F;
}

static void add_hex(struct base_text *t, uint8_t b)
{
	static const char hex[] = "0123456789ABCDEF";
	const char esc[4] = {'\\', 'x', hex[b >> 4], hex[b & 15]};

	base_text_add(t, esc, sizeof(esc));
}

/* As far as there is nothing to be escaped. */
static size_t plain(const uint8_t *bytes, size_t len)
{
	size_t i = 0;

	while (i < len && is_printable(bytes[i]) && bytes[i] != '\\')
		i++;
	return i;
}

void base_text_wire(struct base_text *t, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0, run; i < len; i++) {
		run = plain(bytes + i, len - i);
		base_text_add(t, (const char *)bytes + i, run);
		i += run;
		if (i == len)
			return;
		if (bytes[i] == '\\')
			base_text_add(t, "\\\\", 2);
		else
			add_hex(t, bytes[i]);
	}
}

void base_text_typed(struct base_text *t, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (is_printable((uint8_t)text[i]))
			base_text_char(t, text[i]);
		else
			add_hex(t, (uint8_t)text[i]);
	}
}
