/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "window/sightings.h"

/** Of a definition with lanes, after the largest sightings are found: by what its keys rank. */
void sightings_rank(struct sightings *s);
