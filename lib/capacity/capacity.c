/* SPDX-License-Identifier: BSD-3-Clause */
#include "capacity/capacity.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "capacity/capacity_pvt.h"
#include "capacity/number.h"
#include "publish/connection.h"

BASE_LOG_TYPE(log_capacity_main, "capacity");

enum {
	SWEEP_LINKS = 20000, /* looked at in one step for hours that are over */
	FINISH_BATCH = 4096,
	RENAMED_MS = 600000, /* an interface with another name for so long is another one */
};

static const struct stats_def defs[CAPACITY_STATS] = {
	[CAPACITY_LINKS] = {"links", "interfaces", "Interfaces that capacity planning knows, now"},
	[CAPACITY_FULL] = {"full", "records",
		"Counter records left out, since no more interfaces fit"},
	[CAPACITY_SHARE] = {"share", "records",
		"Counter records left out, since their agent has as many interfaces as there is "
		"room left"},
	[CAPACITY_TWICE] = {"twice", "times",
		"Times an interface was passed over, since another sub-agent of the address has "
		"its ifIndex"},
	[CAPACITY_FORGOTTEN] = {"forgotten", "interfaces",
		"Interfaces forgotten, since they were silent for as long as hours are kept, or "
		"new and silent for a day"},
	[CAPACITY_RENAMED] = {"renamed", "interfaces",
		"Interfaces whose name went to another ifIndex: their history begins anew"},
	[CAPACITY_HOURS] = {"hourly", "records", "Hours of interfaces and groups that ended"},
	[CAPACITY_DAYS] = {"daily", "records", "Days of interfaces and groups, made of hours"},
	[CAPACITY_SKIPPED] = {"skipped", "days",
		"Days that were not made, since hours are not kept for so long"},
	[CAPACITY_WRITTEN] = {"written", "records", "Hours and days that Redis took"},
	[CAPACITY_WAITING] = {"waiting", "entries", "What waits for Redis, now"},
	[CAPACITY_LOST] = {"lost", "entries", "What was given up, since too much waited for Redis"},
	[CAPACITY_REFUSED] = {"refused", "entries",
		"What Redis refused, since its key has another type"},
	[CAPACITY_DAMAGED] = {"damaged", "records",
		"Records in Redis that were passed over: damaged, or of a later version"},
};

const struct stats_group capacity_stats = {
	.name = "capacity", .defs = defs, .count = CAPACITY_STATS};

void capacity_count(struct capacity *k, enum capacity_stat stat, uint64_t n)
{
	__atomic_fetch_add(&k->stats[stat], n, __ATOMIC_RELAXED);
}

static void set_stat(struct capacity *k, enum capacity_stat stat, uint64_t v)
{
	__atomic_store_n(&k->stats[stat], v, __ATOMIC_RELAXED);
}

void capacity_read_stats(const struct capacity *k, uint64_t *stats)
{
	for (unsigned i = 0; i < CAPACITY_STATS; i++)
		stats[i] = __atomic_load_n(&k->stats[i], __ATOMIC_RELAXED);
}

/* ---- life ---- */

static int set_up(struct capacity *k, const struct capacity_options *o)
{
	char error[PUBLISH_ERROR];
	int err;

	k->prefix = strdup(o->prefix);
	if (!k->prefix)
		return -ENOMEM;
	err = publish_url_parse(o->url, &k->url, error, sizeof(error));
	if (err == 0)
		err = publish_url_add(&k->url, o->access, NULL, error, sizeof(error));
	if (err == 0)
		err = capacity_links_init(&k->links, o->links);
	k->redis.url = k->reader.url = &k->url;
	k->hours_kept = o->hours_kept;
	k->days_kept = o->days_kept;
	for (; err == 0 && k->group_count < o->group_count; k->group_count++) {
		k->groups[k->group_count].name = strdup(o->groups[k->group_count]);
		if (!k->groups[k->group_count].name)
			err = -ENOMEM;
	}
	return err;
}

struct capacity *capacity_create(const struct capacity_options *o)
{
	struct capacity *k = calloc(1, sizeof(*k));
	int err;

