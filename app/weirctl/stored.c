/* SPDX-License-Identifier: BSD-3-Clause */
#include "stored.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "document.h"

static json_t *ranked(const redisReply *rank)
{
	json_t *top = json_array(), *flow;

	for (size_t i = 0; i + 1 < rank->elements; i += 2) {
		flow = json_object();
		json_object_set_new(flow, "key", json_string(rank->element[i]->str));
		json_object_set_new(flow, "value", document_value(rank->element[i + 1]->str));
		json_array_append_new(top, flow);
	}
	return top;
}

static json_t *build(const char *name, const redisReply *rank, const redisReply *meta)
{
	json_t *document = json_object();

	json_object_set_new(document, "flow", json_string(name));
	json_object_update_new(document, document_hash(meta));
	json_object_set_new(document, "top", ranked(rank));
	return document;
}

/* Both keys of one window: MULTI on this side, as there is one on the other. */
int stored_read(struct session *s, const struct options *o, json_t **document)
{
	redisReply *reply = NULL;
	int rc = 0;

	publish_link_format(s->redis, "MULTI");
	publish_link_format(s->redis, "ZREVRANGE %s:flow:{%s}:rank 0 %u WITHSCORES", o->prefix,
		o->name, o->n - 1);
	publish_link_format(s->redis, "HGETALL %s:flow:{%s}:meta", o->prefix, o->name);
	publish_link_format(s->redis, "EXEC");
	for (unsigned i = 0; i < 4; i++) {
		freeReplyObject(reply);
		reply = session_reply(s);
		if (!reply)
			return -EIO;
	}
	if (reply->elements == 2 && reply->element[0]->type == REDIS_REPLY_ARRAY &&
		reply->element[1]->type == REDIS_REPLY_ARRAY && reply->element[1]->elements > 0) {
		*document = build(o->name, reply->element[0], reply->element[1]);
		rc = 1;
	}
	freeReplyObject(reply);
	return rc;
}

enum { NAMES = 64 };

struct names {
	char *names[NAMES];
	size_t count;
};

static void add_name(void *ctx, const char *name)
{
	struct names *n = ctx;

	if (n->count < NAMES)
		n->names[n->count++] = strdup(name);
}

static const char *name_at(const void *ctx, size_t i)
{
	const struct names *n = ctx;

	return i < n->count ? n->names[i] : NULL;
}

static void tell(const struct names *n, const struct session *s, const struct options *o)
{
	const char *near = base_near(o->name, name_at, n);

	fprintf(stderr, "weirctl: Redis at %s has no flows \"%s\"", s->url.place, o->name);
	if (n->count == 0)
		fprintf(stderr,
			", nor any other under the prefix \"%s\"; does weir run, and publish "
			"there?\n",
			o->prefix);
	else if (near)
		fprintf(stderr, "; did you mean \"%s\"?\n", near);
	else
		fprintf(stderr, "; it has");
	for (size_t i = 0; !near && i < n->count; i++)
		fprintf(stderr, " %s%s", n->names[i], i + 1 < n->count ? "," : "\n");
}

void stored_tell_missing(struct session *s, const struct options *o)
{
	struct names n = {.count = 0};
	char before[256];

	snprintf(before, sizeof(before), "%s:flow:{", o->prefix);
	if (session_scan(s, before, "}:meta", add_name, &n) == 0)
		tell(&n, s, o);
	for (size_t i = 0; i < n.count; i++)
		free(n.names[i]);
}
