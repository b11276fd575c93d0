/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/connection.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"
#include "publish/connection_pvt.h"

enum { CONNECTION_PASSWORD = 1024 };

bool publish_error_is_fatal(const char *error)
{
	static const char *const codes[] = {"READONLY", "NOAUTH", "LOADING", "MASTERDOWN"};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strncmp(error, codes[i], strlen(codes[i])) == 0)
			return true;
	}
	return false;
}

void publish_error_show(const char *error, size_t len, char *text)
{
	struct base_text t = base_text(text, PUBLISH_ERROR);

	base_text_wire(&t, (const uint8_t *)error, len);
}

/*
 * What an error reply may be shown of. One to AUTH may quote what was sent: "ERR unknown command 'AUTH', with
 * args beginning with: 'PASSWORD'".
 */
static size_t shown_length(const char *command, const char *reply)
{
	return strcmp(command, "AUTH") == 0 ? strcspn(reply, "'`\"") : strlen(reply);
}

/* One command of the hand-shake; any error reply that `allowed` does not begin refuses it. */
static int ask(
	struct publish_link *l, int argc, const char **argv, const char *allowed, char *error)
{
	redisReply *reply = publish_link_ask(l, argc, argv, NULL);
	char text[PUBLISH_ERROR];
	int rc = 0;

	if (!reply) {
		snprintf(error, PUBLISH_ERROR, "%s", publish_link_error(l));
		return -EIO;
	}
	if (reply->type == REDIS_REPLY_ERROR &&
		(!allowed || strncmp(reply->str, allowed, strlen(allowed)) != 0)) {
		publish_error_show(reply->str, shown_length(argv[0], reply->str), text);
		snprintf(error, PUBLISH_ERROR, "%s answers: %.200s", argv[0], text);
		rc = -EACCES;
	}
	freeReplyObject(reply);
	return rc;
}

static int auth(
	struct publish_link *l, const struct publish_url *url, const char *password, char *error)
{
	const char *with_user[] = {"AUTH", url->user, password};
	const char *alone[] = {"AUTH", password};

	return url->user ? ask(l, 3, with_user, NULL, error) : ask(l, 2, alone, NULL, error);
}

static int log_in(struct publish_link *l, const struct publish_url *url, char *error)
{
	char password[CONNECTION_PASSWORD], why[BASE_SECRET_WHY];
	int rc;

	if (!url->password)
		return 0;
	if (!url->password_elsewhere)
		return auth(l, url, url->password, error);
	rc = base_secret_read(url->password, password, sizeof(password), why);
	if (rc < 0)
		snprintf(error, PUBLISH_ERROR, "password: %.200s", why);
	else
		rc = auth(l, url, password, error);
	explicit_bzero(password, sizeof(password));
	return rc;
}

static int select_db(struct publish_link *l, int db, char *error)
{
	char number[16];
	const char *argv[] = {"SELECT", number};

	if (db == 0)
		return 0;
	snprintf(number, sizeof(number), "%d", db);
	return ask(l, 2, argv, NULL, error);
}

/* Says -LOADING, -NOAUTH, -MASTERDOWN and the like; a user without the right to PING is fine. */
static int ping(struct publish_link *l, char *error)
{
	const char *argv[] = {"PING"};

	return ask(l, 1, argv, "NOPERM", error);
}

struct publish_link *publish_connect_to(const struct publish_url *url, char *error)
{
	struct publish_link *l = publish_link_open(url, error);

	if (l && (log_in(l, url, error) || select_db(l, url->db, error) || ping(l, error))) {
		publish_link_close(l);
		return NULL;
	}
	return l;
}

struct publish_link *publish_connect_watched(
	const struct publish_url *url, struct publish_link **watch, char *error)
{
	*watch = NULL;
	return url->sentinels ? publish_connect_master(url, watch, error)
			      : publish_connect_to(url, error);
}

struct publish_link *publish_connect(const struct publish_url *url, char *error)
{
	struct publish_link *watch, *l = publish_connect_watched(url, &watch, error);

	publish_link_close(watch);
	return l;
}
