/* SPDX-License-Identifier: BSD-3-Clause */
#include "totals.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { KEY_MAX = GEN_FIELDS * (1 + GEN_FIELD_MAX) };

/* Open addressing; the keys themselves are made again from the flow when two hashes are equal. */
struct table {
	struct gen_key_total *slots;
	uint64_t mask;
	const struct gen_definition *d;
	const struct gen_model *m;
};

static void add(struct gen_total *to, const struct gen_total *from)
{
	to->bytes += from->bytes;
	to->frames += from->frames;
	to->samples += from->samples;
}

static bool same_key(const struct table *t, uint32_t flow, const uint8_t *key, unsigned len)
{
	uint8_t other[KEY_MAX];

	return gen_definition_key(t->d, t->m, &t->m->flows[flow], other) == len &&
	       memcmp(key, other, len) == 0;
}

static void count(struct table *t, uint32_t flow, const uint8_t *key, unsigned len,
	const struct gen_total *total)
{
	uint64_t hash = XXH3_64bits(key, len);
	struct gen_key_total *slot;

	for (uint64_t i = hash;; i++) {
		slot = &t->slots[i & t->mask];
		if (slot->total.samples == 0) {
			slot->hash = hash;
			slot->flow = flow;
			break;
		}
		if (slot->hash == hash && same_key(t, slot->flow, key, len))
			break;
	}
	add(&slot->total, total);
}

static int compare(const void *a, const void *b)
{
	const struct gen_key_total *x = a, *y = b;

	if (x->total.bytes != y->total.bytes)
		return x->total.bytes < y->total.bytes ? 1 : -1;
	return x->flow < y->flow ? -1 : x->flow > y->flow;
}

/* Twice as many slots as flows that were seen: a key has at least one flow. */
static uint64_t slots_for(const struct gen_model *m, const struct gen_total *flows)
{
	uint64_t seen = 0, slots = 16;

	for (uint32_t i = 0; i < m->flow_count; i++)
		seen += flows[i].samples > 0;
	while (slots < 2 * seen)
		slots *= 2;
	return slots;
}

/* Move the keys together and sort them. */
static void settle(struct gen_totals *t, uint64_t slots)
{
	for (uint64_t i = 0; i < slots; i++)
		if (t->keys[i].total.samples)
			t->keys[t->count++] = t->keys[i];
	qsort(t->keys, t->count, sizeof(*t->keys), compare);
}

int gen_totals_init(struct gen_totals *t, const struct gen_definition *d, const struct gen_model *m,
	const struct gen_total *flows)
{
	uint64_t slots = slots_for(m, flows);
	struct table table = {.mask = slots - 1, .d = d, .m = m};
	uint8_t key[KEY_MAX];

	*t = (struct gen_totals){.keys = calloc(slots, sizeof(*t->keys))};
	if (!t->keys)
		return -ENOMEM;
	table.slots = t->keys;
	for (uint32_t i = 0; i < m->flow_count; i++) {
		unsigned len;

		if (flows[i].samples == 0)
			continue;
		len = gen_definition_key(d, m, &m->flows[i], key);
		if (len == 0)
			continue;
		count(&table, i, key, len, &flows[i]);
		add(&t->all, &flows[i]);
	}
	settle(t, slots);
	return 0;
}

void gen_totals_fini(struct gen_totals *t)
{
	free(t->keys);
	t->keys = NULL;
}
