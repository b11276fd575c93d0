/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "publish/url.h"

struct redisContext;

/* One blocking connection to a Redis; one owner thread. That thread ignores or blocks SIGPIPE. */

enum {
	PUBLISH_CONNECT_MS = 1000, /* for the socket, not for a name server */
	PUBLISH_ANSWER_MS = 3000,  /* for each write and each reply */
	PUBLISH_ERROR = 256,       /* room for an error sentence */
};

/**
 * Connect, log in, choose the database and see that Redis is ready to serve.
 * @param error  PUBLISH_ERROR bytes: why not, without the place and without secrets
 * @return a context for redisFree(), or NULL with `error`
 */
struct redisContext *publish_connect(const struct publish_url *url, char *error);

/** Why the last call of hiredis on `c` gave no reply; for people. */
const char *publish_connection_error(const struct redisContext *c);

/**
 * Whether a new connection may help against an error reply: to another master behind the same name,
 * with a fresh login, or once the data set is loaded. All other errors (OOM, WRONGTYPE, NOPERM,
 * MISCONF, …) would only come again, and the commands that they do not concern should go on.
 */
bool publish_error_is_fatal(const char *error);
