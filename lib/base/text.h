/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Text written into a caller's buffer, always NUL-terminated, never past its end;
 * what did not fit is cut and `cut` says so.
 */
struct base_text {
	char *buf;
	size_t len, size;
	bool cut;
};

/** Start with an empty text in `size` (at least 1) bytes at `buf`. */
struct base_text base_text(char *buf, size_t size);

void base_text_add(struct base_text *t, const char *s, size_t len);
void base_text_char(struct base_text *t, char c);
void base_text_uint(struct base_text *t, uint64_t v);
void base_text_printf(struct base_text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * Bytes from the wire, made safe for any line format: printable ASCII as it is, a
 * backslash doubled, anything else as \xHH.
 */
void base_text_wire(struct base_text *t, const uint8_t *bytes, size_t len);

/** The same of what somebody writes to compare it with such a text: a backslash stays as it is. */
void base_text_typed(struct base_text *t, const char *text, size_t len);
