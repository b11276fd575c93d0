/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/team.h"
#include "metric/metric.h"
#include "window/agents.h"
#include "window/ring.h"
#include "window/sightings.h"
#include "window/snapshot.h"
#include "window/window.h"

/*
 * The aggregator's state: what all sealed windows add up to. merge_window() takes in one sealed
 * window of one RX core; merge_close() ends the window of the wall clock. How often windows are
 * sealed in between does not matter.
 *
 * The unit of work is a range of a definition's flows (window/sightings.h): it touches nothing of any
 * other. With a team, each of its members takes the ranges that are its own, in merge_window() and in
 * merge_close(), without locks; all else, and what must be in one order (functions applied at the merge, flow
 * records), is the caller's. What comes out is the same for any team.
 */

struct merge_options {
	uint32_t agents, sources; /* kept at most */
	uint32_t rx_cores;
	uint64_t expire_ms; /* forget agents and data sources silent this long */
	/* Of the store of metrics; its agents, sources and expire_ms are those above. */
	struct metric_limits metrics;
	bool correct; /* rates, for flow samples that are known to be lost */
	double tsc_per_ms;
	struct ring *records; /* flow records of definitions that are logged; NULL: none */
	const struct names *interfaces; /* what they are called; NULL: nothing is known */
	const struct flow_names *names; /* of addresses, for dns; read at each merge; NULL: none */
	struct base_team
		*team; /* the aggregator is its member 0; NULL: it has no help, and no ranges */
};

/* One definition over its life and in the window being merged. */
struct merge_totals {
	uint64_t total, other, counted, keyless, filtered;
};

struct merge_definition {
	struct sightings *flows; /* of each range; NULL: it has the state of another */
	unsigned ranges;
	struct merge_totals window, ever;
	double closed_s;  /* seconds of the window being closed, that it was in force */
	uint32_t idle;    /* sightings_idle() of that */
	bool full;        /* a table of the window being merged had no room for a key */
	uint64_t before;  /* samples of its kind that were merged before it came in force */
	uint64_t seen_ms; /* end of the newest window with a sample that counted; 0: none yet */
	double late;      /* seconds of the window being merged that were over by then */
	bool fresh;       /* the window being closed was over by then */
	double lost; /* share of its value in the window last closed that is known to be lost, 0 to 1 */
};

/* What a member of the team writes while it has work, alone, besides its ranges. */
struct merge_member {
	int32_t *held; /* of each known source: sightings that came, less those that went */
	uint32_t room;
};

enum { MERGE_RANKS = 34 };

/* Of merge_keep(), for one RX core: flows by the power of two of their samples; the rank of none is 0. */
struct merge_ranks {
	uint32_t entries[MERGE_RANKS];
	uint64_t bytes[MERGE_RANKS];
	uint32_t least, all_entries, all_bytes; /* that have a place */
};

enum { MERGE_CUSTOMS = 256 };

/* A field of custom flows. */
struct merge_custom {
	struct flow_custom custom; /* zero behind its name */
	uint64_t seen_ms;          /* start of the last window with it */
};

struct merge {
	struct flow_plan *plan; /* a reference */
	struct merge_options options;
	struct known known;
	struct merge_definition *definitions; /* of each of the plan; see merge_of() */
	struct flow_names names;              /* those of the options, and hosts */
	struct regroup regroup;               /* for the definition at hand */
	struct merge_member *members;         /* of the team */
	struct window **spares;               /* of each RX core, for merge_keep(); the caller's */
	struct merge_ranks *ranks;            /* of each RX core */
	struct metric_store *metrics;
	struct
	{ /* of the metrics: slots of sources with counter samples in the window being merged */
		uint32_t *slots, *stamps; /* by slot: the window in which it was touched */
		uint32_t count, room, window;
	} touched;
	/* Of the window at hand */
	uint32_t *agent_numbers;
	struct table_source *sources;
	uint32_t room_agents, room_sources;
	uint64_t ingress[INGRESS_STATS], sflow[SFLOW_STATS], window[WINDOW_STATS];
	struct {                                  /* keys that samples had, by flow_census_name() */
		uint64_t seen[FLOW_CENSUS_WORDS]; /* in the window being merged */
		uint64_t seen_ms[FLOW_CENSUS_KEYS]; /* end of the last window with it; 0: never */
		uint32_t custom_count;
		struct merge_custom customs[MERGE_CUSTOMS];
	} keys;
	uint64_t windows;   /* closed */
	uint64_t closed_ms; /* end of the last one, since 1970 */
	uint64_t opened_ms; /* start of the first one */
	uint64_t records;   /* flow records made */
	/* How long these may wait in all for room in their ring; the aggregator sets it at the end. */
	uint64_t patience_ms;
	double unsearched; /* seconds since the last search for the silent */
	double unexpired;  /* the same, for data sources with metrics */
	/* Windows of definitions whose sums did not hold: total = flows + other, and samples. Never. */
	uint64_t imbalances;
};

/** Holds the plan; `hash` outlives it. @return NULL and errno; merge_destroy(NULL) is fine. */
struct merge *merge_create(const struct flow_plan *plan, const struct base_hash *hash,
	const struct merge_options *options);
void merge_destroy(struct merge *m);

/** Where a definition is merged: several of one meaning have one state. */
static inline struct merge_definition *merge_of(const struct merge *m, unsigned definition)
{
	return &m->definitions[m->plan->definitions[definition].shares];
}

/** Keys of a definition that are known. */
static inline uint64_t merge_keys(const struct merge_definition *md)
{
	uint64_t keys = 0;

	for (unsigned i = 0; i < md->ranges; i++)
		keys += md->flows[i].keys.count - md->flows[i].keys.holes;
	return keys;
}

/**
 * Merged state for a plan, empty. Any thread but an RX core.
 * @param from  NULL, or for each definition its number in the plan before, or WINDOW_NEW: those that
 *              go on have none yet
 * @return NULL: out of memory
 */
struct merge_definition *merge_definitions_create(
	const struct flow_plan *plan, const uint16_t *from, const struct merge_options *options);
void merge_definitions_destroy(struct merge_definition *definitions, const struct flow_plan *plan);

/**
 * Go on with another plan: definitions that go on are moved over, those that do not let their data
 * sources go. What is merged from here on is of the new plan. Aggregator.
 * @param plan         a reference, which passes to `m`; that of the plan before passes to the caller
 * @param definitions  from merge_definitions_create() with the same `from`; ownership passes
 * @param late         seconds of the window being merged that are over
 * @return the definitions of the plan before, without those that went on; ownership passes
 */
struct merge_definition *merge_change(struct merge *m, struct flow_plan *plan,
	struct merge_definition *definitions, const uint16_t *from, double late);

/** Add a sealed window, which the caller owns. */
void merge_window(struct merge *m, const struct window *w);

/** End the window: rates over `seconds`; what faded or fell silent is forgotten. `now_ms` since 1970. */
void merge_close(struct merge *m, double seconds, uint64_t now_ms);

/**
 * Tell all flows that go on as records, as if they had ended: after the last merge_close().
 */
void merge_end_flows(struct merge *m);

/** The wall clock was set forward by so much, in the window whose last part was just merged. Before merge_close(). */
void merge_forward(struct merge *m, uint64_t ms);

/** After merge_close() and the report: start the next window with nothing in it. */
void merge_next(struct merge *m);

/** Whether the sums of docs/design.rst, "Conservation", hold over all that was merged; if not, `what` says which. */
bool merge_conserved(const struct merge *m, char *what, size_t size);
