/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "window/merge.h"
#include "window/snapshot.h"

/* Counters of other parts that belong to the collector's own report. */
struct report_stats {
	const struct stats_group *group;
	const uint64_t *values;
};

/* What is no number. Names last; texts are copied. */
struct report_text {
	const char *name, *text;
};

struct report_options {
	uint64_t number;           /* of the snapshot */
	uint64_t start_ms, end_ms; /* of the window, since 1970 */
	uint64_t sealed_ns;        /* of the seal that ended it, monotonic */
	bool complete;             /* all agents and metrics, not only what changed */
	bool view;                 /* with all sightings, agents and data sources, for queries */
	const struct report_stats *more;
	unsigned more_count;
	const struct report_text *texts;
	unsigned text_count;
};

/**
 * The snapshot of the window that merge_close() ended. Aggregator.
 * @return from calloc; ownership passes on with window_exchange_put(); NULL where memory is short
 */
struct window_snapshot *report_make(struct merge *m, const struct report_options *o);

/** Free a snapshot that was never put into an exchange. */
void report_free(struct window_snapshot *s);
