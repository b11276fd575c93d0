/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/buffer_pvt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BUFFER_FIRST = 4096,
	BUFFER_KEEP = 4 << 20, /* not worth giving back */
};

static void grow(struct publish_buffer *b, size_t len)
{
	size_t size = b->size ? b->size : BUFFER_FIRST;
	char *bytes;

	while (size - b->len < len)
		size *= 2;
	bytes = realloc(b->bytes, size);
	if (!bytes) {
		fprintf(stderr, "weir: out of memory (%zu bytes)\n", size);
		abort();
	}
	b->bytes = bytes;
	b->size = size;
}

char *publish_buffer_room(struct publish_buffer *b, size_t len)
{
	if (b->size - b->len < len)
		grow(b, len);
	return b->bytes + b->len;
}

void publish_buffer_add(struct publish_buffer *b, const char *bytes, size_t len)
{
	if (len > 0)
		memcpy(publish_buffer_room(b, len), bytes, len);
	b->len += len;
}

void publish_buffer_text(struct publish_buffer *b, const char *text)
{
	publish_buffer_add(b, text, strlen(text));
}

void publish_buffer_char(struct publish_buffer *b, char c)
{
	*publish_buffer_room(b, 1) = c;
	b->len++;
}

void publish_buffer_uint(struct publish_buffer *b, uint64_t v)
{
	char digits[PUBLISH_DIGITS];
	const char *from = publish_digits(digits, v);

	publish_buffer_add(b, from, (size_t)(digits + sizeof(digits) - from));
}

void publish_buffer_argument(struct publish_buffer *b, const char *bytes, size_t len)
{
	char digits[PUBLISH_DIGITS];
	const char *from = publish_digits(digits, len);
	size_t count = (size_t)(digits + sizeof(digits) - from);
	char *to = publish_buffer_room(b, 1 + count + 2 + len + 2);

	b->len += 1 + count + 2 + len + 2;
	*to++ = '$';
	memcpy(to, from, count);
	to += count;
	*to++ = '\r';
	*to++ = '\n';
	if (len > 0)
		memcpy(to, bytes, len);
	to += len;
	*to++ = '\r';
	*to++ = '\n';
}

void publish_buffer_reset(struct publish_buffer *b)
{
	if (b->size > BUFFER_KEEP && b->size / 8 > b->len) {
		publish_buffer_free(b);
		return;
	}
	b->len = 0;
}

void publish_buffer_free(struct publish_buffer *b)
{
	free(b->bytes);
	*b = (struct publish_buffer){0};
}
