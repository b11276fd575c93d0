/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "base/text.h"

/* How the bytes of a field are written as text: the forms that flow keys and metrics share. */
enum base_form {
	BASE_FORM_UINT,   /* big-endian unsigned, 1 to 8 bytes: decimal */
	BASE_FORM_BITS,   /* big-endian unsigned: the lowest `bits` as 0 and 1, highest first */
	BASE_FORM_BOOL,   /* 1 byte: true, false */
	BASE_FORM_MAC,    /* 6 bytes: 12 upper-case hex digits */
	BASE_FORM_ADDR,   /* 4 or 16 bytes: an IP address, see base_addr_print() */
	BASE_FORM_IF,     /* u32 format, u32 value: an interface of a flow sample */
	BASE_FORM_SOURCE, /* u32 class, u32 index: a data source, `10` or `2.1` */
	BASE_FORM_TEXT,   /* bytes from the wire, escaped */
	BASE_FORM_NAME, /* text in which whoever read it from the wire has escaped what has to be */
};

/**
 * Append the text of a field.
 * @param bits   for BASE_FORM_BITS: how many
 * @param bytes  `len` bytes, big-endian; a length that the form does not know prints nothing
 */
void base_form_print(struct base_text *t, enum base_form form, unsigned bits, const uint8_t *bytes,
	unsigned len);
