/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "conf/conf.h"
#include "eal.h"

enum { CORES_MAX = 256 };

/* Which CPUs the threads run on. */
struct cores {
	unsigned main[CORES_MAX], rx[CORES_MAX], aggregate[CORES_MAX];
	struct eal_cpus main_cpus, rx_cpus, aggregate_cpus; /* of these arrays */
};

/**
 * Choose CPUs: as configured; else, of those that this process may use, the last ones for RX, one
 * each, and the first for the rest. With fewer CPUs than threads some share.
 * @param queues  RX cores needed
 * @return 0, or -EINVAL with `e`
 */
int cores_choose(struct cores *k, const struct conf *c, unsigned queues, struct conf_error *e);
