/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/form.h"

#include "base/addr.h"
#include "base/cursor.h"

static uint64_t uint_of(const uint8_t *bytes, unsigned len)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < len; i++)
		v = v << 8 | bytes[i];
	return v;
}

static void print_bits(struct base_text *t, uint64_t v, unsigned bits)
{
	char text[64];

	for (unsigned i = 0; i < bits; i++)
		text[i] = v >> (bits - 1 - i) & 1 ? '1' : '0';
	base_text_add(t, text, bits);
}

static void print_mac(struct base_text *t, const uint8_t *mac)
{
	for (unsigned i = 0; i < 6; i++)
		base_text_printf(t, "%02X", mac[i]);
}

/* sFlow version 5, section 5.3: format 0 ifIndex, 1 discard reason, 2 count of interfaces. */
static void print_if(struct base_text *t, uint32_t format, uint32_t value)
{
	if (format == 1)
		base_text_add(t, "discard", 7);
	else if (format == 2)
		base_text_add(t, "multiple", 8);
	else if (format != 0)
		base_text_add(t, "unknown", 7);
	else if (value == 0x3FFFFFFF || value == 0xFFFFFFFF)
		base_text_add(t, "internal", 8);
	else
		base_text_uint(t, value);
}

/* The class is left out where it is 0 (ifIndex), as users write data sources. */
static void print_source(struct base_text *t, uint32_t class, uint32_t index)
{
	if (class != 0) {
		base_text_uint(t, class);
		base_text_char(t, '.');
	}
	base_text_uint(t, index);
}

void base_form_print(
	struct base_text *t, enum base_form form, unsigned bits, const uint8_t *bytes, unsigned len)
{
	struct base_addr addr;
	char text[BASE_ADDR_TEXT];

	switch (form) {
	case BASE_FORM_UINT:
		if (len > 0 && len <= 8)
			base_text_uint(t, uint_of(bytes, len));
		break;
	case BASE_FORM_BITS:
		if (len > 0 && len <= 8)
			print_bits(t, uint_of(bytes, len), bits);
		break;
	case BASE_FORM_BOOL:
		if (len == 1)
			base_text_printf(t, "%s", bytes[0] ? "true" : "false");
		break;
	case BASE_FORM_MAC:
		if (len == 6)
			print_mac(t, bytes);
		break;
	case BASE_FORM_ADDR:
		addr = base_addr_from(bytes, len);
		if (addr.family)
			base_text_printf(t, "%s", base_addr_print(&addr, text));
		break;
	case BASE_FORM_IF:
		if (len == 8)
			print_if(t, base_get_u32(bytes), base_get_u32(bytes + 4));
		break;
	case BASE_FORM_SOURCE:
		if (len == 8)
			print_source(t, base_get_u32(bytes), base_get_u32(bytes + 4));
		break;
	case BASE_FORM_TEXT:
		base_text_wire(t, bytes, len);
		break;
	case BASE_FORM_NAME:
		base_text_add(t, (const char *)bytes, len);
		break;
	}
}
