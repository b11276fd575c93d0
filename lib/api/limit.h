/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "base/addr.h"
#include "base/hash.h"

/*
 * Requests per second of each client: a bucket of tokens for an address, of IPv6 for its /64 (which
 * one host may have all of), which fills with time and holds one second's worth. Of fixed size: where there are more clients than buckets, the one that
 * was quiet for longest starts anew. Any thread; a mutex is held for a few instructions.
 */

enum { API_BUCKETS = 1024, API_BUCKET_WAYS = 8 };

struct api_bucket {
	struct base_addr addr;
	double tokens;
	uint64_t at_ns; /* monotonic */
};

struct api_limit {
	pthread_mutex_t mutex;
	struct base_hash hash;
	double rate; /* a second; 0: no limit */
	struct api_bucket buckets[API_BUCKETS];
};

/** @return 0 or -errno: no random numbers */
int api_limit_init(struct api_limit *l, double rate);
void api_limit_fini(struct api_limit *l);

/** Take a token. @return false: there is none, the request is one too many. */
bool api_limit_take(struct api_limit *l, const struct base_addr *addr, uint64_t now_ns);
