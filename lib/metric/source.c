/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "metric/metric_pvt.h"

/* Data sources as they come and go; each in a slot, in the list of its agent, and in the index. */

enum {
	LINE = 64,
	SHARE_FLOOR = 64, /* sources that an agent may have whatever others have */
};

_Static_assert(
	offsetof(struct metric_source, name) < 3 * LINE, "with numbers it takes three lines");

/* What names a source of an agent: numbers, or a name. */
struct key {
	uint32_t agent; /* slot */
	uint32_t sub_agent;
	struct sflow_source id;
	const char *name;
	size_t len;
};

static uint64_t hash_of(const struct metric_store *m, const struct key *key)
{
	uint64_t hash = base_hash_bytes(&m->hash, key, offsetof(struct key, name));

	if (key->len)
		hash = base_hash_mix(hash, base_hash_bytes(&m->hash, key->name, key->len));
	return hash;
}

static bool is(const struct metric_source *src, const struct metric_agent *a, const struct key *key)
{
	return src->agent == a && src->sub_agent == key->sub_agent &&
	       src->id.index == key->id.index && src->id.class == key->id.class &&
	       src->name_len == key->len && memcmp(src->name, key->name, key->len) == 0;
}

static void link_last(struct metric_agent *a, struct metric_source *src)
{
	if (a->sources && a->sources->sub_agent != src->sub_agent)
		__atomic_store_n(&a->mixed, true, __ATOMIC_RELAXED);
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
	size_t size =
		(offsetof(struct metric_source, name) + key->len + 1 + LINE - 1) / LINE * LINE;
	struct metric_source *src = aligned_alloc(LINE, size);

	if (!src)
		return NULL;
	memset(src, 0, size);
	src->agent = a;
	src->id = key->id;
	src->sub_agent = key->sub_agent;
	src->hash = hash;
	src->name_len = (uint16_t)key->len;
	memcpy(src->name, key->name, key->len);
	src->born = metric_birth(m);
	if (!metric_slots_take(&m->sources, src, &src->slot)) {
		free(src);
		return NULL;
	}
	metric_slot_changed(m, src->slot);
	base_index_put(&m->index, probe, src->slot);
	link_last(a, src);
	return src;
}

/*
 * Whether there is room for one more source of the agent. It may have as many as are free for all
 * (and some even if these are few): the nearer the store is to full, the less can one agent take,
 * and what others have stays theirs. So switches share their buffers among ports.
 */
static bool has_room(struct metric_store *m, const struct metric_agent *a)
{
	uint32_t left = m->sources.room - m->sources.count;

	if (left == 0) {
		m->stats[METRIC_SOURCES_FULL]++;
		return false;
	}
	if ((m->limits.agent_sources && a->source_count >= m->limits.agent_sources) ||
		(a->source_count >= SHARE_FLOOR && a->source_count >= left)) {
		m->stats[METRIC_AGENT_SHARE]++;
		return false;
	}
	return true;
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
	struct key key = {.agent = a->slot, .sub_agent = sub_agent, .id = id, .name = ""};
	struct base_probe probe;

	return find(m, a, &key, hash_of(m, &key), &probe);
}

/* Custom samples name their data source, or give no name. */
static struct key key_of(const struct metric_sample *s)
{
	struct key key = {.sub_agent = s->sub_agent, .id = s->sample.source, .name = ""};

	if (s->sample.kind != SFLOW_KIND_RTMETRIC)
		return key;
	key.id = (struct sflow_source){0, 0};
	key.name = s->sample.name_len ? (const char *)s->sample.name : "custom";
	key.len = s->sample.name_len ? s->sample.name_len : strlen(key.name);
	return key;
}

struct metric_source *metric_source_get(struct metric_store *m, const struct metric_sample *s)
{
	struct metric_agent *a = metric_agent_get(m, &s->agent);
	struct key key = key_of(s);
	struct metric_source *src;
	struct base_probe probe;
	uint64_t hash;

	if (!a) {
		m->stats[METRIC_AGENTS_FULL]++;
		return NULL;
	}
	key.agent = a->slot;
	hash = hash_of(m, &key);
	src = find(m, a, &key, hash, &probe);
	if (!src && has_room(m, a)) {
		src = add(m, a, &key, hash, &probe);
		m->stats[METRIC_SOURCES_FULL] += !src; /* of memory */
	}
	if (!src)
		metric_agent_drop(m, a);
	return src;
}

static struct metric_block **block_add(struct metric_store *m, struct metric_source *src,
	const struct metric_plan *plan, uint32_t i)
{
	if (i >= METRIC_NEAR + METRIC_FAR) {
		m->stats[METRIC_STRUCTURES_FULL]++;
		return NULL;
	}
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
	base_rcu_set(src->block_count, (uint16_t)(i + 1));
	return metric_source_place(src, i);
}

struct metric_block **metric_source_block(
	struct metric_store *m, struct metric_source *src, const struct metric_plan *plan)
{
	for (uint32_t i = 0; i < src->block_count; i++)
		if (metric_source_plan(src, i) == plan->number)
			return metric_source_place(src, i);
	return block_add(m, src, plan, src->block_count);
}

static void leave_siblings(struct metric_source *src)
{
	*src->among_siblings = src->sibling;
	if (src->sibling)
		src->sibling->among_siblings = src->among_siblings;
}

void metric_source_adopt(struct metric_source *parent, struct metric_source *src)
{
	if (src->parent == parent)
		return;
	if (src->parent)
		leave_siblings(src);
	base_rcu_set(src->parent, parent);
	base_rcu_set(src->adopted, parent != NULL);
	if (!parent)
		return;
	src->sibling = parent->children;
	src->among_siblings = &parent->children;
	if (src->sibling)
		src->sibling->among_siblings = &src->sibling;
	parent->children = src;
}

/* Another one takes its place as a parent, or as the host, with its next record. */
static void forget(struct metric_agent *a, struct metric_source *gone)
{
	while (gone->children)
		metric_source_adopt(NULL, gone->children);
	metric_source_adopt(NULL, gone);
	if (a->host == gone)
		base_rcu_set(a->host, NULL);
}

void metric_source_drop(struct metric_store *m, struct metric_source *src)
{
	struct metric_agent *a = src->agent;

	base_index_remove(&m->index, src->hash, src->slot);
	metric_slots_give(&m->sources, src->slot);
	metric_slot_changed(m, src->slot);
	unlink_source(a, src);
	forget(a, src);
	metric_macs_drop(m, src);
	for (uint32_t i = 0; i < src->block_count; i++)
		metric_retire(m, *metric_source_place(src, i));
	metric_retire(m, src->far);
	metric_custom_drop(m, src->custom);
	metric_retire(m, src);
	metric_agent_drop(m, a);
}