	if (!k)
		return NULL;
	pthread_mutex_init(&k->mutex, NULL);
	pthread_mutex_init(&k->asking, NULL);
	capacity_outbox_init(&k->outbox);
	err = set_up(k, o);
	if (err == 0)
		return k;
	capacity_destroy(k);
	errno = -err;
	return NULL;
}

void capacity_destroy(struct capacity *k)
{
	if (!k)
		return;
	capacity_redis_fini(&k->redis);
	capacity_redis_fini(&k->reader);
	capacity_outbox_fini(&k->outbox);
	capacity_links_fini(&k->links);
	for (unsigned i = 0; i < CAPACITY_GROUPS; i++)
		free(k->groups[i].name);
	publish_url_free(&k->url);
	free(k->prefix);
	pthread_mutex_destroy(&k->mutex);
	pthread_mutex_destroy(&k->asking);
	free(k);
}

/* ---- what waits for Redis ---- */

void capacity_put_record(struct capacity *k, const struct capacity_series *s,
	enum capacity_span span, const struct capacity_record *r, uint32_t *block)
{
	const struct capacity_extent at = capacity_block_of(span, r->slot);
	/* Now and then again, since the entry that said it may have been given up. */
	const struct capacity_entry entry = {.kind = CAPACITY_RECORD,
		.series = *s,
		.span = span,
		.slot = r->slot,
		.expires = *block != at.number || r->slot % CAPACITY_DAY_HOURS == 0};
	uint8_t bytes[CAPACITY_RECORD_MOST];

	*block = at.number;
	capacity_outbox_put(&k->outbox, &entry, bytes, capacity_record_write(r, at.base, bytes));
}

void capacity_put_about(struct capacity *k, struct capacity_link *l)
{
	const struct capacity_entry entry = {
		.kind = CAPACITY_KNOWN, .series = capacity_series_of(l), .slot = l->about.seen};
	char text[CAPACITY_ABOUT];
	size_t len = capacity_about_write(&l->about, text);

	capacity_outbox_put(&k->outbox, &entry, (const uint8_t *)text, len);
	l->changed = false;
}

/* ---- ends of minutes and hours ---- */

/* An interface whose samples are taken or whose hour ends, or a group. */
struct feeding {
	struct capacity *k;
	struct capacity_link *l;
	struct capacity_group_state *group;
};

static void end_group_hour(void *ctx, const struct capacity_record *r)
{
	const struct feeding *f = ctx;
	const struct capacity_series s = {.group = f->group->name};

	capacity_put_record(f->k, &s, CAPACITY_HOUR, r, &f->group->block);
	capacity_count(f->k, CAPACITY_HOURS, 1);
}

static struct capacity_sink group_sink(struct feeding *f)
{
	return (struct capacity_sink){.hour = end_group_hour, .ctx = f};
}

static void end_minute(void *ctx, const struct capacity_minute *m)
{
	const struct feeding *from = ctx;

	for (uint64_t left = from->l->groups; left; left &= left - 1) {
		struct capacity_group_state *g = &from->k->groups[__builtin_ctzll(left)];
		struct feeding f = {.k = from->k, .group = g};
		const struct capacity_sink sink = group_sink(&f);

		capacity_group_add(&g->group, m, from->l->about.speed, &sink);
	}
}

static void note_rank(struct capacity_about *a, const struct capacity_record *r)
{
	for (unsigned i = 0; i < 2; i++) {
		uint16_t p95 = r->metrics[i].points[CAPACITY_P95];

		if (r->mask & 1u << i && p95 > a->rank[i])
			a->rank[i] = p95;
	}
}

/*
 * Its name has been another one for a while. Where the old one stands at another ifIndex, interfaces have
 * new numbers, and its history begins with the next hour; else it is only called another thing.
 */
static bool is_another(struct capacity *k, struct capacity_link *l, uint32_t hour)
{
	uint64_t end_ms = (uint64_t)(hour + 1) * CAPACITY_HOUR_MS;
	const struct capacity_link *other;

	if (l->renamed_ms == 0 || l->renamed_ms + RENAMED_MS > end_ms)
		return false;
	other = capacity_links_named(&k->links, &l->key.agent, l->about.name);
	memcpy(l->about.name, l->name, sizeof(l->about.name));
	l->renamed_ms = 0;
	l->changed = true;
	if (!other || other->last_ms + CAPACITY_HOUR_MS < end_ms)
		return false;
	l->about.since = l->about.seen = hour + 1;
	l->about.rank[0] = l->about.rank[1] = 0;
	capacity_count(k, CAPACITY_RENAMED, 1);
	return true;
}

