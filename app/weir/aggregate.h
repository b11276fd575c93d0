/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "rx.h"
#include "status.h"
#include "window/history.h"
#include "window/merge.h"
#include "window/snapshot.h"
#include "window/trigger.h"

struct api;
struct ifmib;
struct losses;
struct mailbox;
struct names;
struct nic;
struct publish;
struct resolve;

/* What one RX core did, over its life. */
struct rx_totals {
	uint64_t cycles_busy, cycles_total, packets, samples;
};

struct capacity;
struct store;

/* The aggregation core: seals the windows of all RX cores on time, merges, reports. */
struct aggregate {
	/* Set before it starts. */
	struct rx *const *rx;
	unsigned rx_count;
	struct merge *merge;
	struct triggers *triggers;
	struct history *history;
	struct window_exchange *exchange;
	struct mailbox *box;             /* where changes of definitions come from */
	struct losses *losses;           /* what ports have lost, and what was lost before */
	const struct nic *nic;           /* for its counters in the report */
	struct publish *publish;         /* the same; may be NULL */
	const struct store *store;       /* the same */
	const struct api *api;           /* the same */
	struct resolve *resolve;         /* the same */
	struct status *status;           /* what it tells of weir itself */
	struct ifmib *ifmib;             /* tells names of interfaces; may be NULL */
	struct names *interfaces;        /* names of interfaces, which nobody else has */
	const struct capacity *capacity; /* for its counters; may be NULL */
	uint64_t window_ns;
	double tsc_per_second;
	bool once; /* one window for all that a finite source holds, closed at its end */

	/* The aggregation core's own. */
	struct rx_totals *totals; /* one per RX core */
	uint64_t number;          /* of the newest snapshot */
	uint64_t opened_tsc,
		opened_ns;  /* start of the window on both clocks, that of the wall by its grid */
	uint64_t wall_ns;   /* and what the wall clock said then */
	uint64_t sealed_ns; /* of the newest seal, monotonic */
	struct status_times times; /* of the window under way */
	char reason[256];          /* what is wrong with Redis, as it was told last */
	uint64_t beat; /* changes with each look at the clock; read by main (relaxed): watch.h */

	/* Names of another configuration: whoever reads it gives them, the aggregation core takes them; atomic. */
	struct names *configured;

	bool stop; /* main: close the last window and end; after the RX cores ended (release) */
};

/* An aggregation core beside the first one, which it helps to merge. */
struct aggregate_helper {
	struct base_team *team;
	unsigned member;
};

/** The loop of such a lcore until base_team_end(); `arg` is its struct aggregate_helper. @return 0 */
int aggregate_help(void *arg);

/**
 * Have names of interfaces in place of those of the configuration, with the end of the window. Any thread but RX and
 * aggregator.
 * @param names  taken over
 */
void aggregate_give_names(struct aggregate *a, struct names *names);

/** The loop of the first aggregation lcore; `arg` is its struct aggregate. @return 0 */
int aggregate_run(void *arg);
