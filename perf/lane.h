/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "datagrams.h"
#include "window/collect.h"
#include "window/merge.h"

/*
 * A collector of one RX core without a device and without threads: what the RX core does with datagrams
 * in memory, and what the aggregator does with the window. For benchmarks that give several of them the
 * same datagrams in turn.
 */
struct lane {
	struct flow_plan *plan;
	struct window *w;
	struct collector c;
	struct merge *m;
	uint64_t serial;
	uint64_t given; /* datagrams that the window at hand was given */
};

/**
 * @param limits  of agents and data sources, everywhere
 * @param hash    outlives the lane
 * @return 0, or negative with a sentence on stderr; lane_close() either way
 */
int lane_open(struct lane *l, const struct flow_spec *specs, unsigned count,
	const struct window_limits *limits, const struct base_hash *hash);
void lane_close(struct lane *l);

/** Empty the window. */
void lane_next(struct lane *l);

/** Take all datagrams in, in bursts, as the RX core of a NIC does where not more than 32 come at once. */
void lane_collect(struct lane *l, const struct datagrams *d);

/** Merge the window, as the aggregator does after a seal. */
void lane_merge(struct lane *l);

/** Close the aggregator's window, one second long. */
void lane_end(struct lane *l);

/**
 * Whether the sums of conservation hold over all windows that were merged, and these had `samples` flow
 * samples in all; if not, a sentence on stderr.
 */
bool lane_conserved(const struct lane *l, uint64_t samples);
