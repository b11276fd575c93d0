/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "publish/link.h"
#include "publish/url.h"

/**
 * Connect, log in, choose the database and see that Redis is ready to serve. Where the URL has
 * Sentinels these are asked for the master, each time. Any thread, also several with one URL.
 * @param error  PUBLISH_ERROR bytes: why not, without the place and without secrets
 * @return a link for publish_link_close(), or NULL with `error`
 */
struct publish_link *publish_connect(const struct publish_url *url, char *error);

/**
 * The same, for connections that last.
 * @param watch  out: for publish_link_close() with the connection; NULL without Sentinels
 */
struct publish_link *publish_connect_watched(
	const struct publish_url *url, struct publish_link **watch, char *error);

/**
 * Whether a master has changed, or the Sentinel that would say so is gone: then the connection is to
 * be given up for a new one. Does not block; NULL is fine.
 */
bool publish_watch_tells(struct publish_link *watch);

/**
 * Whether a new connection may help against an error reply: to another master behind the same name,
 * with a fresh login, or once the data set is loaded. All other errors (OOM, WRONGTYPE, NOPERM,
 * MISCONF, …) would only come again, and the commands that they do not concern should go on.
 */
bool publish_error_is_fatal(const char *error);

/**
 * An error reply for people: one line, whatever is in it, cut off where there is no room.
 * @param text  out: PUBLISH_ERROR bytes
 */
void publish_error_show(const char *error, size_t len, char *text);
