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

BASE_LOG_TYPE(log_store, "store");

enum {
	STORE_KINDS = 16,
	STORE_WAITING_MAX =
		8192, /* changes that wait for Redis; the oldest is given up for a new one */
	STORE_KEY = 192,
	STORE_LOG_MS = 10000,
};

/* Something to be written. Of each kind and name only the newest waits. */
struct change {
	struct change *next;
	const char *kind;
	char *name, *json; /* json NULL: take it out */
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
		"Changes given up, the oldest first, since too many waited for Redis"},
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
	uint64_t stats[STORE_STATS]; /* relaxed atomics; STORE_LOST is written under the mutex */

	/* Under the mutex. */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct change *first, **last, *writing;
	unsigned waiting; /* also read without it */
	int fd;           /* of the connection; -1 none */
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

/* ---- what waits ---- */

static void change_free(struct change *c)
{
	if (!c)
		return;
	free(c->name);
	free(c->json);
	free(c);
}

static bool same(const struct change *c, const char *kind, const char *name)
{
	return c && strcmp(c->kind, kind) == 0 && strcmp(c->name, name) == 0;
}

static struct change *unlink_at(struct store *s, struct change **at)
{
	struct change *c = *at;

	*at = c->next;
	if (!c->next)
		s->last = at;
	__atomic_store_n(&s->waiting, s->waiting - 1, __ATOMIC_RELAXED);
	return c;
}

static struct change *find(struct store *s, const char *kind, const char *name)
{
	for (struct change *c = s->first; c; c = c->next) {
		if (same(c, kind, name))
			return c;
	}
	return NULL;
}

static void append(struct store *s, struct change *c)
{
	static struct base_log_limit limit;

	if (s->waiting == STORE_WAITING_MAX) {
		struct change *oldest = unlink_at(s, &s->first);

		base_log_rate_limited(&limit, STORE_LOG_MS, &log_store, BASE_LOG_ERROR,
			"Redis is away for too long: the change of %s \"%s\" is not kept",
			oldest->kind, oldest->name);
		change_free(oldest);
		count(s, STORE_LOST);
	}
	c->next = NULL;
	*s->last = c;
	s->last = &c->next;
	__atomic_store_n(&s->waiting, s->waiting + 1, __ATOMIC_RELAXED);
}

static void enter(struct store *s, const char *kind, const char *name, const char *json)
{
	struct change *c = find(s, kind, name);
	char *copy = json ? strdup(json) : NULL;

	if (json && !copy)
		abort(); /* NULL would take it out */
	if (c) {
		free(c->json);
		c->json = copy;
		return;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		abort();
	c->kind = kind;
	c->name = strdup(name);
	c->json = copy;
	if (!c->name)
		abort();
	append(s, c);
}

static void change(struct store *s, const char *kind, const char *name, const char *json)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->mutex);
	enter(s, kind, name, json);
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

/* ---- the connection ---- */

static void set_fd(struct store *s, int fd)
{
	pthread_mutex_lock(&s->mutex);
	s->fd = fd;
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
	overtaken = find(s, kind, name) || same(s->writing, kind, name);
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
static bool write_change(struct store *s, const struct change *c)
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

/* Take the next change; `writing` is it until done_with(). */
static struct change *next_change(struct store *s)
{
	struct change **at;

	pthread_mutex_lock(&s->mutex);
	for (at = &s->first; *at && is_held_back(s, (*at)->kind);)
		at = &(*at)->next;
	s->writing = *at ? unlink_at(s, at) : NULL;
	pthread_mutex_unlock(&s->mutex);
	return s->writing;
}

/* What failed goes back, unless a newer one of that name waits already. */
static void done_with(struct store *s, struct change *c, bool written)
{
	pthread_mutex_lock(&s->mutex);
	s->writing = NULL;
	if (!written && !find(s, c->kind, c->name)) {
		append(s, c);
		c = NULL;
	}
	pthread_mutex_unlock(&s->mutex);
	change_free(c);
}

static bool write_all(struct store *s)
{
	struct change *c;
	bool written = true;

	while (written && (c = next_change(s))) {
		written = write_change(s, c);
		done_with(s, c, written);
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

/* Sleep until there is something to write, a failure may be over, or the end. @return false: the end */
static bool rest(struct store *s, bool well)
{
	uint64_t end = well ? 0 : publish_back_off_next(&s->back_off);
	const struct timespec until = {
		.tv_sec = (time_t)(end / 1000000000), .tv_nsec = (long)(end % 1000000000)};
	bool going;
	int rc = 0;

	pthread_mutex_lock(&s->mutex);
	while (!s->stop && rc != ETIMEDOUT && !(well && s->first)) {
		if (well)
			pthread_cond_wait(&s->changed, &s->mutex);
		else
			rc = pthread_cond_timedwait(&s->changed, &s->mutex, &until);
	}
	going = !s->stop || (well && s->first);
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
	stats[STORE_WAITING] = __atomic_load_n(&s->waiting, __ATOMIC_RELAXED);
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
	s->last = &s->first;
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
	while (s->first)
		change_free(unlink_at(s, &s->first));
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
	left = s->waiting;
	if (left > 0)
		base_log(&log_store, BASE_LOG_ERROR,
			"Redis is away: %u changes of what was put at run time are not kept", left);
	store_free(s);
}
