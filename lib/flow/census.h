/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/text.h"
#include "flow/key.h"

/*
 * Which keys samples have had, whether or not a definition asks for them. To look for every key in
 * every sample would cost more than all else, so a sample is looked at now and then, and its keys are
 * only looked for where it has a structure or a header layer that no sample of the window had before.
 * Pure; no allocation but at create.
 */

enum {
	FLOW_CENSUS_KEYS = 1024, /* no less than there are keys, with instances of header fields */
	FLOW_CENSUS_WORDS = FLOW_CENSUS_KEYS / 64,
	FLOW_CENSUS_SHAPE = 5,
};

/* What was seen since all of it was zero. One writer. */
struct flow_seen {
	uint64_t keys[FLOW_CENSUS_WORDS];  /* bit set of keys */
	uint64_t shape[FLOW_CENSUS_SHAPE]; /* bit set of kinds of sample, structures and layers */
	uint32_t skip;                     /* samples until the next that is looked at */
	uint32_t looks;
};

/* Every key there is, as it is read; immutable. */
struct flow_census;

/** @return NULL and errno; flow_census_destroy(NULL) is fine. */
struct flow_census *flow_census_create(void);
void flow_census_destroy(struct flow_census *c);

/** Whether the sample at hand is to be looked at. RX core: once for each. */
static inline bool flow_census_due(struct flow_seen *seen)
{
	return __builtin_expect(seen->skip-- == 0, 0);
}

/**
 * Look at a sample that is due. RX core.
 * @param c  NULL: no sample is due from here on
 */
void flow_census_take(const struct flow_census *c, struct flow_seen *seen,
	const struct base_addr *agent, const struct sflow_sample *sample,
	const struct sflow_flow *flow);

/** Print the name of the i-th key. Any thread. @return false: there is none */
bool flow_census_name(unsigned i, struct base_text *t);
