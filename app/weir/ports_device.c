/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mempool.h>
#include <string.h>

#include "eal.h"
#include "ports_pvt.h"

/* A device of DPDK: what it offers, its queues and their pools. */

BASE_LOG_TYPE(log_type, "ports.device");

enum {
	DESCRIPTORS = 2048,
	SENT = 512, /* fewer than there are buffers for frames to send */
	CACHE = 256,
	JUMBO = 9000,
	RSS = RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP,
	CHECKSUMS = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM,
};

/* Use what the device has of all that we would like. */
static void wish(
	const struct ports_port *p, const struct rte_eth_dev_info *info, struct rte_eth_conf *conf)
{
	conf->rxmode.offloads = info->rx_offload_capa & CHECKSUMS;
	if (p->queues > 1 && (info->flow_type_rss_offloads & RSS)) {
		conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf->rx_adv_conf.rss_conf.rss_hf = info->flow_type_rss_offloads & RSS;
	}
	if (p->kind == PORTS_PCI && (info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) &&
		info->max_mtu > RTE_ETHER_MTU) {
		conf->rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
		conf->rxmode.mtu = RTE_MIN((uint32_t)info->max_mtu, (uint32_t)JUMBO);
	}
}

/* What comes in at more than one queue without RSS all goes to the first. */
static void warn_rss(const struct ports_port *p, const struct rte_eth_dev_info *info)
{
	if (p->queues > 1 && (p->kind == PORTS_PCI || p->kind == PORTS_VDEV) &&
		!(info->flow_type_rss_offloads & RSS))
		base_log(&log_type, BASE_LOG_WARNING,
			"%s: the device does not say that it spreads traffic over its %u queues "
			"(RSS)",
			p->name, p->queues);
}

/*
 * Only the queue's RX core takes and gives buffers while traffic runs, so the pool needs no atomic
 * operations. But a virtual device may send from the buffers of its RX queue (AF_XDP does), in another
 * thread.
 */
static struct rte_mempool *make_pool(const struct ports_port *p, unsigned number, int socket)
{
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "weir_rx_%u", number);
	return rte_pktmbuf_pool_create_by_ops(name, p->frames + p->fragments, CACHE, 0,
		(uint16_t)(p->room + RTE_PKTMBUF_HEADROOM), socket,
		p->host && p->kind == PORTS_VDEV ? "ring_mp_mc" : "ring_sp_sc");
}

static int pool(struct ports_port *p, struct ports_queue *q, unsigned number, struct conf_error *e)
{
	q->pool = make_pool(p, number, q->socket);
	if (q->pool)
		return 0;
	q->pool = make_pool(p, number, SOCKET_ID_ANY);
	if (!q->pool)
		return ports_fail(e, -rte_errno,
			"%s: no memory for %u frame buffers of %u bytes: %s; raise memory.mb%s",
			p->name, p->frames + p->fragments, p->room, rte_strerror(rte_errno),
			eal_on_hugepages() ? " and vm.nr_hugepages" : "");
	base_log(&log_type, BASE_LOG_WARNING,
		"%s: hugepages of NUMA node %d are used up: frame buffers are on another node, "
		"which is slower",
		p->name, q->socket);
	return 0;
}

static int rx_queues(struct ports_port *p, struct ports_queue *queues, unsigned first,
	uint16_t descriptors, struct conf_error *e)
{
	for (unsigned i = 0; i < p->queues; i++) {
		struct ports_queue *q = &queues[i];
		int lcore = (int)rte_lcore_to_socket_id(EAL_RX + first + i), rc;

		*q = (struct ports_queue){.port_id = p->port_id,
			.queue_id = (uint16_t)i,
			.link = p->link,
			.finite = p->kind == PORTS_PCAP && p->replay == PORTS_ONCE,
			.copied = p->kind == PORTS_PCAP || p->kind == PORTS_AF_PACKET,
			.node = q->node,
			.socket = q->node < 0 ? lcore : q->node,
			.port = q->port,
			.name = p->name};
		rc = pool(p, q, first + i, e);
		if (rc)
			return rc;
		rc = rte_eth_rx_queue_setup(
			p->port_id, (uint16_t)i, descriptors, (unsigned)q->socket, NULL, q->pool);
		if (rc == -ENOMEM) /* of that node */
			rc = rte_eth_rx_queue_setup(p->port_id, (uint16_t)i, descriptors,
				(unsigned)SOCKET_ID_ANY, NULL, q->pool);
		if (rc)
			return ports_fail(e, ports_device_error(rc), "%s: RX queue %u: %s: %s",
				p->name, i, strerror(-rc), eal_error());
	}
	return 0;
}

/* Only the first is used, by nic.c, but some devices (AF_XDP, virtio) want as many as RX queues. */
static int tx_queues(
	struct ports_port *p, unsigned count, uint16_t descriptors, struct conf_error *e)
{
	for (unsigned i = 0; i < count; i++) {
		int rc = rte_eth_tx_queue_setup(
			p->port_id, (uint16_t)i, descriptors, SOCKET_ID_ANY, NULL);

		if (rc)
			return ports_fail(e, ports_device_error(rc), "%s: TX queue %u: %s: %s",
				p->name, i, strerror(-rc), eal_error());
	}
	return 0;
}

int ports_device_setup(
	struct ports_port *p, struct ports_queue *queues, unsigned first, struct conf_error *e)
{
	struct rte_eth_conf conf = {.intr_conf = {.rmv = 0}};
	struct rte_eth_dev_info info;
	uint16_t rx = DESCRIPTORS, tx = p->host ? SENT : DESCRIPTORS;
	uint16_t tx_count;
	int rc = rte_eth_dev_info_get(p->port_id, &info);

	if (rc)
		return ports_fail(e, rc, "%s: %s", p->name, strerror(-rc));
	if (p->queues > info.max_rx_queues)
		return ports_fail(e, -EINVAL,
			"%s: the device has %u RX queues at most, queues is %u", p->name,
			info.max_rx_queues, p->queues);
	conf.intr_conf.rmv = *info.dev_flags & RTE_ETH_DEV_INTR_RMV ? 1 : 0;
	wish(p, &info, &conf);
	warn_rss(p, &info);
	if (p->host && info.max_tx_queues == 0)
		return ports_fail(e, -EINVAL,
			"%s: the device cannot send, so that it can have no addresses and no tap",
			p->name);
	tx_count = (uint16_t)RTE_MIN(p->queues, (unsigned)info.max_tx_queues);
	rc = rte_eth_dev_configure(p->port_id, (uint16_t)p->queues, tx_count, &conf);
	if (!rc)
		rc = rte_eth_dev_adjust_nb_rx_tx_desc(p->port_id, &rx, &tx);
	if (rc)
		return ports_fail(e, ports_device_error(rc), "%s: cannot be configured: %s: %s",
			p->name, strerror(-rc), eal_error());
	rc = rx_queues(p, queues, first, rx, e);
	return rc ? rc : tx_queues(p, tx_count, tx, e);
}
