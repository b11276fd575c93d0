/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "api/query_pvt.h"

/*
 * Keys are merged one after the other, so that one room for a union of sketches is enough for all of
 * them, however many there are.
 */

/* The sightings of each key that take part, as lists. */
struct chains {
	uint32_t *first, *next;
};

static struct chains chain(const struct query *q)
{
	const struct window_view_flows *f = query_view(q);
	struct chains c;

	c.first = base_region_take(q->region, (f->key_count + 1) * sizeof(*c.first));
	c.next = base_region_take(q->region, (f->sighting_count + 1) * sizeof(*c.next));
	memset(c.first, 0xFF, f->key_count * sizeof(*c.first)); /* UINT32_MAX */
	for (uint32_t i = f->sighting_count; i-- > 0;) {
		uint32_t key = f->sightings[i].key;

		if (!q->sources[f->sightings[i].source])
			continue;
		c.next[i] = c.first[key];
		c.first[key] = i;
	}
	return c;
}

/**
 * Merge value `i` of a key.
 * @param source  out: what it is named after
 * @return how many sightings
 */
static uint32_t merge_key(const struct query *q, const struct chains *c, uint32_t key, unsigned i,
	struct sketch *room, struct window_value *v, uint32_t *source)
{
	uint32_t count = 0;

	*v = (struct window_value){
		.aggregate = query_view(q)->values ? query_values_of(q, 0)[i].aggregate : 0};
	for (uint32_t at = c->first[key]; at != UINT32_MAX; at = c->next[at]) {
		/* The first sketch need not be copied: it is only read. */
		struct sketch *into = v->there ? room : NULL;

		if (window_value_merge(v, &query_values_of(q, at)[i], q->mode != QUERY_MAX, into))
			*source = query_view(q)->sightings[at].source;
		count++;
	}
	return count;
}

void query_merge_first(const struct query *q, struct query_flow *flows)
{
	struct sketch *room = base_region_take(q->region, sizeof(*room));
	struct chains c = chain(q);
	struct window_value v;

	for (uint32_t key = 0; key < query_view(q)->key_count; key++) {
		struct query_flow *f = &flows[key];
		uint32_t count = merge_key(q, &c, key, 0, room, &v, &f->source);

		f->key = key;
		f->count = v.there ? count : 0;
		f->value = v.value;
		f->samples = v.samples;
		f->error95 = window_value_error95(&v);
	}
}

void query_merge_values(const struct query *q, struct query_flow *flows, unsigned count)
{
	struct sketch *room = base_region_take(q->region, sizeof(*room));
	unsigned n = query_view(q)->value_count;
	struct chains c = chain(q);

	for (unsigned i = 0; i < count; i++) {
		struct query_value *values = base_region_alloc(q->region, n * sizeof(*values));
		struct window_value v;
		uint32_t source;

		for (unsigned j = 0; j < n; j++) {
			merge_key(q, &c, flows[i].key, j, room, &v, &source);
			values[j] = query_value_of(&v);
		}
		flows[i].values = values;
	}
}
