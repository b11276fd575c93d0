/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "metric/metric_pvt.h"

/* The data sources: bounded, found by key, forgotten in the order in which they fell silent. */

static const struct stats_def defs[METRIC_STATS] = {
	[METRIC_SAMPLES] = {"samples", "samples", "Counter samples read"},
	[METRIC_DUPLICATES] = {"duplicates", "samples",
		"Counter samples left out, since their sequence number was seen before"},
	[METRIC_OUT_OF_ORDER] = {"out_of_order", "samples",
		"Counter samples left out, since a newer one came first"},
	[METRIC_RESTARTS] = {"restarts", "restarts",
		"Restarts of agents and discontinuities of counters: no rate that time"},
	[METRIC_RECORD_SHORT] = {"record_short", "records",
		"Counter records that are cut off; the fields there count"},
	[METRIC_RECORD_UNKNOWN] = {"record_unknown", "records",
		"Counter records left out, since their tag is not known"},
	[METRIC_DOUBTFUL] = {"doubtful", "values",
		"Values left out, since agents put something else there"},
	[METRIC_SOURCES_FULL] = {"sources_full", "samples",
		"Counter samples left out, since no more data sources fit"},
	[METRIC_SOURCES_EXPIRED] = {"sources_expired", "sources",
		"Data sources forgotten, since they fell silent"},
};

const struct stats_group metric_stats = {.name = "metric", .defs = defs, .count = METRIC_STATS};

static int plans_create(struct metric_store *m)
{
	unsigned i;

	m->plans = calloc(sflow_counter_structures_count, sizeof(*m->plans));
	if (!m->plans)
		return -ENOMEM;
	for (i = 0; i < sflow_counter_structures_count; i++)
		metric_plan_init(&m->plans[i], sflow_counter_structures[i]);
	return 0;
}

static int tables_create(struct metric_store *m)
{
	uint64_t slots = base_index_slots(m->limits.sources);

	if (slots > UINT32_MAX)
		return -EINVAL;
	m->index.mask = (uint32_t)(slots - 1);
	m->index.slots = calloc(slots, sizeof(*m->index.slots));
	m->sources = calloc((size_t)m->limits.sources + 1, sizeof(struct metric_source *));
	return m->index.slots && m->sources ? 0 : -ENOMEM;
}

struct metric_store *metric_store_create(const struct metric_limits *limits)
{
	struct metric_store *m = calloc(1, sizeof(*m));
	int err;

	if (!m)
		return NULL;
	m->limits = *limits;
	err = base_hash_init(&m->hash);
	if (!err)
		err = plans_create(m);
	if (!err)
		err = tables_create(m);
	if (err) {
		metric_store_destroy(m);
		errno = -err;
		return NULL;
	}
	return m;
}

static void source_free(struct metric_source *src)
{
	struct metric_block *b, *next;

	for (b = src->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
	free(src);
}

void metric_store_destroy(struct metric_store *m)
{
	if (!m)
		return;
	for (uint32_t i = 0; i < m->count; i++)
		source_free(m->sources[i]);
	free(m->sources);
	free(m->index.slots);
	free(m->plans);
	free(m);
}

static void unlink_source(struct metric_store *m, struct metric_source *src)
{
	*(src->older ? &src->older->newer : &m->oldest) = src->newer;
	*(src->newer ? &src->newer->older : &m->newest) = src->older;
}

static void link_newest(struct metric_store *m, struct metric_source *src)
{
	src->older = m->newest;
	src->newer = NULL;
	*(m->newest ? &m->newest->newer : &m->oldest) = src;
	m->newest = src;
}

static struct metric_source *source_add(struct metric_store *m, const struct metric_key *key,
	uint64_t hash, const struct base_probe *probe)
{
	struct metric_source *src;

	if (m->count >= m->limits.sources)
		return NULL;
	src = calloc(1, sizeof(*src));
	if (!src)
		return NULL;
	src->key = *key;
	src->hash = hash;
	src->number = m->count;
	m->sources[m->count++] = src;
	base_index_put(&m->index, probe, src->number);
	link_newest(m, src);
	return src;
}

void metric_source_touch(struct metric_store *m, struct metric_source *src)
{
	unlink_source(m, src);
	link_newest(m, src);
}

struct metric_source *metric_source_get(struct metric_store *m, const struct metric_key *key)
{
	uint64_t hash = base_hash_bytes(&m->hash, key, sizeof(*key));
	struct base_probe probe = base_index_probe(&m->index, hash);
	struct metric_source *src;
	uint32_t number;

	while ((number = base_index_next(&m->index, &probe)) != BASE_INDEX_NONE) {
		src = m->sources[number];
		if (memcmp(&src->key, key, sizeof(*key)) == 0)
			return src;
	}
	return source_add(m, key, hash, &probe);
}

/* The array stays dense: the last source takes the place of the one that goes. */
static void source_remove(struct metric_store *m, struct metric_source *src)
{
	struct metric_source *last = m->sources[--m->count];

	base_index_remove(&m->index, src->hash, src->number);
	if (last != src) {
		base_index_renumber(&m->index, last->hash, last->number, src->number);
		last->number = src->number;
		m->sources[last->number] = last;
	}
	unlink_source(m, src);
	source_free(src);
}

void metric_store_expire(struct metric_store *m, uint64_t now_ms)
{
	while (m->oldest && m->oldest->time_ms < now_ms &&
		now_ms - m->oldest->time_ms > m->limits.expire_ms) {
		source_remove(m, m->oldest);
		m->stats[METRIC_SOURCES_EXPIRED]++;
	}
}

void metric_store_each(struct metric_store *m, struct base_region *region,
	void (*each)(void *ctx, const struct metric_update *u), void *ctx)
{
	struct metric_update u;

	for (uint32_t i = 0; i < m->count; i++) {
		metric_print(m, m->sources[i], 0, region, &u);
		each(ctx, &u);
	}
}

const uint64_t *metric_store_stats(const struct metric_store *m)
{
	return m->stats;
}

uint32_t metric_store_sources(const struct metric_store *m)
{
	return m->count;
}
