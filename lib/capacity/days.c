/* SPDX-License-Identifier: BSD-3-Clause */
#include <hiredis/hiredis.h>
#include <string.h>

#include "capacity/capacity_pvt.h"
#include "capacity/number.h"

/*
 * Days are made of the hours that Redis has, so that neither a restart of weir nor a day of which many
 * hours came late loses any. The day that is done is written behind the last of its records: what was
 * broken off is made again, and of a day the last record counts.
 */

enum {
	DAYS_BATCH = 64,
	DAYS_LATE_MS = 30 * 60000, /* after midnight; hours that ended then are written by now */
	DAYS_WAITING = 4096,       /* entries in the outbox: not more at once */
	WEEK_HOURS = 7 * CAPACITY_DAY_HOURS,
};

struct batch {
	uint32_t day;
	unsigned count;
	struct capacity_series series[DAYS_BATCH];
	struct capacity_record records[DAYS_BATCH]; /* minutes 0: there is none */
};

/* ---- which day ---- */

/* Days that are too old have no hours any more; one that is to come is of a clock that was wrong. */
static void set_right(struct capacity *k, uint32_t today)
{
	struct capacity_days *d = &k->days;

	if (d->done == 0 || d->done >= today)
		d->done = today - 1;
	if (d->done + k->hours_kept >= today)
		return;
	capacity_count(k, CAPACITY_SKIPPED, today - k->hours_kept - d->done);
	d->done = today - k->hours_kept;
}

static bool begin(struct capacity *k, uint64_t now_ms)
{
	struct capacity_days *d = &k->days;

	if (d->held)
		return false;
	set_right(k, (uint32_t)(now_ms / CAPACITY_DAY_MS));
	if (k->outbox.count || now_ms < (uint64_t)(d->done + 2) * CAPACITY_DAY_MS + DAYS_LATE_MS)
		return false;
	d->running = true;
	d->links = k->links.count;
	d->groups = k->group_count;
	return true;
}

/* ---- reading ---- */

static void choose(struct capacity *k, struct batch *b)
{
	struct capacity_days *d = &k->days;

	for (; d->groups > 0 && b->count < DAYS_BATCH; d->groups--)
		b->series[b->count++] =
			(struct capacity_series){.group = k->groups[d->groups - 1].name};
	for (; d->links > 0 && b->count < DAYS_BATCH; d->links--)
		b->series[b->count++] = capacity_series_of(k->links.list[d->links - 1]);
}

static void make_day(
	struct capacity *k, const redisReply *reply, uint32_t day, struct capacity_record *r)
{
	const struct capacity_extent at =
		capacity_block_of(CAPACITY_HOUR, day * CAPACITY_DAY_HOURS);
	struct capacity_record hours[WEEK_HOURS], there[CAPACITY_DAY_HOURS];
	struct capacity_block block = {CAPACITY_HOUR, at.base, at.slots, hours, 0};
	unsigned count = 0, first = day * CAPACITY_DAY_HOURS - at.base;

	memset(hours, 0, sizeof(hours));
	if (reply->type == REDIS_REPLY_STRING)
		capacity_block_read(&block, (const uint8_t *)reply->str, (size_t)reply->len);
	capacity_count(k, CAPACITY_DAMAGED, block.bad);
	for (unsigned i = first; i < first + CAPACITY_DAY_HOURS; i++) {
		if (hours[i].minutes)
			there[count++] = hours[i];
	}
	if (count == 0)
		return;
	capacity_records_merge(there, count, r);
	r->slot = day;
}

/* @return false: the connection is lost, or Redis refuses */
static bool read_hours(struct capacity *k, struct batch *b)
{
	const struct capacity_extent at =
		capacity_block_of(CAPACITY_HOUR, b->day * CAPACITY_DAY_HOURS);
	char key[CAPACITY_KEY];
	const char *argv[] = {"GET", key};

	for (unsigned i = 0; i < b->count; i++) {
		capacity_block_key(key, k->prefix, &b->series[i], CAPACITY_HOUR, at.number);
		capacity_redis_add(&k->redis, 2, argv);
	}
	for (unsigned i = 0; i < b->count; i++) {
		redisReply *reply = capacity_redis_read(&k->redis);

		if (!reply)
			return false;
		make_day(k, reply, b->day, &b->records[i]);
		freeReplyObject(reply);
	}
	return true;
}

/* ---- writing ---- */

/* The largest of late: what was large falls by an eighth each day. */
static void rank(struct capacity_about *a, const struct capacity_record *r)
{
	for (unsigned i = 0; i < 2; i++) {
		uint16_t old = capacity_code(capacity_value(a->rank[i]) * 7 / 8);
		uint16_t today = r->mask & 1u << i ? r->metrics[i].points[CAPACITY_P95] : 0;

		a->rank[i] = today > old ? today : old;
	}
}

/* A short history is not worth as much patience as one of a day and more: anybody can begin many of them. */
static bool is_forgotten(const struct capacity *k, const struct capacity_link *l, uint32_t day)
{
	const struct capacity_about *a = &l->about;
	uint32_t keep = a->seen - a->since < CAPACITY_DAY_HOURS ? 0 : k->hours_kept;

	return l->hour.minute == 0 && l->last_ms / CAPACITY_DAY_MS <= day &&
	       a->seen / CAPACITY_DAY_HOURS + keep < day;
}

/* An interface that is silent for as long as hours are kept is forgotten, a new one after a day. */
static void end_link(struct capacity *k, const struct capacity_series *s,
	const struct capacity_record *r, uint32_t day)
{
	struct capacity_link *l;

	pthread_mutex_lock(&k->mutex);
	l = capacity_links_find(&k->links, &s->agent, s->index);
	if (l && is_forgotten(k, l, day)) {
		struct capacity_entry gone = {.kind = CAPACITY_GONE, .series = *s};

		gone.last = capacity_links_remove(&k->links, l);
		capacity_outbox_put(&k->outbox, &gone, NULL, 0);
		capacity_count(k, CAPACITY_FORGOTTEN, 1);
	} else if (l) {
		rank(&l->about, r);
		if (r->minutes || l->changed)
			capacity_put_about(k, l);
	}
	pthread_mutex_unlock(&k->mutex);
}

static void put_days(struct capacity *k, const struct batch *b)
{
	for (unsigned i = 0; i < b->count; i++) {
		const struct capacity_record *r = &b->records[i];
		uint32_t block = 0;

		if (r->minutes) {
			capacity_put_record(k, &b->series[i], CAPACITY_DAY, r, &block);
			capacity_count(k, CAPACITY_DAYS, 1);
		}
		if (b->series[i].agent.family)
			end_link(k, &b->series[i], r, b->day);
	}
}

bool capacity_days_step(struct capacity *k, uint64_t now_ms)
{
	struct capacity_days *d = &k->days;
	struct batch b = {.day = d->done + 1};
	struct capacity_entry done = {.kind = CAPACITY_DONE};

	if (!d->running)
		return begin(k, now_ms);
	if (k->outbox.count > DAYS_WAITING)
		return false;
	choose(k, &b);
	if (b.count == 0) {
		d->running = false;
		d->done++;
		done.slot = d->done;
		capacity_outbox_put(&k->outbox, &done, NULL, 0);
		return true;
	}
	if (read_hours(k, &b)) {
		put_days(k, &b);
		return true;
	}
	d->running = false; /* from the start, once Redis is back */
	return false;
}
