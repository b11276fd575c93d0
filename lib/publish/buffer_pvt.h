/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes that grow as needed; zeroed is empty. Out of memory ends the process, as in base_region. */
struct publish_buffer {
	char *bytes; /* not NUL-terminated */
	size_t len, size;
};

/** Make sure that `len` more bytes fit. @return where they go; the caller moves `len` on. */
char *publish_buffer_room(struct publish_buffer *b, size_t len);

void publish_buffer_add(struct publish_buffer *b, const char *bytes, size_t len);
void publish_buffer_text(struct publish_buffer *b, const char *text);
void publish_buffer_char(struct publish_buffer *b, char c);
void publish_buffer_uint(struct publish_buffer *b, uint64_t v);

/** Empty it; give memory back where far more is held than was used last. */
void publish_buffer_reset(struct publish_buffer *b);
void publish_buffer_free(struct publish_buffer *b);
