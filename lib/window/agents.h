/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "agent/agent.h"
#include "base/dense.h"
#include "window/loss.h"
#include "window/window.h"

/*
 * Agents and data sources as the aggregator knows them, summed over RX cores and windows. Their
 * numbers stay the same while anything refers to them.
 */

struct known_agent {
	uint64_t hash;
	struct base_addr addr;
	char text[BASE_ADDR_TEXT];
	bool live;                  /* not a hole */
	bool changed;               /* heard of in the window being merged */
	uint32_t sources;           /* that refer to it */
	uint32_t together;          /* of these, the one that stands for all of them: 0 or 1 */
	uint64_t first_ms, seen_ms; /* since 1970 */
	uint32_t uptime_ms;         /* of the sub-agent heard last */
	uint64_t datagrams, lost, duplicates, out_of_order, restarts, shed;
	uint64_t flow_samples, counter_samples, discard_samples;
};

enum { KNOWN_SOURCE_TEXT = FLOW_CUSTOM_NAME + 8 };

struct known_source {
	uint64_t hash;
	uint32_t agent;
	uint32_t sub_agent;
	struct sflow_source source;
	uint8_t kind;                 /* enum source_kind */
	uint16_t core;                /* RX core that heard it last */
	char text[KNOWN_SOURCE_TEXT]; /* "10", "2.1", "web1"; empty: all of the agent's */
	bool live;
	bool changed;       /* heard of since it was last reported */
	uint32_t sightings; /* that refer to it */
	uint64_t seen_ms;
	uint64_t told_ms; /* when it was last reported */
	uint32_t sampling_rate;
	uint64_t flow_samples, lost, drops;
	uint64_t pool, pool_samples; /* since it was last reported */
	double effective_rate;       /* of the interval last reported; 0 unknown */
	struct loss_count count;     /* of the newest window with a flow sample */
};

struct known {
	const struct base_hash *hash;
	struct base_dense agents;  /* struct known_agent, with holes */
	struct base_dense sources; /* struct known_source, with holes */
	uint32_t agents_live, sources_live;
	uint32_t
		sources_most; /* without those that stand for all of an agent's: each agent may have one */
	uint32_t together_live; /* of the sources, these */
	uint32_t told;          /* the source that was reported last */
	struct loss loss;
	int64_t lost; /* datagrams missing by their sequence numbers, of all agents ever known */
};

enum {
	KNOWN_OTHER = 0, /* agent and source that stand for those without room; always there */
	KNOWN_SOURCES = 1 << 30, /* as many as numbers of them can tell apart, struct sighting */
};

/** @return 0 or -ENOMEM. */
int known_init(struct known *k, const struct base_hash *hash, uint32_t agents, uint32_t sources);
void known_fini(struct known *k);

/**
 * Take in what a window knows of agents and data sources.
 * @param agents   out: for each in the window its number here; room for as many as the window has
 * @param sources  the same for readers of its tables
 * @param tsc_per_ms  frequency of the TSC
 */
void known_add(struct known *k, const struct window *w, uint32_t *agents,
	struct table_source *sources, double tsc_per_ms);

/** Forget those that nothing refers to and that have been silent for `expire_ms`. */
void known_expire(struct known *k, uint64_t now_ms, uint64_t expire_ms);

/** The wall clock was set forward by so much: nobody was silent for that. */
void known_forward(struct known *k, uint64_t ms);

static inline struct known_agent *known_agent_at(const struct known *k, uint32_t number)
{
	return base_dense_at(&k->agents, number);
}

static inline struct known_source *known_source_at(const struct known *k, uint32_t number)
{
	return base_dense_at(&k->sources, number);
}

/**
 * Milliseconds since 1970 of a TSC value of that window. The clocks of two cores may differ a
 * little, so that it may lie before the window was opened.
 */
static inline uint64_t known_ms(const struct window *w, uint64_t tsc, double tsc_per_ms)
{
	int64_t elapsed = (int64_t)(tsc - w->open_tsc);

	return w->open_wall_ns / 1000000 + (uint64_t)(int64_t)((double)elapsed / tsc_per_ms);
}
