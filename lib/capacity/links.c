/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capacity/capacity_pvt.h"

/* The interfaces: a dense list of pointers, found by a hash index. */

enum { LINKS_ROOM = 1024 }; /* first room of the list */

int capacity_links_init(struct capacity_links *t, uint32_t limit)
{
	uint64_t slots = base_index_slots(limit);
	int err = base_hash_init(&t->hash);

	if (err < 0)
		return err;
	t->limit = limit;
	t->index.mask = (uint32_t)(slots - 1);
	t->index.slots = calloc(slots, sizeof(*t->index.slots));
	return t->index.slots ? 0 : -ENOMEM;
}

static void link_free(struct capacity_link *l)
{
	capacity_hour_reset(&l->hour);
	free(l);
}

void capacity_links_fini(struct capacity_links *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		link_free(t->list[i]);
	free(t->list);
	free(t->index.slots);
}

static uint64_t hash_of(const struct capacity_links *t, const struct capacity_link_key *key)
{
	return base_hash_bytes(&t->hash, key, sizeof(*key));
}

static struct capacity_link *find(const struct capacity_links *t,
	const struct capacity_link_key *key, uint64_t hash, struct base_probe *probe)
{
	uint32_t number;

	*probe = base_index_probe(&t->index, hash);
	while ((number = base_index_next(&t->index, probe)) != BASE_INDEX_NONE) {
		if (memcmp(&t->list[number]->key, key, sizeof(*key)) == 0)
			return t->list[number];
	}
	return NULL;
}

struct capacity_link *capacity_links_find(
	const struct capacity_links *t, const struct base_addr *agent, uint32_t index)
{
	const struct capacity_link_key key = {*agent, index};
	struct base_probe probe;

	return find(t, &key, hash_of(t, &key), &probe);
}

static bool make_room(struct capacity_links *t)
{
	uint32_t room = t->room ? 2 * t->room : LINKS_ROOM;
	struct capacity_link **list;

	if (t->count >= t->limit)
		return false;
	if (t->count < t->room)
		return true;
	list = realloc(t->list, room * sizeof(struct capacity_link *));
	if (!list)
		return false;
	t->list = list;
	t->room = room;
	return true;
}

struct capacity_link *capacity_links_get(
	struct capacity_links *t, const struct base_addr *agent, uint32_t index)
{
	const struct capacity_link_key key = {*agent, index};
	uint64_t hash = hash_of(t, &key);
	struct base_probe probe;
	struct capacity_link *l = find(t, &key, hash, &probe);

	if (l || !make_room(t))
		return l;
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->key = key;
	l->hash = hash;
	l->number = t->count;
	l->changed = true;
	t->list[t->count++] = l;
	base_index_put(&t->index, &probe, l->number);
	return l;
}

void capacity_links_remove(struct capacity_links *t, struct capacity_link *l)
{
	struct capacity_link *last = t->list[t->count - 1];

	base_index_remove(&t->index, l->hash, l->number);
	if (last != l) {
		base_index_renumber(&t->index, last->hash, last->number, l->number);
		last->number = l->number;
		t->list[l->number] = last;
	}
	t->count--;
	link_free(l);
}
