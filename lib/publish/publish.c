/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/publish.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "publish/thread_pvt.h"
#include "window/history.h"

static const struct stats_def defs[PUBLISH_STATS] = {
	[PUBLISH_WINDOWS] = {"windows", "windows",
		"Windows that Redis answered, with errors too (see publish_errors)"},
	[PUBLISH_SUPERSEDED] = {"superseded", "windows", "Windows given up for a newer one"},
	[PUBLISH_COMMANDS] = {"commands", "commands", "Commands that Redis answered"},
	[PUBLISH_BYTES] = {"bytes", "bytes", "Bytes of commands that Redis answered"},
	[PUBLISH_ERRORS] = {"errors", "replies", "Error replies"},
	[PUBLISH_CONNECTS] = {"connects", "connections", "Connections made"},
	[PUBLISH_DISCONNECTS] = {"disconnects", "connections", "Connections lost or given up"},
	[PUBLISH_METRICS] = {"metrics", "updates", "Updates of data sources that Redis answered"},
	[PUBLISH_METRICS_SUPERSEDED] = {"metrics_superseded", "samples",
		"Counter samples without an update of their own, since a newer one came before it"},
	[PUBLISH_GONE] = {"gone", "sources", "Data sources whose metrics were deleted"},
	[PUBLISH_EVENTS] = {"events", "events", "Starts and ends of events that Redis answered"},
	[PUBLISH_RECORDS] = {"records", "records", "Flow records that Redis answered"},
	[PUBLISH_STEPS] = {"steps", "steps", "Steps of histories that Redis answered"},
	[PUBLISH_EVENTS_REFUSED] = {"refused_events", "events",
		"Starts and ends of events that Redis refused; they are not sent again"},
	[PUBLISH_RECORDS_REFUSED] = {"refused_records", "records",
		"Flow records that Redis refused; they are not sent again"},
	[PUBLISH_STEPS_REFUSED] = {"refused_steps", "steps",
		"Steps of histories that Redis refused; they are not sent again"},
	[PUBLISH_EVENTS_DROPPED] = {"drop_events", "events",
		"Starts and ends of events given up, the oldest first, since Redis was away"},
	[PUBLISH_RECORDS_DROPPED] = {"drop_records", "records",
		"Flow records given up, the oldest first, since Redis was away"},
	[PUBLISH_STEPS_DROPPED] = {"drop_steps", "steps",
		"Steps of histories given up, the oldest first, since Redis was away"},
	[PUBLISH_LAG] = {"lag", "microseconds",
		"From the seal of the newest window until Redis had answered it", .gauge = true},
	[PUBLISH_LAG_FORMAT] = {"lag_format", "microseconds",
		"Of publish_lag: to write the commands", .gauge = true},
	[PUBLISH_LAG_SEND] = {"lag_send", "microseconds",
		"Of publish_lag: to hand the commands to the socket", .gauge = true},
	[PUBLISH_LAG_REPLIES] = {"lag_replies", "microseconds",
		"Of publish_lag: to wait for replies and to read them", .gauge = true},
	[PUBLISH_HEALTH] = {"state", "state",
		"0: Redis takes all, 1: it refuses commands, 2: it is away (see publish_reason)",
		.gauge = true},
	[PUBLISH_AGE] = {"age", "milliseconds",
		"Since Redis answered a window, or since the start; it is below two windows while "
		"all is well",
		.gauge = true},
};

const struct stats_group publish_stats = {"publish", defs, PUBLISH_STATS};

void publish_free(struct publish *p)
{
	publish_url_free(&p->url);
	publish_sources_free(&p->sources);
	publish_writer_free(&p->writer);
	free(p->prefix);
	free(p->collector);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->mutex);
	free(p);
}

static void init_sync(struct publish *p)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&p->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->changed, &attr);
	pthread_condattr_destroy(&attr);
}

/* Signals are for the main thread; SIGPIPE of a dead connection is for nobody. */
static int start_thread(struct publish *p)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	sigdelset(&all, SIGSYS); /* of a filter: app/weir/sandbox.h */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&p->thread, NULL, publish_thread, p);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -rc;
}

static int fill(
	struct publish *p, const struct publish_options *o, char *error, unsigned error_size)
{
	int rc;

