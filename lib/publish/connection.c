/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/connection.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

static struct timeval timeval_of(unsigned ms)
{
	return (struct timeval){.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
}

/* Both time-outs of the socket surface as EAGAIN, whose own text would puzzle everyone. */
const char *publish_connection_error(const struct redisContext *c)
{
	if (!c)
		return "out of memory";
	if (c->err == REDIS_ERR_IO && errno == EAGAIN)
		return "no answer in time";
	return c->errstr[0] ? c->errstr : "the connection is closed";
}

bool publish_error_is_fatal(const char *error)
{
	static const char *const codes[] = {"READONLY", "NOAUTH", "LOADING", "MASTERDOWN"};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strncmp(error, codes[i], strlen(codes[i])) == 0)
			return true;
	}
	return false;
}

/* One command of the hand-shake; any error reply that `allowed` does not begin refuses it. */
static int ask(redisContext *c, int argc, const char **argv, const char *allowed, char *error)
{
	redisReply *reply = redisCommandArgv(c, argc, argv, NULL);
	int rc = 0;

	if (!reply) {
		snprintf(error, PUBLISH_ERROR, "%s", publish_connection_error(c));
		return -EIO;
	}
	if (reply->type == REDIS_REPLY_ERROR &&
		(!allowed || strncmp(reply->str, allowed, strlen(allowed)) != 0)) {
		snprintf(error, PUBLISH_ERROR, "%s answers: %s", argv[0], reply->str);
		rc = -EACCES;
	}
	freeReplyObject(reply);
	return rc;
}

static int log_in(redisContext *c, const struct publish_url *url, char *error)
{
	const char *with_user[] = {"AUTH", url->user, url->password};
	const char *alone[] = {"AUTH", url->password};

	if (!url->password)
		return 0;
	return url->user ? ask(c, 3, with_user, NULL, error) : ask(c, 2, alone, NULL, error);
}

static int select_db(redisContext *c, int db, char *error)
{
	char number[16];
	const char *argv[] = {"SELECT", number};

	if (db == 0)
		return 0;
	snprintf(number, sizeof(number), "%d", db);
	return ask(c, 2, argv, NULL, error);
}

/* Says -LOADING, -NOAUTH, -MASTERDOWN and the like; a user without the right to PING is fine. */
static int ping(redisContext *c, char *error)
{
	const char *argv[] = {"PING"};

	return ask(c, 1, argv, "NOPERM", error);
}

static redisContext *open_socket(const struct publish_url *url)
{
	if (url->path)
		return redisConnectUnixWithTimeout(url->path, timeval_of(PUBLISH_CONNECT_MS));
	return redisConnectWithTimeout(url->host, url->port, timeval_of(PUBLISH_CONNECT_MS));
}

struct redisContext *publish_connect(const struct publish_url *url, char *error)
{
	redisContext *c = open_socket(url);

	if (!c || c->err) {
		snprintf(error, PUBLISH_ERROR, "%s", publish_connection_error(c));
		goto fail;
	}
	if (redisSetTimeout(c, timeval_of(PUBLISH_ANSWER_MS)) != REDIS_OK) {
		snprintf(error, PUBLISH_ERROR, "%s", publish_connection_error(c));
		goto fail;
	}
	if (!url->path)
		redisEnableKeepAlive(c);
	if (log_in(c, url, error) || select_db(c, url->db, error) || ping(c, error))
		goto fail;
	return c;
fail:
	if (c)
		redisFree(c);
	return NULL;
}
