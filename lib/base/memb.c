/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memb.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/rcu.h"

/* Stands for the domain where TSan is told of its ordering. */
static char domain;

/* call_rcu() asks for a registered caller. */
static __thread bool registered;

int base_memb_start(void)
{
	return urcu_memb_get_default_call_rcu_data() ? 0 : -ENOMEM;
}

void base_memb_register(void)
{
	urcu_memb_register_thread();
	registered = true;
}

void base_memb_unregister(void)
{
	registered = false;
	urcu_memb_unregister_thread();
}

void base_memb_lock(void)
{
	urcu_memb_read_lock();
}

void base_memb_unlock(void)
{
	BASE_RCU_NOTE_RELEASE(&domain);
	urcu_memb_read_unlock();
}

void base_memb_call(struct rcu_head *head, void (*free)(struct rcu_head *head))
{
	bool guest = !registered;

	if (guest)
		urcu_memb_register_thread();
	BASE_RCU_NOTE_RELEASE(&domain);
	urcu_memb_call_rcu(head, free);
	if (guest)
		urcu_memb_unregister_thread();
}

void base_memb_freeing(void)
{
	BASE_RCU_NOTE_ACQUIRE(&domain);
}

/* The reclaimer, of which there is one, frees in the order of the calls. */
struct barrier {
	struct rcu_head head;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool done;
};

static void barrier_reached(struct rcu_head *head)
{
	struct barrier *b =
		(struct barrier *)(void *)((char *)head - offsetof(struct barrier, head));

	base_memb_freeing();
	pthread_mutex_lock(&b->mutex);
	b->done = true;
	pthread_cond_signal(&b->changed);
	pthread_mutex_unlock(&b->mutex);
}

void base_memb_barrier(void)
{
	struct barrier b = {.done = false};

	pthread_mutex_init(&b.mutex, NULL);
	pthread_cond_init(&b.changed, NULL);
	base_memb_call(&b.head, barrier_reached);
	pthread_mutex_lock(&b.mutex);
	while (!b.done)
		pthread_cond_wait(&b.changed, &b.mutex);
	pthread_mutex_unlock(&b.mutex);
	pthread_cond_destroy(&b.changed);
	pthread_mutex_destroy(&b.mutex);
}
