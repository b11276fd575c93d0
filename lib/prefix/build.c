/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "prefix/area_pvt.h"
#include "prefix/trie.h"

/*
 * Prefixes are put in the order of their bytes, the shorter first where these are equal. So a prefix
 * stands behind all that contain it, and those that share their first bytes stand side by side: each
 * node is made of a run of the list. Recursion is bounded by the bytes of a string.
 */

enum {
	TOP_2_FROM = 1024,   /* prefixes from which on the first step is of two bytes */
	TOP_3_FROM = 100000, /* of three, for IPv4: 64 MB */
	BYTE = 256,
};

struct builder {
	struct prefix_area top, nodes, entries;
	unsigned width;
	int err; /* sticky */
};

/* A run of the list. All its prefixes share what leads to where it is used. */
struct run {
	const struct prefix *p, *end;
};

static int compare(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;
	int order = memcmp(x->bytes, y->bytes, sizeof(x->bytes));

	if (order)
		return order;
	if (x->bits != y->bits)
		return x->bits < y->bits ? -1 : 1;
	return x->label < y->label ? -1 : x->label > y->label;
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->bits == b->bits && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void prefix_sort(struct prefix *list, size_t count)
{
	if (count > 0) /* an empty list may be NULL */
		qsort(list, count, sizeof(*list), compare);
}

static uint32_t number_at(const struct prefix *p, unsigned from, unsigned bytes)
{
	uint32_t number = 0;

	for (unsigned i = 0; i < bytes; i++)
		number = number << 8 | p->bytes[from + i];
	return number;
}

static uint32_t build_node(struct builder *b, struct run run, unsigned depth, uint32_t label);

/*
 * The entries of a step over `bytes` bytes (1 to 3) behind the first `depth`, which are set to what
 * holds without the run.
 */
static void fill(struct builder *b, struct run run, unsigned depth, unsigned bytes, uint32_t *slots)
{
	unsigned last_bit = 8 * (depth + bytes);
	const struct prefix *p = run.p;

	while (p < run.end) {
		uint32_t at = number_at(p, depth, bytes);
		struct run longer = {p, p};

		if (p->bits <= last_bit) {
			uint32_t end = at + (1u << (last_bit - p->bits));

			for (; at < end; at++)
				slots[at] = p->label;
			p++;
			continue;
		}
		while (longer.end < run.end && number_at(longer.end, depth, bytes) == at)
			longer.end++;
		slots[at] = build_node(b, longer, depth + bytes, slots[at]);
		p = longer.end;
	}
}

/* How many bytes behind the first `depth` are the same in all of the run, and end before any does. */
static unsigned common_bytes(struct run run, unsigned depth)
{
	const struct prefix *last = run.end - 1;
	unsigned bits = 8 * PREFIX_BYTES, n = 0;

	for (const struct prefix *p = run.p; p < run.end; p++)
		bits = p->bits < bits ? p->bits : bits;
	while (8 * (depth + n + 1) < bits && run.p->bytes[depth + n] == last->bytes[depth + n])
		n++;
	return n;
}

/* Keep the slots that differ from the one before. */
static void keep(struct builder *b, const uint32_t *slots, struct prefix_node *n)
{
	unsigned kept = 0;
	uint32_t *to;

	n->first = (uint32_t)(b->entries.used / sizeof(*to));
	for (unsigned i = 0; i < BYTE; i++) {
		if (i % 64 == 0)
			n->before[i / 64] = (uint8_t)kept;
		if (i > 0 && slots[i] == slots[i - 1])
			continue;
		n->starts[i / 64] |= UINT64_C(1) << i % 64;
		kept++;
		to = prefix_area_add(&b->entries, sizeof(*to));
		if (!to) {
			b->err = -ENOMEM;
			return;
		}
		*to = slots[i];
	}
}

static bool is_uniform(const uint32_t *slots)
{
	for (unsigned i = 1; i < BYTE; i++) {
		if (slots[i] != slots[0])
			return false;
	}
	return true;
}

static uint32_t build_node(struct builder *b, struct run run, unsigned depth, uint32_t label)
{
	struct prefix_node node = {.missing = label, .path_len = (uint8_t)common_bytes(run, depth)};
	uint32_t slots[BYTE], number;
	struct prefix_node *to;

	memcpy(node.path, run.p->bytes + depth, node.path_len);
	for (unsigned i = 0; i < BYTE; i++)
		slots[i] = label;
	fill(b, run, depth + node.path_len, 1, slots);
	if (is_uniform(slots) && (node.path_len == 0 || slots[0] == label))
		return slots[0]; /* it says no more than what contains it */
	if (b->err == 0)
		keep(b, slots, &node);
	to = b->err == 0 ? prefix_area_add(&b->nodes, sizeof(*to)) : NULL;
	number = (uint32_t)(b->nodes.used / sizeof(*to)) - 1;
	if (!to) {
		b->err = -ENOMEM;
		return label;
	}
	*to = node;
	return number | PREFIX_NODE;
}

static unsigned top_bytes(unsigned width, size_t count)
{
	if (count >= TOP_3_FROM && width == 4)
		return 3;
	return count >= TOP_2_FROM && width > 2 ? 2 : 0;
}

static void build(struct builder *b, struct run run, unsigned bytes)
{
	size_t slots = (size_t)1 << 8 * bytes;
	uint32_t *top = prefix_area_add(&b->top, slots * sizeof(*top));

	if (!top)
		b->err = -ENOMEM;
	else
		fill(b, run, 0, bytes, top);
}

static void give(struct builder *b, struct prefix_trie *t)
{
	prefix_area_populate(&b->top); /* looked up at any place, by an RX core */
	prefix_area_trim(&b->nodes);
	prefix_area_trim(&b->entries);
	t->top = b->top.p;
	t->nodes = b->nodes.p;
	t->entries = b->entries.p;
	t->memory[0] = b->top.size;
	t->memory[1] = b->nodes.size;
	t->memory[2] = b->entries.size;
	t->nodes_count = b->nodes.used / sizeof(t->nodes[0]);
	t->entries_count = b->entries.used / sizeof(t->entries[0]);
}

static void discard(struct builder *b)
{
	prefix_area_free(&b->top);
	prefix_area_free(&b->nodes);
	prefix_area_free(&b->entries);
}

/* In order, and of equal ones the last alone. */
static size_t put_in_order(struct prefix *list, size_t count)
{
	size_t kept = 0;

	prefix_sort(list, count);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && prefix_equal(&list[kept - 1], &list[i]))
			kept--;
		list[kept++] = list[i];
	}
	return kept;
}

int prefix_trie_build(struct prefix_trie *t, unsigned width, struct prefix *list, size_t count)
{
	struct builder b = {.width = width};

	*t = (struct prefix_trie){.width = width};
	if (count == 0)
		return 0;
	count = put_in_order(list, count);
	t->top_bytes = top_bytes(width, count);
	build(&b, (struct run){list, list + count}, t->top_bytes);
	if (b.err < 0)
		discard(&b);
	else
		give(&b, t);
	return b.err;
}

size_t prefix_trie_memory(const struct prefix_trie *t)
{
	return t->memory[0] + t->memory[1] + t->memory[2];
}

void prefix_trie_free(struct prefix_trie *t)
{
	const void *parts[] = {t->top, t->nodes, t->entries};

	for (unsigned i = 0; i < 3; i++) {
		struct prefix_area a = {.size = t->memory[i]};

		memcpy(&a.p, &parts[i], sizeof(a.p)); /* it was ours to write while it was built */
		prefix_area_free(&a);
	}
	*t = (struct prefix_trie){0};
}
