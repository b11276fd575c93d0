/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>

/* What settings say besides the URL. NULL or "": nothing; texts stay the caller's. */
struct publish_access {
	const char *user;
	const char *password; /* or where it is: base_secret_read() at each connection */
	const char *tls_ca, *tls_cert, *tls_key, *tls_server_name;
	bool tls_unverified;
};

struct publish_sentinels;

/* Where a Redis is and how to get in: parts of a URL, decoded, and the rest. Free with publish_url_free(). */
struct publish_url {
	char *path; /* of a UNIX socket, or NULL: TCP */
	char *host; /* name or address, IPv6 without brackets; with Sentinels what they call the master */
	struct publish_sentinels *sentinels; /* who say where it is; NULL: host and port do */
	int port;
	char *user;              /* or NULL: the default user */
	char *password;          /* or NULL: no AUTH */
	bool password_elsewhere; /* it is one of struct publish_access */
	int db;
	bool tls; /* rediss:// or sentinels:// */
	bool unverified;
	char *ca, *cert, *key; /* PEM files, or NULL */
	char *server_name;     /* what the certificate must be for, and SNI; NULL: the host */
	char *place; /* for people, without secrets: "127.0.0.1:6379", "[::1]:6379", a path */
};

/* The Sentinels of a URL. */
struct publish_sentinels {
	unsigned first; /* relaxed atomic, any thread: the one that answered last is asked first */
	unsigned count;
	struct publish_url list[]; /* each with its login */
};

/**
 * Parse redis://[[user]:password@]host[:port][/db], the same with rediss://, unix://[[user]:password@]PATH[?db=N] or
 * unix:PATH, or, see url_sentinel.c,
 * sentinel://[[user]:password@]host[:port][,host[:port]…]/NAME[/db][?sentinel=[user]:password], and
 * sentinels:// with TLS to all of them.
 * User, password, host and the PATH of unix:// are percent-decoded.
 * @param error  one sentence that never shows the password
 * @return 0, or -EINVAL with `error`; `url` is then empty
 */
int publish_url_parse(const char *text, struct publish_url *url, char *error, unsigned error_size);

/**
 * Add what settings say besides it.
 * @param access  NULL: nothing
 * @param option  out, NULL is fine: which one `error` is about, by its name in the settings
 * @return 0, or -EINVAL with `error` where it does not go with the URL; `url` is then empty
 */
int publish_url_add(struct publish_url *url, const struct publish_access *access,
	const char **option, char *error, unsigned error_size);

void publish_url_free(struct publish_url *url);
