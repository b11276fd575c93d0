/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

/*
 * DPDK's environment: memory, lcores, telemetry. Ports are probed later, by ports_open(), so that
 * their errors can be told apart.
 */

/* CPU numbers; arrays are the caller's. */
struct eal_cpus {
	const unsigned *cpu;
	unsigned count;
};

/*
 * lcore 0 is the main thread, which may run on all of `main`; then come the RX lcores and the
 * aggregation lcores, each pinned to one CPU. A CPU may appear twice.
 */
struct eal_plan {
	struct eal_cpus main, rx, aggregate;
	size_t port_bytes;  /* ports_memory(): needed in any case */
	size_t table_bytes; /* what is taken from DPDK as well where there are hugepages */
};

enum { EAL_MAIN = 0, EAL_RX = 1 }; /* lcore of main, and of the first RX core */

/**
 * rte_eal_init(). Says which memory it uses and, without hugepages, how to get them. Nothing on the
 * host is shared with another instance. Main thread, once; undo with eal_stop(), also after an error.
 * @return 0, or -errno with `e`: one sentence with the remedy
 */
int eal_start(const struct conf *c, const struct eal_plan *plan, struct conf_error *e);

/** Main thread, after all ports are closed. */
void eal_stop(void);

/** After eal_start(): is DPDK's memory on hugepages? */
bool eal_on_hugepages(void);

/** What DPDK or libbpf complained of first since eal_forget_error(); "" if nothing. Main thread. */
const char *eal_error(void);
void eal_forget_error(void);
