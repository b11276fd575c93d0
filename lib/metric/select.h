/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "metric/filter.h"
#include "metric/read.h"
#include "metric/statistic.h"

/*
 * A filter at work on the data sources of a store: one thread, within one section of reading. An
 * attribute is the source's own, else its parent's, else its agent's host's. What comes from the host is
 * looked at once for each agent, not once for each of its interfaces.
 */

struct metric_verdict;

struct metric_select {
	const struct metric_filter *filter; /* NULL: all sources pass */
	const struct metric_name *names[METRIC_FILTER_NAMES];
	bool nothing;                    /* an attribute that no source can have */
	struct metric_verdict *verdicts; /* of hosts, by the slots of their agents */
	uint32_t verdict_count;
};

/** @return 0 or -ENOMEM; `f` outlives it, and may be NULL */
int metric_select_init(
	struct metric_select *s, const struct metric_filter *f, const struct metric_store *m);
void metric_select_fini(struct metric_select *s);

/** Whether a source passes. */
bool metric_select_has(struct metric_select *s, const struct metric_source *src);

/**
 * Whether a data source of an agent passes that has no counters: by the attributes of the host.
 * @param a  NULL: the agent has no counters either
 */
bool metric_select_has_agent(struct metric_select *s, const struct metric_agent *a);

/** Whether a path is about all data sources, or about this one. */
bool metric_path_is_of(const struct metric_path *path, const struct metric_source *src);
