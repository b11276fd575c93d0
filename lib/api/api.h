/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "api/resource.h"
#include "stats/stats.h"
#include "window/history.h"
#include "window/ring.h"
#include "window/snapshot.h"

/*
 * The HTTP API (docs/api.rst): answers from snapshots, and from resources that others own. libmicrohttpd
 * serves each connection on a thread of its own, so that a client that waits or is slow holds up nobody
 * but itself; connections, bytes of a request, time and requests per second are limited. Nothing here
 * touches what RX cores or the aggregator use, but for the read side of the exchange.
 */

enum api_stat {
	API_CONNECTIONS, /* accepted */
	API_CONNECTIONS_NOW,
	API_REQUESTS, /* whose head was read */
	API_ERRORS,   /* answers of 400 and above, those below included */
	API_DENIED,   /* 401 and 403 */
	API_LIMITED,  /* 429: too many in a second */
	API_TOO_LARGE,
	API_TIMEOUTS, /* connections closed since a request or its answer took too long */
	API_BYTES_IN, /* of bodies */
	API_BYTES_OUT,
	API_STATS,
};

extern const struct stats_group api_stats;

struct capacity;

struct api_options {
	const char *listen;             /* ADDRESS:PORT, [ADDRESS]:PORT; port 0: any */
	const char *token, *read_token; /* empty: none */
	const char *tls_cert, *tls_key; /* PEM files; empty: no TLS */
	uint64_t body_bytes;            /* of a request at most */
	unsigned connections;           /* at the same time */
	unsigned requests;              /* a second, for each client address; 0: no limit */
	uint64_t timeout_ms;            /* to send a request */
	uint64_t window_ms;             /* length of a window: how long a query waits for one */
	const char *collector;          /* name of this collector */
	const char *prometheus_prefix;  /* of names of metrics there */
	struct ring *events, *records;  /* outlive it; NULL: none */
	struct history *history;        /* the same */
	/* The same: metric/read.h. */
	const struct metric_store *metrics;
	struct capacity *capacity; /* the same */
	double capacity_threshold; /* percent */
};

/**
 * Whether options make sense together.
 * @param option  out: which one `error`, one sentence, is about, by its name in the settings
 * @return 0 or -EINVAL
 */
int api_check(const struct api_options *o, const char **option, char *error, unsigned error_size);

/** Whether certificate and key can be read, and are a pair; the same contract. */
int api_check_files(
	const struct api_options *o, const char **option, char *error, unsigned error_size);

/**
 * An API that does not listen yet. Strings are copied, but tokens: it keeps their digests alone.
 * @param x  outlives it
 * @return NULL and errno
 */
struct api *api_create(const struct api_options *o, struct window_exchange *x);

/** Before api_start(): add a resource, whose struct is copied. Kinds are rows of api/schema.c. */
int api_add_resource(struct api *api, const struct api_resource *r);

/** Listen. @return 0, or -errno with one sentence in `error`. */
int api_start(struct api *api, char *error, unsigned error_size);

/** The port that was taken, after api_start(). */
uint16_t api_port(const struct api *api);

/** Close all connections, end all threads, free. NULL is fine. Resources are of no use from here on. */
void api_stop(struct api *api);

/** A relaxed copy of API_STATS values, any thread. */
void api_read_stats(const struct api *api, uint64_t *stats);

/** Write the OpenAPI document. */
void api_print_document(FILE *out);
