/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The publisher's thread. It holds a snapshot only while it writes commands into its own batch,
 * never while it waits for the network. All of its waits end within a tick, at the time-outs of
 * the connection, or when publish_stop() shuts the socket down.
 */
#include "publish/thread_pvt.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "publish/send_pvt.h"

BASE_LOG_TYPE(log_publish, "publish");

enum {
	TICK_MS = 100, /* how late a stop or a dead idle connection is noticed */
	SETTLE_MS = 1000,
	LOG_INTERVAL_MS = 10000,
	DOCUMENTS_PIECE = 4096, /* events, and records, between two looks for a new window */
	PACE_MS = 10,           /* metrics go out in steps of this */
	PACE_PERCENT = 80,      /* of a window, in which its metrics go out */
	PACE_FIRST = 512,       /* slots that are looked at at once */
	PACE_LEAST = 20000,     /* and those of each second at least */
};

/* One writer: load and store need not be one step. */
static void count(struct publish *p, enum publish_stat stat, uint64_t n)
{
	__atomic_store_n(&p->stats[stat], p->stats[stat] + n, __ATOMIC_RELAXED);
}

static void set(struct publish *p, enum publish_stat stat, uint64_t v)
{
	__atomic_store_n(&p->stats[stat], v, __ATOMIC_RELAXED);
}

/* What Redis says goes to logs, JSON and terminals: it may be no Redis at all. */
static void set_health(struct publish *p, enum publish_health health, const char *reason)
{
	set(p, PUBLISH_HEALTH, health);
	pthread_mutex_lock(&p->mutex);
	snprintf(p->reason, sizeof(p->reason), "%s", reason);
	for (char *c = p->reason; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	pthread_mutex_unlock(&p->mutex);
}

static bool finished(struct publish *p)
{
	bool end;

	pthread_mutex_lock(&p->mutex);
	end = p->stop && ((p->done >= p->target && !p->owing && !p->wrong && publish_told_all(p)) ||
				 base_clock_mono_ns() >= p->deadline_ns);
	pthread_mutex_unlock(&p->mutex);
	return end;
}

/* @return false: publish_stop() has left this thread to itself. */
static bool set_state(struct publish *p, enum publish_state state, int fd)
{
	bool mine;

	pthread_mutex_lock(&p->mutex);
	p->state = state;
	p->fd = fd;
	mine = !p->abandoned;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->mutex);
	return mine;
}

/* Say once that Redis is away, and again only if the reason is another one. */
static void tell_away(struct publish *p, const char *reason)
{
	bool news = p->there || strcmp(reason, p->said) != 0;

	if (news)
		base_log(&log_publish, BASE_LOG_WARNING,
			"Redis at %s (redis.url) %s: %s; trying again", p->url.place,
			p->there ? "was lost" : "cannot be used", reason);
	p->there = false;
	snprintf(p->said, sizeof(p->said), "%s", reason);
	set_health(p, PUBLISH_AWAY, reason);
}

/* Only once something was published: a Redis that takes connections alone is not there yet. */
static void tell_there(struct publish *p)
{
	char at[PUBLISH_PLACE] = "";

	if (!p->there) {
		if (p->url.sentinels)
			publish_link_place(p->redis, at);
		base_log(&log_publish, p->url.unverified ? BASE_LOG_WARNING : BASE_LOG_NOTICE,
			"publishing to Redis at %s%s%s%s", p->url.place, at[0] ? ": " : "", at,
			p->url.unverified ? ", whose certificate is not checked (redis.tls_verify)"
					  : "");
		set_health(p, PUBLISH_WELL, "");
	}
	p->there = true;
}

/* A stop ends the wait at once, so that the last tries are made in the time that is left. */
static void sleep_until(struct publish *p, uint64_t ns)
{
	struct timespec until;
	bool stopping;
	int rc = 0;

	pthread_mutex_lock(&p->mutex);
	stopping = p->stop;
	if (stopping && ns > p->deadline_ns)
		ns = p->deadline_ns;
	until.tv_sec = (time_t)(ns / 1000000000u);
	until.tv_nsec = (long)(ns % 1000000000u);
	while (p->stop == stopping && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&p->changed, &p->mutex, &until);
	pthread_mutex_unlock(&p->mutex);
}

/* The mutex keeps publish_stop() from shutting down a number that is another file by then. */
static void hang_up(struct publish *p)
{
	if (!p->redis)
		return;
	set_state(p, PUBLISH_RUNNING, -1);
	if (p->unsettled)
		publish_link_cut_off(p->redis);
	else
		publish_link_close(p->redis);
	publish_link_close(p->watch);
	p->redis = p->watch = NULL;
	publish_held_forget(p->writer.held);
	publish_sources_drop(&p->sources);
	p->sources.left = 0;
	__atomic_store_n(&p->connected, false, __ATOMIC_RELAXED);
	count(p, PUBLISH_DISCONNECTS, 1);
}

