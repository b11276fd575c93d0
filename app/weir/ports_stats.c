/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <rte_ethdev.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ports_pvt.h"

/*
 * What the devices of ports count. Behind AF_PACKET and AF_XDP there is a NIC that the kernel reads, and which
 * may lose frames before weir's queue has a chance to: that is told apart.
 */

static int open_nic(const struct ports_port *p)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/rx_missed_errors", p->name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static uint64_t read_nic(const struct ports_port *p)
{
	char text[32];
	ssize_t len = p->nic_missed < 0 ? -1 : pread(p->nic_missed, text, sizeof(text) - 1, 0);

	if (len <= 0)
		return 0;
	text[len] = 0;
	return strtoull(text, NULL, 10);
}

void ports_stats_start(struct ports_port *p)
{
	(void)rte_eth_stats_reset(p->port_id);
	if (p->conf->iface)
		p->nic_missed = open_nic(p);
	p->nic_before = read_nic(p);
}

void ports_stats_close(struct ports_port *p)
{
	if (p->nic_missed >= 0)
		close(p->nic_missed);
	p->nic_missed = -1;
}

int ports_stats(struct ports *p, unsigned port, struct ports_stats *stats)
{
	struct ports_port *pp = &p->list[port];
	struct rte_eth_stats s = {0};
	int rc = ports_link(p, port) == PORTS_LINK_GONE ? -ENODEV
							: rte_eth_stats_get(pp->port_id, &s);
	uint64_t nic = read_nic(pp);

	*stats = pp->last;
	if (rc)
		return rc;
	*stats = (struct ports_stats){.packets = s.ipackets,
		.bytes = s.ibytes,
		.missed = s.imissed,
		.nic_missed = nic > pp->nic_before ? nic - pp->nic_before : 0,
		.no_mbuf = s.rx_nombuf,
		.errors = s.ierrors};
	if (ports_sockets_read(pp)) {
		stats->missed = 0;
		for (unsigned i = 0; i < pp->queues; i++)
			stats->missed += pp->missed[i];
	}
	pp->last = *stats;
	return 0;
}

unsigned ports_queue_stats(
	const struct ports *p, unsigned port, struct ports_queue_stats stats[PORTS_QUEUES])
{
	const struct ports_port *pp = &p->list[port];
	struct rte_eth_stats s = {0};

	if (ports_link(p, port) != PORTS_LINK_GONE)
		(void)rte_eth_stats_get(pp->port_id, &s); /* zeros where there are none */
	for (unsigned i = 0; i < pp->queues; i++) {
		bool counted = i < RTE_ETHDEV_QUEUE_STAT_CNTRS;

		stats[i] = (struct ports_queue_stats){.packets = counted ? s.q_ipackets[i] : 0,
			.missed = pp->socket_count == pp->queues ? pp->missed[i]
				  : counted                      ? s.q_errors[i]
								 : 0};
	}
	return pp->queues;
}
