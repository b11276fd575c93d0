/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/hash.h"
#include "flow/plan.h"

/*
 * From a sample to keys: first every field of the plan once, then each definition's key from these.
 * RX core; pure; no allocation.
 */

/* The fields of one sample: an absent one has p NULL. Valid as long as the sample's bytes. */
struct flow_fields {
	struct packet_value value[FLOW_FIELDS];
};

/** Read all fields of the plan. The sampled header is decoded here if some field needs it. */
void flow_extract(const struct flow_plan *plan, const struct base_addr *agent,
	const struct sflow_sample *sample, const struct sflow_flow *flow,
	struct flow_fields *fields);

/**
 * The key of one definition.
 * @param key  room for FLOW_KEY_BYTES
 * @return its length (0 for a definition without keys), or -1 where the sample lacks one of its fields
 */
int flow_key_build(const struct flow_definition *d, const struct flow_plan *plan,
	const struct flow_fields *fields, uint8_t *key);

/** What the sample adds to the definition; false where it has no such value. */
bool flow_value_of(const struct flow_definition *d, const struct sflow_sample *sample,
	const struct sflow_flow *flow, uint64_t *value);