static void lose(struct publish *p, const char *reason)
{
	hang_up(p);
	tell_away(p, reason);
	sleep_until(p, publish_back_off_next(&p->back_off));
}

/* Commands may be without their replies. */
static void lose_unanswered(struct publish *p, const char *reason)
{
	p->unsettled = true;
	lose(p, reason);
}

static void tell_lost(const struct publish *p)
{
	if (p->lost)
		p->lost(p->lost_ctx);
}

/* Redis may have anything: the newest window and all else is written to it, whatever it had. */
static void write_anew(struct publish *p)
{
	p->again = true;
	publish_held_forget(p->writer.held);
	publish_names_forget(p->writer.names);
	publish_sources_forget(&p->sources);
	window_exchange_want_all(p->x);
	if (p->stats[PUBLISH_CONNECTS] > 1)
		tell_lost(p);
}

/* @return false: this thread was left to itself. */
static bool connect_redis(struct publish *p)
{
	char error[PUBLISH_ERROR];

	publish_back_off_try(&p->back_off);
	set_state(p, PUBLISH_CONNECTING, -1);
	p->redis = publish_connect_watched(&p->url, &p->watch, error);
	if (!set_state(p, PUBLISH_RUNNING, p->redis ? publish_link_fd(p->redis) : -1))
		return false;
	if (!p->redis) {
		lose(p, error);
		return true;
	}
	count(p, PUBLISH_CONNECTS, 1);
	__atomic_store_n(&p->connected, true, __ATOMIC_RELAXED);
	p->marked = false;
	write_anew(p);
	p->settled_ns = p->unsettled ? base_clock_mono_ns() + SETTLE_MS * UINT64_C(1000000) : 0;
	p->unsettled = false;
	return true;
}

/*
 * A Redis that was paused, or a network that was cut, may still have had commands of the connection before,
 * and they may have been carried out after those that came first on this one.
 */
static void settle(struct publish *p)
{
	if (p->settled_ns == 0 || base_clock_mono_ns() < p->settled_ns)
		return;
	p->settled_ns = 0;
	write_anew(p);
}

/* @return number of the window that the batch now holds; 0: there was none. */
static uint64_t write_batch(struct publish *p)
{
	const struct window_snapshot *s;
	uint64_t number = 0;

	publish_batch_reset(&p->writer.batch);
	p->writer.told = p->done;
	s = window_exchange_hold(p->x);
	if (s) {
		number = s->number;
		publish_write_flows(&p->writer, s);
		publish_write_gone(&p->writer, s);
		publish_write_agents(&p->writer, s);
		publish_write_metrics(&p->writer, s);
		publish_write_collector(&p->writer, s);
		p->pace.window_ms = s->end_ms > s->start_ms ? s->end_ms - s->start_ms : 0;
		p->pace.now_ms = s->end_ms;
		p->sealed_ns = s->sealed_ns;
		if (number > p->done + 1 && !s->complete)
			window_exchange_want_all(p->x);
	}
	window_exchange_release(p->x);
	return number;
}

/* What is refused of metrics and documents belongs to the window behind it. */
static void add_errors(struct publish *p, const struct publish_sent *sent)
{
	count(p, PUBLISH_ERRORS, sent->errors);
	if (p->errors == 0 && sent->errors > 0)
		snprintf(p->error, sizeof(p->error), "%s", sent->error);
	p->errors += sent->errors;
}

static void take_up(struct publish *p)
{
	window_exchange_want_all(p->x);
	publish_sources_retry(&p->sources);
}

/* Once Redis takes all again, what it refused of agents and metrics has to come once more. */
static void note_errors(struct publish *p, const struct publish_sent *sent, uint64_t number)
{
	static struct base_log_limit limit;

	add_errors(p, sent);
	if (sent->errors > 0)
		base_log_rate_limited(&limit, LOG_INTERVAL_MS, &log_publish, BASE_LOG_WARNING,
			"Redis at %s refused %" PRIu64 " commands of window %" PRIu64 ": %s",
			p->url.place, sent->errors, number, sent->error);
	else if (p->refused)
		take_up(p);
	p->refused = sent->errors > 0;
	if (p->errors > 0)
		set_health(p, PUBLISH_REFUSED, p->error);
	else
		set_health(p, PUBLISH_WELL, "");
	p->errors = 0;
}

