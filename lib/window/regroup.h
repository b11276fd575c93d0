/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "flow/late.h"
#include "window/window.h"

/*
 * Keys that are made when windows are merged (flow/late.h). Each distinct raw key of a sealed table
 * is turned into the definition's key once; what comes to the same key is then one sighting for each
 * data source, whose values and samples are added up. Aggregator.
 */

struct regroup_entry;

struct regroup {
	const struct flow_plan *plan;
	const struct flow_definition *d;
	const struct flow_names *names;
	const struct base_hash *hash;
	struct flow_late_scratch *scratch;
	struct regroup_entry *memo; /* keys made for the table at hand */
	uint32_t round;             /* of the memo: that table */
	uint64_t absent_value,      /* of raw keys that come to no key: it lacks a part */
		absent_samples;
};

/* A key, as sightings take it. */
struct regroup_key {
	const uint8_t *bytes;
	unsigned len;
	uint32_t hash; /* its upper half, as table_key_hash() */
};

/** Takes no memory until regroup_start(). `hash` and `names` (may be NULL) outlive it. */
void regroup_init(struct regroup *g, const struct base_hash *hash, const struct flow_names *names);
void regroup_fini(struct regroup *g);

/** Go on with the table of a definition of functions applied at merge. */
void regroup_start(
	struct regroup *g, const struct flow_plan *plan, const struct flow_definition *d);

/**
 * The key of an entry of a table. What it lacks is added to absent_value and absent_samples.
 * @param k  out: good until the next call
 * @return false: there is none
 */
bool regroup_entry(struct regroup *g, const struct table *t, const struct table_entry *e,
	struct regroup_key *k);
