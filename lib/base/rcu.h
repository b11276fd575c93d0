/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

/*
 * RCU in two domains, so that a slow reader of results never delays a seal:
 *
 * - windows: liburcu-qsbr. Readers are the RX cores alone. A reader holds a window
 *   from one quiescent state to the next (one burst); base_rcu_quiescent() costs a load and a
 *   compare unless a grace period is running; then it costs a fence, and where the aggregator
 *   sleeps already, a futex(2) call to wake it. The aggregator waits.
 * - snapshots and metrics: liburcu-memb, in base/memb.h.
 *
 * Ordering: base_rcu_set() is a release, base_rcu_get() a consume; all that a reader
 * did before its quiescent state happens before base_rcu_wait() returns. Readers make
 * wait-free progress; the waiter blocks until each online reader was quiescent once.
 *
 * ThreadSanitizer cannot see through liburcu's assembly: the two notes below tell it
 * the ordering that liburcu guarantees.
 */
#include <urcu/urcu-qsbr.h>

#if defined(__SANITIZE_THREAD__)
#define BASE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BASE_TSAN 1
#endif
#endif

#ifdef BASE_TSAN
void __tsan_acquire(void *addr);
void __tsan_release(void *addr);
#define BASE_RCU_NOTE_RELEASE(addr) __tsan_release(addr)
#define BASE_RCU_NOTE_ACQUIRE(addr) __tsan_acquire(addr)
#else
#define BASE_RCU_NOTE_RELEASE(addr) ((void)(addr))
#define BASE_RCU_NOTE_ACQUIRE(addr) ((void)(addr))
#endif

#define base_rcu_set(pointer, value) __atomic_store_n(&(pointer), (value), __ATOMIC_RELEASE)
#define base_rcu_get(pointer) __atomic_load_n(&(pointer), __ATOMIC_CONSUME)

/** Reader: nothing read before this is used any more. `domain` is any address readers and waiter share. */
static inline void base_rcu_quiescent(void *domain)
{
	BASE_RCU_NOTE_RELEASE(domain);
	urcu_qsbr_quiescent_state();
}

/** Reader: start and end of a thread's life as a reader. */
static inline void base_rcu_online(void)
{
	urcu_qsbr_register_thread();
}

static inline void base_rcu_offline(void *domain)
{
	BASE_RCU_NOTE_RELEASE(domain);
	urcu_qsbr_unregister_thread();
}

/** Reader: around a sleep, in which nobody waits for it, and it holds nothing. */
static inline void base_rcu_suspend(void *domain)
{
	BASE_RCU_NOTE_RELEASE(domain);
	urcu_qsbr_thread_offline();
}

static inline void base_rcu_resume(void)
{
	urcu_qsbr_thread_online();
}

/** Waiter (not a reader): every reader has been quiescent since the call. */
static inline void base_rcu_wait(void *domain)
{
	urcu_qsbr_synchronize_rcu();
	BASE_RCU_NOTE_ACQUIRE(domain);
}
