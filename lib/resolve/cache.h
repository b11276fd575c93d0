/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/dense.h"
#include "base/hash.h"
#include "base/text.h"
#include "stats/stats.h"

/*
 * What is known of the names of addresses, and which are to be asked for. Fixed room; no clock and
 * no lock of its own (resolve.c holds one around each call). An answer that has run out still holds
 * while it is asked for again, so that a key does not fall back to its address in between.
 */

enum resolve_stat {
	RESOLVE_LOOKUPS,
	RESOLVE_NAMES,
	RESOLVE_NAMELESS,
	RESOLVE_UNKNOWN,
	RESOLVE_QUERIES,
	RESOLVE_ANSWERS,
	RESOLVE_NO_NAME,
	RESOLVE_TIMEOUTS,
	RESOLVE_FAILURES,
	RESOLVE_BAD,
	RESOLVE_QUEUE_FULL,
	RESOLVE_CACHE_FULL,
	RESOLVE_EVICTED,
	RESOLVE_CACHED,
	RESOLVE_WAITING,
	RESOLVE_UNDER_WAY,
	RESOLVE_STATS,
};

extern const struct stats_group resolve_stats;

/* What an address is called. */
enum resolve_answer {
	RESOLVE_IS_NAME,    /* a name was written */
	RESOLVE_IS_NONE,    /* it has no name, or no server told one */
	RESOLVE_IS_UNKNOWN, /* not known yet */
};

struct resolve_limits {
	uint32_t entries;    /* addresses kept */
	uint32_t queue;      /* questions that wait */
	uint64_t ttl_min_ms, /* a name is kept as long as its answer says, */
		ttl_max_ms,  /* but within these */
		negative_ms, /* how long it is kept that an address has no name */
		retry_ms;    /* how long after a time-out or a failure it is asked again */
};

struct resolve_cache {
	struct resolve_limits limits;
	const struct base_hash *hash;
	struct base_dense entries; /* struct cache_entry, with holes */
	uint32_t hand;             /* where the search for one to give up goes on */
	uint32_t *queue;           /* a ring of numbers of entries */
	uint32_t head, waiting;
	uint64_t stats[RESOLVE_STATS];
};

/* A question taken from the queue. */
struct resolve_question {
	uint32_t number;
	struct base_addr addr;
};

/** @return 0 or -ENOMEM with nothing to free. `hash` outlives it. */
int resolve_cache_init(
	struct resolve_cache *c, const struct resolve_limits *limits, const struct base_hash *hash);
void resolve_cache_fini(struct resolve_cache *c);

/**
 * What is known of an address; where that is nothing, or has run out, a question is queued.
 * @param now_ns  monotonic
 * @param name    the name is appended
 */
enum resolve_answer resolve_cache_find(struct resolve_cache *c, const struct base_addr *addr,
	uint64_t now_ns, struct base_text *name);

/** Take the next question. Its entry stays until it is answered. @return false: there is none */
bool resolve_cache_next(struct resolve_cache *c, struct resolve_question *q);

/** Its answer. @param name  NULL: the address has none. @param ttl_ms  of a name */
void resolve_cache_answer(struct resolve_cache *c, const struct resolve_question *q,
	const char *name, uint64_t ttl_ms, uint64_t now_ns);

/** There is no answer: what was known holds on. */
void resolve_cache_fail(struct resolve_cache *c, const struct resolve_question *q, uint64_t now_ns);
