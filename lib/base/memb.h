/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <urcu/urcu-memb.h>

/*
 * RCU for what is read at leisure: snapshots and metrics (liburcu-memb, through its own prefixed
 * names; see base/rcu.h for the domain of the windows).
 *
 * Ordering: all that a reader did before base_memb_unlock() happens before what was handed to
 * base_memb_call() in or before its section is freed. Progress: lock and unlock are wait-free;
 * base_memb_call() waits for no reader: the reclaimer thread of liburcu does.
 */

/**
 * Have the reclaimer's thread, which else the first base_memb_call() makes: it is confined as its maker
 * is. @return 0 or -ENOMEM
 */
int base_memb_start(void);

/** Start and end of a thread's life as a reader; each thread once, before its first lock. */
void base_memb_register(void);
void base_memb_unregister(void);

/** A section of reading, by a registered thread; sections nest. */
void base_memb_lock(void);
void base_memb_unlock(void);

/**
 * Call `free` in the reclaimer's thread when all sections that there are now are over. Any thread;
 * one that is not registered is for the length of the call, which can take longer.
 * @param free  calls base_memb_freeing() first
 */
void base_memb_call(struct rcu_head *head, void (*free)(struct rcu_head *head));
void base_memb_freeing(void);

/** Wait until all that this thread handed to base_memb_call() is freed. Outside of sections. */
void base_memb_barrier(void);
