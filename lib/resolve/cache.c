/* SPDX-License-Identifier: BSD-3-Clause */
#include "resolve/cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_STEPS = 64 }; /* entries looked at to find one to give up */

static const struct stats_def defs[RESOLVE_STATS] = {
	[RESOLVE_LOOKUPS] = {"lookups", "lookups", "times that the name of an address was wanted"},
	[RESOLVE_NAMES] = {"names", "lookups", "of these, answered by a name from the cache"},
	[RESOLVE_NAMELESS] = {"nameless", "lookups",
		"of these, for addresses that are known to have no name, or whose servers failed"},
	[RESOLVE_UNKNOWN] = {"unknown", "lookups", "of these, not known yet"},
	[RESOLVE_QUERIES] = {"queries", "queries", "questions sent to DNS servers"},
	[RESOLVE_ANSWERS] = {"answers", "queries", "of these, answered by a name"},
	[RESOLVE_NO_NAME] = {"no_name", "queries", "of these, answered by: there is no name"},
	[RESOLVE_TIMEOUTS] = {"timeouts", "queries", "of these, not answered in time"},
	[RESOLVE_FAILURES] = {"failures", "queries",
		"of these, refused, failed, or not to be sent"},
	[RESOLVE_BAD] = {"bad", "queries", "of these, answered by something malformed"},
	[RESOLVE_QUEUE_FULL] = {"queue_full", "lookups",
		"questions not queued since dns.queue were waiting; asked again later"},
	[RESOLVE_CACHE_FULL] = {"cache_full", "lookups",
		"questions not queued since all of dns.entries were in use; asked again later"},
	[RESOLVE_EVICTED] = {"evicted", "addresses", "given up in favour of others"},
	[RESOLVE_CACHED] = {"cached", "addresses", "in the cache now", .gauge = true},
	[RESOLVE_WAITING] = {"waiting", "queries", "questions that wait to be sent now",
		.gauge = true},
	[RESOLVE_UNDER_WAY] = {"under_way", "queries", "questions that wait for their answer now",
		.gauge = true},
};

const struct stats_group resolve_stats = {"dns", defs, RESOLVE_STATS};

enum cache_state {
	CACHE_IDLE,
	CACHE_QUEUED,
	CACHE_ASKED,
};

struct cache_entry {
	uint64_t hash;
	struct base_addr addr; /* family 0: a hole */
	uint8_t state;         /* enum cache_state */
	bool answered;         /* `name` says what is known */
	bool used;             /* since the hand last came by */
	char *name;            /* NULL: there is none */
	uint64_t expires_ns;
};

static struct cache_entry *entry_at(const struct resolve_cache *c, uint32_t number)
{
	return base_dense_at(&c->entries, number);
}

int resolve_cache_init(
	struct resolve_cache *c, const struct resolve_limits *limits, const struct base_hash *hash)
{
	memset(c, 0, sizeof(*c));
	c->limits = *limits;
	c->hash = hash;
	c->queue = calloc(limits->queue, sizeof(*c->queue));
	if (!c->queue)
		return -ENOMEM;
	if (base_dense_init(&c->entries, sizeof(struct cache_entry), limits->entries) < 0) {
		free(c->queue);
		return -ENOMEM;
	}
	return 0;
}

void resolve_cache_fini(struct resolve_cache *c)
{
	for (uint32_t i = 0; i < c->entries.count; i++)
		free(entry_at(c, i)->name);
	base_dense_fini(&c->entries);
	free(c->queue);
}

static uint32_t find(const struct resolve_cache *c, const struct base_addr *addr, uint64_t hash)
{
	struct base_narrow_probe probe = base_dense_probe(&c->entries, hash);
	uint32_t number;

	while ((number = base_dense_next(&c->entries, &probe)) != BASE_INDEX_NONE) {
		if (base_addr_equal(&entry_at(c, number)->addr, addr))
			return number;
	}
	return BASE_INDEX_NONE;
}

