/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"
#include "base/prefetch.h"
#include "idle.h"
#include "ports.h"
#include "window/collect.h"
#include "window/seal.h"

/*
 * Frames that are asked for at once. A core waits for memory where it starts with the frames of a burst, and is ahead of
 * it later: few large bursts cost less. Of a source that can wait a window has to have room for all that a burst may
 * bring (window_tight()), and the pool buffers for all of it, some of which may be chains.
 */
enum { RX_BURST = 96, RX_BURST_FINITE = 32 };

/* One RX core: polls one queue of one port into the window in force. */
struct rx {
	/* Set before the core starts, read by it alone. */
	const struct ports_queue *queue;
	struct ingress *ingress;
	struct collector collector;
	uint16_t burst;      /* frames at most of one poll */
	uint32_t ahead;      /* bytes of a frame that rx_prefetch() asks for */
	uint64_t expire_tsc; /* age at which fragments are given up */
	bool sleepy;         /* may sleep when its queue is empty */
	bool lossless;       /* finite source: wait for a fresh window rather than fill one up */
	int time_offset; /* dynamic field of mbufs that holds the capture time, microseconds; -1 none */

	/* The RX core's own. */
	struct base_backoff backoff;
	struct idle idle;
	struct ports_seen seen; /* finite source */

	/* Written by the RX core, read by others (relaxed). */
	struct {
		bool done;     /* finite source: all of it was read */
		uint64_t beat; /* changes with each burst, also an empty one: watch.h */
		bool tight;    /* lossless: the window is filling up, a seal is wanted */
		uint64_t first_us, last_us; /* capture times; read after the core ended */
	} tell __attribute__((aligned(64)));

	/* Written by others. */
	struct seal seal; /* the aggregator's side exchanges windows here */
	bool stop;        /* main: end at the next burst (relaxed) */
} __attribute__((aligned(64)));

/** Anything shared by RX cores and aggregator that stands for the RCU domain of windows. */
extern char rx_domain;

/**
 * Ask for a frame, COLLECT_FETCH frames before it is read. Its samples are read one after the other, each at
 * the end of the one before, so that a core which has not asked for all lines waits for memory at each of
 * them. RX core.
 */
static inline void rx_prefetch(const struct rx *rx, const struct rte_mbuf *m)
{
	base_prefetch(rte_pktmbuf_mtod(m, const void *),
		RTE_MIN((uint32_t)rte_pktmbuf_data_len(m), rx->ahead));
}

/** The loop of an RX lcore; `arg` is its struct rx. For rte_eal_remote_launch(). @return 0 */
int rx_run(void *arg);

static inline bool rx_flag(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static inline void rx_set_flag(bool *flag, bool value)
{
	__atomic_store_n(flag, value, __ATOMIC_RELEASE);
}

/* To say that a thread goes on: a store to a line of its own. */
static inline void rx_beat(uint64_t *beat, uint64_t value)
{
	__atomic_store_n(beat, value, __ATOMIC_RELAXED);
}