/* ---- documents ---- */

/*
 * What was sent when the connection broke is sent again: at least once. What Redis refuses (the key
 * is of another type, memory is full) would be refused for ever: it is counted as errors, and passed.
 */
static void told(struct publish *p, unsigned stream, struct ring_document **list, unsigned n,
	const struct publish_sent *sent)
{
	static struct base_log_limit limit;
	unsigned refused = 0;

	for (uint32_t i = 0; i < p->writer.batch.watch_count; i++)
		refused += p->writer.batch.watches[i].failed;
	if (sent->errors > 0)
		base_log_rate_limited(&limit, LOG_INTERVAL_MS, &log_publish, BASE_LOG_WARNING,
			"Redis at %s refused %" PRIu64 " commands of %s%s: %s", p->url.place,
			sent->errors, p->writer.prefix, p->streams[stream].key, sent->error);
	ring_told(p->streams[stream].ring, list[n - 1]->id);
	count(p, (enum publish_stat)(PUBLISH_EVENTS + stream), n - refused);
	count(p, (enum publish_stat)(PUBLISH_EVENTS_REFUSED + stream), refused);
	tell_there(p);
}

/* @return whether there were some, and so there may be more */
static bool send_documents(struct publish *p, unsigned stream)
{
	struct ring_document *list[DOCUMENTS_PIECE];
	struct publish_sent sent;
	unsigned n;

	if (!p->redis || !p->streams[stream].ring)
		return false;
	n = ring_read_untold(p->streams[stream].ring, list, DOCUMENTS_PIECE);
	if (n == 0)
		return false;
	publish_batch_reset(&p->writer.batch);
	for (unsigned i = 0; i < n; i++)
		publish_write_document(&p->writer, &p->streams[stream], list[i]);
	publish_send(p->redis, &p->writer.batch, &sent);
	count(p, PUBLISH_COMMANDS, sent.commands);
	count(p, PUBLISH_BYTES, sent.bytes);
	add_errors(p, &sent);
	if (sent.lost)
		ring_told(p->streams[stream].ring, 0);
	else
		told(p, stream, list, n, &sent);
	ring_release(list, n);
	if (sent.lost)
		lose_unanswered(p, sent.error);
	return true;
}

/* ---- windows ---- */

/* How long it took; a window that is written once more says nothing of that. */
static void note_times(
	struct publish *p, uint64_t start_ns, uint64_t written_ns, const struct publish_sent *sent)
{
	uint64_t now = base_clock_mono_ns();

	set(p, PUBLISH_LAG, p->sealed_ns ? (now - p->sealed_ns) / 1000 : 0);
	set(p, PUBLISH_LAG_FORMAT, (written_ns - start_ns) / 1000);
	set(p, PUBLISH_LAG_SEND, sent->write_ns / 1000);
	set(p, PUBLISH_LAG_REPLIES, (now - written_ns - sent->write_ns) / 1000);
}

static void note_window(struct publish *p, uint64_t number)
{
	if (number > p->done) {
		count(p, PUBLISH_WINDOWS, 1);
		count(p, PUBLISH_SUPERSEDED, number - p->done - 1);
		p->done = number;
	}
	p->again = false;
	set(p, PUBLISH_AGE, base_clock_mono_ns());
	publish_back_off_reset(&p->back_off);
	tell_there(p);
}

/*
 * Somebody has deleted the collector's own key since the last window, and so perhaps all others
 * (FLUSHALL): they are written once more.
 */
static void look_for_own_key(struct publish *p)
{
	bool missing = p->writer.batch.watches[p->writer.own].missing;

	if (missing && p->marked) {
		publish_sources_forget(&p->sources);
		window_exchange_want_all(p->x);
	}
	if (missing) /* before the first window, too: others may have read it, and written, before that */
		tell_lost(p);
	p->marked = true;
}

/* The flows of the window are out: its metrics follow, until the next one. */
static void start_metrics(struct publish *p)
{
	uint64_t now = base_clock_mono_ns();

	publish_sources_round(&p->sources, p->pace.now_ms);
	p->pace.start_ns = now;
	p->pace.end_ns = now + p->pace.window_ms * PACE_PERCENT * (1000000 / 100);
	p->pace.slots = p->sources.left;
	p->owing = p->sources.left > 0;
}

