/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* What the flows of a view are sorted by. */
enum top_sort { TOP_BY_RATE, TOP_BY_ERROR, TOP_BY_SAMPLES, TOP_BY_AGENT, TOP_BY_FLOW, TOP_SORTS };
extern const char *const top_sort_names[TOP_SORTS];

/**
 * Print one window of a definition for people: what it is, then its largest flows.
 * @param document  as the channel PREFIX:flow:{NAME} has it; samples, error, agent and source of a
 *                  flow may be missing
 * @param n         rows at most
 */
void top_view_print(FILE *out, const json_t *document, unsigned n);

/**
 * A document with its flows sorted: numbers the largest first, texts by their bytes, or the other way
 * round; those that are equal stay in their order, those that lack it come last.
 * @return the caller's reference; flows are shared with `document`, which stays as it is
 */
json_t *top_view_sorted(json_t *document, enum top_sort sort, bool reverse);

/** Leave only the `n` largest flows in a document. */
void top_view_cut(json_t *document, unsigned n);
