/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/held_pvt.h"

#include <stdlib.h>
#include <string.h>

#include "publish/number_pvt.h"

enum { VALUE_DECIMALS = 3, LINES_FIRST = 256 };

static void *checked(void *memory)
{
	if (!memory)
		abort(); /* as buffers do */
	return memory;
}

/* ---- lines ---- */

static void make_room(struct publish_lines *l, uint32_t count)
{
	uint64_t slots;

	if (count <= l->size)
		return;
	if (l->size == 0)
		l->size = LINES_FIRST;
	while (l->size < count)
		l->size *= 2;
	l->list = checked(realloc(l->list, l->size * sizeof(*l->list)));
	slots = base_index_slots(l->size);
	free(l->index.slots);
	l->index.slots = checked(malloc(slots * sizeof(*l->index.slots)));
	l->index.mask = (uint32_t)(slots - 1);
}

void publish_lines_make(struct publish_lines *l, const struct window_flows *f)
{
	char text[PUBLISH_NUMBER];

	make_room(l, f->count);
	publish_buffer_reset(&l->wire);
	l->count = f->count;
	for (uint32_t i = 0; i < f->count; i++) {
		size_t len = publish_number(text, f->top[i].value, VALUE_DECIMALS);
		struct publish_line *line = &l->list[i];

		*line = (struct publish_line){.at = l->wire.len, .text_len = (uint32_t)len};
		publish_buffer_argument(&l->wire, f->top[i].key, strlen(f->top[i].key));
		line->key_len = (uint32_t)(l->wire.len - line->at);
		publish_buffer_argument(&l->wire, text, len);
		line->value_len = (uint32_t)(l->wire.len - line->at) - line->key_len;
		line->text = line->key_len + line->value_len - 2 - line->text_len;
	}
}

void publish_lines_free(struct publish_lines *l)
{
	publish_buffer_free(&l->wire);
	free(l->list);
	free(l->index.slots);
	*l = (struct publish_lines){.count = 0};
}

static const char *bytes_of(const struct publish_lines *l, const struct publish_line *line)
{
	return l->wire.bytes + line->at;
}

/* @return the line with the key of `line`, which is one of `from`; NULL and where it would go */
static struct publish_line *find(const struct publish_lines *l, const struct publish_lines *from,
	const struct publish_line *line, struct base_probe *probe)
{
	uint32_t i;

	*probe = base_index_probe(&l->index, line->hash);
	while ((i = base_index_next(&l->index, probe)) != BASE_INDEX_NONE) {
		struct publish_line *found = &l->list[i];

		if (found->hash == line->hash && found->key_len == line->key_len &&
			memcmp(bytes_of(l, found), bytes_of(from, line), line->key_len) == 0)
			return found;
	}
	return NULL;
}

/* @return false: two flows have the same text of their keys */
static bool make_index(struct publish_lines *l, const struct base_hash *hash)
{
	struct base_probe probe;

	memset(l->index.slots, 0, ((size_t)l->index.mask + 1) * sizeof(*l->index.slots));
	for (uint32_t i = 0; i < l->count; i++) {
		struct publish_line *line = &l->list[i];

		line->hash = base_hash_bytes(hash, bytes_of(l, line), line->key_len);
		if (find(l, l, line, &probe))
			return false;
		base_index_put(&l->index, &probe, i);
	}
	return true;
}

/* ---- what Redis has ---- */

struct publish_held *publish_held_of(struct publish_held **list, const char *name)
{
	struct publish_held *h = *list;

	while (h && strcmp(h->name, name) != 0)
		h = h->next;
	if (!h) {
		h = checked(calloc(1, sizeof(*h)));
		h->name = checked(strdup(name));
		if (base_hash_init(&h->hash) < 0)
			abort();
		h->next = *list;
		*list = h;
	}
	h->seen = true;
	return h;
}

/* One flow at least is sent: the reply tells whether the keys are still of the right type. */
static void compare(struct publish_held *h, struct publish_lines *was, struct publish_lines *is)
{
	struct base_probe probe;

	h->fresh = h->changed = 0;
	h->left = was->count;
	for (uint32_t i = 0; i < is->count; i++) {
		struct publish_line *line = &is->list[i], *before = find(was, is, line, &probe);

		if (!before) {
			h->fresh++;
			continue;
		}
		h->left--;
		before->stays = true;
		line->same = before->value_len == line->value_len &&
			     memcmp(bytes_of(was, before) + line->key_len,
				     bytes_of(is, line) + line->key_len, line->value_len) == 0;
		h->changed += !line->same;
	}
	if (h->fresh + h->changed == 0) {
		is->list[0].same = false;
		h->changed = 1;
	}
}

bool publish_held_compare(struct publish_held *h, const struct window_flows *f)
{
	struct publish_lines *was = &h->lines[h->now], *is = &h->lines[!h->now];
	bool unique;

	publish_lines_make(is, f);
	unique = make_index(is, &h->hash);
	h->whole = !h->known || !unique || h->windows >= PUBLISH_HELD_WINDOWS;
	h->known = false;
	h->sent = unique;
	if (!h->whole)
		compare(h, was, is);
	h->windows = h->whole ? 0 : h->windows + 1;
	return !h->whole;
}

bool publish_held_answered(struct publish_held *list, const struct publish_batch *b)
{
	bool again = false;

	for (struct publish_held *h = list; h; h = h->next) {
		const struct publish_watch *watch = h->sent ? &b->watches[h->watch] : NULL;

		if (!watch)
			continue;
		h->sent = false;
		h->known = !watch->failed && !watch->missing;
		if (h->known)
			h->now = !h->now;
		else
			again |= !h->whole;
	}
	return again;
}

void publish_held_forget(struct publish_held *list)
{
	for (struct publish_held *h = list; h; h = h->next)
		h->known = h->sent = false;
}

void publish_held_begin(struct publish_held *list)
{
	for (struct publish_held *h = list; h; h = h->next)
		h->seen = false;
}

static void held_free(struct publish_held *h)
{
	publish_lines_free(&h->lines[0]);
	publish_lines_free(&h->lines[1]);
	free(h->name);
	free(h);
}

void publish_held_end(struct publish_held **list)
{
	while (*list) {
		struct publish_held *h = *list;

		if (h->seen) {
			list = &h->next;
			continue;
		}
		*list = h->next;
		held_free(h);
	}
}

void publish_held_free(struct publish_held **list)
{
	publish_held_begin(*list);
	publish_held_end(list);
}