	if (publish_url_parse(o->url, &p->url, error, error_size) ||
		publish_url_add(&p->url, o->access, NULL, error, error_size))
		return -EINVAL;
	p->prefix = strdup(o->prefix);
	p->collector = strdup(o->collector);
	if (!p->prefix || !p->collector)
		return -ENOMEM;
	p->writer.prefix = p->prefix;
	p->writer.collector = p->collector;
	p->writer.expire_ms = o->expire_ms;
	p->sources.store = o->metrics;
	p->lost = o->lost;
	p->lost_ctx = o->lost_ctx;
	rc = publish_owners_init(&p->sources.owners);
	if (rc)
		return rc;
	p->streams[PUBLISH_STREAM_EVENTS] = (struct publish_stream){
		.ring = o->events, .key = ":events", .length = o->events_length};
	p->streams[PUBLISH_STREAM_RECORDS] = (struct publish_stream){.ring = o->records,
		.key = ":records",
		.by_name = true,
		.length = o->records_length};
	p->streams[PUBLISH_STREAM_STEPS] = (struct publish_stream){
		.ring = o->steps, .key = ":history", .by_step = true, .length = HISTORY_COARSE};
	for (unsigned i = 0; i < PUBLISH_STREAMS; i++) {
		if (p->streams[i].ring)
			ring_consume(p->streams[i].ring);
	}
	return 0;
}

struct publish *publish_start(const struct publish_options *options, struct window_exchange *x,
	char *error, unsigned error_size)
{
	struct publish *p = calloc(1, sizeof(*p));
	int rc;

	if (!p) {
		snprintf(error, error_size, "out of memory");
		return NULL;
	}
	init_sync(p);
	p->x = x;
	p->fd = -1;
	p->stats[PUBLISH_HEALTH] = PUBLISH_AWAY;
	p->stats[PUBLISH_AGE] = base_clock_mono_ns();
	snprintf(p->reason, sizeof(p->reason), "it was not reached yet");
	snprintf(error, error_size, "out of memory");
	rc = fill(p, options, error, error_size);
	if (rc == 0) {
		rc = start_thread(p);
		if (rc)
			snprintf(error, error_size, "cannot start a thread: %s", strerror(-rc));
	}
	if (rc) {
		publish_free(p);
		errno = -rc;
		return NULL;
	}
	error[0] = '\0';
	return p;
}

/* After publish_stop() has set `last`. */
bool publish_told_all(const struct publish *p)
{
	for (unsigned i = 0; i < PUBLISH_STREAMS; i++) {
		if (p->last[i] && ring_told_until(p->streams[i].ring) < p->last[i])
			return false;
	}
	return true;
}

/* Under the mutex. @return whether the thread ended by itself. */
static bool wait_end(struct publish *p)
{
	struct timespec until = {
		.tv_sec = (time_t)(p->deadline_ns / 1000000000u),
		.tv_nsec = (long)(p->deadline_ns % 1000000000u),
	};
	int rc = 0;

	while (p->state != PUBLISH_ENDED && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&p->changed, &p->mutex, &until);
	return p->state == PUBLISH_ENDED;
}

/*
 * At the deadline a blocked send or receive is cut by shutting the socket down. A blocked connect
 * (a name server may take long) cannot be cut: the thread is then on its own, and frees itself.
 */
bool publish_stop(struct publish *p, uint64_t timeout_ms)
{
	bool done;

	if (!p)
		return true;
	pthread_mutex_lock(&p->mutex);
	p->target = window_exchange_wait(p->x, 0, 0);
	for (unsigned i = 0; i < PUBLISH_STREAMS; i++)
		p->last[i] = p->streams[i].ring ? ring_newest(p->streams[i].ring) : 0;
	p->deadline_ns = base_clock_mono_ns() + timeout_ms * 1000000u;
	p->stop = true;
	pthread_cond_broadcast(&p->changed);
	if (!wait_end(p)) {
		if (p->state == PUBLISH_CONNECTING) {
			p->abandoned = true;
			pthread_detach(p->thread);
			pthread_mutex_unlock(&p->mutex);
			return false;
		}
		if (p->fd >= 0)
			shutdown(p->fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&p->mutex);
	pthread_join(p->thread, NULL);
	done = p->done >= p->target && !p->owing && !p->wrong && publish_told_all(p);
	publish_free(p);
	return done;
}

void publish_read_stats(const struct publish *p, uint64_t *stats)
{
	for (unsigned i = 0; i < PUBLISH_STATS; i++)
		stats[i] = __atomic_load_n(&p->stats[i], __ATOMIC_RELAXED);
	for (unsigned i = 0; i < PUBLISH_STREAMS; i++) {
		if (p->streams[i].ring)
			stats[PUBLISH_EVENTS_DROPPED + i] = ring_dropped(p->streams[i].ring);
	}
	stats[PUBLISH_AGE] = (base_clock_mono_ns() - stats[PUBLISH_AGE]) / 1000000;
}

void publish_read_reason(struct publish *p, char *text, unsigned size)
{
	if (pthread_mutex_trylock(&p->mutex) != 0)
		return;
	snprintf(text, size, "%s", p->reason);
	pthread_mutex_unlock(&p->mutex);
}

bool publish_connected(const struct publish *p)
{
	return __atomic_load_n(&p->connected, __ATOMIC_RELAXED);
}
