/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/hash.h"
#include "flow/census.h"
#include "flow/extract.h"
#include "flow/filter.h"
#include "window/window.h"

/*
 * From a UDP payload to the window: the RX core's work, without ports. No system call, lock,
 * allocation, log or atomic operation.
 */
enum {
	COLLECT_STAGED = TABLE_BATCH, /* samples, between two applications */
	COLLECT_AHEAD = 4,            /* datagrams that wait, the newest included */
	COLLECT_FETCH = 4,            /* frames between the prefetch of one and collect_later() */
	COLLECT_FETCH_BYTES = 1536, /* of each, where a NIC wrote it: a usual datagram as a whole */
};

/* A datagram that waits for its agent to be in the cache. */
struct collect_ahead {
	struct sflow_datagram dg;
	uint32_t len; /* of the payload */
	uint64_t tsc;
	uint64_t hash;             /* of the agent */
	struct agent_entry *guess; /* its entry, or NULL */
} __attribute__((aligned(64)));

struct collector {
	struct agent_table *agents;       /* this RX core's own */
	struct base_bucket_rate share;    /* samples of one agent; all zero: as many as come */
	const struct base_hash *hash;     /* shared by all */
	const struct flow_census *census; /* shared by all; NULL: keys are not looked for */
	struct flow_scratch scratch;      /* from flow_scratch_init() */
	struct flow_fields fields;        /* of the sample at hand */
	uint64_t sample;                  /* its number */
	/* Of keys that several definitions have: the hash, and the sample for which it was made */
	struct {
		uint64_t sample, hash;
	} made[FLOW_DEFINITIONS];
	/* Of filters: the answer, and the sample that it is of */
	struct {
		uint64_t sample;
		bool accepted;
	} asked[FLOW_DEFINITIONS];
	/* TSC of the newest sample that had one; those of one burst follow each other by a tick */
	uint64_t order;
	/* Datagrams that came, and those of them that are taken in: the others wait in `ahead`. */
	uint32_t came, taken;
	struct collect_ahead ahead[COLLECT_AHEAD];
	/* Samples whose data source is looked up when what is staged is written. What is staged of them
	 * for tables has their number here in place of that of the source. */
	uint32_t heard_count;
	uint32_t unheard; /* samples staged besides, whose source was found at once */
	/* Of those heard, the first whose key is still to be picked out of the payload, if tables want it picked */
	uint32_t picked_from;
	bool full;               /* nothing more can be staged */
	uint64_t (*ticks)(void); /* a clock, where writing is to be timed; else NULL */
	uint64_t write_ticks;    /* of it, that writing what was staged took */
	uint32_t origin_count;
	struct agent_origin
		origin[COLLECT_STAGED + 1]; /* of their datagrams; the last may have none */
	struct agent_heard heard[COLLECT_STAGED];
	uint32_t source[COLLECT_STAGED]; /* their data sources' numbers in the window, then */
};

/**
 * Take a datagram in. RX core.
 * @param source   UDP source address; read where `w->senders` say who may send, else NULL is fine
 * @param payload  UDP payload; hostile; not kept
 * @param tsc      when it came
 */
void collect_datagram(struct collector *c, struct window *w, const struct base_addr *source,
	const uint8_t *payload, uint32_t len, uint64_t tsc);

/**
 * The same, but some datagrams later, or with collect_flush(): its agent is looked up ahead, since a fabric has more
 * of them than a cache holds. RX core.
 * @param payload  as above, but kept until collect_flush()
 */
void collect_later(struct collector *c, struct window *w, const struct base_addr *source,
	const uint8_t *payload, uint32_t len, uint64_t tsc);

/** Take in what waits. RX core. */
void collect_drain(struct collector *c, struct window *w);

/** The same, and write what is staged: at the end of a burst, before the window can be sealed. RX core. */
void collect_flush(struct collector *c, struct window *w);
