/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/senders.h"
#include "agent/sequence.h"
#include "base/bucket.h"
#include "base/hash.h"
#include "base/index.h"
#include "sflow/sflow.h"

/*
 * What one RX core knows of the agents and data sources that it hears: sequence numbers, sample
 * pools. Private to that core, of fixed size, no allocation after create. What a window needs of
 * it is copied into the window when the window first meets the agent or source, so that a
 * sealed window stands alone.
 *
 * When a table is full, one that has been silent for long is forgotten to make room; where none
 * is, number 0 stands for all that do not fit: their samples still count, only not by name. So who is known
 * stays, however many others come. Of the room for data sources an agent may take as much as is left for
 * all, and 64 in any case: however many it sends, others find room.
 */

struct agent_limits {
	uint32_t agents;  /* (agent, sub-agent) pairs */
	uint32_t sources; /* data sources */
	uint64_t
		idle_tsc; /* may be forgotten when silent this long, in ticks of the TSC; longer than two windows */
};

enum {
	AGENT_OTHER = 0
}; /* number of the agent, and of the source, that stands for those without room */

/* What a window counts of one (agent, sub-agent); the window's own. Two cache lines, as those who prefetch it know. */
struct agent_window {
	struct base_addr addr; /* none: AGENT_OTHER */
	uint32_t sub_agent;
	uint32_t uptime_ms;       /* newest */
	uint32_t counter_bytes;   /* of the window's room for counter samples, that it has taken */
	uint32_t name_bytes : 31; /* the same of the room for names */
	uint32_t newcomer : 1;    /* this is the first window that it is in */
	uint64_t last_tsc;        /* of the newest datagram */
	uint64_t datagrams, lost, duplicates, out_of_order, restarts;
	uint64_t shed; /* of the datagrams, those that were more than its share */
	uint64_t flow_samples, counter_samples, discard_samples;
} __attribute__((aligned(64)));
static_assert(sizeof(struct agent_window) == 128, "two cache lines");

enum source_kind {
	SOURCE_PORT,  /* what a sample names by class and index */
	SOURCE_NAMED, /* that of custom flows: the hash of its name in place of class and index */
	SOURCE_AGENT, /* all data sources of an agent's address together; no class, no index */
};

/*
 * What a window counts of one data source; the window's own. One cache line, since a fabric has more of
 * them than a cache holds.
 */
struct source_window {
	uint64_t hash; /* of agent, sub-agent, class, index: the same on every core of one run */
	struct sflow_source source;
	uint32_t agent;         /* number in the window's array of agent_window */
	uint32_t sampling_rate; /* newest, one in N */
	uint32_t kind : 2;      /* enum source_kind */
	uint32_t name : 30; /* SOURCE_NAMED: where in the window's names a length byte and it are */
	uint32_t flow_samples;
	uint64_t lost; /* flow samples missing by their sequence numbers */
	uint64_t
		pool; /* packets that could have been sampled: growth over `pool_samples` samples */
	uint64_t
		pool_samples; /* by sequence number, lost ones too: pool / pool_samples is the true rate */
	uint64_t drops; /* samples that the agent itself gave up: growth */
} __attribute__((aligned(64)));
static_assert(sizeof(struct source_window) == 64, "one cache line");

/* Where an agent or source stands in the window that is being filled. */
struct agent_place {
	uint32_t window; /* the lower half of that window's serial number */
	uint32_t number; /* in its array */
};

/*
 * An agent from one restart to the next, as what is known of its data sources is compared with: no two of 2^32 that
 * an entry has one after the other have the same, since it goes on counting lives when it becomes another agent's.
 */
struct agent_life {
	uint64_t word; /* the upper half is the number of the agent's entry */
};

/* How every entry starts. */
struct agent_head {
	uint64_t hash;
	uint64_t last_tsc;
};

