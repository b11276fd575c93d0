/* SPDX-License-Identifier: BSD-3-Clause */
#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "document.h"

int channel_open(struct channel *c, const struct session *s, const char *prefix, const char *name)
{
	void *answer = NULL;
	redisReply *reply;
	int rc = 0;

	c->redis = session_connect(s);
	if (!c->redis)
		return -EIO;
	publish_link_format(c->redis, "SUBSCRIBE %s:flow:{%s}", prefix, name);
	if (!publish_link_reply(c->redis, &answer)) {
		fprintf(stderr, "weirctl: Redis was lost: %s\n", publish_link_error(c->redis));
		rc = -EIO;
	}
	reply = answer;
	if (!reply || reply->type == REDIS_REPLY_ERROR)
		channel_close(c);
	freeReplyObject(reply);
	return rc;
}

void channel_close(struct channel *c)
{
	publish_link_close(c->redis);
	c->redis = NULL;
}

static int lost(const struct channel *c)
{
	fprintf(stderr, "weirctl: Redis was lost: %s\n", publish_link_error(c->redis));
	return -EIO;
}

/* A reply that is whole already, or else the one that the socket has for us. */
static int next_reply(struct channel *c, uint64_t deadline_ns, redisReply **reply)
{
	struct pollfd pfd = {.fd = publish_link_fd(c->redis), .events = POLLIN};
	uint64_t now = base_clock_mono_ns();
	int n;

	*reply = NULL;
	if (!publish_link_reply_now(c->redis, (void **)reply))
		return lost(c);
	if (*reply)
		return 1;
	n = poll(&pfd, 1, now < deadline_ns ? (int)((deadline_ns - now) / 1000000 + 1) : 0);
	if (n == 0 || (n < 0 && errno == EINTR))
		return 0;
	if (!publish_link_reply_now(c->redis, (void **)reply))
		return lost(c);
	return *reply ? 1 : 0;
}

int channel_next(struct channel *c, uint64_t deadline_ns, json_t **document)
{
	redisReply *reply;
	int rc;

	do {
		rc = next_reply(c, deadline_ns, &reply);
		if (rc < 0)
			return rc;
		if (rc == 0)
			continue;
		*document = reply->elements == 3 && reply->element[2]->str
				    ? document_parse(reply->element[2]->str)
				    : NULL;
		freeReplyObject(reply);
		if (json_is_object(*document))
			return 1;
		json_decref(*document);
	} while (base_clock_mono_ns() < deadline_ns);
	return 0;
}
