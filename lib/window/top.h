/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "window/sightings.h"

struct top_key {
	const struct sightings *flows; /* the range that it is in */
	uint32_t number;               /* there */
	double rank;                   /* sighting_key_rank() */
};

/**
 * The keys with the largest rates, after sightings_settle(). Aggregator.
 * @param keys  out: largest first; room for `n`
 * @return how many
 */
unsigned top_keys(const struct sightings *ranges, unsigned count, unsigned n, struct top_key *keys);
