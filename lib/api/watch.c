/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/watch_pvt.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"

enum { WATCH_TICK_MS = 500 };

/* Under the mutex. The connection's own thread finds the socket closed, and ends. */
static void cut_late(struct api_watch *w, uint64_t now_ns)
{
	for (struct api_connection *c = w->connections.next; c != &w->connections; c = c->next) {
		if (c->deadline_ns == 0 || now_ns < c->deadline_ns)
			continue;
		c->deadline_ns = 0;
		__atomic_fetch_add(w->timeouts, 1, __ATOMIC_RELAXED);
		shutdown(c->fd, SHUT_RDWR);
	}
}

static void *watch_thread(void *arg)
{
	struct api_watch *w = arg;

	pthread_mutex_lock(&w->mutex);
	while (!w->stop) {
		uint64_t ns = base_clock_mono_ns() + WATCH_TICK_MS * UINT64_C(1000000);
		const struct timespec until = {
			.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};

		pthread_cond_timedwait(&w->changed, &w->mutex, &until);
		cut_late(w, base_clock_mono_ns());
	}
	pthread_mutex_unlock(&w->mutex);
	return NULL;
}

int api_watch_start(struct api_watch *w, uint64_t *timeouts)
{
	pthread_condattr_t attr;
	int rc;

	w->connections.prev = w->connections.next = &w->connections;
	w->timeouts = timeouts;
	pthread_mutex_init(&w->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->changed, &attr);
	pthread_condattr_destroy(&attr);
	rc = pthread_create(&w->thread, NULL, watch_thread, w);
	w->running = rc == 0;
	return -rc;
}

void api_watch_stop(struct api_watch *w)
{
	if (!w->running)
		return;
	pthread_mutex_lock(&w->mutex);
	w->stop = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->mutex);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->mutex);
	w->running = false;
}

void api_watch_shut(struct api_watch *w)
{
	pthread_mutex_lock(&w->mutex);
	for (struct api_connection *c = w->connections.next; c != &w->connections; c = c->next)
		shutdown(c->fd, SHUT_RDWR);
	pthread_mutex_unlock(&w->mutex);
}

struct api_connection *api_watch_add(struct api_watch *w, int fd, uint64_t deadline_ns)
{
	struct api_connection *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fd = fd;
	c->deadline_ns = deadline_ns;
	pthread_mutex_lock(&w->mutex);
	c->next = w->connections.next;
	c->prev = &w->connections;
	c->next->prev = c;
	w->connections.next = c;
	pthread_mutex_unlock(&w->mutex);
	return c;
}

void api_watch_remove(struct api_watch *w, struct api_connection *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&w->mutex);
	c->prev->next = c->next;
	c->next->prev = c->prev;
	pthread_mutex_unlock(&w->mutex);
	free(c);
}

void api_watch_set(struct api_watch *w, struct api_connection *c, uint64_t deadline_ns)
{
	if (!c)
		return;
	pthread_mutex_lock(&w->mutex);
	c->deadline_ns = deadline_ns;
	pthread_mutex_unlock(&w->mutex);
}
