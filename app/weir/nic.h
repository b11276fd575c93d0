/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "conf/conf.h"
#include "stats/stats.h"

struct aside;
struct nic;
struct ports;

/*
 * The host on ports that DPDK owns: a thread that answers for weir's addresses (ARP, neighbour
 * discovery, echo), makes them known, and carries all else to and from a TAP. RX cores hand frames over
 * by ingress/aside.h; what is sent goes out at TX queue 0 of the port, which nobody else uses.
 *
 * In order: ports_open(), nic_create(), RX cores with nic_aside(), ports_start(), nic_start(), traffic,
 * RX cores end, nic_stop(), ports_destroy(), nic_destroy(). All by the main thread but nic_read_stats().
 */

enum nic_stat {
	NIC_ARP,
	NIC_NEIGHBOUR,
	NIC_ECHO,
	NIC_ANNOUNCED,
	NIC_CONFLICTS,
	NIC_DUPLICATES, /* gauge */
	NIC_DROP_LENGTH,
	NIC_DROP_FORM,
	NIC_DROP_SENDER,
	NIC_DROP_CHECKSUM,
	NIC_DROP_FRAGMENT,
	NIC_DROP_RATE,
	NIC_DROP_SEND,
	NIC_TAP_IN,
	NIC_TAP_OUT,
	NIC_DROP_TAP,
	NIC_STATS,
};

extern const struct stats_group nic_stats;

/**
 * For all ports that have addresses or a TAP; makes the TAPs.
 * @return 0 with `*nic`, NULL where there is no such port; or -errno with `e`
 */
int nic_create(const struct conf *c, struct ports *p, struct nic **nic, struct conf_error *e);

/** Where the RX core of a queue (index in ports.queues) offers frames; NULL: nowhere. */
struct aside *nic_aside(const struct nic *nic, unsigned queue);

/** Start the thread. NULL is fine. @return 0, or -errno with `e`. */
int nic_start(struct nic *nic, struct conf_error *e);

/** End the thread; nothing is sent any more. NULL is fine. */
void nic_stop(struct nic *nic);

/** After nic_stop(), when devices have given buffers back, and the ingress of all RX cores is gone. */
void nic_destroy(struct nic *nic);

/** NIC_STATS values. Any thread. */
void nic_read_stats(const struct nic *nic, uint64_t *values);
