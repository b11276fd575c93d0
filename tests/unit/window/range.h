/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "window/sightings.h"

/** Close the window of a definition that has one range alone. */
static inline void close_range(struct sightings *s, double seconds, sightings_gone *gone, void *ctx)
{
	sightings_smooth(s, seconds, NULL, false);
	sightings_settle(s, sightings_idle(s, 1, seconds), gone, ctx);
}
