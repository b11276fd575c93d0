/* SPDX-License-Identifier: BSD-3-Clause */
#include "table/keep.h"

#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "table/table.h"

enum {
	WORD_ENTRIES = 4, /* entries of capacity to a word, at most */
	MISTAKES = 8,     /* one entry more for so many: for strangers that are taken for known */
};

static uint64_t words_for(uint32_t capacity)
{
	uint64_t words = 1;

	while (words * WORD_ENTRIES < capacity)
		words *= 2;
	return words;
}

size_t table_keep_memory(uint32_t capacity)
{
	return words_for(capacity) * sizeof(uint64_t);
}

int table_keep_init(struct table_keep *k, uint32_t capacity, int socket)
{
	*k = (struct table_keep){.mask = (uint32_t)(words_for(capacity) - 1)};
	k->words = base_memory_alloc(table_keep_memory(capacity), socket);
	return k->words ? 0 : -ENOMEM;
}

void table_keep_fini(struct table_keep *k)
{
	if (k->words)
		base_memory_free(k->words, ((size_t)k->mask + 1) * sizeof(*k->words));
}

void table_keep_start(struct table *t)
{
	memset(t->keep.words, 0, ((size_t)t->keep.mask + 1) * sizeof(*t->keep.words));
}

void table_keep_end(struct table *t, uint32_t entries, uint32_t bytes)
{
	struct table_keep *k = &t->keep;

	k->on = entries > 0;
	k->strangers = t->capacity - entries - entries / MISTAKES;
	k->stranger_bytes = t->keys_size - bytes - bytes / MISTAKES;
}
