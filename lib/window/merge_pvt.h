/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "window/merge.h"

/* What members of the team do together (merge_flows.c). */

/** Add the tables of a window, whose data sources are known (m->sources). */
void merge_flows_add(struct merge *m, const struct window *w);

/** Close the window of all definitions. */
void merge_flows_close(struct merge *m, double seconds, uint64_t now_ms);

/** Samples of the kind that the definition counts. */
uint64_t merge_samples_seen(const struct merge *m, const struct flow_definition *d);

/** And what became of those that it was shown. */
uint64_t merge_samples_taken(const struct merge_definition *md);
