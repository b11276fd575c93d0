/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * How a thread that polls a queue comes to rest when there is nothing in it. Polls go on at full
 * speed until BASE_BACKOFF_POLLS of them in a row gave nothing; then there is a nap before each, of
 * BASE_BACKOFF_FIRST_NS at first and twice as long each time, up to BASE_BACKOFF_MOST_NS. One poll
 * that gives something, and it is at full speed again.
 *
 * So a thread that has work never naps, and a queue of which a nap was taken was empty just before: what
 * comes within BASE_BACKOFF_MOST_NS must fit into it (2,048 frames: 20 million a second).
 */
enum {
	BASE_BACKOFF_POLLS = 256,
	BASE_BACKOFF_FIRST_NS = 12500,
	BASE_BACKOFF_MOST_NS = 100000,
};

/* Zeroed at the start; of one thread. */
struct base_backoff {
	uint32_t empty;  /* polls in a row that gave nothing, up to BASE_BACKOFF_POLLS */
	uint32_t nap_ns; /* the newest nap since a poll gave something; 0: none */
};

/**
 * After each poll.
 * @param work  it gave something, or there shall be no naps
 * @return nanoseconds to sleep before the next one, 0 for none
 */
static inline uint32_t base_backoff(struct base_backoff *b, bool work)
{
	if (work) {
		*b = (struct base_backoff){0};
		return 0;
	}
	if (b->empty < BASE_BACKOFF_POLLS) {
		b->empty++;
		return 0;
	}
	b->nap_ns = b->nap_ns == 0 ? BASE_BACKOFF_FIRST_NS : b->nap_ns * 2;
	if (b->nap_ns > BASE_BACKOFF_MOST_NS)
		b->nap_ns = BASE_BACKOFF_MOST_NS;
	return b->nap_ns;
}
