/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "hostile.h"
#include "totals.h"
#include "truth.h"

enum { TRUTH_SECONDS = 3600 }; /* of which the rate is kept */

/* An exporter as its collector sees it. */
struct truth_heard {
	uint64_t datagrams, flow_samples, counter_samples;
	uint64_t lost;      /* between two that arrived: what a collector can find out */
	uint64_t lost_tail; /* since the newest that arrived */
	uint64_t lost_head; /* before the first */
	uint64_t duplicates, late;
};

struct truth_second {
	uint64_t datagrams, flow_samples;
};

struct gen_truth {
	const struct gen_model *m;
	struct gen_total *flows; /* by rank */
	struct truth_heard *exporters;
	struct truth_second *seconds;
	unsigned second_count;
	struct truth_heard sum; /* over exporters, but for the lost ones */
	struct truth_heard duplicate;
	uint64_t hostile[GEN_HOSTILE_KINDS], hostile_sum;
};

/** The containers that ran until model time `end_ns`, by service: a new reference. */
json_t *truth_services_json(
	const struct gen_model *m, const struct gen_fleet *fleet, uint64_t end_ns);

/** How many interfaces there are, and what they count steadily in a second: a new reference. */
json_t *truth_interfaces_json(const struct gen_model *m);
