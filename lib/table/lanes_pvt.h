/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "table/table.h"

/** Take a sample's numbers into the lanes of its entry. RX core. */
void table_lanes_apply(
	struct table_lanes *l, struct table_lane *lanes, const struct table_extra *x);

void table_lanes_clear(struct table_lanes *l);
void table_lanes_fini(struct table_lanes *l, uint32_t capacity);
