/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <hiredis/hiredis.h>

#include "options.h"
#include "publish/connection.h"

/* A connection for one command of weirctl. What goes wrong is said on stderr, in one sentence. */
struct session {
	struct publish_url url;
	struct publish_link *redis;
};

/** @return 0, -EINVAL: the URL is wrong, or -EIO: Redis is away or refuses us. */
int session_open(struct session *s, const struct options *o);
void session_close(struct session *s);

/** Open, show, close: a command. @return its exit code. */
int session_run(const struct options *o, int (*show)(struct session *s, const struct options *o));

/** A second connection to the same place. @return NULL after a word on stderr. */
struct publish_link *session_connect(const struct session *s);

/** Next reply of what was asked by publish_link_format(). @return NULL after a word on stderr. */
redisReply *session_reply(struct session *s);

/** Ask one command and give its reply (freeReplyObject()), or NULL after a word on stderr. */
redisReply *session_ask(struct session *s, const char *fmt, ...);

/** Value of `field` in a reply of HGETALL, or NULL. */
const char *session_field(const redisReply *hash, const char *field);

/** Keys between two texts, without them: PREFIX + middle text + suffix. `each` must copy. */
int session_scan(struct session *s, const char *before, const char *after,
	void (*each)(void *ctx, const char *middle), void *ctx);
