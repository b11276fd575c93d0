/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/send_pvt.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "publish/connection.h"

enum {
	SEND_PIECE = 256 << 10,
	SEND_AHEAD =
		1
		<< 20, /* bytes of commands that may be without their replies while more are sent */
};

#if HIREDIS_MAJOR > 0
typedef size_t array_length;
#else
typedef int array_length;
#endif

/* ---- replies ---- */

/* One that is read, and where what it says goes. Nothing is allocated for it. */
struct reading {
	struct publish_sent *sent;
	struct publish_reply reply;
};

/* What hiredis gets for a reply, of which nobody looks at any more. */
static redisReply something = {.type = REDIS_REPLY_STATUS};

static void note_error(struct publish_sent *sent, const char *text, size_t len)
{
	char error[PUBLISH_ERROR];

	if (len >= sizeof(error))
		len = sizeof(error) - 1;
	memcpy(error, text, len);
	error[len] = '\0';
	sent->errors++;
	if (publish_error_is_fatal(error) && !sent->lost) {
		sent->lost = true;
		sent->error[0] = '\0';
	}
	if (!sent->error[0])
		publish_error_show(text, len, sent->error);
}

/* Integers by themselves, and those that EXEC holds; arrays in those hold nothing of interest. */
static void note_integer(const redisReadTask *task, long long v)
{
	struct reading *r = task->privdata;
	unsigned at = task->parent ? (unsigned)task->idx : 0;

	if ((task->parent && task->parent->parent) || at >= PUBLISH_INTEGERS)
		return;
	r->reply.integers[at] = v;
	if (r->reply.count <= at)
		r->reply.count = at + 1;
}

/* The reply of EXEC holds one of each command. */
static void *read_text(const redisReadTask *task, char *text, size_t len)
{
	struct reading *r = task->privdata;

	if (task->type == REDIS_REPLY_ERROR) {
		note_error(r->sent, text, len);
		r->reply.error = true;
	}
	note_integer(task, 1);
	return &something;
}

/* No command here asks for RESP3, so who sends it has lost step, or is no Redis. */
static void *read_odd(const redisReadTask *task)
{
	struct reading *r = task->privdata;

	if (!r->sent->lost)
		snprintf(r->sent->error, sizeof(r->sent->error), "a reply that is not of RESP2");
	r->sent->lost = true;
	return &something;
}

static void *read_array(const redisReadTask *task, array_length count)
{
	(void)count;
	if (task->type != REDIS_REPLY_ARRAY)
		return read_odd(task);
	if (task->parent)
		note_integer(task, 1);
	return &something;
}

static void *read_integer(const redisReadTask *task, long long v)
{
	note_integer(task, v);
	return &something;
}

static void *read_nil(const redisReadTask *task)
{
	note_integer(task, 1);
	return &something;
}

#if HIREDIS_MAJOR > 0
static void *read_double(const redisReadTask *task, double v, char *text, size_t len)
{
	return read_odd(task);
}

static void *read_bool(const redisReadTask *task, int v)
{
	return read_odd(task);
}
#endif

static void read_nothing(void *reply)
{
	(void)reply;
}

static redisReplyObjectFunctions readers = {.createString = read_text,
	.createArray = read_array,
	.createInteger = read_integer,
	.createNil = read_nil,
#if HIREDIS_MAJOR > 0
	.createDouble = read_double,
	.createBool = read_bool,
#endif
	.freeObject = read_nothing};

static void lose(const struct publish_link *l, struct publish_sent *sent)
{
	sent->lost = true;
	snprintf(sent->error, sizeof(sent->error), "%s", publish_link_error(l));
}

static bool read_replies(
	struct publish_link *l, struct publish_batch *b, uint64_t until, struct publish_sent *sent)
{
	struct reading reading = {.sent = sent};

	publish_link_context(l)->reader->privdata = &reading;
	while (sent->commands < until) {
		void *reply = NULL;

		reading.reply = (struct publish_reply){.error = false};
		if (!publish_link_reply(l, &reply)) {
			lose(l, sent);
			return false;
		}
		publish_batch_replied(b, sent->commands++, &reading.reply);
	}
	return !sent->lost;
}

/* ---- commands ---- */

static bool write_bytes(
	struct publish_link *l, const char *bytes, size_t len, struct publish_sent *sent)
{
	uint64_t start = base_clock_mono_ns();
	bool done = publish_link_write(l, bytes, len);

	if (!done)
		lose(l, sent);
	sent->write_ns += base_clock_mono_ns() - start;
	return done;
}

/* @return the mark at which a piece ends that begins with the entity `from`, at byte `start` */
static size_t piece_end(const struct publish_batch *b, size_t from, size_t start)
{
	while (from < b->mark_count && b->marks[from].end - start < SEND_PIECE)
		from++;
	return from < b->mark_count ? from : from - 1;
}

/* Read replies until no more than `ahead` of `end` bytes are without theirs. */
static bool catch_up(struct publish_link *l, struct publish_batch *b, size_t *next, size_t end,
	size_t ahead, struct publish_sent *sent)
{
	while (end - sent->bytes > ahead) {
		const struct publish_mark *mark = &b->marks[(*next)++];

		if (!read_replies(l, b, mark->commands, sent))
			return false;
		sent->bytes = mark->end;
	}
	return true;
}

void publish_send(struct publish_link *l, struct publish_batch *b, struct publish_sent *sent)
{
	size_t i = 0, answered = 0, start = 0;

	memset(sent, 0, sizeof(*sent));
	publish_link_context(l)->reader->fn = &readers;
	while (i < b->mark_count) {
		size_t last = piece_end(b, i, start), end = b->marks[last].end;

		if (!write_bytes(l, b->bytes.bytes + start, end - start, sent) ||
			!catch_up(l, b, &answered, end, SEND_AHEAD, sent))
			return;
		start = end;
		i = last + 1;
	}
	catch_up(l, b, &answered, start, 0, sent);
}