static void publish_newest(struct publish *p)
{
	uint64_t start = base_clock_mono_ns(), number = write_batch(p);
	uint64_t written = base_clock_mono_ns();
	struct publish_sent sent;
	bool again;

	if (number == 0)
		return;
	publish_send(p->redis, &p->writer.batch, &sent);
	count(p, PUBLISH_COMMANDS, sent.commands);
	count(p, PUBLISH_BYTES, sent.bytes);
	if (sent.lost) {
		add_errors(p, &sent);
		lose_unanswered(p, sent.error);
		return;
	}
	again = publish_held_answered(p->writer.held, &p->writer.batch);
	publish_names_answered(&p->writer.names, &p->writer.batch, p->settled_ns == 0);
	look_for_own_key(p);
	if (number > p->done)
		note_times(p, start, written, &sent);
	note_errors(p, &sent, number); /* who sees the window sees its errors */
	note_window(p, number);
	p->again = p->wrong = again;
	start_metrics(p);
}

/* ---- metrics ---- */

static bool stops(struct publish *p)
{
	bool stop;

	pthread_mutex_lock(&p->mutex);
	stop = p->stop;
	pthread_mutex_unlock(&p->mutex);
	return stop;
}

/* How many slots should have been looked at by now; of few of them all, soon. */
static uint32_t slots_due(struct publish *p)
{
	const struct publish_pace *pace = &p->pace;
	uint64_t now = base_clock_mono_ns(), least;
	double part;

	if (now >= pace->end_ns || stops(p))
		return pace->slots;
	part = (double)(now - pace->start_ns) / (double)(pace->end_ns - pace->start_ns);
	least = PACE_FIRST + (now - pace->start_ns) / (1000000000 / PACE_LEAST);
	if (least >= pace->slots)
		return pace->slots;
	return (uint32_t)fmax(part * pace->slots, (double)least);
}

static void note_metrics(struct publish *p, const struct publish_sent *sent)
{
	static struct base_log_limit limit;
	struct publish_sources *s = &p->sources;

	publish_sources_answered(s, &p->writer.batch);
	count(p, PUBLISH_METRICS, s->updates);
	count(p, PUBLISH_METRICS_SUPERSEDED, s->superseded);
	count(p, PUBLISH_GONE, s->gone);
	s->updates = s->superseded = s->gone = 0;
	if (sent->errors > 0)
		base_log_rate_limited(&limit, LOG_INTERVAL_MS, &log_publish, BASE_LOG_WARNING,
			"Redis at %s refused %" PRIu64 " commands of metrics: %s", p->url.place,
			sent->errors, sent->error);
}

/* @return whether more is due */
static bool send_metrics(struct publish *p)
{
	uint32_t due = slots_due(p), done = p->pace.slots - p->sources.left;
	struct publish_sent sent;

	if (due <= done)
		return false;
	publish_batch_reset(&p->writer.batch);
	done += publish_sources_write(&p->sources, &p->writer, due - done);
	publish_send(p->redis, &p->writer.batch, &sent);
	count(p, PUBLISH_COMMANDS, sent.commands);
	count(p, PUBLISH_BYTES, sent.bytes);
	add_errors(p, &sent);
	if (sent.lost) {
		lose_unanswered(p, sent.error);
		return false;
	}
	note_metrics(p, &sent);
	p->owing = p->sources.left > 0;
	return done < due;
}

static void step(struct publish *p)
{
	uint64_t since = p->again ? 0 : p->done;
	uint64_t wait_ms = p->more ? 0 : p->sources.left ? PACE_MS : TICK_MS;
	uint64_t newest = window_exchange_wait(p->x, since, wait_ms);
	bool events = send_documents(p, PUBLISH_STREAM_EVENTS);
	bool records = send_documents(p, PUBLISH_STREAM_RECORDS);
	bool steps = send_documents(p, PUBLISH_STREAM_STEPS);

	p->more = events || records || steps;
	if (!p->redis)
		return;
	if (newest > since)
		publish_newest(p);
	if (p->redis && p->sources.left)
		p->more |= send_metrics(p);
	else if (p->redis && newest <= since && !p->more && publish_link_hung_up(p->redis))
		lose(p, "the server closed the connection");
}

void *publish_thread(void *arg)
{
	struct publish *p = arg;
	bool mine = true;

	window_exchange_register();
	window_exchange_want_all(p->x);
	while (mine && !finished(p)) {
		if (!p->redis) {
			mine = connect_redis(p);
			continue;
		}
		settle(p);
		if (publish_watch_tells(p->watch))
			lose(p, "a Sentinel says that the master has changed, or is gone itself");
		else
			step(p);
	}
	window_exchange_unregister();
	hang_up(p);
	if (!mine)
		publish_free(p);
	else
		set_state(p, PUBLISH_ENDED, -1);
	return NULL;
}
