/* SPDX-License-Identifier: BSD-3-Clause */
#include "prefix/table.h"

#include <errno.h>
#include <stdlib.h>

enum { LEAST_ROOM = 16 };

static int grow(struct prefix **prefixes, size_t *room)
{
	size_t more = *room ? 2 * *room : LEAST_ROOM;
	struct prefix *p = reallocarray(*prefixes, more, sizeof(*p));

	if (!p)
		return -ENOMEM;
	*prefixes = p;
	*room = more;
	return 0;
}

int prefix_list_add(struct prefix_list *list, unsigned width, const struct prefix *p)
{
	struct prefix **prefixes = width == 4 ? &list->v4.prefixes : &list->v6.prefixes;
	size_t *count = width == 4 ? &list->v4.count : &list->v6.count;
	size_t *room = width == 4 ? &list->v4.room : &list->v6.room;

	if (*count == *room && grow(prefixes, room) < 0)
		return -ENOMEM;
	(*prefixes)[(*count)++] = *p;
	return 0;
}

void prefix_list_free(struct prefix_list *list)
{
	free(list->v4.prefixes);
	free(list->v6.prefixes);
	*list = (struct prefix_list){0};
}

int prefix_table_build(struct prefix_table *t, struct prefix_list *list)
{
	int err = prefix_trie_build(&t->v4, 4, list->v4.prefixes, list->v4.count);

	if (err < 0)
		return err;
	err = prefix_trie_build(&t->v6, 16, list->v6.prefixes, list->v6.count);
	if (err < 0)
		prefix_trie_free(&t->v4);
	return err;
}

void prefix_table_free(struct prefix_table *t)
{
	prefix_trie_free(&t->v4);
	prefix_trie_free(&t->v6);
}

size_t prefix_table_memory(const struct prefix_table *t)
{
	return prefix_trie_memory(&t->v4) + prefix_trie_memory(&t->v6);
}
