/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <pthread.h>

#include "base/hash.h"
#include "base/index.h"
#include "capacity/capacity.h"
#include "capacity/group.h"
#include "capacity/hour.h"
#include "publish/back_off.h"
#include "publish/url.h"

struct publish_link;
struct redisReply;

/* ---- Redis: redis.c. One thread for each connection. ---- */

struct capacity_redis {
	const struct publish_url *url;
	struct publish_link *c;     /* NULL: not connected */
	struct publish_link *watch; /* see publish_connect_watched() */
	struct publish_back_off back_off;
	uint64_t retry_ns; /* monotonic: not before */
	bool away;         /* the log said that it cannot be used */
};

/** Connect, unless it is too early to try again. @return whether there is a connection */
bool capacity_redis_connect(struct capacity_redis *r);

/** Give the connection up, since Redis refuses what is needed, to try again later. */
void capacity_redis_pause(struct capacity_redis *r);

void capacity_redis_fini(struct capacity_redis *r);

/** Add a command; it goes out with others when its answer is asked for. NUL-terminated arguments. */
void capacity_redis_add(struct capacity_redis *r, int argc, const char **argv);

/** The same with lengths. */
void capacity_redis_add_bytes(
	struct capacity_redis *r, int argc, const char **argv, const size_t *lens);

/** The next answer, for freeReplyObject(). @return NULL: the connection is lost, and was dropped */
struct redisReply *capacity_redis_answer(struct capacity_redis *r);

/* A key of another type concerns that key alone; of all else (OOM, NOPERM) it is hoped that it passes. */
enum capacity_verdict { CAPACITY_TAKEN, CAPACITY_KEY_REFUSED, CAPACITY_LATER };

/** What an answer says of its command; the log has what an error reply says. */
enum capacity_verdict capacity_redis_judge(
	struct capacity_redis *r, const struct redisReply *reply);

/** The next answer to a command that reads. @return NULL: as above, or Redis refuses it, and was paused */
struct redisReply *capacity_redis_read(struct capacity_redis *r);

/* ---- what waits for Redis: outbox.c. Owner. ---- */

enum capacity_kind {
	CAPACITY_RECORD, /* bytes: a record of `span` and `slot` */
	CAPACITY_KNOWN,  /* bytes: what is known of the interface, for its agent's hash */
	CAPACITY_GONE,   /* the interface leaves its agent's hash */
	CAPACITY_DONE,   /* the days of day `slot` are made */
};

struct capacity_entry {
	struct capacity_entry *next;
	enum capacity_kind kind;
	struct capacity_series series;
	enum capacity_span span;
	uint32_t slot;
	bool expires; /* its block is told when to expire */
	bool last;    /* of its agent, which goes with it */
	bool done;
	uint8_t len;
	uint8_t bytes[];
};

enum { CAPACITY_OUTBOX = 256 << 20 }; /* bytes */

struct capacity_outbox {
	struct capacity_entry *first, **last;
	uint64_t bytes, count, lost;
};

void capacity_outbox_init(struct capacity_outbox *o);
void capacity_outbox_fini(struct capacity_outbox *o);

/** Put an entry behind all others; where there is no room the oldest is given up. */
void capacity_outbox_put(struct capacity_outbox *o, const struct capacity_entry *entry,
	const uint8_t *bytes, size_t len);

/** Take out those of the first `count` that are done. */
void capacity_outbox_sweep(struct capacity_outbox *o, unsigned count);

/* ---- interfaces: links.c. Under the mutex. ---- */

struct capacity_link_key {
	struct base_addr agent;
	uint32_t index;
};

/* Of agents that have links. */
struct capacity_links_agent {
	struct base_addr addr;
	uint32_t number; /* in the table */
	uint64_t hash;
	uint32_t links;
};

struct capacity_link {
	struct capacity_link_key key;
	uint32_t number; /* in the table */
	uint64_t hash;
	struct capacity_links_agent *agent;
	uint64_t name_hash;
	uint32_t sub_agent;       /* whose records are taken */
	bool holds_name;          /* `name` is found by capacity_links_named() */
	char name[CAPACITY_NAME]; /* that the newest record with one has */
	uint64_t last_ms;         /* arrival of the newest record; 0: none since the start */
	uint64_t groups;          /* a bit for each */
	uint32_t groups_hour;     /* when they were set */
	uint32_t block;           /* of hours: the newest that was told when to expire */
	uint64_t renamed_ms;      /* since then `name` is another than about's; 0: it is not */
	bool changed;             /* `about` is not in Redis as it is */
	struct capacity_about about;
	struct capacity_hour hour;
};

