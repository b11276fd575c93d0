/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/mailbox.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"

void mailbox_init(struct mailbox *b)
{
	pthread_condattr_t attr;

	*b = (struct mailbox){.given = NULL};
	pthread_mutex_init(&b->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&b->changed, &attr);
	pthread_condattr_destroy(&attr);
}

void mailbox_fini(struct mailbox *b)
{
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->mutex);
}

/* Under the mutex: until `slot` holds something, or the time is over. */
static struct generation *wait_for(struct mailbox *b, struct generation *const *slot, uint64_t ns)
{
	uint64_t end = base_clock_mono_ns() + ns;
	const struct timespec until = {
		.tv_sec = (time_t)(end / 1000000000), .tv_nsec = (long)(end % 1000000000)};
	int rc = 0;

	while (!*slot && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&b->changed, &b->mutex, &until);
	return *slot;
}

static void put(struct mailbox *b, struct generation **slot, struct generation *g)
{
	pthread_mutex_lock(&b->mutex);
	*slot = g;
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->mutex);
}

static struct generation *take(struct mailbox *b, struct generation **slot)
{
	struct generation *g;

	pthread_mutex_lock(&b->mutex);
	g = *slot;
	*slot = NULL;
	pthread_mutex_unlock(&b->mutex);
	return g;
}

void mailbox_give(struct mailbox *b, struct generation *g)
{
	put(b, &b->given, g);
}

struct generation *mailbox_await(struct mailbox *b, uint64_t timeout_ms)
{
	struct generation *g;

	pthread_mutex_lock(&b->mutex);
	g = wait_for(b, &b->back, timeout_ms * 1000000);
	b->back = NULL;
	pthread_mutex_unlock(&b->mutex);
	return g;
}

bool mailbox_is_taken(struct mailbox *b)
{
	bool taken;

	pthread_mutex_lock(&b->mutex);
	taken = !b->given;
	pthread_mutex_unlock(&b->mutex);
	return taken;
}

struct generation *mailbox_cancel(struct mailbox *b)
{
	return take(b, &b->given);
}

bool mailbox_sleep(struct mailbox *b, uint64_t ns)
{
	bool there;

	pthread_mutex_lock(&b->mutex);
	there = wait_for(b, &b->given, ns) != NULL;
	pthread_mutex_unlock(&b->mutex);
	return there;
}

struct generation *mailbox_take(struct mailbox *b)
{
	return take(b, &b->given);
}

void mailbox_return(struct mailbox *b, struct generation *g)
{
	put(b, &b->back, g);
}
