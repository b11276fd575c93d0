/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "flow/compile_pvt.h"

/* What a user writes for a value, by the forms in which values are printed. */

/* As lib/flow/key.c makes interfaces: format, value. */
static const struct interface_word {
	const char *word;
	uint32_t format, value;
} interface_words[] = {
	{"internal", 0, 0x3FFFFFFF},
	{"discard", 1, 0},
	{"multiple", 2, 0},
	{"unknown", 3, 0},
};

static void want(const struct flow_type *type, struct base_text *t)
{
	uint64_t most = type->width < 8 ? (UINT64_C(1) << 8 * type->width) - 1 : UINT64_MAX;

	switch (type->form) {
	case BASE_FORM_UINT:
		base_text_printf(t, "a number from 0 to %" PRIu64, most);
		break;
	case BASE_FORM_BITS:
		base_text_printf(t, "%u bits, each 0 or 1", type->bits);
		break;
	case BASE_FORM_BOOL:
		base_text_printf(t, "true or false");
		break;
	case BASE_FORM_MAC:
		base_text_printf(t, "a MAC address like 02000000000A");
		break;
	case BASE_FORM_ADDR:
		base_text_printf(t, "an %s address",
			type->width == 4    ? "IPv4"
			: type->width == 16 ? "IPv6"
					    : "IPv4 or IPv6");
		break;
	case BASE_FORM_IF:
		base_text_printf(
			t, "the number of an interface, internal, discard, multiple or unknown");
		break;
	case BASE_FORM_SOURCE:
		base_text_printf(t, "a data source like 10 or 2.1");
		break;
	case BASE_FORM_TEXT:
	case BASE_FORM_NAME:
		base_text_printf(t, "a text of at most %d bytes", PACKET_VALUE_MAX);
		break;
	}
}

static int put_uint(uint8_t *bytes, unsigned width, uint64_t number)
{
	for (unsigned i = width; i-- > 0; number >>= 8)
		bytes[i] = (uint8_t)number;
	return number == 0 ? (int)width : -EINVAL;
}

static int read_uint(const struct flow_type *type, const char *text, size_t len, uint8_t *bytes)
{
	uint64_t number;

	return flow_parse_number(text, len, &number) ? put_uint(bytes, type->width, number)
						     : -EINVAL;
}

static int read_bits(const struct flow_type *type, const char *text, size_t len, uint8_t *bytes)
{
	uint64_t number = 0;

	if (len != type->bits)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '0' && text[i] != '1')
			return -EINVAL;
		number = number << 1 | (uint64_t)(text[i] - '0');
	}
	return put_uint(bytes, type->width, number);
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(text, word, len) == 0;
}

/* yes and no: sFlow-RT's users write both. */
static int read_bool(const char *text, size_t len, uint8_t *bytes)
{
	bool yes = is_word(text, len, "true") || is_word(text, len, "yes");

	bytes[0] = yes;
	return yes || is_word(text, len, "false") || is_word(text, len, "no") ? 1 : -EINVAL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)toupper((unsigned char)c);
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* 12 digits, or with : or - between the bytes. */
static int read_mac(const char *text, size_t len, uint8_t *bytes)
{
	unsigned step = len == 17 ? 3 : 2;

	if (len != 12 && len != 17)
		return -EINVAL;
	for (unsigned i = 0; i < 6; i++) {
		const char *p = text + (size_t)i * step;
		int high = hex_digit(p[0]), low = hex_digit(p[1]);

		if (high < 0 || low < 0 || (step == 3 && i < 5 && p[2] != ':' && p[2] != '-'))
			return -EINVAL;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 6;
}

static int read_addr(const struct flow_type *type, const char *text, size_t len, uint8_t *bytes)
{
	char word[BASE_ADDR_TEXT];
	struct base_addr addr;

	if (len >= sizeof(word) || memchr(text, '\0', len))
		return -EINVAL;
	memcpy(word, text, len);
	word[len] = '\0';
	if (base_addr_parse(word, &addr) < 0)
		return -EINVAL;
	if (type->width && type->width != base_addr_len(&addr))
		return -EINVAL;
	memcpy(bytes, addr.bytes, base_addr_len(&addr));
	return (int)base_addr_len(&addr);
}

static int put_pair(uint8_t *bytes, uint64_t first, uint64_t second)
{
	if (first > UINT32_MAX || second > UINT32_MAX)
		return -EINVAL;
	base_put_u32(bytes, (uint32_t)first);
	base_put_u32(bytes + 4, (uint32_t)second);
	return 8;
}

static int read_interface(const char *text, size_t len, uint8_t *bytes)
{
	uint64_t index;

	for (unsigned i = 0; i < sizeof(interface_words) / sizeof(interface_words[0]); i++) {
		const struct interface_word *w = &interface_words[i];

		if (is_word(text, len, w->word))
			return put_pair(bytes, w->format, w->value);
	}
	return flow_parse_number(text, len, &index) ? put_pair(bytes, 0, index) : -EINVAL;
}

/* INDEX, or CLASS.INDEX. */
static int read_source(const char *text, size_t len, uint8_t *bytes)
{
	const char *dot = memchr(text, '.', len);
	size_t before = dot ? (size_t)(dot - text) : 0, skip = dot ? before + 1 : 0;
	uint64_t class = 0, index;

	if (dot && !flow_parse_number(text, before, &class))
		return -EINVAL;
	if (!flow_parse_number(text + skip, len - skip, &index))
		return -EINVAL;
	return put_pair(bytes, class, index);
}

/* Of names, what is no printable ASCII is kept as it is printed. */
static int read_name(const char *text, size_t len, uint8_t *bytes)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		bool plain = c >= 0x20 && c < 0x7F;

		if (n + (plain ? 1 : 4) > PACKET_VALUE_MAX)
			return -EINVAL;
		if (plain) {
			bytes[n++] = c;
			continue;
		}
		bytes[n++] = '\\';
		bytes[n++] = 'x';
		bytes[n++] = (uint8_t)hex[c >> 4];
		bytes[n++] = (uint8_t)hex[c & 15];
	}
	return (int)n;
}

static int read_text(const char *text, size_t len, uint8_t *bytes)
{
	if (len > PACKET_VALUE_MAX)
		return -EINVAL;
	memcpy(bytes, text, len);
	return (int)len;
}

static int read_literal(const struct flow_type *type, const char *text, size_t len, uint8_t *bytes)
{
	switch (type->form) {
	case BASE_FORM_UINT:
		return read_uint(type, text, len, bytes);
	case BASE_FORM_BITS:
		return read_bits(type, text, len, bytes);
	case BASE_FORM_BOOL:
		return read_bool(text, len, bytes);
	case BASE_FORM_MAC:
		return read_mac(text, len, bytes);
	case BASE_FORM_ADDR:
		return read_addr(type, text, len, bytes);
	case BASE_FORM_IF:
		return read_interface(text, len, bytes);
	case BASE_FORM_SOURCE:
		return read_source(text, len, bytes);
	case BASE_FORM_NAME:
		return read_name(text, len, bytes);
	default:
		return read_text(text, len, bytes);
	}
}

int flow_literal(struct flow_compiler *c, const char *at, const struct flow_type *type,
	const char *text, size_t len, uint8_t *bytes)
{
	int n = read_literal(type, text, len, bytes);
	char shown[FLOW_SHOWN], what[100];
	struct base_text t = base_text(what, sizeof(what));

	if (n >= 0)
		return n;
	want(type, &t);
	return flow_fail(c, at, "\"%s\" is never a value of this key; write %s",
		flow_shown((struct flow_span){text, text + len}, shown), what);
}