struct agent_entry {
	struct agent_head head;
	struct base_addr addr;
	uint32_t sub_agent;
	uint32_t number; /* its own */
	uint32_t uptime_ms;
	uint32_t life;    /* restarts so far, and agents that had the entry */
	uint32_t rate;    /* that counts instead of that of its samples; 0: none */
	uint32_t senders; /* agent_senders_number() of those that say so */
	uint32_t sources; /* that it has in the table */
	struct sequence datagrams;
	struct agent_place place;
	struct agent_place together; /* of the source that stands for all of its own */
	struct base_bucket share;    /* of samples; those without room have one together */
} __attribute__((aligned(64)));
static_assert(sizeof(struct agent_entry) == 128, "two cache lines");

/* One cache line, as above. */
struct source_entry {
	struct agent_head head;
	struct sflow_source source; /* with the agent: the identity */
	struct agent_life of;       /* when the source was last heard */
	struct sequence samples;
	/* The newest on the wire, as agent_pair(): written as a whole, since a load of 8 bytes waits for a store of 4. */
	uint64_t pool_and_drops;
	struct agent_place place;
} __attribute__((aligned(64)));
static_assert(sizeof(struct source_entry) == 64, "one cache line");

struct agent_table;

/** @return NULL and errno. One RX core's; `hash` is shared and outlives it. */
struct agent_table *agent_table_create(
	const struct agent_limits *limits, const struct base_hash *hash, int socket);
void agent_table_destroy(struct agent_table *t);

/** Bytes that a table with these limits takes. */
size_t agent_table_memory(const struct agent_limits *limits);

/**
 * The entry of an agent, made if need be.
 * @return never NULL; entry AGENT_OTHER where the table is full of live ones
 */
struct agent_entry *agent_find(
	struct agent_table *t, const struct base_addr *addr, uint32_t sub_agent, uint64_t tsc);

/* The same in steps, each of which has ready what the next one reads; some time between them saves waiting. */

/** The hash of an agent, keyed; where it is looked up is prefetched. RX core. */
uint64_t agent_hash(const struct agent_table *t, const struct base_addr *addr, uint32_t sub_agent);

/** The entry that is likely the agent's, prefetched, or NULL. RX core. @param hash  agent_hash() */
struct agent_entry *agent_guess(const struct agent_table *t, uint64_t hash);

/**
 * agent_find(), which is for who has no burst, with what the steps before it found. RX core.
 * @param hash   agent_hash()
 * @param guess  agent_guess(), or NULL; may have become another's since
 */
struct agent_entry *agent_take(struct agent_table *t, const struct base_addr *addr,
	uint32_t sub_agent, uint64_t hash, struct agent_entry *guess, uint64_t tsc);

/* What the samples of a datagram have in common. */
struct agent_origin {
	uint64_t tsc;
	struct agent_life of; /* when the datagram came */
	uint32_t window;      /* the agent's number in the window */
	uint32_t first;       /* number of the first of its samples, among those that were heard */
	bool numbered;        /* flow samples, and their sequence numbers count */
	bool counted;         /* flow samples */
};

/*
 * A sample that was heard, and whose data source is still to be looked up: those of a burst together,
 * since a fabric has more sources than a cache holds, and together the misses take as long as one.
 */
struct agent_heard {
	uint64_t hash; /* of the source */
	struct source_entry
		*entry; /* a guess, which may be AGENT_OTHER's; see agent_sources_ahead() */
	struct sflow_numbers numbers;
	/* Of who heard it, in what is left of the line (window/usual.c); the header is in the payload, and goes with it. */
	const void *recipes;
	const uint8_t *header;
} __attribute__((aligned(64)));
static_assert(sizeof(struct agent_heard) == 64, "one cache line");

/** The hash of a data source. Whoever sends chooses all of it, so that it is keyed. */
static inline uint64_t agent_source_hash(
	const struct base_hash *h, const struct agent_entry *agent, struct sflow_source source)
{
	return base_hash_join(h, agent->head.hash, sflow_source_word(source));
}

static inline struct agent_life agent_life(const struct agent_entry *a)
{
	return (struct agent_life){(uint64_t)a->number << 32 | a->life};
}

/** The number of its entry. */
static inline uint32_t agent_life_agent(struct agent_life life)
{
	return (uint32_t)(life.word >> 32);
}

/** Where data sources are looked up by these hashes, to have it ready: base_index_home(). RX core; until one is added. */
struct base_index agent_source_index(const struct agent_table *t);

