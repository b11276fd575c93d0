/* SPDX-License-Identifier: BSD-3-Clause */
#define ALLOW_EXPERIMENTAL_API /* the three calls for umwait, in DPDK 22.11 */
#include "idle.h"

#include <rte_cpuflags.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_power_intrinsics.h>
#include <sys/prctl.h>
#include <time.h>

static bool can_monitor(const struct idle *idle)
{
	struct rte_cpu_intrinsics cpu;
	struct rte_power_monitor_cond condition;

	rte_cpu_get_intrinsics_support(&cpu);
	return cpu.power_monitor &&
	       rte_eth_get_monitor_addr(idle->port_id, idle->queue_id, &condition) == 0;
}

void idle_init(struct idle *idle, uint16_t port_id, uint16_t queue_id)
{
	*idle = (struct idle){.port_id = port_id,
		.queue_id = queue_id,
		.tsc_per_ns = (double)rte_get_tsc_hz() / 1e9};
	idle->monitor = can_monitor(idle);
	/* The kernel may add its slack to each sleep, which is 50 us where nothing else is asked for. */
	(void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

void idle_sleep(const struct idle *idle, uint32_t ns)
{
	const struct timespec t = {.tv_nsec = ns};
	struct rte_power_monitor_cond condition;

	if (idle->monitor &&
		rte_eth_get_monitor_addr(idle->port_id, idle->queue_id, &condition) == 0 &&
		rte_power_monitor(&condition, rte_rdtsc() + (uint64_t)(ns * idle->tsc_per_ns)) == 0)
		return;
	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}
