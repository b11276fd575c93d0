/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "channel.h"
#include "client.h"

/* Where the windows of a definition come from: the channel in Redis, or the HTTP API, asked again and again. */
struct feed {
	const struct options *o;
	bool over_api;
	struct channel channel; /* of Redis */
	struct client client;   /* of the API */
	char *path;
	json_t *about;    /* what the definition measures: see expression.h */
	uint64_t next_ns; /* when the API is to be asked again */
};

/** @return 0; after a word on stderr -EIO: Redis is away, or its user may not subscribe */
int feed_open_redis(struct feed *f, const struct session *s, const struct options *o);

/** @return 0, or after a word on stderr what client_ask() does */
int feed_open_api(struct feed *f, const struct options *o);

void feed_close(struct feed *f);

/** The next document, as channel_next(). */
int feed_next(struct feed *f, uint64_t deadline_ns, json_t **document);

/** What to wait for besides feed_due(); -1: nothing. */
int feed_fd(const struct feed *f);

/** When feed_next() is to be called, whatever feed_fd() says; UINT64_MAX: there is no such time. */
uint64_t feed_due(const struct feed *f);
