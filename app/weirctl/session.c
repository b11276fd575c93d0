/* SPDX-License-Identifier: BSD-3-Clause */
#include "session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

struct publish_link *session_connect(const struct session *s)
{
	char error[PUBLISH_ERROR];
	struct publish_link *c = publish_connect(&s->url, error);

	if (!c)
		fprintf(stderr,
			"weirctl: cannot use Redis at %s: %s; --redis URL says where it is\n",
			s->url.place, error);
	return c;
}

int session_open(struct session *s, const struct options *o)
{
	const struct publish_access access = {.user = o->user,
		.password = o->password,
		.tls_ca = o->ca_file,
		.tls_cert = o->cert_file,
		.tls_key = o->key_file,
		.tls_server_name = o->server_name};
	char error[PUBLISH_ERROR];

	if (publish_url_parse(o->redis, &s->url, error, sizeof(error)) ||
		publish_url_add(&s->url, &access, NULL, error, sizeof(error))) {
		fprintf(stderr, "weirctl: --redis: %s\n", error);
		return -EINVAL;
	}
	s->redis = session_connect(s);
	if (!s->redis) {
		publish_url_free(&s->url);
		return -EIO;
	}
	return 0;
}

void session_close(struct session *s)
{
	publish_link_close(s->redis);
	publish_url_free(&s->url);
}

static redisReply *check(struct session *s, redisReply *reply)
{
	if (!reply) {
		fprintf(stderr, "weirctl: Redis at %s was lost: %s\n", s->url.place,
			publish_link_error(s->redis));
		return NULL;
	}
	if (reply->type == REDIS_REPLY_ERROR) {
		char text[PUBLISH_ERROR];

		publish_error_show(reply->str, reply->len, text);
		fprintf(stderr, "weirctl: Redis at %s refuses: %s\n", s->url.place, text);
		freeReplyObject(reply);
		return NULL;
	}
	return reply;
}

redisReply *session_reply(struct session *s)
{
	void *reply = NULL;

	return check(s, publish_link_reply(s->redis, &reply) ? reply : NULL);
}

redisReply *session_ask(struct session *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	publish_link_vformat(s->redis, fmt, ap);
	va_end(ap);
	return session_reply(s);
}

const char *session_field(const redisReply *hash, const char *field)
{
	for (size_t i = 0; i + 1 < hash->elements; i += 2) {
		if (strcmp(hash->element[i]->str, field) == 0)
			return hash->element[i + 1]->str;
	}
	return NULL;
}

static void add_literal(struct base_text *pattern, const char *text)
{
	for (; *text; text++) {
		if (strchr("*?[]^\\", *text))
			base_text_char(pattern, '\\');
		base_text_char(pattern, *text);
	}
}

static void each_key(const redisReply *keys, const char *before, const char *after,
	void (*each)(void *ctx, const char *middle), void *ctx)
{
	size_t head = strlen(before), tail = strlen(after);
	char middle[512];

	for (size_t i = 0; i < keys->elements; i++) {
		size_t len = keys->element[i]->len;

		if (len < head + tail)
			continue;
		snprintf(middle, sizeof(middle), "%.*s", (int)(len - head - tail),
			keys->element[i]->str + head);
		each(ctx, middle);
	}
}

int session_scan(struct session *s, const char *before, const char *after,
	void (*each)(void *ctx, const char *middle), void *ctx)
{
	char buf[1024], cursor[32] = "0";
	struct base_text pattern = base_text(buf, sizeof(buf));
	redisReply *reply;

	add_literal(&pattern, before);
	base_text_char(&pattern, '*');
	add_literal(&pattern, after);
	do {
		reply = session_ask(s, "SCAN %s MATCH %s COUNT 1000", cursor, pattern.buf);
		if (!reply)
			return -EIO;
		snprintf(cursor, sizeof(cursor), "%s", reply->element[0]->str);
		each_key(reply->element[1], before, after, each, ctx);
		freeReplyObject(reply);
	} while (strcmp(cursor, "0") != 0);
	return 0;
}

int session_run(const struct options *o, int (*show)(struct session *s, const struct options *o))
{
	struct session s;
	int rc = session_open(&s, o);

	if (rc)
		return rc == -EINVAL ? 2 : 1;
	rc = show(&s, o);
	session_close(&s);
	return rc;
}
