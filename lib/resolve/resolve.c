/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The resolver's thread alone touches c-ares and its sockets. The mutex guards the cache, which
 * holds the questions, too; the event descriptor tells the thread of the first one that waits.
 */
#include "resolve/resolve.h"

#include <ares.h>
#include <ares_nameser.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "resolve/reply.h"

enum {
	EVENTS = 16,        /* taken from epoll at a time */
	LONGEST_MS = 60000, /* sleep */
};

struct resolve {
	pthread_t thread;
	pthread_mutex_t mutex;
	struct resolve_cache cache; /* under the mutex */
	int poll, wake;
	bool stop; /* relaxed; behind a write to `wake` */

	/* The thread's own. */
	ares_channel channel;
	unsigned under_way, most;
};

/* A question on its way. */
struct query {
	struct resolve *resolve;
	struct resolve_question question;
	char text[RESOLVE_QUESTION];
};

static void wake(struct resolve *r)
{
	uint64_t one = 1;

	/* Only a counter that is full can fail this; then the thread wakes up anyway. */
	if (write(r->wake, &one, sizeof(one)) < 0)
		return;
}

enum resolve_answer resolve_name(
	struct resolve *r, const struct base_addr *addr, struct base_text *name)
{
	enum resolve_answer answer;
	uint64_t now = base_clock_mono_ns();
	bool first;

	pthread_mutex_lock(&r->mutex);
	first = r->cache.waiting == 0;
	answer = resolve_cache_find(&r->cache, addr, now, name);
	first = first && r->cache.waiting > 0;
	pthread_mutex_unlock(&r->mutex);
	if (first)
		wake(r);
	return answer;
}

void resolve_read_stats(struct resolve *r, uint64_t values[RESOLVE_STATS])
{
	pthread_mutex_lock(&r->mutex);
	r->cache.stats[RESOLVE_WAITING] = r->cache.waiting;
	memcpy(values, r->cache.stats, sizeof(r->cache.stats));
	pthread_mutex_unlock(&r->mutex);
}

/* ---- answers ---- */

static void fail(struct resolve *r, const struct resolve_question *q, enum resolve_stat why)
{
	r->cache.stats[why]++;
	resolve_cache_fail(&r->cache, q, base_clock_mono_ns());
}

static void no_name(struct resolve *r, const struct resolve_question *q)
{
	r->cache.stats[RESOLVE_NO_NAME]++;
	resolve_cache_answer(&r->cache, q, NULL, 0, base_clock_mono_ns());
}

static void note_name(struct resolve *r, const struct query *q, const struct resolve_reply *reply)
{
	r->cache.stats[RESOLVE_ANSWERS]++;
	resolve_cache_answer(&r->cache, &q->question, reply->name, (uint64_t)reply->ttl * 1000,
		base_clock_mono_ns());
}

/* Pure: hostile bytes are read while nobody waits for the mutex. @return as the status of c-ares */
static int read_answer(
	const struct query *q, const uint8_t *bytes, size_t len, struct resolve_reply *reply)
{
	switch (resolve_reply(bytes, len, q->text, reply)) {
	case 0:
		return ARES_SUCCESS;
	case -ENOENT:
		return ARES_ENODATA;
	default:
		return ARES_EBADRESP;
	}
}

/* c-ares: a question has ended. Resolver's thread, perhaps within ares_query(). */
static void ended(void *arg, int status, int timeouts, unsigned char *bytes, int len)
{
	struct query *q = arg;
	struct resolve *r = q->resolve;
	struct resolve_reply reply;

	if (status == ARES_SUCCESS)
		status = read_answer(q, bytes, (size_t)len, &reply);
	r->under_way--;
	pthread_mutex_lock(&r->mutex);
	r->cache.stats[RESOLVE_UNDER_WAY] = r->under_way;
	switch (status) {
	case ARES_SUCCESS:
		note_name(r, q, &reply);
		break;
	case ARES_ENOTFOUND:
	case ARES_ENODATA:
		no_name(r, &q->question);
		break;
	case ARES_ETIMEOUT:
		fail(r, &q->question, RESOLVE_TIMEOUTS);
		break;
	case ARES_EBADRESP:
		fail(r, &q->question, RESOLVE_BAD);
		break;
	default:
		fail(r, &q->question, RESOLVE_FAILURES);
	}
	pthread_mutex_unlock(&r->mutex);
	free(q);
}

/* ---- questions ---- */

static bool next_question(struct resolve *r, struct resolve_question *q)
{
	bool there;

	if (r->under_way == r->most)
		return false;
	pthread_mutex_lock(&r->mutex);
	there = resolve_cache_next(&r->cache, q);
	if (there) {
		r->cache.stats[RESOLVE_QUERIES]++;
		r->cache.stats[RESOLVE_UNDER_WAY] = ++r->under_way;
	}
	pthread_mutex_unlock(&r->mutex);
	return there;
}

static void ask(struct resolve *r)
{
	struct resolve_question question;

	while (next_question(r, &question)) {
		struct query *q = malloc(sizeof(*q));

		if (!q)
			abort(); /* off the data path; nothing sensible is left to do */
		*q = (struct query){.resolve = r, .question = question};
		resolve_question(&question.addr, q->text);
		ares_query(r->channel, q->text, ns_c_in, ns_t_ptr, ended, q);
	}
}

