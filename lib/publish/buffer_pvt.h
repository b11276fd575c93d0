/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes that grow as needed; zeroed is empty. Out of memory ends the process, as in base_region. */
struct publish_buffer {
	char *bytes; /* not NUL-terminated */
	size_t len, size;
};

enum { PUBLISH_DIGITS = 20 }; /* of the largest number */

/** Write a number so that its last digit is the last of `digits`. @return where it begins */
static inline char *publish_digits(char digits[PUBLISH_DIGITS], uint64_t v)
{
	char *at = digits + PUBLISH_DIGITS;

	do {
		*--at = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	return at;
}

/** Make sure that `len` more bytes fit. @return where they go; the caller moves `len` on. */
char *publish_buffer_room(struct publish_buffer *b, size_t len);

void publish_buffer_add(struct publish_buffer *b, const char *bytes, size_t len);
void publish_buffer_text(struct publish_buffer *b, const char *text);
void publish_buffer_char(struct publish_buffer *b, char c);
void publish_buffer_uint(struct publish_buffer *b, uint64_t v);

/** An argument of a command, in the wire form of Redis (RESP). */
void publish_buffer_argument(struct publish_buffer *b, const char *bytes, size_t len);

/** Empty it; give memory back where far more is held than was used last. */
void publish_buffer_reset(struct publish_buffer *b);
void publish_buffer_free(struct publish_buffer *b);
