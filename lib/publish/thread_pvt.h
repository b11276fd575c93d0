/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "publish/back_off.h"
#include "publish/connection.h"
#include "publish/contract_pvt.h"
#include "publish/publish.h"
#include "publish/sources_pvt.h"

enum publish_state {
	PUBLISH_RUNNING,    /* every wait is short, or on `fd` */
	PUBLISH_CONNECTING, /* may block in a name server; touches struct publish alone */
	PUBLISH_ENDED,      /* touches nothing any more */
};

/* In the order of PUBLISH_EVENTS and the rows behind it, and of what was dropped of them. */
enum publish_stream_number {
	PUBLISH_STREAM_EVENTS,
	PUBLISH_STREAM_RECORDS,
	PUBLISH_STREAM_STEPS,
	PUBLISH_STREAMS
};

/* A round over the metrics is spread over the time until the next one. */
struct publish_pace {
	uint64_t window_ms, now_ms; /* length and end of the window that was written last */
	uint64_t start_ns, end_ns;  /* of the round, monotonic */
	uint32_t slots;             /* of it */
};

struct publish {
	/* Written at start, then constant. */
	struct window_exchange *x;
	struct publish_url url;
	char *prefix, *collector;
	struct publish_stream streams[PUBLISH_STREAMS];
	void (*lost)(void *ctx);
	void *lost_ctx;
	pthread_t thread;

	/* The thread alone; `done` and `sources` also by publish_stop() once the thread was joined. */
	struct publish_writer writer;
	struct publish_sources sources;
	struct publish_pace pace;
	struct publish_link *redis; /* NULL: not connected */
	struct publish_link *watch; /* see publish_connect_watched() */
	uint64_t done;              /* newest window that Redis answered */
	uint64_t sealed_ns;         /* of the window at hand; 0: nobody knows */
	/* Write the keys of the newest even if that is `done`: the connection is new, or keys were not as they should be. */
	bool again;
	bool wrong;   /* they were not, and are not written anew yet */
	bool refused; /* the last window met error replies */
	bool owing;   /* the metrics of a window that Redis has answered are not all answered */
	bool marked;  /* the collector's key was written on this connection */
	bool there;   /* the log said last that Redis is there */
	char said[PUBLISH_ERROR]; /* why it is away, as the log said last */
	struct publish_back_off back_off;
	uint64_t settled_ns; /* monotonic: then all is written once more; 0: it need not be */
	bool unsettled;  /* the connection before was left while commands were without replies */
	uint64_t errors; /* error replies since the last window */
	char error[PUBLISH_ERROR]; /* the first of them */
	bool more;                 /* the rings had documents: they may have more */

	/* Under the mutex; `changed` tells of each change. */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	enum publish_state state;       /* thread writes */
	int fd;                         /* of the connection, -1: none; thread writes */
	bool stop, abandoned;           /* publish_stop() writes, as the next two */
	uint64_t deadline_ns;           /* monotonic */
	uint64_t target;                /* stop once this window is published */
	uint64_t last[PUBLISH_STREAMS]; /* and these documents */
	char reason[PUBLISH_ERROR];     /* what is wrong with Redis; thread writes */

	/* Relaxed atomics: the thread writes, any thread reads. */
	uint64_t stats[PUBLISH_STATS]; /* PUBLISH_AGE: when Redis answered a window */
	bool connected;
};

/** The thread's main; `arg` is its struct publish. */
void *publish_thread(void *arg);

/** Whether all documents were sent that were there when the stop began. */
bool publish_told_all(const struct publish *p);

void publish_free(struct publish *p);
