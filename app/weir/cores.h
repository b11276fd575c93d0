/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>

#include "conf/conf.h"
#include "eal.h"

enum { CORES_MAX = 256 };

/* CPUs that this process may use, in order, and the NUMA node of each; -1 unknown. */
struct cores_machine {
	unsigned cpu[CORES_MAX], count;
	int node[CORES_MAX];
};

/* Which CPUs the threads run on. */
struct cores {
	unsigned main[CORES_MAX], rx[CORES_MAX], aggregate[CORES_MAX];
	struct eal_cpus main_cpus, rx_cpus, aggregate_cpus; /* of these arrays */
	int rx_node[CORES_MAX];                             /* of each RX core's CPU, -1 unknown */
};

/** What there is here; sysfs is `root`, see nodes.h. */
void cores_machine(struct cores_machine *m, const char *root);

/**
 * Choose CPUs: as configured; else, for RX, one each, the last ones of the NUMA node of the port,
 * the last ones of any where its node is unknown or has no more. The aggregator gets the first of
 * what is left of the node of the first RX core, whose tables it reads; main gets all that is left.
 * With fewer CPUs than threads some share.
 * @param nodes   of the port of each queue, -1 unknown
 * @param queues  RX cores needed
 * @return 0, or -EINVAL with `e`
 */
int cores_choose(struct cores *k, const struct conf *c, const struct cores_machine *m,
	const int *nodes, unsigned queues, struct conf_error *e);

/** Whether the CPUs of the settings are there. @return 0, or -EINVAL with `e` */
int cores_check(const struct conf *c, const struct cores_machine *m, struct conf_error *e);

/** Is an RX core known to be on another NUMA node than `node`, which is its port's? */
bool cores_apart(const struct cores *k, unsigned queue, int node);
