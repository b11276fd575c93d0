/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "resolve/cache.h"

/*
 * The names of addresses (PTR records), asked for by c-ares in a thread of its own.
 *
 * Progress: who wants a name never waits for the network; what is known is given at once, under a
 * mutex that nobody holds for longer than one look into the cache. A question goes into a bounded
 * queue; the resolver's thread takes it from there.
 */

#define RESOLVE_SYSTEM "system" /* in place of servers: those of /etc/resolv.conf */

struct resolve_options {
	const char *servers; /* ADDRESS, IPV4:PORT or [IPV6]:PORT, with commas; or RESOLVE_SYSTEM */
	struct resolve_limits limits;
	uint64_t timeout_ms; /* of the first try with one server; c-ares doubles it each round */
	unsigned tries;      /* with each server */
	unsigned under_way;  /* questions sent and not answered, at most */
};

struct resolve;

/**
 * Start the resolver. `hash` outlives it; the options need not.
 * @return NULL and errno, with `error` of `size` bytes
 */
struct resolve *resolve_start(
	const struct resolve_options *o, const struct base_hash *hash, char *error, size_t size);

/** End its thread and forget all. When nobody looks up any more; NULL is fine. */
void resolve_stop(struct resolve *r);

/** What an address is called, as resolve_cache_find(). Any thread; never waits for the network. */
enum resolve_answer resolve_name(
	struct resolve *r, const struct base_addr *addr, struct base_text *name);

/** Its counters, in the order of resolve_stats. Any thread. */
void resolve_read_stats(struct resolve *r, uint64_t values[RESOLVE_STATS]);
