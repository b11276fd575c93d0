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

static int order(const struct known *a, const struct known *b)
{
	if (!a || !b)
		return a ? -1 : 1;
	return memcmp(&a->agent, &b->agent, sizeof(a->agent));
}

/* One of each agent that either has, with what was asked for of the one and set by the other. @return how many */
static uint32_t join(struct known *to, const struct names *asked, const struct names *set)
{
	const struct known *a = asked->agents, *a_end = a + asked->count, *s = set->agents,
			   *s_end = s + set->count;
	uint32_t count = 0;

	while (a < a_end || s < s_end) {
		int which = order(a < a_end ? a : NULL, s < s_end ? s : NULL);
		struct known k = {.agent = which <= 0 ? a->agent : s->agent,
			.put = which <= 0 ? a->put : NULL,
			.set = which >= 0 ? s->set : NULL};

		a += which <= 0;
		s += which >= 0;
		if (k.put || k.set)
			to[count++] = k;
	}
	return count;
}

/* Tell of the agents of which two have other tables, and free those of the one that is not in use any more. */
static void part(const struct names *n, struct names *before,
	void (*changed)(void *ctx, const struct base_addr *agent), void *ctx)
{
	const struct known *b = before->agents, *b_end = b + before->count, *k = n->agents,
			   *k_end = k + n->count;

	while (b < b_end || k < k_end) {
		int which = order(b < b_end ? b : NULL, k < k_end ? k : NULL);

		if (!names_table_same(which <= 0 ? b->set : NULL, which >= 0 ? k->set : NULL))
			changed(ctx, which <= 0 ? &b->agent : &k->agent);
		if (which <= 0)
			names_table_free(b->set);
		b += which <= 0;
		k += which >= 0;
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