static void end_hour(void *ctx, const struct capacity_record *ended)
{
	struct feeding *f = ctx;
	struct capacity_link *l = f->l;
	const struct capacity_series s = capacity_series_of(l);
	struct capacity_record r = *ended;

	if (is_another(f->k, l, r.slot))
		return; /* the hour is of both */
	r.speed = l->about.speed;
	capacity_put_record(f->k, &s, CAPACITY_HOUR, &r, &l->block);
	capacity_count(f->k, CAPACITY_HOURS, 1);
	l->about.seen = r.slot;
	note_rank(&l->about, &r);
	if (l->changed && f->k->loaded)
		capacity_put_about(f->k, l);
}

static struct capacity_sink link_sink(struct feeding *f)
{
	return (struct capacity_sink){end_minute, end_hour, f};
}

/* ---- feeding ---- */

void capacity_begin(struct capacity *k)
{
	pthread_mutex_lock(&k->mutex);
}

void capacity_end(struct capacity *k)
{
	set_stat(k, CAPACITY_LINKS, k->links.count);
	pthread_mutex_unlock(&k->mutex);
}

void capacity_refuse(struct capacity *k, enum capacity_links_error error)
{
	capacity_count(k, error == CAPACITY_LINKS_SHARE ? CAPACITY_SHARE : CAPACITY_FULL, 1);
}

struct capacity_link *capacity_link_find(
	const struct capacity *k, const struct base_addr *agent, uint32_t index)
{
	return capacity_links_find(&k->links, agent, index);
}

struct capacity_link *capacity_link_get(
	struct capacity *k, const struct base_addr *agent, uint32_t index)
{
	enum capacity_links_error error;
	struct capacity_link *l = capacity_links_get(&k->links, agent, index, &error);

	if (!l)
		capacity_refuse(k, error);
	return l;
}

bool capacity_link_is_of(
	struct capacity *k, struct capacity_link *l, uint32_t sub_agent, uint64_t time_ms)
{
	if (l->sub_agent != sub_agent && l->last_ms && time_ms <= l->last_ms + CAPACITY_GAP_MS) {
		capacity_count(k, CAPACITY_TWICE, 1);
		return false;
	}
	l->sub_agent = sub_agent;
	return true;
}

bool capacity_link_wants(const struct capacity_link *l, uint64_t time_ms)
{
	return l->last_ms != time_ms;
}

/* Not all at the same time, which would take seconds. */
static uint32_t groups_hour(const struct capacity_link *l, uint64_t time_ms)
{
	return (uint32_t)((time_ms + l->hash % CAPACITY_HOUR_MS) / CAPACITY_HOUR_MS);
}

bool capacity_link_wants_groups(const struct capacity_link *l, uint64_t time_ms)
{
	return l->groups_hour != groups_hour(l, time_ms);
}

void capacity_link_set_groups(struct capacity_link *l, uint64_t time_ms, uint64_t groups)
{
	l->groups_hour = groups_hour(l, time_ms);
	l->groups = groups;
}

static void copy_name(char name[CAPACITY_NAME], const char *text)
{
	memset(name, 0, CAPACITY_NAME);
	memcpy(name, text, strnlen(text, CAPACITY_NAME - 1));
}

/* Names may change for a moment, until all that gives them has been asked: see is_another(). */
static void note_name(struct capacity *k, struct capacity_link *l, const struct capacity_news *news)
{
	struct capacity_about *a = &l->about;
	char name[CAPACITY_NAME], before[CAPACITY_NAME];

	if (a->since == 0)
		a->since = a->seen = (uint32_t)(news->time_ms / CAPACITY_HOUR_MS);
	if (!news->name || news->name[0] == '\0')
		return;
	copy_name(name, news->name);
	memcpy(before, l->name, sizeof(before));
	capacity_links_name(&k->links, l, name, news->time_ms);
	if (a->name[0] == '\0') {
		memcpy(a->name, name, sizeof(name));
		l->changed = true;
	}
	if (strcmp(name, a->name) == 0) {
		l->renamed_ms = 0;
		return;
	}
	if (l->renamed_ms == 0 || strcmp(name, before) != 0)
		l->renamed_ms = news->time_ms;
}

