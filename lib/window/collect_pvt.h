/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "sflow/usual.h"
#include "window/collect.h"

/**
 * Write what is noted and staged, at any time at which the payloads of what was noted from `picked_from` on are still
 * there; collect_flush() but for datagrams that wait. RX core.
 */
void collect_write(struct collector *c, struct window *w);

/* What the samples of one datagram have in common. */
struct collect_context {
	struct collector *c;
	struct window *w;
	const struct sflow_datagram *dg;
	struct agent_entry *agent;
	uint32_t agent_number; /* in w->agents */
	uint32_t together;     /* in w->sources: all of the agent's; where the plan needs it */
	uint64_t tsc;
	bool numbered; /* sequence numbers of its samples count */
	/* The sample at hand; of a usual one (struct sflow_usual) only once somebody asks: whole() */
	struct sflow_sample *sample;
	struct sflow_flow *flow;
	bool whole;
};

/* The data source of a sample, for what is staged: `number` of collector.source, or itself in `w->sources`. */
struct collect_whose {
	uint32_t number;
	uint64_t hash;
};

/* How many samples can still be staged. */
static inline uint32_t collect_room(const struct collector *c)
{
	return COLLECT_STAGED - c->heard_count - c->unheard;
}

/** Have room for one more sample to be staged. RX core. */
void collect_make_room(const struct collect_context *x);

/* Usual samples are found in one file, and offered in the other where some table wants more of them than most do. */

/** Take the usual samples in, up to one that is not. What they count as is added once. RX core. */
void collect_usual(struct collect_context *x, struct sflow_datagram *dg);

/** Stage what the `table`-th table wants of those that are waiting for it, and have ready where that is looked up. RX core. */
void collect_pick(struct collector *c, struct window *w, unsigned table);

/** Offer one to each table. RX core. @param shape  packet_shape() of its header @param bytes  its length, times the sampling rate */
void collect_offer_usual(struct collect_context *x, const struct sflow_usual *u, unsigned shape,
	uint64_t bytes, struct collect_whose whose);

/** Stage an update of a key just written to table_batch_key(). */
static __attribute__((always_inline)) inline void collect_stage(struct collector *c,
	struct window_definition *wd, unsigned len, uint64_t key, struct collect_whose whose,
	uint64_t value)
{
	uint64_t hash = table_hash(key, whose.hash);

	if (table_batch_add(&wd->batch, hash, len, whose.number, value))
		c->full = true;
}

/* Where data sources stand in the window that is being filled. */

/* A place in the window's array of data sources, which has room. */
static inline struct source_window *collect_source_add(struct window *w, struct agent_place *place)
{
	*place = (struct agent_place){.window = (uint32_t)w->serial, .number = w->source_count};
	return &w->sources[w->source_count++];
}

/* Of one that has no place yet. */
uint32_t collect_source_place(struct window *w, struct source_entry *s, uint32_t agent);

/* @param agent  number in the window */
static __attribute__((always_inline)) inline uint32_t collect_source_number(
	struct window *w, struct source_entry *s, uint32_t agent)
{
	if (__builtin_expect(s->place.window == (uint32_t)w->serial, 1))
		return s->place.number;
	return collect_source_place(w, s, agent);
}
