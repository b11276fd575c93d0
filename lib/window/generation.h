/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "window/merge.h"
#include "window/seal.h"

/*
 * A change of definitions, or of who may send, made ready where it may take its time, and put in force within a seal.
 *
 * The control side makes a generation: two windows for each RX core and the merged state, with
 * tables for those definitions alone that were not there before. The aggregator puts it in force
 * around one exchange of windows, in this order: generation_spare() and seal_exchange() of all RX
 * cores; seal_wait(); merge_window() and generation_sealed() of all RX cores; generation_merge().
 * Nothing is allocated or freed there: what goes on is moved from window to window, each of which
 * the aggregator owns at that time, and what is left over goes back with the generation, to be
 * freed by generation_destroy(). The RX cores see nothing but another window.
 *
 * What goes on: a definition whose meaning (flow_spec_meaning()) was in the plan before keeps its
 * sightings, rates and totals, whatever its name. A table goes on where what it counts (flow_spec_counts())
 * was in the plan before, also where none of the definitions that it was for do: it is empty whenever it
 * is moved, so whoever comes or goes with the plan begins or ends with the window. Key bytes of equal
 * meanings must mean the same in any plan.
 */

struct generation_options {
	const struct base_hash *hash;
	struct merge_options merge;
	struct window_limits limits;
	const int *sockets; /* NUMA node of each RX core; merge.rx_cores of them */
};

struct generation {
	unsigned cores;
	/* Where the merged state of each definition, and each table, was in the plan before, or WINDOW_NEW */
	uint16_t from[FLOW_DEFINITIONS], tables[FLOW_DEFINITIONS];
	/* To be put in force; then what is left of the generation before. */
	struct flow_plan *plan;
	struct window **spare, **sealed; /* of each RX core */
	struct merge_definition *definitions;
};

/**
 * Make ready what takes the place of `now` once it is in force. Control.
 * @param now      the plan in force when this one comes
 * @param plan     is held
 * @param senders  the same; NULL: all may send
 * @return NULL and errno (ENOMEM)
 */
struct generation *generation_create(const struct flow_plan *now, const struct flow_plan *plan,
	struct agent_senders *senders, const struct generation_options *options);

/** Free what it holds, whether it came in force or not. Control; NULL is fine. */
void generation_destroy(struct generation *g);

/** Aggregator, before the exchange: the spare window of this RX core is of the new plan. */
void generation_spare(struct generation *g, unsigned core, struct seal *s);

/** Aggregator, once the sealed window is merged: in place of seal_give_back(). */
void generation_sealed(struct generation *g, unsigned core, struct seal *s);

/**
 * Aggregator, once all sealed windows are merged: what comes is merged by the new plan.
 * @param late  seconds of the open window that are over already
 */
void generation_merge(struct generation *g, struct merge *m, double late);

/** Bytes of all tables of a plan, of both windows of so many RX cores. */
size_t generation_memory(const struct flow_plan *plan, unsigned cores);