struct capacity_links {
	struct base_hash hash;
	struct base_index index;
	struct capacity_link **list; /* dense */
	uint32_t count, limit, room;
	struct base_index names; /* of each agent and name one link that has it now */
	struct base_index agent_index;
	struct capacity_links_agent **agents; /* dense */
	uint32_t agent_count, agent_room;
};

enum capacity_links_error {
	CAPACITY_LINKS_FULL,  /* or no memory */
	CAPACITY_LINKS_SHARE, /* the agent has as many as there is room for others */
};

int capacity_links_init(struct capacity_links *t, uint32_t limit);
void capacity_links_fini(struct capacity_links *t);
struct capacity_link *capacity_links_find(
	const struct capacity_links *t, const struct base_addr *agent, uint32_t index);
/** @return NULL with `error` */
struct capacity_link *capacity_links_get(struct capacity_links *t, const struct base_addr *agent,
	uint32_t index, enum capacity_links_error *error);
/** Records have that name from now on. Of those with the same name the first holds it, until it is silent. */
void capacity_links_name(struct capacity_links *t, struct capacity_link *l,
	const char name[CAPACITY_NAME], uint64_t now_ms);
/** @return an interface of the agent that has that name now; NULL: none is known */
struct capacity_link *capacity_links_named(const struct capacity_links *t,
	const struct base_addr *agent, const char name[CAPACITY_NAME]);
/** The last one takes its number. @return whether it was the last of its agent */
bool capacity_links_remove(struct capacity_links *t, struct capacity_link *l);

/* ---- all of it ---- */

struct capacity_group_state {
	char *name;
	uint32_t block; /* as of a link */
	struct capacity_group group;
};

/* Making days of hours: one day at a time, one interface after the other, from the last to the first. */
struct capacity_days {
	bool held;              /* none is begun */
	bool running;           /* day done + 1 is being made */
	uint32_t done;          /* the last day that is made; 0: not known */
	uint32_t links, groups; /* that are left of it */
};

struct capacity {
	/* Written before the owner starts, then constant. */
	struct publish_url url;
	char *prefix;
	uint32_t hours_kept, days_kept;
	unsigned group_count;

	/* The owner's. */
	struct capacity_redis redis;
	struct capacity_outbox outbox;
	struct capacity_days days;
	bool loaded;    /* what Redis knows of interfaces was read */
	uint32_t swept; /* interfaces that were looked at for hours that are over */

	pthread_mutex_t mutex; /* interfaces and groups: written by the owner */
	struct capacity_links links;
	struct capacity_group_state groups[CAPACITY_GROUPS];

	bool ending; /* relaxed atomic */

	/* Those who ask: one at a time. */
	pthread_mutex_t asking;
	struct capacity_redis reader;

	uint64_t stats[CAPACITY_STATS]; /* relaxed atomics */
};

void capacity_count(struct capacity *k, enum capacity_stat stat, uint64_t n);

/** Count an interface that finds no room. */
void capacity_refuse(struct capacity *k, enum capacity_links_error error);

/** Put a record into the outbox. @param block  of the series; see struct capacity_link */
void capacity_put_record(struct capacity *k, const struct capacity_series *s,
	enum capacity_span span, const struct capacity_record *r, uint32_t *block);

/** Put what is known of an interface into the outbox. */
void capacity_put_about(struct capacity *k, struct capacity_link *l);

/** Write entries of the outbox. @return whether Redis takes more: write.c */
bool capacity_write(struct capacity *k, unsigned count);

/** Read what Redis knows of interfaces. @return whether it is read: load.c */
bool capacity_load(struct capacity *k);

/** A step of making days. @return whether there is more to do: days.c */
bool capacity_days_step(struct capacity *k, uint64_t now_ms);

static inline struct capacity_series capacity_series_of(const struct capacity_link *l)
{
	return (struct capacity_series){.agent = l->key.agent, .index = l->key.index};
}
