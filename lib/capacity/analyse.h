/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "capacity/query.h"

/* What the history of one link says. Pure. */

struct capacity_history {
	uint32_t first_day, day_count;
	struct capacity_record *days; /* by day, minutes 0: nothing is known */
	uint32_t first_hour, hour_count;
	struct capacity_record *hours; /* the newest ones, in the same way */
};

/**
 * @param found  in: who it is, `speed`, `since`, `hour`; out: the rest
 * @return false: nothing is known of the link in the period
 */
bool capacity_analyse(const struct capacity_question *q, const struct capacity_history *h,
	struct capacity_found *found);
