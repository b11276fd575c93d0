/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capacity/capacity_pvt.h"

/*
 * The interfaces, and the agents that have some: dense lists of pointers, found by a hash index; and by the
 * names that interfaces have now.
 */

enum {
	LINKS_ROOM = 1024, /* first room of a list */
	LINKS_SHARE = 64,  /* that an agent may have whatever others have */
};

static int make_index(struct base_index *ix, uint32_t limit)
{
	uint64_t slots = base_index_slots(limit);

	ix->mask = (uint32_t)(slots - 1);
	ix->slots = calloc(slots, sizeof(*ix->slots));
	return ix->slots ? 0 : -ENOMEM;
}

int capacity_links_init(struct capacity_links *t, uint32_t limit)
{
	int err = base_hash_init(&t->hash);

	t->limit = limit;
	if (err == 0)
		err = make_index(&t->index, limit);
	if (err == 0)
		err = make_index(&t->names, limit);
	if (err == 0)
		err = make_index(&t->agent_index, limit);
	return err;
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
	for (uint32_t i = 0; i < t->agent_count; i++)
		free(t->agents[i]);
	free(t->list);
	free(t->agents);
	free(t->index.slots);
	free(t->names.slots);
	free(t->agent_index.slots);
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

/* ---- agents ---- */

static struct capacity_links_agent *find_agent(const struct capacity_links *t,
	const struct base_addr *addr, uint64_t hash, struct base_probe *probe)
{
	uint32_t number;

	*probe = base_index_probe(&t->agent_index, hash);
	while ((number = base_index_next(&t->agent_index, probe)) != BASE_INDEX_NONE) {
		if (base_addr_equal(&t->agents[number]->addr, addr))
			return t->agents[number];
	}
	return NULL;
}

/* @return `list`, or where it is now, with room for one more; NULL: memory is short */
static void *grown(void *list, uint32_t count, uint32_t *room)
{
	uint32_t more = *room ? 2 * *room : LINKS_ROOM;
	void *larger;

	if (count < *room)
		return list;
	larger = realloc(list, more * sizeof(void *));
	if (larger)
		*room = more;
	return larger;
}

static struct capacity_links_agent *get_agent(
	struct capacity_links *t, const struct base_addr *addr)
{
	uint64_t hash = base_hash_bytes(&t->hash, addr, sizeof(*addr));
	struct base_probe probe;
	struct capacity_links_agent *a = find_agent(t, addr, hash, &probe), **list;

	if (a)
		return a;
	list = grown(t->agents, t->agent_count, &t->agent_room);
	t->agents = list ? list : t->agents;
	a = list ? calloc(1, sizeof(*a)) : NULL;
	if (!a)
		return NULL;
	*a = (struct capacity_links_agent){.addr = *addr, .hash = hash, .number = t->agent_count};
	t->agents[t->agent_count++] = a;
	base_index_put(&t->agent_index, &probe, a->number);
	return a;
}

/* An agent without links goes. @return whether it went */
static bool drop_agent(struct capacity_links *t, struct capacity_links_agent *a)
{
	struct capacity_links_agent *last = t->agents[t->agent_count - 1];

	if (a->links > 0)
		return false;
	base_index_remove(&t->agent_index, a->hash, a->number);
	if (last != a) {
		base_index_renumber(&t->agent_index, last->hash, last->number, a->number);
		last->number = a->number;
		t->agents[a->number] = last;
	}
	t->agent_count--;
	free(a);
	return true;
}

/* ---- names ---- */

static uint64_t hash_name(
	const struct capacity_links *t, const struct base_addr *agent, const char *name)
{
	char bytes[sizeof(*agent) + CAPACITY_NAME];

	memcpy(bytes, agent, sizeof(*agent));
	memcpy(bytes + sizeof(*agent), name, CAPACITY_NAME);
	return base_hash_bytes(&t->hash, bytes, sizeof(bytes));
}

static struct capacity_link *find_name(const struct capacity_links *t,
	const struct base_addr *agent, const char *name, uint64_t hash, struct base_probe *probe)
{
	uint32_t number;

	*probe = base_index_probe(&t->names, hash);
	while ((number = base_index_next(&t->names, probe)) != BASE_INDEX_NONE) {
		struct capacity_link *l = t->list[number];

		if (base_addr_equal(&l->key.agent, agent) && strcmp(l->name, name) == 0)
			return l;
	}
	return NULL;
}

struct capacity_link *capacity_links_named(const struct capacity_links *t,
	const struct base_addr *agent, const char name[CAPACITY_NAME])
{
	struct base_probe probe;

	return find_name(t, agent, name, hash_name(t, agent, name), &probe);
}

static void give_up_name(struct capacity_links *t, struct capacity_link *l)
{
	if (l->holds_name)
		base_index_remove(&t->names, l->name_hash, l->number);
	l->holds_name = false;
}

void capacity_links_name(struct capacity_links *t, struct capacity_link *l,
	const char name[CAPACITY_NAME], uint64_t now_ms)
{
	struct capacity_link *holder;
	struct base_probe probe;

	if (l->holds_name && strcmp(l->name, name) == 0)
		return;
	give_up_name(t, l);
	memcpy(l->name, name, sizeof(l->name));
	l->name_hash = hash_name(t, &l->key.agent, name);
	holder = find_name(t, &l->key.agent, name, l->name_hash, &probe);
	if (holder && holder->last_ms + CAPACITY_GAP_MS >= now_ms)
		return;
	if (holder) {
		give_up_name(t, holder);
		find_name(t, &l->key.agent, name, l->name_hash, &probe);
	}
	base_index_put(&t->names, &probe, l->number);
	l->holds_name = true;
}

/* ---- interfaces ---- */

static bool has_room(const struct capacity_links *t, const struct capacity_links_agent *a,
	enum capacity_links_error *error)
{
	uint32_t left = t->limit - t->count;

	*error = left ? CAPACITY_LINKS_SHARE : CAPACITY_LINKS_FULL;
	return left > 0 && (a->links < LINKS_SHARE || a->links < left);
}

static struct capacity_link *add(struct capacity_links *t, const struct capacity_link_key *key,
	uint64_t hash, const struct base_probe *probe)
{
	struct capacity_link **list = grown(t->list, t->count, &t->room);
	struct capacity_link *l = NULL;

	t->list = list ? list : t->list;
	if (list)
		l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->key = *key;
	l->hash = hash;
	l->number = t->count;
	l->changed = true;
	t->list[t->count++] = l;
	base_index_put(&t->index, probe, l->number);
	return l;
}

struct capacity_link *capacity_links_get(struct capacity_links *t, const struct base_addr *agent,
	uint32_t index, enum capacity_links_error *error)
{
	const struct capacity_link_key key = {*agent, index};
	uint64_t hash = hash_of(t, &key);
	struct base_probe probe;
	struct capacity_link *l = find(t, &key, hash, &probe);
	struct capacity_links_agent *a;

	if (l)
		return l;
	*error = CAPACITY_LINKS_FULL;
	a = t->count < t->limit ? get_agent(t, agent) : NULL;
	if (!a)
		return NULL;
	if (has_room(t, a, error))
		l = add(t, &key, hash, &probe);
	if (l) {
		l->agent = a;
		a->links++;
	} else {
		drop_agent(t, a);
	}
	return l;
}

bool capacity_links_remove(struct capacity_links *t, struct capacity_link *l)
{
	struct capacity_link *last = t->list[t->count - 1];
	struct capacity_links_agent *a = l->agent;

	give_up_name(t, l);
	base_index_remove(&t->index, l->hash, l->number);
	if (last != l) {
		base_index_renumber(&t->index, last->hash, last->number, l->number);
		if (last->holds_name)
			base_index_renumber(&t->names, last->name_hash, last->number, l->number);
		last->number = l->number;
		t->list[l->number] = last;
	}
	t->count--;
	link_free(l);
	a->links--;
	return drop_agent(t, a);
}
