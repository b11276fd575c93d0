/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "stats/stats.h"

/*
 * What is put at run time, kept in Redis so that it survives a restart: for each kind ("flow",
 * "group", ...) a hash PREFIX:config:KIND of names and their JSON (docs/redis.rst). A thread of its
 * own writes; Redis may be slow or away, then what is to be written waits, and is tried again. Texts of
 * what is in force are held, and all written once more where Redis may have lost them: at each new
 * connection, and by store_renew().
 * NULL is a store that keeps nothing, fine in all calls.
 */
struct publish_access;
struct store;

enum store_stat {
	STORE_WRITTEN,
	STORE_WAITING,
	STORE_REFUSED,
	STORE_LOST,
	STORE_AWAY,
	STORE_STATS,
};

extern const struct stats_group store_stats;

/** Counters, any thread. */
void store_read_stats(const struct store *s, uint64_t *stats);

/* Something stored. The texts are the caller's, and come from outside. */
typedef void store_found(void *ctx, const char *name, const char *json);

/** Strings are copied; URL and access (NULL: nothing) were checked. @return NULL: out of memory. Main, before the threads. */
struct store *store_create(
	const char *url, const struct publish_access *access, const char *prefix);

/**
 * All of a kind, once: at once, in the calling thread, where Redis is there; else as soon as it is,
 * in the store's. Names that store_put() or store_remove() was called for are left out; changes of
 * the kind wait until then.
 * Main, between store_create() and store_start().
 * @param kind  a constant
 */
void store_load(struct store *s, const char *kind, store_found *found, void *ctx);

/** Start the thread. @return 0 or -errno */
int store_start(struct store *s);

/** Write, or take out, soon. Texts are copied. Any thread; never waits for the network. */
void store_put(struct store *s, const char *kind, const char *name, const char *json);
void store_remove(struct store *s, const char *kind, const char *name);

/**
 * What a reader was told is in force: it is held as what was put is, but for names with a change that
 * waits. The text is copied. Any thread.
 */
void store_hold(struct store *s, const char *kind, const char *name, const char *json);

/** Redis may have lost its keys. Any thread; never waits for the network. */
void store_renew(struct store *s);

/**
 * Whether a change of that name waits to be written: then it is newer than what a reader is told.
 * Any thread.
 */
bool store_is_overtaken(struct store *s, const char *kind, const char *name);

/** Write what waits, for `timeout_ms` at most, then end the thread and free it. Main. */
void store_stop(struct store *s, uint64_t timeout_ms);
