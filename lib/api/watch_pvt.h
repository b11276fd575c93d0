/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Who takes too long is cut off. libmicrohttpd closes a connection on which nothing moves; one that sends a
 * byte now and then is left to this: each connection has a deadline by which its request has to be
 * there, and then one by which its answer has to be taken. A thread looks at them twice a second.
 */

struct api_connection {
	struct api_connection *prev, *next;
	int fd;
	uint64_t deadline_ns; /* monotonic; 0: none */
};

struct api_watch {
	pthread_mutex_t mutex; /* guards all of it, and that fds of connections are theirs */
	pthread_cond_t changed;
	struct api_connection connections; /* a ring */
	pthread_t thread;
	bool running, stop;
	uint64_t *timeouts; /* counted there, relaxed */
};

/** Start the thread. @return 0 or -errno */
int api_watch_start(struct api_watch *w, uint64_t *timeouts);

/** End the thread; all connections are gone by then. */
void api_watch_stop(struct api_watch *w);

/** Shut all connections down. */
void api_watch_shut(struct api_watch *w);

/** A connection begins. @return NULL: memory is short. */
struct api_connection *api_watch_add(struct api_watch *w, int fd, uint64_t deadline_ns);
void api_watch_remove(struct api_watch *w, struct api_connection *c);

/** Another deadline, 0: none. NULL is fine. */
void api_watch_set(struct api_watch *w, struct api_connection *c, uint64_t deadline_ns);
