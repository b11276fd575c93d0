/* SPDX-License-Identifier: BSD-3-Clause */
#include "store.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "publish/back_off.h"
#include "publish/connection.h"
#include "store_pvt.h"

BASE_LOG_TYPE(log_store, "store");

enum {
	STORE_KINDS = 16,
	STORE_KEY = 192,
	STORE_LOG_MS = 10000,
	STORE_LOOK_MS = 200, /* how late a dead idle connection is noticed */
};

/* Someone who wants to know what is stored. */
struct reader {
	const char *kind;
	store_found *found;
	void *ctx;
	bool done;
};

static const struct stats_def defs[STORE_STATS] = {
	[STORE_WRITTEN] = {"written", "changes", "Changes that Redis took"},
	[STORE_WAITING] = {"waiting", "changes", "Changes that wait for Redis, now", .gauge = true},
	[STORE_REFUSED] = {"refused", "replies", "Error replies; what they refuse is tried again"},
	[STORE_LOST] = {"lost", "changes",
		"Removals given up, the oldest first, since too many changes waited for Redis"},
	[STORE_AWAY] = {"away", "state", "1: Redis is away, or refuses commands of the store",
		.gauge = true},
};

const struct stats_group store_stats = {"store", defs, STORE_STATS};

struct store {
	/* Written before the thread starts, then constant. */
	struct publish_url url;
	char *prefix;
	pthread_t thread;
	bool started;

	/* Main until the thread starts, then the thread. */
	struct publish_link *redis, *watch; /* see publish_connect_watched() */
	struct reader readers[STORE_KINDS];
	unsigned reader_count;
	bool away; /* the log said so */
	struct publish_back_off back_off;
	uint64_t stats[STORE_STATS]; /* relaxed atomics; those of `changes` are there */

	/* Under the mutex. */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct store_changes changes;
	bool renew; /* Redis may have lost what is held */
	int fd;     /* of the connection; -1 none */
	bool stop;
	bool telling;   /* the thread is in a reader */
	bool abandoned; /* by store_stop(): readers are gone; the thread alone has the store */
};

/* One writer of each at a time. */
static void set(struct store *s, enum store_stat stat, uint64_t v)
{
	__atomic_store_n(&s->stats[stat], v, __ATOMIC_RELAXED);
}

static void count(struct store *s, enum store_stat stat)
{
	set(s, stat, s->stats[stat] + 1);
}

/* ---- calls of others ---- */

static void change(struct store *s, const char *kind, const char *name, const char *json)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->mutex);
	store_changes_enter(&s->changes, kind, name, json);
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->mutex);
}

void store_put(struct store *s, const char *kind, const char *name, const char *json)
{
	change(s, kind, name, json);
}

void store_remove(struct store *s, const char *kind, const char *name)
{
	change(s, kind, name, NULL);
}

void store_hold(struct store *s, const char *kind, const char *name, const char *json)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->mutex);
	store_changes_hold(&s->changes, kind, name, json);
	pthread_mutex_unlock(&s->mutex);
}

void store_renew(struct store *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->mutex);
	s->renew = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->mutex);
}

/* ---- the connection ---- */

static void set_fd(struct store *s, int fd)
{
	pthread_mutex_lock(&s->mutex);
	s->fd = fd;
	if (fd >= 0) /* it may lead to a Redis that is empty, or lost what came last */
		store_changes_renew(&s->changes);
	pthread_mutex_unlock(&s->mutex);
}

static void set_away(struct store *s, bool away)
{
	s->away = away;
	set(s, STORE_AWAY, away);
}

static void hang_up(struct store *s, const char *why)
{
	if (!s->away)
		base_log(&log_store, BASE_LOG_WARNING,
			"Redis at %s (redis.url): %s; what is put at run time waits until it is "
			"back",
			s->url.place, why);
	set_away(s, true);
	set_fd(s, -1);
	publish_link_cut_off(s->redis);
	publish_link_close(s->watch);
	s->redis = s->watch = NULL;
}

static bool connect_redis(struct store *s)
{
	char error[PUBLISH_ERROR];

	if (publish_watch_tells(s->watch))
		hang_up(s, "a Sentinel says that the master has changed, or is gone itself");
	else if (s->redis && publish_link_hung_up(s->redis))
		hang_up(s, "the server closed the connection");
	if (s->redis)
		return true;
	s->redis = publish_connect_watched(&s->url, &s->watch, error);
	if (!s->redis) {
		hang_up(s, error);
		return false;
	}
	set_fd(s, publish_link_fd(s->redis));
	return true;
}

/* @return NULL where the connection is lost. */
static redisReply *ask(struct store *s, int argc, const char **argv)
{
	redisReply *reply = publish_link_ask(s->redis, argc, argv, NULL);

	if (!reply)
		hang_up(s, publish_link_error(s->redis));
	return reply;
}

static const char *key_of(const struct store *s, const char *kind, char key[STORE_KEY])
{
	snprintf(key, STORE_KEY, "%s:config:%s", s->prefix, kind);
	return key;
}

