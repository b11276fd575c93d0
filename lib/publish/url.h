/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>

/* Where a Redis is and how to log in: parts of a URL, decoded. Free with publish_url_free(). */
struct publish_url {
	char *path; /* of a UNIX socket, or NULL: TCP */
	char *host; /* name or address, IPv6 without brackets */
	int port;
	char *user;     /* or NULL: the default user */
	char *password; /* or NULL: no AUTH */
	int db;
	char *place; /* for people, without secrets: "127.0.0.1:6379", "[::1]:6379", a path */
};

/**
 * Parse redis://[[user]:password@]host[:port][/db], unix://[[user]:password@]PATH[?db=N] or
 * unix:PATH. User, password, host and the PATH of unix:// are percent-decoded.
 * @param error  one sentence that never shows the password
 * @return 0, or -EINVAL with `error`; `url` is then empty
 */
int publish_url_parse(const char *text, struct publish_url *url, char *error, unsigned error_size);

void publish_url_free(struct publish_url *url);
