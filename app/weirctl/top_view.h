/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>
#include <stdio.h>

/**
 * Print one window of a definition for people: what it is, then its largest flows.
 * @param document  as the channel PREFIX:flow:{NAME} has it; samples, error, agent and source of a
 *                  flow may be missing
 * @param n         rows at most
 */
void top_view_print(FILE *out, const json_t *document, unsigned n);

/** Leave only the `n` largest flows in a document. */
void top_view_cut(json_t *document, unsigned n);