/* @return whether it is an error; a new connection is made where that may help. */
static bool is_refusal(struct store *s, const redisReply *reply, const char *what)
{
	static struct base_log_limit limit;
	char text[PUBLISH_ERROR];

	if (reply->type != REDIS_REPLY_ERROR)
		return false;
	publish_error_show(reply->str, reply->len, text);
	count(s, STORE_REFUSED);
	set(s, STORE_AWAY, true);
	if (publish_error_is_fatal(reply->str)) {
		hang_up(s, text);
		return true;
	}
	base_log_rate_limited(&limit, STORE_LOG_MS, &log_store, BASE_LOG_ERROR,
		"Redis at %s refused %s: %s; trying again", s->url.place, what, text);
	return true;
}

/* ---- reading ---- */

bool store_is_overtaken(struct store *s, const char *kind, const char *name)
{
	bool overtaken;

	if (!s)
		return false;
	pthread_mutex_lock(&s->mutex);
	overtaken = store_changes_have(&s->changes, kind, name);
	pthread_mutex_unlock(&s->mutex);
	return overtaken;
}

/* @return false: the reader may be gone. */
static bool enter_reader(struct store *s)
{
	bool there;

	pthread_mutex_lock(&s->mutex);
	there = !s->abandoned;
	s->telling = there;
	pthread_mutex_unlock(&s->mutex);
	return there;
}

static void leave_reader(struct store *s)
{
	pthread_mutex_lock(&s->mutex);
	s->telling = false;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->mutex);
}

static void tell_one(
	struct store *s, const struct reader *r, const redisReply *name, const redisReply *json)
{
	if (name->type != REDIS_REPLY_STRING || json->type != REDIS_REPLY_STRING ||
		store_is_overtaken(s, r->kind, name->str) || !enter_reader(s))
		return;
	r->found(r->ctx, name->str, json->str);
	leave_reader(s);
}

static void tell(struct store *s, const struct reader *r, const redisReply *reply)
{
	for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i + 1 < reply->elements; i += 2)
		tell_one(s, r, reply->element[i], reply->element[i + 1]);
}

/* @return whether the reader was told. */
static bool load(struct store *s, struct reader *r)
{
	char key[STORE_KEY];
	const char *argv[] = {"HGETALL", key_of(s, r->kind, key)};
	redisReply *reply = ask(s, 2, argv);

	if (!reply)
		return false;
	r->done = !is_refusal(s, reply, "to be read");
	if (r->done)
		tell(s, r, reply);
	freeReplyObject(reply);
	return r->done;
}

void store_load(struct store *s, const char *kind, store_found *found, void *ctx)
{
	struct reader *r;

	if (!s || s->reader_count == STORE_KINDS)
		return;
	r = &s->readers[s->reader_count++];
	*r = (struct reader){.kind = kind, .found = found, .ctx = ctx};
	if (!s->away && connect_redis(s))
		load(s, r);
}

/* What is refused is tried again later, with all others. @return whether all readers were told. */
static bool load_rest(struct store *s)
{
	bool all = true;

	for (unsigned i = 0; i < s->reader_count && s->redis; i++)
		all &= s->readers[i].done || load(s, &s->readers[i]);
	return all && s->redis;
}

/* Changes of a kind wait until it is read: only so is it known which of its names they overtake. */
static bool is_held_back(const struct store *s, const char *kind)
{
	for (unsigned i = 0; i < s->reader_count; i++) {
		if (!s->readers[i].done && strcmp(s->readers[i].kind, kind) == 0)
			return true;
	}
	return false;
}

/* ---- writing ---- */

/* @return whether it is written. */
static bool write_change(struct store *s, const struct store_change *c)
{
	char key[STORE_KEY];
	const char *argv[] = {c->json ? "HSET" : "HDEL", key_of(s, c->kind, key), c->name, c->json};
	redisReply *reply = ask(s, c->json ? 4 : 3, argv);
	bool written;

	if (!reply)
		return false;
	written = !is_refusal(s, reply, argv[0]);
	if (written)
		count(s, STORE_WRITTEN);
	freeReplyObject(reply);
	return written;
}

/* Take the next change. */
static struct store_change *next_change(struct store *s)
{
	struct store_change **at, *c;

	pthread_mutex_lock(&s->mutex);
	if (s->renew)
		store_changes_renew(&s->changes);
	s->renew = false;
	for (at = &s->changes.first; *at && is_held_back(s, (*at)->kind);)
		at = &(*at)->next;
	c = *at ? store_changes_take(&s->changes, at) : NULL;
	pthread_mutex_unlock(&s->mutex);
	return c;
}

static void done_with_it(struct store *s, bool written)
{
	pthread_mutex_lock(&s->mutex);
	store_changes_done(&s->changes, written);
	pthread_mutex_unlock(&s->mutex);
}

static bool write_all(struct store *s)
{
	const struct store_change *c;
	bool written = true;

	while (written && (c = next_change(s))) {
		written = write_change(s, c);
		done_with_it(s, written);
	}
	return written;
}

