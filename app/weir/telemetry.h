/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "window/snapshot.h"

/*
 * The collector's counters over DPDK's telemetry socket (dpdk-telemetry.py):
 *
 *	/weir/counters            the names of all
 *	/weir/counters,PREFIX     values of those whose names begin so, 256 at most
 *	/weir/counter,NAME        one of them, with its unit and what it means
 */

/** Main, once eal_start() has succeeded. @return 0 or -errno */
int telemetry_start(struct window_exchange *x);

/** From here on there are no values. Main, before the exchange goes. */
void telemetry_stop(void);
