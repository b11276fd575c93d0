/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "metric/metric_pvt.h"

/* Data sources as they come and go; each in a slot, in the list of its agent, and in the index. */

enum { LINE = 64 };

/* What names a source. */
struct key {
	uint32_t agent; /* slot */
	uint32_t sub_agent;
	struct sflow_source id;
};

static bool is(const struct metric_source *src, const struct metric_agent *a, const struct key *key)
{
	return src->agent == a && src->sub_agent == key->sub_agent &&
	       src->id.index == key->id.index && src->id.class == key->id.class;
}

static void link_last(struct metric_agent *a, struct metric_source *src)
{
	src->place = a->last;
	base_rcu_set(*a->last, src);
	a->last = &src->next;
	a->source_count++;
}

/* A reader that stands at `src` goes on from it: its own link stays. */
static void unlink_source(struct metric_agent *a, struct metric_source *src)
{
	base_rcu_set(*src->place, src->next);
	if (src->next)
		src->next->place = src->place;
	else
		a->last = src->place;
	a->source_count--;
}

static struct metric_source *add(struct metric_store *m, struct metric_agent *a,
	const struct key *key, uint64_t hash, const struct base_probe *probe)
{
	size_t size = (sizeof(struct metric_source) + LINE - 1) / LINE * LINE;
	struct metric_source *src = aligned_alloc(LINE, size);

	if (!src)
		return NULL;
	memset(src, 0, size);
	src->agent = a;
	src->id = key->id;
	src->sub_agent = key->sub_agent;
	src->hash = hash;
	if (!metric_slots_take(&m->sources, src, &src->slot)) {
		free(src);
		return NULL;
	}
	base_index_put(&m->index, probe, src->slot);
	link_last(a, src);
	return src;
}

/* @return the source, or NULL with `probe` where a new one goes */
static struct metric_source *find(const struct metric_store *m, const struct metric_agent *a,
	const struct key *key, uint64_t hash, struct base_probe *probe)
{
	uint32_t slot;

	*probe = base_index_probe(&m->index, hash);
	while ((slot = base_index_next(&m->index, probe)) != BASE_INDEX_NONE) {
		struct metric_source *src = m->sources.at[slot];

		if (is(src, a, key))
			return src;
	}
	return NULL;
}

struct metric_source *metric_source_find(const struct metric_store *m, const struct metric_agent *a,
	uint32_t sub_agent, struct sflow_source id)
{
	struct key key = {a->slot, sub_agent, id};
	struct base_probe probe;

	return find(m, a, &key, base_hash_bytes(&m->hash, &key, sizeof(key)), &probe);
}

static struct metric_source *get(
	struct metric_store *m, struct metric_agent *a, const struct metric_sample *s)
{
	struct key key = {a->slot, s->sub_agent, s->sample.source};
	uint64_t hash = base_hash_bytes(&m->hash, &key, sizeof(key));
	struct base_probe probe;
	struct metric_source *src = find(m, a, &key, hash, &probe);

	return src ? src : add(m, a, &key, hash, &probe);
}

struct metric_source *metric_source_get(struct metric_store *m, const struct metric_sample *s)
{
	struct metric_agent *a = metric_agent_get(m, &s->agent);
	struct metric_source *src;

	if (!a)
		return NULL;
	src = get(m, a, s);
	if (!src)
		metric_agent_drop(m, a);
	return src;
}

static struct metric_block **block_add(
	struct metric_source *src, const struct metric_plan *plan, uint32_t i)
{
	if (i >= METRIC_NEAR + METRIC_FAR)
		return NULL;
	if (i >= METRIC_NEAR && !src->far) {
		struct metric_far *far = calloc(1, sizeof(*far));

		if (!far)
			return NULL;
		base_rcu_set(src->far, far);
	}
	if (i < METRIC_NEAR)
		src->plans[i] = plan->number;
	else
		src->far->plans[i - METRIC_NEAR] = plan->number;
	base_rcu_set(src->block_count, i + 1);
	return metric_source_place(src, i);
}

struct metric_block **metric_source_block(struct metric_source *src, const struct metric_plan *plan)
{
	for (uint32_t i = 0; i < src->block_count; i++)
		if (metric_source_plan(src, i) == plan->number)
			return metric_source_place(src, i);
	return block_add(src, plan, src->block_count);
}

/* Another one takes its place as a parent, or as the host, with its next record. */
static void forget(struct metric_agent *a, const struct metric_source *gone)
{
	for (struct metric_source *src = a->sources; src; src = src->next)
		if (src->parent == gone)
			base_rcu_set(src->parent, NULL);
	if (a->host == gone)
		base_rcu_set(a->host, NULL);
}

void metric_source_drop(struct metric_store *m, struct metric_source *src)
{
	struct metric_agent *a = src->agent;

	base_index_remove(&m->index, src->hash, src->slot);
	metric_slots_give(&m->sources, src->slot);
	unlink_source(a, src);
	forget(a, src);
	for (uint32_t i = 0; i < src->block_count; i++)
		metric_retire(m, *metric_source_place(src, i));
	metric_retire(m, src->far);
	metric_retire(m, src);
	metric_agent_drop(m, a);
}