/* Give up an entry that was not asked for lately and that no question is about. */
static bool evict(struct resolve_cache *c)
{
	for (unsigned i = 0; i < CACHE_STEPS; i++) {
		struct cache_entry *e;

		c->hand = c->hand + 1 < c->entries.count ? c->hand + 1 : 0;
		e = entry_at(c, c->hand);
		if (e->addr.family == 0 || e->state != CACHE_IDLE)
			continue;
		if (e->used) {
			e->used = false;
			continue;
		}
		free(e->name);
		base_dense_free(&c->entries, c->hand);
		c->stats[RESOLVE_CACHED]--;
		c->stats[RESOLVE_EVICTED]++;
		return true;
	}
	return false;
}

static void enqueue(struct resolve_cache *c, uint32_t number)
{
	if (c->waiting == c->limits.queue) {
		c->stats[RESOLVE_QUEUE_FULL]++;
		return;
	}
	c->queue[(c->head + c->waiting++) % c->limits.queue] = number;
	entry_at(c, number)->state = CACHE_QUEUED;
}

/* An address that is new, with its question. */
static void enter(struct resolve_cache *c, const struct base_addr *addr, uint64_t hash)
{
	uint32_t number;

	if (c->waiting == c->limits.queue) {
		c->stats[RESOLVE_QUEUE_FULL]++;
		return;
	}
	if (c->stats[RESOLVE_CACHED] == c->limits.entries && !evict(c)) {
		c->stats[RESOLVE_CACHE_FULL]++;
		return;
	}
	number = base_dense_add(&c->entries, hash);
	if (number == BASE_INDEX_NONE) {
		c->stats[RESOLVE_CACHE_FULL]++;
		return;
	}
	entry_at(c, number)->addr = *addr;
	c->stats[RESOLVE_CACHED]++;
	enqueue(c, number);
}

enum resolve_answer resolve_cache_find(struct resolve_cache *c, const struct base_addr *addr,
	uint64_t now_ns, struct base_text *name)
{
	uint64_t hash = base_hash_bytes(c->hash, addr, sizeof(*addr));
	uint32_t number = find(c, addr, hash);
	struct cache_entry *e;

	c->stats[RESOLVE_LOOKUPS]++;
	if (number == BASE_INDEX_NONE) {
		enter(c, addr, hash);
		c->stats[RESOLVE_UNKNOWN]++;
		return RESOLVE_IS_UNKNOWN;
	}
	e = entry_at(c, number);
	e->used = true;
	if (e->state == CACHE_IDLE && now_ns >= e->expires_ns)
		enqueue(c, number);
	if (!e->answered) {
		c->stats[RESOLVE_UNKNOWN]++;
		return RESOLVE_IS_UNKNOWN;
	}
	if (!e->name) {
		c->stats[RESOLVE_NAMELESS]++;
		return RESOLVE_IS_NONE;
	}
	c->stats[RESOLVE_NAMES]++;
	base_text_add(name, e->name, strlen(e->name));
	return RESOLVE_IS_NAME;
}

bool resolve_cache_next(struct resolve_cache *c, struct resolve_question *q)
{
	struct cache_entry *e;

	if (c->waiting == 0)
		return false;
	q->number = c->queue[c->head];
	c->head = (c->head + 1) % c->limits.queue;
	c->waiting--;
	e = entry_at(c, q->number);
	e->state = CACHE_ASKED;
	q->addr = e->addr;
	return true;
}

static void settle(
	struct resolve_cache *c, const struct resolve_question *q, uint64_t ms, uint64_t now_ns)
{
	struct cache_entry *e = entry_at(c, q->number);

	e->state = CACHE_IDLE;
	e->answered = true;
	e->expires_ns = now_ns + ms * 1000000u;
}

void resolve_cache_answer(struct resolve_cache *c, const struct resolve_question *q,
	const char *name, uint64_t ttl_ms, uint64_t now_ns)
{
	struct cache_entry *e = entry_at(c, q->number);

	if (ttl_ms < c->limits.ttl_min_ms)
		ttl_ms = c->limits.ttl_min_ms;
	if (ttl_ms > c->limits.ttl_max_ms)
		ttl_ms = c->limits.ttl_max_ms;
	free(e->name);
	e->name = name ? strdup(name) : NULL;
	settle(c, q, name ? ttl_ms : c->limits.negative_ms, now_ns);
}

void resolve_cache_fail(struct resolve_cache *c, const struct resolve_question *q, uint64_t now_ns)
{
	settle(c, q, c->limits.retry_ms, now_ns);
}
