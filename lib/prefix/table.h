/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "prefix/trie.h"

/* Prefixes of both families of IP addresses. Immutable once built; see prefix/trie.h. */
struct prefix_table {
	struct prefix_trie v4, v6;
};

/* What a table is built of. Starts zeroed; one thread. */
struct prefix_list {
	struct {
		struct prefix *prefixes;
		size_t count, room;
	} v4, v6;
};

/**
 * Add a prefix.
 * @param width  4 or 16: the family
 * @return 0 or -ENOMEM
 */
int prefix_list_add(struct prefix_list *list, unsigned width, const struct prefix *p);
void prefix_list_free(struct prefix_list *list);

/**
 * Build a table. Any thread but an RX core.
 * @param list  put in order
 * @return 0, to be freed with prefix_table_free(), or -ENOMEM
 */
int prefix_table_build(struct prefix_table *t, struct prefix_list *list);
void prefix_table_free(struct prefix_table *t);

/** Bytes of memory that the table takes. */
size_t prefix_table_memory(const struct prefix_table *t);

/**
 * The label of the longest prefix that contains an address. RX core.
 * @param bytes  in network order
 * @param len    4 or 16; nothing contains any other
 * @return PREFIX_NONE where none does
 */
static inline uint32_t prefix_table_find(
	const struct prefix_table *t, const uint8_t *bytes, unsigned len)
{
	if (len == 4)
		return prefix_trie_find(&t->v4, bytes);
	return len == 16 ? prefix_trie_find(&t->v6, bytes) : PREFIX_NONE;
}
