/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One pointer, exchanged by RCU in the memb domain.
 *
 * Ordering: all that the aggregator wrote into a snapshot happens before a reader sees its pointer
 * (release, consume). All that a reader did before it let go happens before the snapshot is freed.
 * Progress: hold and release are wait-free. put never waits for a reader of the snapshot: the
 * reclaimer thread of liburcu does. It takes the mutex of the waiters, which nobody holds for
 * longer than a few instructions.
 */
#include "window/snapshot.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/memb.h"
#include "base/rcu.h"

enum { VIEW_S = 10 }; /* how long views are made after somebody asked */

/* What readers find: lives in the region of its own snapshot, so the exchange allocates nothing. */
struct published {
	struct rcu_head rcu;
	struct window_exchange *exchange;
	struct window_snapshot *snapshot;
};

struct window_exchange {
	struct published *newest; /* aggregator writes; readers */
	bool want_all, want_view; /* readers set; aggregator clears */
	uint64_t view_until_ns;   /* the aggregator's own: views are made until then */
	pthread_mutex_t mutex;    /* guards the rest */
	pthread_cond_t changed;
	uint64_t number;  /* of the newest snapshot */
	unsigned retired; /* snapshots that the reclaimer still has */
};

struct window_exchange *window_exchange_create(void)
{
	struct window_exchange *x = calloc(1, sizeof(*x));
	pthread_condattr_t attr;

	if (!x)
		return NULL;
	pthread_mutex_init(&x->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&x->changed, &attr);
	pthread_condattr_destroy(&attr);
	return x;
}

void window_snapshot_free(struct window_snapshot *s)
{
	if (!s)
		return;
	window_view_free(s->view);
	base_region_free(&s->region);
	free(s);
}

/* Reclaimer's thread. `p` itself lies in the region that is freed; the last ends a destroy(). */
static void snapshot_free(struct rcu_head *head)
{
	struct published *p =
		(struct published *)(void *)((char *)head - offsetof(struct published, rcu));
	struct window_exchange *x;
	struct window_snapshot *s;

	base_memb_freeing();
	x = p->exchange;
	s = p->snapshot;
	window_snapshot_free(s);
	pthread_mutex_lock(&x->mutex);
	x->retired--;
	pthread_cond_broadcast(&x->changed);
	pthread_mutex_unlock(&x->mutex);
}

static void retire(struct published *p)
{
	pthread_mutex_lock(&p->exchange->mutex);
	p->exchange->retired++;
	pthread_mutex_unlock(&p->exchange->mutex);
	base_memb_call(&p->rcu, snapshot_free);
}

/* Readers are gone by contract; what the reclaimer still has is soon freed. */
void window_exchange_destroy(struct window_exchange *x)
{
	if (!x)
		return;
	if (x->newest)
		retire(x->newest);
	pthread_mutex_lock(&x->mutex);
	while (x->retired > 0)
		pthread_cond_wait(&x->changed, &x->mutex);
	pthread_mutex_unlock(&x->mutex);
	pthread_cond_destroy(&x->changed);
	pthread_mutex_destroy(&x->mutex);
	free(x);
}

void window_exchange_put(struct window_exchange *x, struct window_snapshot *s)
{
	struct published *old = x->newest, *p;
	uint64_t number = s->number;

	p = base_region_alloc(&s->region, sizeof(*p));
	p->exchange = x;
	p->snapshot = s;
	base_rcu_set(x->newest, p);

	pthread_mutex_lock(&x->mutex);
	x->number = number;
	pthread_cond_broadcast(&x->changed);
	pthread_mutex_unlock(&x->mutex);
	if (old)
		retire(old);
}

bool window_exchange_wants_all(struct window_exchange *x)
{
	return __atomic_exchange_n(&x->want_all, false, __ATOMIC_RELAXED);
}

bool window_exchange_wants_view(struct window_exchange *x)
{
	uint64_t now = base_clock_mono_ns();

	if (__atomic_exchange_n(&x->want_view, false, __ATOMIC_RELAXED))
		x->view_until_ns = now + VIEW_S * UINT64_C(1000000000);
	return now < x->view_until_ns;
}

void window_exchange_register(void)
{
	base_memb_register();
}

void window_exchange_unregister(void)
{
	base_memb_unregister();
}

void window_exchange_want_all(struct window_exchange *x)
{
	__atomic_store_n(&x->want_all, true, __ATOMIC_RELAXED);
}

void window_exchange_want_view(struct window_exchange *x)
{
	__atomic_store_n(&x->want_view, true, __ATOMIC_RELAXED);
}

const struct window_snapshot *window_exchange_hold(struct window_exchange *x)
{
	const struct published *p;

	base_memb_lock();
	p = base_rcu_get(x->newest);
	return p ? p->snapshot : NULL;
}

void window_exchange_release(struct window_exchange *x)
{
	(void)x;
	base_memb_unlock();
}

static struct timespec deadline_after(uint64_t timeout_ms)
{
	uint64_t ns = base_clock_mono_ns() + timeout_ms * 1000000u;

	return (struct timespec){
		.tv_sec = (time_t)(ns / 1000000000u),
		.tv_nsec = (long)(ns % 1000000000u),
	};
}

uint64_t window_exchange_wait(struct window_exchange *x, uint64_t number, uint64_t timeout_ms)
{
	struct timespec until = deadline_after(timeout_ms);
	uint64_t newest;
	int rc = 0;

	pthread_mutex_lock(&x->mutex);
	while (x->number <= number && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&x->changed, &x->mutex, &until);
	newest = x->number;
	pthread_mutex_unlock(&x->mutex);
	return newest;
}
