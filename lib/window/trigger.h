/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "window/merge.h"
#include "window/ring.h"
#include "window/threshold.h"

/*
 * What is above its threshold now, and the events that come of it. The aggregator asks at the end of
 * every window; each definition that a threshold is on is gone through once, and each data source that
 * had a counter sample.
 *
 * A threshold fires for a data source when the smoothed value of a flow there, or its metric, exceeds
 * it: a start document. It stays triggered until the value has been at or below it for `timeout`
 * seconds, or the metric's data source is gone: an end document. Without by_flow there is one event for
 * each data source, of its largest flow; with it one for each flow.
 */

enum trigger_stat {
	TRIGGER_STARTS, /* events begun */
	TRIGGER_ENDS,   /* events ended */
	TRIGGER_ACTIVE, /* events that have begun and not ended */
	TRIGGER_FULL,   /* values above a threshold in a window that found no room to be events */
	TRIGGER_STATS,
};

extern const struct stats_group trigger_stats;

struct trigger_options {
	struct thresholds *thresholds;
	struct ring *events;
	uint32_t max; /* events that are active at the same time */
};

struct triggers;

/** @return NULL and errno; what `options` point to outlives it. triggers_destroy(NULL) is fine. */
struct triggers *triggers_create(const struct trigger_options *options);
void triggers_destroy(struct triggers *t);

/**
 * After merge_close(m, seconds, now_ms): put the events of that window into the ring. Aggregator.
 * @param start_ms  when the window began, since 1970
 */
void triggers_close(struct triggers *t, const struct merge *m, double seconds, uint64_t start_ms,
	uint64_t now_ms);

/** Values of trigger_stats. Aggregator. */
const uint64_t *triggers_stats(const struct triggers *t);
