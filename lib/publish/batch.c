/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/batch_pvt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void publish_batch_reset(struct publish_batch *b)
{
	publish_buffer_reset(&b->bytes);
	b->commands = 0;
	b->mark_count = 0;
	b->watch_count = 0;
	b->watch_at = 0;
}

void publish_batch_free(struct publish_batch *b)
{
	publish_buffer_free(&b->bytes);
	free(b->marks);
	free(b->watches);
	*b = (struct publish_batch){0};
}

/* A RESP header line: its type, a length, CR LF. */
static void add_header(struct publish_batch *b, char type, size_t len)
{
	publish_buffer_char(&b->bytes, type);
	publish_buffer_uint(&b->bytes, len);
	publish_buffer_add(&b->bytes, "\r\n", 2);
}

void publish_batch_command(struct publish_batch *b, size_t argc, const char *name)
{
	add_header(b, '*', argc);
	publish_batch_text(b, name);
	b->commands++;
}

void publish_batch_ready(struct publish_batch *b, const char *bytes, size_t len)
{
	publish_buffer_add(&b->bytes, bytes, len);
	b->commands++;
}

void publish_batch_multi(struct publish_batch *b)
{
	static const char multi[] = "*1\r\n$5\r\nMULTI\r\n";

	publish_batch_ready(b, multi, sizeof(multi) - 1);
}

void publish_batch_exec(struct publish_batch *b)
{
	static const char exec[] = "*1\r\n$4\r\nEXEC\r\n";

	publish_batch_ready(b, exec, sizeof(exec) - 1);
}

void publish_batch_bytes(struct publish_batch *b, const char *bytes, size_t len)
{
	publish_buffer_argument(&b->bytes, bytes, len);
}

void publish_batch_text(struct publish_batch *b, const char *text)
{
	publish_batch_bytes(b, text, strlen(text));
}

void publish_batch_uint(struct publish_batch *b, uint64_t v)
{
	char digits[PUBLISH_DIGITS];
	const char *from = publish_digits(digits, v);

	publish_batch_bytes(b, from, (size_t)(digits + sizeof(digits) - from));
}

void publish_batch_join(struct publish_batch *b, const char *const parts[5])
{
	size_t len = 0;
	unsigned i;

	for (i = 0; i < 5 && parts[i]; i++)
		len += strlen(parts[i]);
	add_header(b, '$', len);
	for (i = 0; i < 5 && parts[i]; i++)
		publish_buffer_text(&b->bytes, parts[i]);
	publish_buffer_add(&b->bytes, "\r\n", 2);
}

void publish_batch_pair(struct publish_batch *b, const char *field, const char *value)
{
	publish_batch_text(b, field);
	publish_batch_text(b, value);
}

void publish_batch_pair_uint(struct publish_batch *b, const char *field, uint64_t value)
{
	publish_batch_text(b, field);
	publish_batch_uint(b, value);
}

static void *grown(void *list, size_t bytes)
{
	list = realloc(list, bytes);
	if (!list) {
		fprintf(stderr, "weir: out of memory (%zu bytes)\n", bytes);
		abort();
	}
	return list;
}

uint32_t publish_batch_watch(
	struct publish_batch *b, uint64_t first, uint64_t asks, long long least, long long most)
{
	if (b->watch_count == b->watch_size) {
		b->watch_size = b->watch_size ? b->watch_size * 2 : 256;
		b->watches = grown(b->watches, b->watch_size * sizeof(*b->watches));
	}
	b->watches[b->watch_count] = (struct publish_watch){
		.first = first, .end = b->commands, .asks = asks, .count = 1};
	b->watches[b->watch_count].least[0] = least;
	b->watches[b->watch_count].most[0] = most;
	return b->watch_count++;
}

void publish_batch_expect(struct publish_batch *b, long long integer)
{
	struct publish_watch *w = &b->watches[b->watch_count - 1];

	w->least[w->count] = integer;
	w->most[w->count] = integer;
	w->count++;
}

static bool is_expected(const struct publish_watch *w, const struct publish_reply *r)
{
	for (unsigned i = 0; i < w->count; i++) {
		long long v = i < r->count ? r->integers[i] : 1;

		if (v < w->least[i] || v > w->most[i])
			return false;
	}
	return true;
}

void publish_batch_replied(struct publish_batch *b, uint64_t command, const struct publish_reply *r)
{
	struct publish_watch *w;

	while (b->watch_at < b->watch_count && command >= b->watches[b->watch_at].end)
		b->watch_at++;
	if (b->watch_at == b->watch_count || command < b->watches[b->watch_at].first)
		return;
	w = &b->watches[b->watch_at];
	w->failed |= r->error;
	w->missing |= command == w->asks && !is_expected(w, r);
}

void publish_batch_end(struct publish_batch *b)
{
	if (b->mark_count == b->mark_size) {
		b->mark_size = b->mark_size ? b->mark_size * 2 : 256;
		b->marks = grown(b->marks, b->mark_size * sizeof(*b->marks));
	}
	b->marks[b->mark_count++] = (struct publish_mark){b->bytes.len, b->commands};
}
