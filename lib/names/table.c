/* SPDX-License-Identifier: BSD-3-Clause */
#include "names/table.h"

#include <stdlib.h>
#include <string.h>

enum { TABLE_FIRST = 32 };

struct names_table *names_table_create(const struct base_addr *agent)
{
	struct names_table *t = calloc(1, sizeof(*t));

	if (t)
		t->agent = *agent;
	return t;
}

void names_table_free(struct names_table *t)
{
	if (!t)
		return;
	base_region_free(&t->region);
	free(t->entries);
	free(t);
}

static struct names_entry *next_entry(struct names_table *t)
{
	struct names_entry *entries;
	uint32_t room = t->room ? 2 * t->room : TABLE_FIRST;

	if (t->count < t->room)
		return &t->entries[t->count];
	entries = realloc(t->entries, room * sizeof(*entries));
	if (!entries)
		return NULL;
	t->entries = entries;
	t->room = room;
	return &t->entries[t->count];
}

bool names_table_add(struct names_table *t, uint32_t index, enum names_kind kind,
	const uint8_t *bytes, size_t len)
{
	size_t most = kind == NAMES_NAME ? NAMES_NAME_MOST : NAMES_ALIAS_MOST;
	struct names_entry *e;

	if (len == 0)
		return true;
	e = next_entry(t);
	if (!e)
		return false;
	*e = (struct names_entry){.index = index};
	len = len < most ? len : most;
	e->text[kind].bytes = memcpy(base_region_alloc(&t->region, len), bytes, len);
	e->text[kind].len = (uint32_t)len;
	t->count++;
	return true;
}

/* Those of one interface stay in the order in which they came. */
static int by_index(const void *a, const void *b)
{
	const struct names_entry *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

/* Merge sort is what keeps the order of equals, and qsort() of glibc is one only where memory allows. */
static void sort(struct names_entry *entries, struct names_entry *spare, uint32_t count)
{
	uint32_t half = count / 2, i = 0, j = half, to = 0;

	if (count < 2)
		return;
	sort(entries, spare, half);
	sort(entries + half, spare, count - half);
	while (i < half && j < count)
		spare[to++] = by_index(&entries[j], &entries[i]) < 0 ? entries[j++] : entries[i++];
	while (i < half)
		spare[to++] = entries[i++];
	while (j < count)
		spare[to++] = entries[j++];
	for (i = 0; i < count; i++)
		entries[i] = spare[i];
}

static void merge(struct names_entry *into, const struct names_entry *more)
{
	for (unsigned k = 0; k < NAMES_KINDS; k++) {
		if (!into->text[k].len)
			into->text[k] = more->text[k];
	}
}

void names_table_finish(struct names_table *t)
{
	struct names_entry *spare = malloc(((size_t)t->count + 1) * sizeof(*spare));
	uint32_t kept = 0;

	if (spare)
		sort(t->entries, spare, t->count);
	else
		t->count = 0;
	free(spare);
	for (uint32_t i = 0; i < t->count; i++) {
		if (kept > 0 && t->entries[kept - 1].index == t->entries[i].index)
			merge(&t->entries[kept - 1], &t->entries[i]);
		else
			t->entries[kept++] = t->entries[i];
	}
	t->count = kept;
}

const struct names_entry *names_table_find(const struct names_table *t, uint32_t index)
{
	const struct names_entry key = {.index = index};

	if (t->count == 0)
		return NULL;
	return bsearch(&key, t->entries, t->count, sizeof(key), by_index);
}

static bool is_same(const struct names_entry *a, const struct names_entry *b)
{
	bool same = a->index == b->index;

	for (unsigned i = 0; i < NAMES_KINDS && same; i++) {
		const struct names_text *x = &a->text[i], *y = &b->text[i];

		same = x->len == y->len && (x->len == 0 || memcmp(x->bytes, y->bytes, x->len) == 0);
	}
	return same;
}

bool names_table_same(const struct names_table *a, const struct names_table *b)
{
	uint32_t count = a ? a->count : 0;

	if (count != (b ? b->count : 0))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (!is_same(&a->entries[i], &b->entries[i]))
			return false;
	}
	return true;
}

size_t names_table_memory(const struct names_table *t)
{
	return sizeof(*t) + (size_t)t->room * sizeof(*t->entries) + t->region.total;
}
