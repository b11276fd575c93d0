/* SPDX-License-Identifier: BSD-3-Clause */
#include "names/names.h"

#include <stdlib.h>
#include <string.h>

/* An agent: sorted by address, so that it is found in a few steps; there are some thousands. */
struct known {
	struct base_addr agent;
	struct names_table *set, *put; /* NULL: none */
};

struct names {
	struct known *agents;
	uint32_t count, room;
	size_t memory, most;
};

struct names *names_create(size_t memory)
{
	struct names *n = calloc(1, sizeof(*n));

	if (n)
		n->most = memory;
	return n;
}

void names_destroy(struct names *n)
{
	if (!n)
		return;
	for (uint32_t i = 0; i < n->count; i++) {
		names_table_free(n->agents[i].set);
		names_table_free(n->agents[i].put);
	}
	free(n->agents);
	free(n);
}

/* The first agent whose address is not below. */
static uint32_t lower_bound(const struct names *n, const struct base_addr *agent)
{
	uint32_t low = 0, high = n->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (memcmp(&n->agents[middle].agent, agent, sizeof(*agent)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct known *find(const struct names *n, const struct base_addr *agent)
{
	uint32_t at = lower_bound(n, agent);

	return at < n->count && base_addr_equal(&n->agents[at].agent, agent) ? &n->agents[at]
									     : NULL;
}

static struct known *find_or_add(struct names *n, const struct base_addr *agent)
{
	struct known *k = find(n, agent);
	uint32_t at;

	if (k)
		return k;
	if (n->count == n->room) {
		uint32_t room = n->room ? 2 * n->room : 16;
		struct known *agents = realloc(n->agents, room * sizeof(*agents));

		if (!agents)
			return NULL;
		n->agents = agents;
		n->room = room;
	}
	at = lower_bound(n, agent);
	k = &n->agents[at];
	memmove(k + 1, k, (n->count++ - at) * sizeof(*k));
	*k = (struct known){.agent = *agent};
	return k;
}

bool names_set(struct names *n, struct names_table *t)
{
	struct known *k = find_or_add(n, &t->agent);

	if (!k) {
		names_table_free(t);
		return false;
	}
	names_table_free(k->set);
	k->set = t;
	return true;
}

/* Which of two comes first: below 0 the i-th of the one, above 0 the j-th of the other; 0: both, they are one agent. */
static int first_of(const struct names *a, uint32_t i, const struct names *b, uint32_t j)
{
	if (i == a->count || j == b->count)
		return i == a->count ? 1 : -1;
	return memcmp(&a->agents[i].agent, &b->agents[j].agent, sizeof(a->agents[i].agent));
}

/* One of each agent that either has, with what was asked for of the one and set by the other. @return how many */
static uint32_t join(struct known *to, const struct names *asked, const struct names *set)
{
	uint32_t count = 0;

	for (uint32_t i = 0, j = 0; i < asked->count || j < set->count;) {
		int first = first_of(asked, i, set, j);
		struct known k = first <= 0 ? asked->agents[i++] : set->agents[j];

		k.set = first >= 0 ? set->agents[j++].set : NULL;
		if (k.put || k.set)
			to[count++] = k;
	}
	return count;
}

/* Tell of the agents of which two have other tables, and free those of the one that is not in use any more. */
static void part(const struct names *n, const struct names *before,
	void (*changed)(void *ctx, const struct base_addr *agent), void *ctx)
{
	for (uint32_t i = 0, j = 0; i < before->count || j < n->count;) {
		int first = first_of(before, i, n, j);
		const struct known *was = first <= 0 ? &before->agents[i++] : NULL,
				   *is = first >= 0 ? &n->agents[j++] : NULL;

		if (!names_table_same(was ? was->set : NULL, is ? is->set : NULL))
			changed(ctx, was ? &was->agent : &is->agent);
		if (was)
			names_table_free(was->set);
	}
}

bool names_configure(struct names *n, struct names *next,
	void (*changed)(void *ctx, const struct base_addr *agent), void *ctx)
{
	uint32_t room = n->count + next->count;
	struct known *agents = calloc((size_t)room + 1, sizeof(*agents));
	struct names before = *n;

	if (!agents) {
		names_destroy(next);
		return false;
	}
	n->count = join(agents, &before, next);
	n->agents = agents;
	n->room = room + 1;
	next->count = 0; /* its tables are others' now */
	names_destroy(next);
	part(n, &before, changed, ctx);
	free(before.agents);
	return true;
}

static size_t memory_of(const struct names_table *t)
{
	return t ? names_table_memory(t) : 0;
}

bool names_put(struct names *n, struct names_table *t)
{
	struct known *k = find(n, &t->agent);
	size_t rest = n->memory - memory_of(k ? k->put : NULL);

	if (rest + memory_of(t) <= n->most)
		k = find_or_add(n, &t->agent);
	else
		k = NULL;
	if (!k) {
		names_table_free(t);
		return false;
	}
	n->memory = rest + memory_of(t);
	names_table_free(k->put);
	k->put = t;
	return true;
}

void names_remove(struct names *n, const struct base_addr *agent)
{
	struct known *k = find(n, agent);

	if (!k || !k->put)
		return;
	n->memory -= memory_of(k->put);
	names_table_free(k->put);
	k->put = NULL;
	if (k->set)
		return;
	n->count--;
	memmove(k, k + 1, (n->count - (uint32_t)(k - n->agents)) * sizeof(*k));
}

bool names_find(
	const struct names *n, const struct base_addr *agent, uint32_t index, struct names_entry *e)
{
	const struct known *k = find(n, agent);
	const struct names_entry *set = k && k->set ? names_table_find(k->set, index) : NULL;
	const struct names_entry *put = k && k->put ? names_table_find(k->put, index) : NULL;

	*e = (struct names_entry){.index = index};
	for (unsigned i = 0; i < NAMES_KINDS; i++)
		e->text[i] = set && set->text[i].len ? set->text[i]
			     : put                   ? put->text[i]
						     : e->text[i];
	return set || put;
}

uint32_t names_tables(const struct names *n)
{
	return n->count;
}

size_t names_memory(const struct names *n)
{
	return n->memory;
}
