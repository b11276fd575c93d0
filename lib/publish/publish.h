/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "stats/stats.h"
#include "window/ring.h"
#include "window/snapshot.h"

/*
 * Snapshots to Redis (docs/redis.rst is the contract). One thread owns the connection; commands are
 * pipelined; each entity's keys are replaced within one MULTI/EXEC. Back-pressure ends here: a slow
 * or absent Redis makes windows superseded, and events and records wait in their rings until these
 * are full (both counted); it never makes anything upstream wait.
 */

enum publish_stat {
	PUBLISH_WINDOWS,    /* windows published */
	PUBLISH_SUPERSEDED, /* windows given up for a newer one */
	PUBLISH_COMMANDS,
	PUBLISH_BYTES,  /* of commands */
	PUBLISH_ERRORS, /* error replies */
	PUBLISH_CONNECTS,
	PUBLISH_DISCONNECTS,
	PUBLISH_METRICS,            /* updates of data sources published */
	PUBLISH_METRICS_SUPERSEDED, /* counter samples that came too fast to be updates of their own */
	PUBLISH_GONE,               /* data sources whose hash was deleted */
	PUBLISH_EVENTS,             /* starts and ends of events published */
	PUBLISH_RECORDS,            /* flow records published */
	PUBLISH_STEPS,              /* steps of histories published */
	PUBLISH_EVENTS_REFUSED,  /* sent, and answered by an error: they are not in their stream */
	PUBLISH_RECORDS_REFUSED, /* the same */
	PUBLISH_STEPS_REFUSED,
	PUBLISH_EVENTS_DROPPED,  /* given up, since their ring was full */
	PUBLISH_RECORDS_DROPPED, /* the same */
	PUBLISH_STEPS_DROPPED,
	PUBLISH_LAG,         /* of the newest window: from its seal to the last reply */
	PUBLISH_LAG_FORMAT,  /* of that, to write its commands */
	PUBLISH_LAG_SEND,    /* to hand them to the socket */
	PUBLISH_LAG_REPLIES, /* to wait for replies, and to read them */
	PUBLISH_HEALTH,      /* enum publish_health */
	PUBLISH_AGE,         /* since Redis answered a window */
	PUBLISH_STATS,
};

extern const struct stats_group publish_stats;

enum publish_health {
	PUBLISH_WELL,
	PUBLISH_REFUSED, /* since the window before the newest one there were error replies */
	PUBLISH_AWAY,    /* nothing was taken since the connection was lost, or since the start */
};

struct metric_store;
struct publish_access;

struct publish_options {
	/* See publish_url_parse(). */
	const char *url;
	const struct publish_access *access; /* NULL: nothing; copied */
	const char *prefix;                  /* of all keys and channels */
	const char *collector;               /* ID in weir:collector:ID */
	/*
	 * Keys of agents and data sources expire after so much silence; those that every window
	 * replaces after so long without one, but not before three windows.
	 */
	uint64_t expire_ms;
	/* What goes to streams; NULL: nothing. They outlive the thread, which is their consumer. */
	struct ring *events, *records, *steps;
	uint64_t events_length, records_length; /* entries of a stream, about */
	const struct metric_store *metrics; /* outlives the thread, which reads it; NULL: none */
	/*
	 * Redis may have lost its keys: it was found so, or the connection is another one. Called by the
	 * thread, and never waits; NULL: nobody needs to know. `lost_ctx` outlives the thread.
	 */
	void (*lost)(void *ctx);
	void *lost_ctx;
};

struct publish;

/**
 * Start the thread. Redis need not be there: the thread says so and keeps trying with back-off
 * (back_off.h). Strings are copied.
 * @param error  one sentence where the URL is wrong
 * @return NULL and errno (EINVAL: the URL)
 */
struct publish *publish_start(const struct publish_options *options, struct window_exchange *x,
	char *error, unsigned error_size);

/**
 * Publish the snapshot that is newest now, and all that the rings hold, if that was not yet done;
 * then end the thread and free it; gives up after `timeout_ms` where Redis is away. Exchange and rings
 * are of no use to the thread from then on.
 * @return whether all of it was published; NULL is fine
 */
bool publish_stop(struct publish *p, uint64_t timeout_ms);

/** Counters, any thread (a relaxed copy of PUBLISH_STATS values). */
void publish_read_stats(const struct publish *p, uint64_t *stats);

/**
 * What is wrong with Redis, for people; "" if nothing is. Any thread; does not wait: `text`, of `size`
 * bytes, may be left as it is.
 */
void publish_read_reason(struct publish *p, char *text, unsigned size);

/** Whether the connection is up now, any thread. */
bool publish_connected(const struct publish *p);