/* ---- the thread ---- */

/* c-ares: what it waits for on a socket has changed; neither: it is about to close it. */
static void socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct resolve *r = arg;
	struct epoll_event e = {.data.fd = fd};

	if (readable)
		e.events |= EPOLLIN;
	if (writable)
		e.events |= EPOLLOUT;
	if (!e.events)
		epoll_ctl(r->poll, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(r->poll, EPOLL_CTL_MOD, fd, &e) < 0)
		epoll_ctl(r->poll, EPOLL_CTL_ADD, fd, &e);
}

static void handle(struct resolve *r, const struct epoll_event *e)
{
	uint64_t count;
	int fd = e->data.fd;

	if (fd == r->wake) {
		if (read(fd, &count, sizeof(count)) < 0)
			return; /* somebody else's wake-up was taken with an earlier one */
		return;
	}
	ares_process_fd(r->channel,
		e->events & (EPOLLIN | EPOLLERR | EPOLLHUP) ? fd : ARES_SOCKET_BAD,
		e->events & EPOLLOUT ? fd : ARES_SOCKET_BAD);
}

/* How long c-ares can sleep: until its next time-out. */
static int nap_ms(struct resolve *r)
{
	struct timeval longest = {.tv_sec = LONGEST_MS / 1000}, room, *tv;

	tv = ares_timeout(r->channel, &longest, &room);
	return (int)(tv->tv_sec * 1000 + (tv->tv_usec + 999) / 1000);
}

static void *run(void *arg)
{
	struct resolve *r = arg;
	struct epoll_event events[EVENTS];

	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		int count;

		ask(r);
		count = epoll_wait(r->poll, events, EVENTS, nap_ms(r));
		for (int i = 0; i < count; i++)
			handle(r, &events[i]);
		ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* time-outs */
	}
	return NULL;
}

/* ---- start and stop ---- */

static int set_servers(struct resolve *r, const struct resolve_options *o)
{
	if (strcmp(o->servers, RESOLVE_SYSTEM) == 0)
		return ARES_SUCCESS;
	return ares_set_servers_ports_csv(r->channel, o->servers);
}

static int open_channel(struct resolve *r, const struct resolve_options *o)
{
	char lookups[] = "b"; /* DNS alone, not the hosts file */
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
		.timeout = (int)o->timeout_ms,
		.tries = (int)o->tries,
		.lookups = lookups,
		.sock_state_cb = socket_state,
		.sock_state_cb_data = r,
	};
	int status = ares_init_options(&r->channel, &options,
		ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
			ARES_OPT_SOCK_STATE_CB);

	if (status != ARES_SUCCESS)
		return status;
	status = set_servers(r, o);
	if (status != ARES_SUCCESS)
		ares_destroy(r->channel);
	return status;
}

/* The thread takes no signals: those are for who started it. */
static int start_thread(struct resolve *r)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	sigdelset(&all, SIGSYS); /* of a filter: app/weir/sandbox.h */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&r->thread, NULL, run, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

static int open_poll(struct resolve *r)
{
	struct epoll_event e = {.events = EPOLLIN};

	r->poll = epoll_create1(EPOLL_CLOEXEC);
	r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	e.data.fd = r->wake;
	if (r->poll < 0 || r->wake < 0 || epoll_ctl(r->poll, EPOLL_CTL_ADD, r->wake, &e) < 0)
		return -errno;
	return 0;
}

static void close_poll(struct resolve *r)
{
	if (r->poll >= 0)
		close(r->poll);
	if (r->wake >= 0)
		close(r->wake);
}

static struct resolve *give_up(
	struct resolve *r, int err, const char *why, char *error, size_t size)
{
	snprintf(error, size, "DNS: %s", why);
	close_poll(r);
	resolve_cache_fini(&r->cache);
	pthread_mutex_destroy(&r->mutex);
	free(r);
	errno = -err;
	return NULL;
}

struct resolve *resolve_start(
	const struct resolve_options *o, const struct base_hash *hash, char *error, size_t size)
{
	struct resolve *r = calloc(1, sizeof(*r));
	int status, err;

	if (!r || resolve_cache_init(&r->cache, &o->limits, hash) < 0) {
		snprintf(error, size, "DNS: no memory for its cache");
		free(r);
		errno = ENOMEM;
		return NULL;
	}
	pthread_mutex_init(&r->mutex, NULL);
	r->poll = r->wake = -1;
	r->most = o->under_way;
	err = open_poll(r);
	if (err < 0)
		return give_up(r, err, strerror(-err), error, size);
	status = open_channel(r, o);
	if (status != ARES_SUCCESS)
		return give_up(r, -EINVAL, ares_strerror(status), error, size);
	err = start_thread(r);
	if (err < 0) {
		ares_destroy(r->channel);
		return give_up(r, err, strerror(-err), error, size);
	}
	return r;
}

void resolve_stop(struct resolve *r)
{
	if (!r)
		return;
	__atomic_store_n(&r->stop, true, __ATOMIC_RELAXED);
	wake(r);
	pthread_join(r->thread, NULL);
	ares_destroy(r->channel); /* ends what is under way */
	close_poll(r);
	resolve_cache_fini(&r->cache);
	pthread_mutex_destroy(&r->mutex);
	free(r);
}
