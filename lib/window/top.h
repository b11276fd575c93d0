/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "window/sightings.h"

/**
 * The keys with the largest rates, after sightings_close(). Aggregator.
 * @param numbers  out: numbers of keys, largest first; room for `n`
 * @return how many
 */
unsigned top_keys(const struct sightings *s, unsigned n, uint32_t *numbers);
