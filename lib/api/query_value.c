/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/query_pvt.h"

/* A value while it is merged. */
struct merging {
	struct window_value value;
	struct sketch *room; /* of the union, where there is one */
};

static bool merge(const struct query *q, struct merging *m, const struct window_value *from)
{
	if (from->aggregate == FLOW_COUNT && from->there && m->value.there && !m->room)
		m->room = base_region_alloc(q->region, sizeof(*m->room));
	m->value.aggregate = from->aggregate;
	return window_value_merge(&m->value, from, q->mode != QUERY_MAX, m->room);
}

void query_merge_first(const struct query *q, struct query_flow *flows)
{
	const struct window_view_flows *f = query_view(q);
	struct merging *keys = base_region_alloc(q->region, (f->key_count + 1) * sizeof(*keys));

	for (uint32_t i = 0; i < f->sighting_count; i++) {
		const struct window_view_sighting *g = &f->sightings[i];

		if (!q->sources[g->source])
			continue;
		if (merge(q, &keys[g->key], query_values_of(q, i)))
			flows[g->key].source = g->source;
		flows[g->key].count++;
	}
	for (uint32_t key = 0; key < f->key_count; key++) {
		const struct window_value *v = &keys[key].value;

		if (!v->there)
			flows[key].count = 0;
		flows[key].key = key;
		flows[key].value = v->value;
		flows[key].samples = v->samples;
		flows[key].error95 = window_value_error95(v);
	}
}

static struct window_value *keep(const struct query *q, const struct merging *m, unsigned count)
{
	struct window_value *values = base_region_alloc(q->region, count * sizeof(*values));

	for (unsigned i = 0; i < count; i++)
		values[i] = m[i].value;
	return values;
}

int query_merge_values(const struct query *q, struct query_flow *flows, unsigned count)
{
	const struct window_view_flows *f = query_view(q);
	uint32_t *places = malloc(((size_t)f->key_count + 1) * sizeof(*places));
	unsigned n = f->value_count;
	struct merging *m;

	if (!places)
		return -ENOMEM;
	memset(places, 0xFF, f->key_count * sizeof(*places));
	m = base_region_alloc(q->region, ((size_t)count * n + 1) * sizeof(*m));
	for (unsigned i = 0; i < count; i++)
		places[flows[i].key] = i;
	for (uint32_t i = 0; i < f->sighting_count; i++) {
		const struct window_view_sighting *g = &f->sightings[i];

		if (!q->sources[g->source] || places[g->key] == UINT32_MAX)
			continue;
		for (unsigned j = 0; j < n; j++)
			merge(q, &m[(size_t)places[g->key] * n + j], &query_values_of(q, i)[j]);
	}
	for (unsigned i = 0; i < count; i++)
		flows[i].values = keep(q, &m[(size_t)i * n], n);
	free(places);
	return 0;
}