void capacity_link_take(
	struct capacity *k, struct capacity_link *l, const struct capacity_news *news)
{
	struct feeding f = {.k = k, .l = l};
	const struct capacity_sink sink = link_sink(&f);
	struct capacity_sample s = {
		.from_ms = l->last_ms, .to_ms = news->time_ms, .mask = news->mask};

	memcpy(s.values, news->values, sizeof(s.values));
	if (l->last_ms)
		capacity_hour_add(&l->hour, &s, &sink);
	note_name(k, l, news);
	if (news->speed > 0 && news->speed != l->about.speed) {
		l->about.speed = news->speed;
		l->changed = true;
	}
	l->last_ms = news->time_ms;
}

/* ---- steps ---- */

/* Interfaces that fell silent end their hours by the clock, some in each step. */
static void sweep(struct capacity *k, uint64_t until_ms, uint32_t count)
{
	for (uint32_t i = 0; i < count && i < k->links.count; i++) {
		struct feeding f = {.k = k};
		const struct capacity_sink sink = link_sink(&f);

		k->swept = k->swept < k->links.count ? k->swept : 0;
		f.l = k->links.list[k->swept++];
		capacity_hour_end(&f.l->hour, until_ms, &sink);
	}
}

static void sweep_groups(struct capacity *k, uint64_t until_ms)
{
	for (unsigned i = 0; i < k->group_count; i++) {
		struct feeding f = {.k = k, .group = &k->groups[i]};
		const struct capacity_sink sink = group_sink(&f);

		capacity_group_end(&k->groups[i].group, until_ms, &sink);
	}
}

static void show_outbox(struct capacity *k)
{
	set_stat(k, CAPACITY_WAITING, k->outbox.count);
	set_stat(k, CAPACITY_LOST, k->outbox.lost);
}

void capacity_hold_days(struct capacity *k, bool hold)
{
	k->days.held = hold;
}

void capacity_end_questions(struct capacity *k)
{
	__atomic_store_n(&k->ending, true, __ATOMIC_RELAXED);
}

bool capacity_tick(struct capacity *k, uint64_t now_ms, unsigned records)
{
	bool more = false;

	pthread_mutex_lock(&k->mutex);
	sweep(k, now_ms - CAPACITY_GAP_MS, SWEEP_LINKS);
	sweep_groups(k, now_ms);
	pthread_mutex_unlock(&k->mutex);
	if (capacity_redis_connect(&k->redis)) {
		k->loaded = k->loaded || capacity_load(k);
		if (k->loaded && capacity_write(k, records))
			more = capacity_days_step(k, now_ms) || k->outbox.count;
	}
	show_outbox(k);
	return more;
}

/* What is known of interfaces, where it is not yet in Redis. */
static void put_changed(struct capacity *k)
{
	for (uint32_t i = 0; k->loaded && i < k->links.count; i++) {
		struct capacity_link *l = k->links.list[i];

		if (l->changed && l->about.since)
			capacity_put_about(k, l);
	}
}

void capacity_finish(struct capacity *k, uint64_t timeout_ms)
{
	uint64_t end_ns = base_clock_mono_ns() + timeout_ms * UINT64_C(1000000);

	pthread_mutex_lock(&k->mutex);
	sweep(k, UINT64_MAX, k->links.count);
	sweep_groups(k, UINT64_MAX);
	put_changed(k);
	pthread_mutex_unlock(&k->mutex);
	k->redis.retry_ns = 0;
	while (k->outbox.first && base_clock_mono_ns() < end_ns &&
		capacity_redis_connect(&k->redis) && capacity_write(k, FINISH_BATCH))
		;
	if (k->outbox.count)
		base_log(&log_capacity_main, BASE_LOG_WARNING,
			"%llu hours of interfaces are lost: Redis is away or slow",
			(unsigned long long)k->outbox.count);
	k->outbox.lost += k->outbox.count;
	show_outbox(k);
}
