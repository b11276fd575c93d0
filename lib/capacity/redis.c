/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/clock.h"
#include "base/log.h"
#include "capacity/capacity_pvt.h"
#include "publish/connection.h"

BASE_LOG_TYPE(log_capacity, "capacity");

enum { REDIS_BACK_OFF_MS = 1000 };

void capacity_redis_drop(struct capacity_redis *r, const char *why)
{
	if (!why)
		why = publish_link_error(r->c);
	if (!r->away)
		base_log(&log_capacity, BASE_LOG_WARNING, "Redis at %s is away: %s", r->url->place,
			why);
	r->away = true;
	publish_link_close(r->c);
	r->c = NULL;
	r->retry_ns = base_clock_mono_ns() + REDIS_BACK_OFF_MS * UINT64_C(1000000);
}

bool capacity_redis_connect(struct capacity_redis *r)
{
	char error[PUBLISH_ERROR];

	if (r->c)
		return true;
	if (base_clock_mono_ns() < r->retry_ns)
		return false;
	r->c = publish_connect(r->url, error);
	if (!r->c) {
		capacity_redis_drop(r, error);
		return false;
	}
	if (r->away)
		base_log(&log_capacity, BASE_LOG_NOTICE, "Redis at %s is back", r->url->place);
	r->away = false;
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

struct redisReply *capacity_redis_answer(struct capacity_redis *r)
{
	void *reply = NULL;

	if (r->c && publish_link_reply(r->c, &reply))
		return reply;
	if (r->c)
		capacity_redis_drop(r, NULL);
	return NULL;
}
