/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "publish/url.h"

struct redisContext;
struct redisReply;

/*
 * One connection to a Redis: hiredis connects, writes down commands and makes replies of bytes; the bytes
 * themselves go through here, as they are or in TLS. One owner thread, which ignores or blocks SIGPIPE.
 */

enum {
	PUBLISH_CONNECT_MS = 1000, /* for the socket, not for a name server */
	/* For each write, each read, and for the handshake of TLS. One that is dead without a word is left after this. */
	PUBLISH_ANSWER_MS = 1500,
	PUBLISH_ERROR = 256, /* room for an error sentence */
	PUBLISH_PLACE = 128, /* and for an address with its port */
};

struct publish_link;

/**
 * Connect, and shake hands where the URL says TLS. No command is sent.
 * @param error  PUBLISH_ERROR bytes: why not, without the place and without secrets
 * @return NULL with `error`; ends with publish_link_close()
 */
struct publish_link *publish_link_open(const struct publish_url *url, char *error);

/** NULL is fine. */
void publish_link_close(struct publish_link *l);

/** In place of publish_link_close(), where commands are without their replies: what is not sent yet is not sent. */
void publish_link_cut_off(struct publish_link *l);

/** Where it leads to, by TCP. @param text  PUBLISH_PLACE bytes */
void publish_link_place(const struct publish_link *l, char *text);

/** The socket, for shutdown() by another thread, and for poll(). */
int publish_link_fd(const struct publish_link *l);

/** What reads the replies, for callers with their own functions for it. Its I/O is not to be used. */
struct redisContext *publish_link_context(struct publish_link *l);

/** Write all bytes: commands. @return whether they are written; else publish_link_error() */
bool publish_link_write(struct publish_link *l, const char *bytes, size_t len);

/** Add a command to those that go out when the next reply is asked for. `lens` NULL: NUL-terminated. */
void publish_link_append(struct publish_link *l, int argc, const char **argv, const size_t *lens);

/** The same as hiredis writes down a format. */
void __attribute__((format(printf, 2, 3)))
publish_link_format(struct publish_link *l, const char *fmt, ...);
void publish_link_vformat(struct publish_link *l, const char *fmt, va_list ap);

/**
 * The next reply, after what was added is written.
 * @param reply  out, for freeReplyObject()
 * @return whether there is one; else publish_link_error(), and the link is of no use any more
 */
bool publish_link_reply(struct publish_link *l, void **reply);

/**
 * The next reply if all of it has come, else `*reply` is NULL: then poll() on the socket says when to ask again.
 * Never waits. @return as publish_link_reply()
 */
bool publish_link_reply_now(struct publish_link *l, void **reply);

/** Ask one command. @return its reply; NULL as publish_link_reply() */
struct redisReply *publish_link_ask(
	struct publish_link *l, int argc, const char **argv, const size_t *lens);

/** No reply is awaited: whether the server is through with us all the same. */
bool publish_link_hung_up(struct publish_link *l);

/** Why the last call failed; for people. NULL: there is no link for lack of memory. */
const char *publish_link_error(const struct publish_link *l);
