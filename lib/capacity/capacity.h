/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "capacity/record.h"
#include "capacity/series.h"
#include "stats/stats.h"

/*
 * Capacity planning: the running hours of all interfaces and groups, and what of them is kept in
 * Redis. One owner thread feeds it with what counter records say and calls capacity_tick(); any
 * thread may ask (capacity/query.h). Redis may be slow or away: records wait, bounded, and what is given
 * up is counted.
 */

enum capacity_stat {
	CAPACITY_LINKS, /* interfaces that are known */
	CAPACITY_FULL,  /* counter records left out, since no more interfaces fit */
	CAPACITY_SHARE, /* counter records left out, since their agent has its share */
	CAPACITY_TWICE, /* times an interface of another sub-agent with the same ifIndex was passed over */
	CAPACITY_FORGOTTEN, /* interfaces that were silent for too long */
	CAPACITY_RENAMED,   /* interfaces whose name went to another ifIndex of the agent */
	CAPACITY_HOURS,     /* hours that ended */
	CAPACITY_DAYS,      /* days made of them */
	CAPACITY_SKIPPED,   /* days that were not made: their hours are gone */
	CAPACITY_WRITTEN,   /* records that Redis took */
	CAPACITY_WAITING,   /* for Redis, now */
	CAPACITY_LOST,      /* given up, since too many waited */
	CAPACITY_REFUSED,   /* by Redis */
	CAPACITY_DAMAGED,   /* records in Redis that were passed over */
	CAPACITY_STATS,
};

extern const struct stats_group capacity_stats;

enum { CAPACITY_GROUPS = 64 };

struct publish_access;

struct capacity_options {
	const char *url, *prefix;            /* of Redis */
	const struct publish_access *access; /* to it; NULL: nothing; copied */
	uint32_t links;                      /* interfaces at most */
	uint32_t hours_kept, days_kept;      /* how long hours and days are kept; in days */
	const char *groups[CAPACITY_GROUPS]; /* names */
	unsigned group_count;
};

struct capacity;

/** Strings are copied. @return NULL and errno; EINVAL: the URL is wrong */
struct capacity *capacity_create(const struct capacity_options *o);

/** Owner, or who has joined it. NULL is fine. */
void capacity_destroy(struct capacity *k);

/* ---- the owner: feeding. Between capacity_begin() and capacity_end() those who ask have to wait. ---- */

struct capacity_link;

/* What the newest counter record of an interface says. */
struct capacity_news {
	uint64_t time_ms; /* of its arrival, since 1970 */
	uint8_t mask;     /* metrics that there are; their values are finite and not negative */
	double values[CAPACITY_METRICS];
	double speed;     /* bits per second; 0: not known */
	const char *name; /* ifname, printable ASCII; NULL: not known */
};

void capacity_begin(struct capacity *k);
void capacity_end(struct capacity *k);

/** An interface that is known. @return NULL: it is not; valid until capacity_tick() */
struct capacity_link *capacity_link_find(
	const struct capacity *k, const struct base_addr *agent, uint32_t index);

/** Find an interface, or make it. @return NULL: no more fit (counted); valid until capacity_tick() */
struct capacity_link *capacity_link_get(
	struct capacity *k, const struct base_addr *agent, uint32_t index);

/**
 * Whether records of a sub-agent are taken for the interface: those of the first one that has it, until it
 * falls silent. Others have another interface with the same ifIndex (counted).
 */
bool capacity_link_is_of(
	struct capacity *k, struct capacity_link *l, uint32_t sub_agent, uint64_t time_ms);

/** Whether a record of that time is news. */
bool capacity_link_wants(const struct capacity_link *l, uint64_t time_ms);

/** Whether it is time to say in which groups it is: at first, and once an hour, of each at another time. */
bool capacity_link_wants_groups(const struct capacity_link *l, uint64_t time_ms);

/** @param groups  a bit for each group of the options */
void capacity_link_set_groups(struct capacity_link *l, uint64_t time_ms, uint64_t groups);

void capacity_link_take(
	struct capacity *k, struct capacity_link *l, const struct capacity_news *news);

/* ---- the owner: writing ---- */

/**
 * End hours, write what waits, make days: a step of it. May wait for Redis.
 * @param records  to be written at most, as long as Redis answers
 * @return whether there is more to do at once
 */
bool capacity_tick(struct capacity *k, uint64_t now_ms, unsigned records);

/**
 * Whether a new day may be begun: the clock was set, and may be wrong. By a wrong one days would be passed
 * over for good, and interfaces forgotten that are not silent.
 */
void capacity_hold_days(struct capacity *k, bool hold);

/** End all hours as they are, and write all that waits, for `timeout_ms` about. */
void capacity_finish(struct capacity *k, uint64_t timeout_ms);

/* ---- any thread ---- */

/** Questions end soon, with what they have found. */
void capacity_end_questions(struct capacity *k);

/** A relaxed copy of CAPACITY_STATS values. */
void capacity_read_stats(const struct capacity *k, uint64_t *stats);