static bool work(struct store *s)
{
	bool well;

	publish_back_off_try(&s->back_off);
	if (!connect_redis(s))
		return false;
	well = load_rest(s);
	if (!s->redis || !write_all(s) || !well)
		return false;
	if (s->away)
		base_log(&log_store, BASE_LOG_NOTICE, "Redis at %s is back: all is kept",
			s->url.place);
	set_away(s, false);
	publish_back_off_reset(&s->back_off);
	return true;
}

/* ---- the thread ---- */

/* Under the mutex. */
static bool has_work(const struct store *s)
{
	return s->changes.first || (s->renew && s->changes.held);
}

/*
 * Sleep until there is something to write, the connection is to be looked at, a failure may be over, or
 * the end. @return false: the end
 */
static bool rest(struct store *s, bool well)
{
	uint64_t end = well ? base_clock_mono_ns() + STORE_LOOK_MS * UINT64_C(1000000)
			    : publish_back_off_next(&s->back_off);
	const struct timespec until = {
		.tv_sec = (time_t)(end / 1000000000), .tv_nsec = (long)(end % 1000000000)};
	bool going;
	int rc = 0;

	pthread_mutex_lock(&s->mutex);
	while (!s->stop && rc != ETIMEDOUT && !(well && has_work(s)))
		rc = pthread_cond_timedwait(&s->changed, &s->mutex, &until);
	going = !s->stop || (well && has_work(s));
	pthread_mutex_unlock(&s->mutex);
	return going;
}

static void *run(void *arg)
{
	struct store *s = arg;
	bool well;

	do {
		well = work(s);
	} while (rest(s, well));
	work(s); /* a last try, also where it failed before */
	return NULL;
}

void store_read_stats(const struct store *s, uint64_t *stats)
{
	for (unsigned i = 0; i < STORE_STATS; i++)
		stats[i] = __atomic_load_n(&s->stats[i], __ATOMIC_RELAXED);
	stats[STORE_WAITING] = __atomic_load_n(&s->changes.waiting, __ATOMIC_RELAXED);
	stats[STORE_LOST] = __atomic_load_n(&s->changes.lost, __ATOMIC_RELAXED);
}

struct store *store_create(const char *url, const struct publish_access *access, const char *prefix)
{
	struct store *s = calloc(1, sizeof(*s));
	char error[PUBLISH_ERROR];
	pthread_condattr_t attr;

	if (!s)
		return NULL;
	s->prefix = strdup(prefix);
	if (!s->prefix || publish_url_parse(url, &s->url, error, sizeof(error)) < 0 ||
		publish_url_add(&s->url, access, NULL, error, sizeof(error)) < 0) {
		free(s->prefix);
		free(s);
		return NULL;
	}
	store_changes_init(&s->changes);
	s->fd = -1;
	pthread_mutex_init(&s->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attr);
	pthread_condattr_destroy(&attr);
	return s;
}

int store_start(struct store *s)
{
	sigset_t all, old;
	int rc;

	if (!s)
		return 0;
	sigfillset(&all);
	sigdelset(&all, SIGSYS); /* of a filter: app/weir/sandbox.h */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	s->started = rc == 0;
	return -rc;
}

static void store_free(struct store *s)
{
	store_changes_fini(&s->changes);
	publish_link_close(s->redis);
	publish_link_close(s->watch);
	publish_url_free(&s->url);
	free(s->prefix);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->mutex);
	free(s);
}

static bool join(struct store *s, uint64_t timeout_ms)
{
	uint64_t end = base_clock_wall_ns() + timeout_ms * 1000000;
	const struct timespec until = {
		.tv_sec = (time_t)(end / 1000000000), .tv_nsec = (long)(end % 1000000000)};

	return pthread_timedjoin_np(s->thread, NULL, &until) == 0;
}

/* Leave the store to its thread, to the end of the process: it calls no reader from here on. */
static void abandon(struct store *s)
{
	pthread_mutex_lock(&s->mutex);
	s->abandoned = true;
	while (s->telling)
		pthread_cond_wait(&s->changed, &s->mutex);
	pthread_mutex_unlock(&s->mutex);
	pthread_detach(s->thread);
}

/*
 * At the deadline a blocked exchange is cut by shutting the socket down. A blocked connect (a name
 * server may take long) cannot be cut: the thread is then abandoned.
 */
void store_stop(struct store *s, uint64_t timeout_ms)
{
	unsigned left;

	if (!s)
		return;
	pthread_mutex_lock(&s->mutex);
	s->stop = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->mutex);
	if (s->started && !join(s, timeout_ms)) {
		pthread_mutex_lock(&s->mutex);
		if (s->fd >= 0)
			shutdown(s->fd, SHUT_RDWR);
		pthread_mutex_unlock(&s->mutex);
		if (!join(s, timeout_ms)) {
			abandon(s);
			return;
		}
	}
	left = s->changes.waiting;
	if (left > 0)
		base_log(&log_store, BASE_LOG_ERROR,
			"Redis is away: %u changes of what was put at run time are not kept", left);
	store_free(s);
}
