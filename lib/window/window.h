/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "agent/agent.h"
#include "flow/census.h"
#include "flow/custom.h"
#include "flow/plan.h"
#include "ingress/ingress.h"
#include "table/table.h"

/*
 * All that one RX core gathers between two seals. A window stands alone: agents and data sources
 * are copied into it, counters in it start at zero, so that who merges it reads nothing else.
 *
 * Ownership: the RX core writes the window in force; after its seal and the grace period the
 * aggregator owns it, reads, clears and hands it out again. There is no time at which both may
 * touch it.
 */

/* Counters of the work on a window (stats group window_stats). */
enum window_stat {
	WINDOW_BURSTS,        /* bursts that brought packets */
	WINDOW_CYCLES_BUSY,   /* TSC ticks spent on them */
	WINDOW_CYCLES_TOTAL,  /* TSC ticks in all */
	WINDOW_CYCLES_ASLEEP, /* of them, asleep since the queue was empty */
	/* Of one burst in some, TSC ticks: to get it from the driver; from frames to what is noted of samples; to pick
	 * keys, look data sources up and write tables. And its samples. */
	WINDOW_TIMED_RECEIVE,
	WINDOW_TIMED_DECODE,
	WINDOW_TIMED_WRITE,
	WINDOW_TIMED_SAMPLES,
	WINDOW_OTHER_DATAGRAMS,   /* of agents without room: counted, not by name */
	WINDOW_OTHER_SAMPLES,     /* of data sources without room: counted, not by name */
	WINDOW_COUNTERS_KEPT,     /* counter samples kept for the aggregator */
	WINDOW_COUNTERS_FULL,     /* counter samples that found their room full: dropped */
	WINDOW_COUNTERS_NO_AGENT, /* counter samples of agents without room: dropped */
	WINDOW_REGEX_GIVEN_UP,    /* matches of filters that took too long: taken for none */
	WINDOW_SKETCHES_FULL,     /* distinct counts that found no room: unknown */
	WINDOW_CUSTOM_UNNAMED,    /* custom flows of data sources without a fit name */
	WINDOW_STATS,
};

extern const struct stats_group window_stats;

struct window_limits {
	uint32_t agents, sources; /* as those of the agent table; together at most TABLE_SOURCES */
	uint32_t counter_bytes;   /* room for counter samples */
};

/*
 * What is gathered for one definition, or for several that count the same. samples seen = filtered + keyless +
 * counted; total = sum of the table + other. Seen are all flow samples, all discarded packets, or all custom
 * flows, by the definition's kind.
 */
struct window_definition {
	struct table table;
	struct table_batch batch;
	uint64_t filtered; /* samples that its filter refuses */
	uint64_t keyless;  /* samples that lack a key or the value */
	uint64_t counted;
	uint64_t total; /* sum of values, scaled by the sampling rate; saturates */
};

/* A counter or custom sample, kept as it came; `size` bytes on there is the next one. */
struct window_counter {
	uint32_t size;      /* of this header and the body, rounded up to 8 */
	uint32_t agent;     /* number in agents[] */
	uint64_t tsc;       /* of arrival */
	uint32_t uptime_ms; /* of the datagram */
	uint32_t body_len;
	struct sflow_sample sample; /* its cursor is void; the body follows, then its name */
};

enum { WINDOW_NAMES = 131072 }; /* bytes; one agent may have half of them */

struct window {
	uint64_t serial;        /* differs between any two fillings; set by who hands it out */
	struct flow_plan *plan; /* generation that fills it; a reference */
	struct agent_senders *senders; /* a reference; NULL: all may send, at their own rates */
	uint32_t core; /* number of the RX core that filled it; set by who merges it */
	uint64_t open_tsc,
		open_wall_ns; /* the same moment on both clocks: when it was handed out */
	struct window_definition *definitions; /* plan->table_count, by flow_definition.table */
	struct agent_window *agents;           /* 0: AGENT_OTHER */
	struct source_window *sources;         /* 0: AGENT_OTHER */
	uint32_t agent_count, source_count;
	uint32_t together_count; /* of the data sources, those of SOURCE_AGENT */
	uint8_t *counters;
	uint32_t counters_used;
	struct window_limits limits;
	uint64_t ingress[INGRESS_STATS];
	uint64_t sflow[SFLOW_STATS];
	uint64_t stats[WINDOW_STATS];
	struct flow_seen seen;
	struct flow_customs customs;
	uint32_t names_used;
	uint8_t *names; /* WINDOW_NAMES, of data sources that have names */
};

/** Data sources that there is room for: AGENT_OTHER, so many as the limit says, and one for each agent as a whole. */
static inline uint32_t window_sources(const struct window_limits *l)
{
	return 1 + l->sources + l->agents;
}

/** The name of a data source of the window; not escaped. */
static inline const char *window_source_name(
	const struct window *w, const struct source_window *s, unsigned *len)
{
	*len = w->names[s->name];
	return (const char *)&w->names[s->name + 1];
}

/** Holds the plan. @return NULL and errno; destroy with window_destroy(), NULL is fine there. */
struct window *window_create(
	const struct flow_plan *plan, const struct window_limits *limits, int socket);
void window_destroy(struct window *w);

/** Who may send, at which rates, from here on; it takes a reference. Owner of the window, while that is empty. */
void window_set_senders(struct window *w, struct agent_senders *senders);

/**
 * The second window of an RX core, of the same plan, senders and limits, while the first is not in use: entries of their tables
 * come out of the same memory. Each takes what window_memory() says; they may go in any order.
 */
struct window *window_create_beside(const struct window *w, int socket);

enum { WINDOW_NEW = UINT16_MAX }; /* nothing of the plan before */

/**
 * A window for a change of the plan, without what window_take() will bring: arrays of agents, data
 * sources and counter samples, and tables that go on. Pages of its batches are there
 * already; those of new tables are as base/memory.h says.
 * @param from    for each table of the plan its number in the plan before, or WINDOW_NEW
 * @param beside  NULL, or the RX core's other window made like this one, as in window_create_beside()
 * @return NULL and errno
 */
struct window *window_create_next(const struct flow_plan *plan, const uint16_t *from,
	const struct window *beside, const struct window_limits *limits, int socket);

/**
 * Move what goes on from an empty window of the plan before into one of window_create_next(), with
 * the same `from`. What is left of `old` is only good for window_destroy(). The owner of both.
 */
void window_take(struct window *w, struct window *old, const uint16_t *from);

/** Bytes that window_create() will take. */
size_t window_memory(const struct flow_plan *plan, const struct window_limits *limits);

/** Those of all tables alone. */
size_t window_tables(const struct flow_plan *plan);

/** Back to empty; cost follows what was filled in. Owner of the window. */
void window_clear(struct window *w);

/** Give an empty window to an RX core to come: sets its serial number and clocks. */
void window_open(struct window *w, uint64_t serial, uint64_t tsc, uint64_t wall_ns);

/** Next counter sample after `c` (NULL: the first); NULL at the end. */
const struct window_counter *window_counter_next(
	const struct window *w, const struct window_counter *c);

/** The sample of `c`, with a cursor over its body. */
struct sflow_sample window_counter_sample(const struct window_counter *c);
