/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Longest prefix match over byte strings of one length: IP addresses, MACs. Immutable once built,
 * so any number of threads may look up; a change is a new trie.
 *
 * A lookup takes eight bits a step. The first step, where there are many prefixes, is an array over
 * the first two or, for IPv4, three bytes, so that an IPv4 lookup takes at most three steps. All
 * further steps are nodes of one cache line: of the 256 entries behind a node only those are kept
 * that differ from the one before, and a bitmap tells which these are. Bytes at which nothing
 * branches are no steps: they are kept in the node, and compared. So memory grows with the number of
 * prefixes, whatever their lengths, and no lookup has more steps than the string has bytes.
 */

enum {
	PREFIX_BYTES = 16,      /* of the longest string */
	PREFIX_NONE = 0,        /* the label where no prefix matches */
	PREFIX_LABELS = 1 << 30 /* labels are below this */
};

/* Where the string leads: a label, or a node that knows more. */
#define PREFIX_NODE 0x80000000u

struct prefix_node {
	uint64_t starts[4]; /* bit i: entry i differs from the one before; 0 always does */
	uint32_t first;     /* number of the node's first entry */
	uint32_t missing;   /* label where the string has other bytes than `path` */
	uint8_t before[4];  /* entries kept before each word of `starts` */
	uint8_t path_len;
	uint8_t path[PREFIX_BYTES - 1]; /* bytes in front of the one that the node looks at */
} __attribute__((aligned(64)));

struct prefix_trie {
	const uint32_t *top; /* entries by the first `top_bytes` bytes; one if that is 0 */
	const struct prefix_node *nodes;
	const uint32_t *entries;
	unsigned top_bytes;
	unsigned width;   /* bytes of the strings */
	size_t memory[3]; /* bytes of each of the three, as they were allocated */
	size_t nodes_count;
	size_t entries_count;
};

/* One prefix, for the builder. */
struct prefix {
	uint8_t bytes[PREFIX_BYTES]; /* the bits behind `bits` are zero; unused bytes, too */
	uint8_t bits;
	uint32_t label; /* below PREFIX_LABELS; PREFIX_NONE hides those that contain it */
};

/** Put prefixes in the order of their bytes, the shorter first, then of their labels. */
void prefix_sort(struct prefix *list, size_t count);

/** Whether two are the same but for their labels. */
bool prefix_equal(const struct prefix *a, const struct prefix *b);

/**
 * Build a trie. Any thread but an RX core; takes about 0.5 s for 1,000,000 prefixes.
 * @param width  bytes of the strings, 1 to PREFIX_BYTES
 * @param list   put in order; of equal prefixes the one with the highest label counts
 * @return 0, to be freed with prefix_trie_free(), or -ENOMEM and nothing to free
 */
int prefix_trie_build(struct prefix_trie *t, unsigned width, struct prefix *list, size_t count);
void prefix_trie_free(struct prefix_trie *t);

/** Bytes of memory that the trie takes. */
size_t prefix_trie_memory(const struct prefix_trie *t);

static inline uint32_t prefix_node_entry(
	const struct prefix_trie *t, const struct prefix_node *n, unsigned byte)
{
	unsigned word = byte >> 6;
	unsigned kept = (unsigned)__builtin_popcountll(n->starts[word] << (63 - (byte & 63)));

	return t->entries[n->first + n->before[word] + kept - 1];
}

/**
 * The label of the longest prefix that matches. RX core.
 * @param bytes  `width` bytes of the trie
 * @return PREFIX_NONE where none does
 */
static inline uint32_t prefix_trie_find(const struct prefix_trie *t, const uint8_t *bytes)
{
	const uint8_t *p = bytes;
	uint32_t entry, at = 0;

	if (!t->top)
		return PREFIX_NONE;
	for (unsigned i = 0; i < t->top_bytes; i++)
		at = at << 8 | *p++;
	entry = t->top[at];
	while (entry & PREFIX_NODE) {
		const struct prefix_node *n = &t->nodes[entry & ~PREFIX_NODE];

		if (n->path_len) {
			if (memcmp(p, n->path, n->path_len) != 0)
				return n->missing;
			p += n->path_len;
		}
		entry = prefix_node_entry(t, n, *p++);
	}
	return entry;
}
