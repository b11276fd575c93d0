/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "metric/metric_pvt.h"

/*
 * Agents: by address, and by the name of their host. Chains of two hash tables that do not grow: a
 * link is stored with release, and one that is taken out still leads on.
 */

static struct metric_agent **chain_of(const struct metric_store *m, uint64_t hash)
{
	return &m->agent_chains[hash & m->chain_mask];
}

static struct metric_agent *find(
	const struct metric_store *m, const struct base_addr *addr, uint64_t hash)
{
	struct metric_agent *a;

	for (a = base_rcu_get(*chain_of(m, hash)); a; a = base_rcu_get(a->chain))
		if (base_addr_equal(&a->addr, addr))
			return a;
	return NULL;
}

const struct metric_agent *metric_agent_find(
	const struct metric_store *m, const struct base_addr *addr)
{
	return find(m, addr, base_hash_bytes(&m->hash, addr, sizeof(*addr)));
}

static struct metric_agent *add(struct metric_store *m, const struct base_addr *addr, uint64_t hash)
{
	struct metric_agent *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->addr = *addr;
	a->hash = hash;
	a->born = metric_birth(m);
	a->last = &a->sources;
	a->chain = *chain_of(m, hash);
	if (!metric_slots_take(&m->agents, a, &a->slot)) {
		free(a);
		return NULL;
	}
	base_rcu_set(*chain_of(m, hash), a);
	return a;
}

struct metric_agent *metric_agent_get(struct metric_store *m, const struct base_addr *addr)
{
	struct metric_agent *a = m->recent;
	uint64_t hash;

	if (a && base_addr_equal(&a->addr, addr))
		return a;
	hash = base_hash_bytes(&m->hash, addr, sizeof(*addr));
	a = find(m, addr, hash);
	if (!a)
		a = add(m, addr, hash);
	m->recent = a;
	return a;
}

/* ---- by name ---- */

static struct metric_host **host_chain_of(const struct metric_store *m, uint64_t hash)
{
	return &m->host_chains[hash & m->chain_mask];
}

static struct metric_host *host_find(
	const struct metric_store *m, const char *name, size_t len, uint64_t hash)
{
	struct metric_host *h;

	for (h = base_rcu_get(*host_chain_of(m, hash)); h; h = base_rcu_get(h->chain))
		if (h->len == len && memcmp(h->text, name, len) == 0)
			return h;
	return NULL;
}

const struct metric_agent *metric_agent_by_name(
	const struct metric_store *m, const char *host_name, size_t len)
{
	const struct metric_host *h =
		host_find(m, host_name, len, base_hash_bytes(&m->hash, host_name, len));

	return h ? base_rcu_get(h->agent) : NULL;
}

static void host_drop(struct metric_store *m, struct metric_host *h)
{
	struct metric_host **at;

	for (at = host_chain_of(m, h->hash); *at != h; at = &(*at)->chain)
		;
	base_rcu_set(*at, h->chain);
	metric_retire(m, h);
}

static struct metric_host *host_add(
	struct metric_store *m, const char *name, size_t len, uint64_t hash)
{
	struct metric_host *h = calloc(1, sizeof(*h) + len + 1);

	if (!h)
		return NULL;
	h->last = &h->agent;
	h->hash = hash;
	h->len = (uint32_t)len;
	memcpy(h->text, name, len);
	h->chain = *host_chain_of(m, hash);
	base_rcu_set(*host_chain_of(m, hash), h);
	return h;
}

static void name_drop(struct metric_store *m, struct metric_agent *a)
{
	struct metric_host *h = a->name;

	if (!h)
		return;
	base_rcu_set(*a->among_namesakes, a->namesake);
	if (a->namesake)
		a->namesake->among_namesakes = a->among_namesakes;
	else
		h->last = a->among_namesakes;
	a->namesake = NULL;
	a->name = NULL;
	if (!h->agent)
		host_drop(m, h);
}

/* The last of those with that name: the first is found. They may be many, and are not walked. */
static void name_add(struct metric_store *m, struct metric_agent *a, const char *name, size_t len)
{
	uint64_t hash = base_hash_bytes(&m->hash, name, len);
	struct metric_host *h = host_find(m, name, len, hash);

	if (!h)
		h = host_add(m, name, len, hash);
	if (!h)
		return;
	a->name = h;
	a->among_namesakes = h->last;
	base_rcu_set(*h->last, a);
	h->last = &a->namesake;
}

/* The first host of an agent is the one that counts, until it goes. */
void metric_agent_name(struct metric_store *m, const struct metric_source *src, const char *name)
{
	struct metric_agent *a = src->agent;
	size_t len = strlen(name);

	if (!a->host)
		base_rcu_set(a->host, src);
	if (a->host != src || (a->name && strcmp(a->name->text, name) == 0))
		return;
	name_drop(m, a);
	name_add(m, a, name, len);
}

/* ---- the end ---- */

void metric_agent_drop(struct metric_store *m, struct metric_agent *a)
{
	struct metric_agent **at;

	if (a->source_count)
		return;
	name_drop(m, a);
	for (at = chain_of(m, a->hash); *at != a; at = &(*at)->chain)
		;
	base_rcu_set(*at, a->chain);
	metric_slots_give(&m->agents, a->slot);
	if (m->recent == a)
		m->recent = NULL;
	metric_retire(m, a);
}
