/* SPDX-License-Identifier: BSD-3-Clause */
#include "stats/stats.h"

void stats_add(uint64_t *to, const uint64_t *from, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		to[i] += from[i];
}