/**
 * Guess the entries of data sources, and have ready what will be read and written of them.
 * @param windows  of the window that is being filled; `serial` is its number
 */
void agent_sources_ahead(const struct agent_table *t, struct agent_heard *heard, unsigned count,
	const struct source_window *windows, uint64_t serial);

/** agent_source_take() where the guess is wrong, or the agent has restarted. */
struct source_entry *agent_source_lookup(
	struct agent_table *t, const struct agent_heard *h, const struct agent_origin *from);

/**
 * The entry of the data source of a sample, made if need be; never NULL. Where the agent has restarted,
 * the source counts anew.
 * @param of   from->of
 * @param tsc  from->tsc; both by themselves, so that they stay in registers
 */
static inline __attribute__((always_inline)) struct source_entry *agent_source_take(
	struct agent_table *t, const struct agent_heard *h, const struct agent_origin *from,
	struct agent_life of, uint64_t tsc)
{
	struct source_entry *s = h->entry;

	if (__builtin_expect(s->of.word != of.word ||
				     memcmp(&s->source, &h->numbers.source, sizeof(s->source)) != 0,
		    0))
		s = agent_source_lookup(t, h, from);
	s->head.last_tsc = tsc;
	return s;
}

/** The same, at once. */
struct source_entry *agent_source_find(struct agent_table *t, const struct agent_entry *agent,
	struct sflow_source source, uint64_t tsc);

/** The hash of the source that stands for all of an agent's, whatever its sub-agent. */
uint64_t agent_together_hash(const struct agent_table *t, const struct agent_entry *agent);

/** agent_follow() of others than before. */
void agent_follow_others(struct agent_entry *agent, const struct agent_senders *senders);

/**
 * Have the agent be as these say, with each window that it comes to, before its datagram is accounted: where they are
 * others than before its rate is theirs, and it counts anew, with all of its data sources. RX core.
 */
static inline void agent_follow(struct agent_entry *agent, const struct agent_senders *senders)
{
	if (agent->senders != agent_senders_number(senders))
		agent_follow_others(agent, senders);
}

/** Whether the entry is the one that stands for those without room. */
static inline bool agent_is_other(const struct agent_entry *agent)
{
	return agent->number == AGENT_OTHER;
}

/** The same of a data source: such an agent has no other. */
static inline bool agent_source_is_other(const struct source_entry *source)
{
	return agent_life_agent(source->of) == AGENT_OTHER;
}

/**
 * Account a datagram: its sequence number and uptime against those before.
 * @return false: it is so old that the sequence numbers of its samples tell nothing
 */
bool agent_datagram(
	struct agent_entry *agent, struct agent_window *w, const struct sflow_datagram *dg);

/** agent_flow_sample() of any. */
void agent_flow_sample_any(
	struct source_entry *source, struct source_window *w, const struct sflow_numbers *s);

/* Two counts, so that both are subtracted at once: of two that differ in drops, the lower half does. */
static inline uint64_t agent_pair(uint32_t pool, uint32_t drops)
{
	return (uint64_t)pool << 32 | drops;
}

static inline uint32_t agent_pair_pool(uint64_t pair)
{
	return (uint32_t)(pair >> 32);
}

static inline uint32_t agent_pair_drops(uint64_t pair)
{
	return (uint32_t)pair;
}

/** Account a flow sample: its sequence number, pool and drops against those before. */
static inline __attribute__((always_inline)) void agent_flow_sample(
	struct source_entry *source, struct source_window *w, const struct sflow_numbers *s)
{
	const uint64_t odd =
		UINT64_C(1) << 63 | UINT32_MAX; /* set back, or drops are not the same */
	uint64_t now = agent_pair(s->pool, s->drops), growth = now - source->pool_and_drops;

	/* Nearly all: neither the numbers nor the pool are set back, and the agent gives none up. */
	if (__builtin_expect(growth & odd, 0) ||
		!sequence_take_next(&source->samples, s->sequence)) {
		agent_flow_sample_any(source, w, s);
		return;
	}
	w->sampling_rate = s->sampling_rate;
	w->pool += agent_pair_pool(growth);
	w->pool_samples++;
	source->pool_and_drops = now;
}
