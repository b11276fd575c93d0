/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct known;
struct known_source;
struct source_window;

/*
 * What flow samples that are known to be lost mean for estimates. A sample stands for as many packets as its
 * sampling rate says; where others of its data source were lost (on the way, at the port, shed, or given up by
 * the agent), it stands for theirs as well: for the growth of the sample pool over the samples that came.
 *
 * Sequence numbers say how many are missing; the pool (sFlow v5, flow_sample: "total number of packets that could
 * have been sampled") is believed where it agrees with them, as it is free of the chance that sampling is. A source
 * of which nothing is missing is left as it is, and so is one that several RX cores hear: each follows its
 * numbers alone, and misses those that the others have. The aggregator's.
 */

/* Flow samples of a data source in the window being merged, by their sequence numbers. */
struct loss_count {
	uint64_t window; /* number of the window that this is of; 0: none yet */
	uint64_t silent; /* windows right before it without a sample */
	uint64_t
		taken; /* samples that the agent took, as far as their pool is known; lost ones too */
	uint64_t pool;  /* growth over these */
	uint64_t drops; /* samples that the agent gave up, growth */
	int64_t lost;   /* of those taken; below 0: late ones came */
	uint64_t split; /* newest window in which another core heard it than before; 0: none */
	uint16_t core;  /* that heard it last */
};

/* What becomes of rates, over one window. */
struct loss {
	uint64_t window; /* number of the window being merged, from 1 */
	bool any;        /* something of it is missing */
	float *factor;   /* of each known source, while `any`; 1: as it is */
	uint32_t room;   /* of `factor` */
	double *agents;  /* of each known agent: packets as they came, and corrected */
	uint32_t agent_room;
};

void loss_init(struct loss *l);
void loss_fini(struct loss *l);

/** Add what a sealed window of an RX core says of a source. */
void loss_add(struct loss *l, struct loss_count *c, const struct source_window *w, uint16_t core);

/** By how much rates of a source are to be multiplied, for what it counted in a window. */
double loss_factor(const struct loss_count *c, uint32_t sampling_rate);

/** At the close of the window: factors of all known sources. */
void loss_close(struct known *k);

/** After loss_close(): which share of what a known source counted in the window is lost, 0 to 1. */
static inline double loss_share(const struct loss *l, uint32_t source)
{
	double factor = l->any ? (double)l->factor[source] : 1;

	return factor > 1 ? 1 - 1 / factor : 0;
}

/** Start the next window. */
void loss_next(struct loss *l);
