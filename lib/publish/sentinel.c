/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Where the master is, by Sentinel. The protocol is that of clients in
 * https://redis.io/docs/latest/develop/reference/sentinel-clients/: ask one Sentinel after the other,
 * connect to what it names, and see by ROLE that this is a master, since a Sentinel that was cut off
 * names the old one. Nothing is remembered but who answered: each new connection asks anew.
 *
 * An old master goes on as one for about ten seconds after a fail-over that it was not dead for, and what is
 * written to it then is lost. So the Sentinel that named it is listened to.
 */
#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "publish/connection_pvt.h"

enum { SENTINEL_HOST = 256 };

struct sentinel_address {
	char host[SENTINEL_HOST];
	int port;
};

static bool is_text(const redisReply *r)
{
	return r->type == REDIS_REPLY_STRING || r->type == REDIS_REPLY_STATUS;
}

static bool read_port(const char *text, int *port)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	*port = (int)v;
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && v > 0 && v < 65536;
}

/* Host and port are what somebody else says. */
static int read_address(
	const redisReply *r, const char *name, struct sentinel_address *at, char *error)
{
	if (r->type == REDIS_REPLY_ERROR) {
		publish_error_show(r->str, r->len, error);
		return -EACCES;
	}
	if (r->type == REDIS_REPLY_NIL) {
		snprintf(error, PUBLISH_ERROR, "it knows no master \"%s\"", name);
		return -ENOENT;
	}
	if (r->type != REDIS_REPLY_ARRAY || r->elements != 2 || !is_text(r->element[0]) ||
		!is_text(r->element[1]) || r->element[0]->len == 0 ||
		r->element[0]->len >= sizeof(at->host) ||
		!read_port(r->element[1]->str, &at->port)) {
		snprintf(error, PUBLISH_ERROR, "its answer is no address");
		return -EPROTO;
	}
	snprintf(at->host, sizeof(at->host), "%s", r->element[0]->str);
	return 0;
}

/* @return a connection to the Sentinel, which has answered; NULL with `error` */
static struct publish_link *ask_address(const struct publish_url *sentinel, const char *name,
	struct sentinel_address *at, char *error)
{
	const char *argv[] = {"SENTINEL", "get-master-addr-by-name", name};
	struct publish_link *c = publish_connect_to(sentinel, error);
	redisReply *reply;
	int rc = -EIO;

	if (!c)
		return NULL;
	reply = publish_link_ask(c, 3, argv, NULL);
	if (reply)
		rc = read_address(reply, name, at, error);
	else
		snprintf(error, PUBLISH_ERROR, "%s", publish_link_error(c));
	freeReplyObject(reply);
	if (rc == 0)
		return c;
	publish_link_close(c);
	return NULL;
}

/* From here on the connection has news for us only where masters change. @return whether it listens */
static bool listen_for_changes(struct publish_link *c)
{
	const char *argv[] = {"SUBSCRIBE", "+switch-master"};
	redisReply *r = publish_link_ask(c, 2, argv, NULL);
	bool well = r && r->type == REDIS_REPLY_ARRAY;

	freeReplyObject(r);
	return well;
}

bool publish_watch_tells(struct publish_link *watch)
{
	void *reply = NULL;
	bool news;

	if (!watch)
		return false;
	news = !publish_link_reply_now(watch, &reply) || reply;
	freeReplyObject(reply);
	return news;
}

/* A user without the right to ask is fine: the first write tells (READONLY). */
static bool is_master(struct publish_link *c, char *error)
{
	const char *argv[] = {"ROLE"};
	redisReply *r = publish_link_ask(c, 1, argv, NULL);
	bool master = false;

	if (!r)
		snprintf(error, PUBLISH_ERROR, "%s", publish_link_error(c));
	else if (r->type == REDIS_REPLY_ERROR)
		master = strncmp(r->str, "NOPERM", 6) == 0;
	else
		master = r->type == REDIS_REPLY_ARRAY && r->elements > 0 &&
			 is_text(r->element[0]) && strcmp(r->element[0]->str, "master") == 0;
	if (r && !master)
		snprintf(error, PUBLISH_ERROR, "it is no master");
	freeReplyObject(r);
	return master;
}

/* `at` has the login and database of `url`. */
static struct publish_link *connect_at(
	const struct publish_url *url, struct sentinel_address *at, char *error)
{
	char why[PUBLISH_ERROR];
	struct publish_url master = *url;
	struct publish_link *c;

	master.host = at->host;
	master.port = at->port;
	master.sentinels = NULL;
	c = publish_connect_to(&master, why);
	if (c && is_master(c, why))
		return c;
	publish_link_close(c);
	snprintf(error, PUBLISH_ERROR, "%.64s:%d, which a Sentinel names: %.128s", at->host,
		at->port, why);
	return NULL;
}

static bool same(const struct sentinel_address *a, const struct sentinel_address *b)
{
	return a->port == b->port && strcmp(a->host, b->host) == 0;
}

/* A user that may not subscribe has none: the end of the connection, or READONLY, then tells. */
static struct publish_link *keep_watch(struct publish_link *c)
{
	if (listen_for_changes(c))
		return c;
	publish_link_close(c);
	return NULL;
}

/*
 * The next one is asked where one does not answer, or names what is no master. What the first of them
 * named explains a failure best.
 */
struct publish_link *publish_connect_master(
	const struct publish_url *url, struct publish_link **watch, char *error)
{
	struct publish_sentinels *s = url->sentinels;
	unsigned first = __atomic_load_n(&s->first, __ATOMIC_RELAXED);
	struct sentinel_address tried = {.port = 0}, at;
	char why[PUBLISH_ERROR];

	*watch = NULL;
	for (unsigned i = 0; i < s->count; i++) {
		unsigned n = (first + i) % s->count;
		struct publish_link *c = NULL,
				    *asked = ask_address(&s->list[n], url->host, &at, why);

		if (!asked) {
			if (tried.port == 0)
				snprintf(error, PUBLISH_ERROR, "Sentinel at %.64s: %.128s",
					s->list[n].place, why);
			continue;
		}
		if (tried.port == 0)
			__atomic_store_n(&s->first, n, __ATOMIC_RELAXED);
		if (!same(&at, &tried))
			c = connect_at(url, &at, tried.port ? why : error);
		if (c) {
			__atomic_store_n(&s->first, n, __ATOMIC_RELAXED);
			*watch = keep_watch(asked);
			return c;
		}
		publish_link_close(asked);
		tried = at;
	}
	return NULL;
}
