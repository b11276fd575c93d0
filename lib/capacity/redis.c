/* SPDX-License-Identifier: BSD-3-Clause */
#include <hiredis/hiredis.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "capacity/capacity_pvt.h"
#include "publish/connection.h"

BASE_LOG_TYPE(log_capacity, "capacity");

void capacity_redis_fini(struct capacity_redis *r)
{
	publish_link_close(r->c);
	publish_link_close(r->watch);
	r->c = r->watch = NULL;
}

enum { REDIS_LOG_MS = 10000 };

void capacity_redis_pause(struct capacity_redis *r)
{
	publish_link_cut_off(r->c);
	publish_link_close(r->watch);
	r->c = r->watch = NULL;
	r->retry_ns = publish_back_off_next(&r->back_off);
}

static void drop(struct capacity_redis *r, const char *why)
{
	if (!why)
		why = publish_link_error(r->c);
	if (!r->away)
		base_log(&log_capacity, BASE_LOG_WARNING, "Redis at %s cannot be used: %s",
			r->url->place, why);
	r->away = true;
	capacity_redis_pause(r);
}

enum capacity_verdict capacity_redis_judge(struct capacity_redis *r, const redisReply *reply)
{
	static struct base_log_limit limit;
	char text[PUBLISH_ERROR];

	if (reply->type != REDIS_REPLY_ERROR)
		return CAPACITY_TAKEN;
	publish_error_show(reply->str, reply->len, text);
	base_log_rate_limited(&limit, REDIS_LOG_MS, &log_capacity, BASE_LOG_ERROR,
		"Redis at %s refused a command: %s", r->url->place, text);
	return strncmp(reply->str, "WRONGTYPE", 9) == 0 ? CAPACITY_KEY_REFUSED : CAPACITY_LATER;
}

bool capacity_redis_connect(struct capacity_redis *r)
{
	char error[PUBLISH_ERROR];

	if (publish_watch_tells(r->watch))
		drop(r, "a Sentinel names another master, or is gone itself");
	if (r->c)
		return true;
	if (base_clock_mono_ns() < r->retry_ns)
		return false;
	publish_back_off_try(&r->back_off);
	r->c = publish_connect_watched(r->url, &r->watch, error);
	if (!r->c) {
		drop(r, error);
		return false;
	}
	return true;
}

void capacity_redis_add(struct capacity_redis *r, int argc, const char **argv)
{
	publish_link_append(r->c, argc, argv, NULL);
}

void capacity_redis_add_bytes(
	struct capacity_redis *r, int argc, const char **argv, const size_t *lens)
{
	publish_link_append(r->c, argc, argv, lens);
}

/* A connection alone says little: a replica, for one, has those, too. */
static void note_well(struct capacity_redis *r)
{
	if (r->away)
		base_log(&log_capacity, BASE_LOG_NOTICE, "Redis at %s is back", r->url->place);
	r->away = false;
	publish_back_off_reset(&r->back_off);
}

struct redisReply *capacity_redis_answer(struct capacity_redis *r)
{
	void *reply = NULL;

	if (r->c && publish_link_reply(r->c, &reply)) {
		if (((redisReply *)reply)->type != REDIS_REPLY_ERROR)
			note_well(r);
		return reply;
	}
	if (r->c)
		drop(r, NULL);
	return NULL;
}

struct redisReply *capacity_redis_read(struct capacity_redis *r)
{
	redisReply *reply = capacity_redis_answer(r);

	if (!reply || capacity_redis_judge(r, reply) != CAPACITY_LATER)
		return reply;
	freeReplyObject(reply);
	capacity_redis_pause(r);
	return NULL;
}
