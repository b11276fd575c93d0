/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "window/merge.h"

/* Flow records: what a logged definition tells of a flow at a data source when its life ends. */

/* One definition while records are made of it; of the aggregator. */
struct record_maker {
	struct merge *m;
	unsigned definition;
	struct sightings *flows; /* one range of its */
};

/**
 * From here on lives of sightings of a range of the definition that end are records in the ring; `maker` lasts as
 * long. The window that is closed, or still open, lies between the times.
 */
void record_open(struct record_maker *maker, struct merge *m, unsigned definition,
	struct sightings *flows, uint64_t start_ms, uint64_t end_ms);
