/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <microhttpd.h>

#include "api/access.h"
#include "api/api.h"
#include "api/budget.h"
#include "api/certificate_pvt.h"
#include "api/limit.h"
#include "api/listen.h"
#include "api/route.h"
#include "api/schema.h"
#include "api/watch_pvt.h"
#include "base/region.h"

enum {
	API_RESOURCES = 16,
	API_IDLE_S = 30, /* nothing moves: a client that takes no answer is cut off */
};

struct api {
	/* Written before the start, then constant. */
	struct api_options options; /* without tokens */
	struct api_access access;
	struct api_certificate certificate;
	struct api_listen listen;
	struct base_region region; /* owns texts */
	struct window_exchange *x;
	struct api_resource resources[API_RESOURCES];
	unsigned resource_count;
	struct MHD_Daemon *daemon;
	char *document;      /* OpenAPI, as text */
	uint64_t started_ns; /* monotonic */

	/* Any thread. */
	struct api_budget bodies;  /* JSON of requests */
	struct api_budget answers; /* JSON of long answers */
	struct api_limit limit;
	struct api_watch watch;
	uint64_t stats[API_STATS]; /* relaxed atomics */
	bool stopping;             /* atomic: api_stop() sets */
};

static inline void api_count(struct api *api, enum api_stat stat, uint64_t n)
{
	__atomic_fetch_add(&api->stats[stat], n, __ATOMIC_RELAXED);
}

/** The resource of a kind by any of its names, NULL: none is registered. */
const struct api_resource *api_resource_find(const struct api *api, const char *kind);

/** The OpenAPI document; a new object. */
json_t *api_document(void);

/* ---- one request, api/call.c ---- */

/** MHD: the head of a request begins; what is returned is the request's own. */
void *api_call_begin(void *cls, const char *target, struct MHD_Connection *connection);

/** MHD: the head is there, then pieces of the body, then the end. */
enum MHD_Result api_call_take(void *cls, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **own);

/** MHD: the answer is out, or the connection broke. */
void api_call_end(void *cls, struct MHD_Connection *connection, void **own,
	enum MHD_RequestTerminationCode how);
