/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Sleep of an RX core whose queue is empty. Where CPU and device can, it waits in the CPU for the
 * device to write to the next descriptor (umwait), without a system call and without delay; else it
 * sleeps in the kernel for a time that is bounded by base/backoff.h.
 *
 * All calls by the RX core itself.
 */
struct idle {
	uint16_t port_id, queue_id;
	bool monitor; /* the CPU can wait for a write to memory, and the device says to which */
	double tsc_per_ns;
};

/** Before the first sleep. A system call: from here on a sleep is as long as it says. */
void idle_init(struct idle *idle, uint16_t port_id, uint16_t queue_id);

/** Sleep for `ns` at most. The caller holds nothing of RCU. */
void idle_sleep(const struct idle *idle, uint32_t ns);
