/* SPDX-License-Identifier: BSD-3-Clause */
#include "rx.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include "ports.h"

/*
 * The window in force is loaded once per burst and forgotten at the quiescent state behind it; that
 * is all that an RX core does for RCU. No lock, no allocation, no log, no atomic read-modify-write
 * of its own. System calls: those of a driver; at most one per seal, where the aggregator sleeps
 * in liburcu until this core was quiescent and has to be woken; and, while nothing comes, sleep, in
 * which this core is no reader: nobody waits for it.
 */

enum {
	RX_TIMED = 64,  /* one burst in so many is timed by stages */
	RX_ROOM = 2048, /* new keys that RX_BURST_FINITE usual datagrams may bring */
	RX_GROWN = 512, /* distinct counts that may outgrow their place then */
};

_Static_assert((int)RX_BURST <= (int)INGRESS_BURST, "all of one are released together");
_Static_assert((int)RX_BURST_FINITE <= (int)RX_BURST, "frames of either find room");

char rx_domain;

/* Pools of sketches: one that is smaller than a burst may want is tight once it is used. */
static bool pool_tight(uint32_t used, uint32_t max)
{
	return used > 0 && max - used < RX_GROWN;
}

/* Room for another burst may be short. Only asked for where the source can wait. */
static bool window_tight(const struct window *w)
{
	/* Agents that are new have half of it, and one alone half of that. */
	if (w->counters_used > w->limits.counter_bytes / 8 || w->names_used > WINDOW_NAMES / 8)
		return true;
	for (unsigned i = 0; i < w->plan->table_count; i++) {
		const struct table *t = &w->definitions[i].table;

		if (t->count > 0 && table_room(t) < RX_ROOM)
			return true;
		if (t->keys_used > t->keys_size / 4 * 3)
			return true;
		if (pool_tight(t->lanes.list_used, t->lanes.list_max) ||
			pool_tight(t->lanes.dense_used, t->lanes.dense_max))
			return true;
	}
	return false;
}

static void note_time(struct rx *rx, const struct rte_mbuf *m)
{
	uint64_t us = *RTE_MBUF_DYNFIELD(m, rx->time_offset, const rte_mbuf_timestamp_t *);

	if (rx->tell.first_us == 0 || us < rx->tell.first_us)
		rx->tell.first_us = us;
	if (us > rx->tell.last_us)
		rx->tell.last_us = us;
}

static void burst(struct rx *rx, struct window *w, struct rte_mbuf **m, unsigned n, uint64_t tsc)
{
	struct ingress_datagram d;

	for (unsigned i = 0; i < COLLECT_FETCH && i < n; i++)
		rx_prefetch(rx, m[i]);
	for (unsigned i = 0; i < n; i++) {
		if (i + COLLECT_FETCH < n)
			rx_prefetch(rx, m[i + COLLECT_FETCH]);
		if (rx->time_offset >= 0)
			note_time(rx, m[i]);
		if (!ingress_packet(rx->ingress, m[i], tsc, &d, w->ingress))
			continue;
		if (likely(d.lasting))
			collect_later(&rx->collector, w, &d.source, d.payload, d.len, tsc);
		else
			collect_datagram(&rx->collector, w, &d.source, d.payload, d.len, tsc);
	}
	collect_flush(&rx->collector, w);
	ingress_release(rx->ingress);
}

static uint64_t ticks(void)
{
	return rte_rdtsc();
}

/* A burst with its stages timed; `polled` is when it was asked for. */
static void timed_burst(struct rx *rx, struct window *w, struct rte_mbuf **m, unsigned n,
	uint64_t polled, uint64_t tsc)
{
	struct collector *c = &rx->collector;
	uint64_t samples = w->sflow[SFLOW_SAMPLES];

	c->ticks = ticks;
	c->write_ticks = 0;
	burst(rx, w, m, n, tsc);
	c->ticks = NULL;
	w->stats[WINDOW_TIMED_RECEIVE] += tsc - polled;
	w->stats[WINDOW_TIMED_DECODE] += rte_rdtsc() - tsc - c->write_ticks;
	w->stats[WINDOW_TIMED_WRITE] += c->write_ticks;
	w->stats[WINDOW_TIMED_SAMPLES] += w->sflow[SFLOW_SAMPLES] - samples;
}

static unsigned poll_queue(const struct rx *rx, struct rte_mbuf **m)
{
	if (rx_flag(&rx->queue->gone))
		return 0;
	return rte_eth_rx_burst(rx->queue->port_id, rx->queue->queue_id, m, rx->burst);
}

/* Ask for a fresh window and wait: nothing is lost where the source can wait. */
static void wait_for_window(struct rx *rx, const struct window *w)
{
	rx_set_flag(&rx->tell.tight, true);
	while (seal_current(&rx->seal) == w && !rx_flag(&rx->stop)) {
		rx_beat(&rx->tell.beat, rte_rdtsc());
		base_rcu_quiescent(&rx_domain);
		rte_pause();
	}
	rx_set_flag(&rx->tell.tight, false);
}

/* Sleep for `ns` at most. @return the time on the TSC then */
static uint64_t sleep_for(struct rx *rx, uint32_t ns)
{
	base_rcu_suspend(&rx_domain);
	idle_sleep(&rx->idle, ns);
	base_rcu_resume();
	return rte_rdtsc();
}

int rx_run(void *arg)
{
	struct rx *rx = arg;
	uint64_t asleep = 0;
	uint64_t last = rte_rdtsc(), expired = last;
	struct rte_mbuf *m[RX_BURST];

	idle_init(&rx->idle, rx->queue->port_id, rx->queue->queue_id);
	base_rcu_online();
	while (!rx_flag(&rx->stop)) {
		struct window *w = seal_current(&rx->seal);
		bool timed = w->stats[WINDOW_BURSTS] % RX_TIMED == 0;
		uint64_t polled = timed ? rte_rdtsc() : 0;
		unsigned n = poll_queue(rx, m);
		uint64_t now = rte_rdtsc(), done = now;
		bool end = rx->lossless && n < rx->burst && ports_finished(rx->queue, &rx->seen);
		uint32_t nap = base_backoff(&rx->backoff, n > 0 || !rx->sleepy);

		rx_beat(&rx->tell.beat, now);
		if (n > 0) {
			if (timed)
				timed_burst(rx, w, m, n, polled, now);
			else
				burst(rx, w, m, n, now);
			done = rte_rdtsc();
			w->stats[WINDOW_BURSTS]++;
			w->stats[WINDOW_CYCLES_BUSY] += done - now;
		}
		if (now - expired > rx->expire_tsc) {
			ingress_expire(rx->ingress, now, w->ingress);
			expired = now;
		}
		w->stats[WINDOW_CYCLES_TOTAL] += done - last;
		w->stats[WINDOW_CYCLES_ASLEEP] += asleep;
		asleep = 0;
		last = done;
		if (end)
			break;
		if (rx->lossless && window_tight(w))
			wait_for_window(rx, w);
		base_rcu_quiescent(&rx_domain);
		if (nap)
			asleep = sleep_for(rx, nap) - last;
	}
	base_rcu_offline(&rx_domain);
	rx_set_flag(&rx->tell.done, true);
	return 0;
}
