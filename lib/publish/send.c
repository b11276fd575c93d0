/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/send_pvt.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include "publish/connection.h"

enum { SEND_PIECE = 256 << 10 };

static void note_error(struct publish_sent *sent, const char *error)
{
	sent->errors++;
	if (publish_error_is_fatal(error) && !sent->lost) {
		sent->lost = true;
		sent->error[0] = '\0';
	}
	if (!sent->error[0])
		snprintf(sent->error, sizeof(sent->error), "%s", error);
}

/* The reply of EXEC holds one of each command; they hold nothing that could fail. */
static void look_at(struct publish_sent *sent, const redisReply *reply)
{
	if (reply->type == REDIS_REPLY_ERROR)
		note_error(sent, reply->str);
	if (reply->type != REDIS_REPLY_ARRAY)
		return;
	for (size_t i = 0; i < reply->elements; i++) {
		if (reply->element[i]->type == REDIS_REPLY_ERROR)
			note_error(sent, reply->element[i]->str);
	}
}

static long long integer_of(const redisReply *reply)
{
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements)
		reply = reply->element[0];
	return reply->type == REDIS_REPLY_INTEGER ? reply->integer : 1;
}

static void lose(redisContext *c, struct publish_sent *sent)
{
	sent->lost = true;
	snprintf(sent->error, sizeof(sent->error), "%s", publish_connection_error(c));
}

static bool read_replies(
	redisContext *c, struct publish_batch *b, uint64_t count, struct publish_sent *sent)
{
	uint64_t errors;

	for (; count > 0; count--) {
		void *reply = NULL;

		errno = 0;
		if (redisGetReply(c, &reply) != REDIS_OK || !reply) {
			lose(c, sent);
			return false;
		}
		errors = sent->errors;
		look_at(sent, reply);
		publish_batch_replied(b, sent->commands, sent->errors > errors, integer_of(reply));
		freeReplyObject(reply);
		sent->commands++;
	}
	return !sent->lost;
}

static size_t piece_end(const struct publish_batch *b, size_t from, size_t start)
{
	while (from < b->mark_count && b->marks[from].end - start < SEND_PIECE)
		from++;
	return from < b->mark_count ? from : from - 1;
}

void publish_send(struct redisContext *c, struct publish_batch *b, struct publish_sent *sent)
{
	struct publish_mark done = {0};
	size_t i = 0;

	memset(sent, 0, sizeof(*sent));
	while (i < b->mark_count) {
		size_t last = piece_end(b, i, done.end);
		struct publish_mark mark = b->marks[last];

		if (redisAppendFormattedCommand(
			    c, b->bytes.bytes + done.end, mark.end - done.end) != REDIS_OK) {
			lose(c, sent);
			return;
		}
		if (!read_replies(c, b, mark.commands - done.commands, sent))
			return;
		sent->bytes += mark.end - done.end;
		done = mark;
		i = last + 1;
	}
}
