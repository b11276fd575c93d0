/* SPDX-License-Identifier: BSD-3-Clause */
#include "ports.h"

#include <errno.h>
#include <inttypes.h>
#include <rte_bus_pci.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eal.h"
#include "guard.h"
#include "nodes.h"
#include "ports_pvt.h"

BASE_LOG_TYPE(log_type, "ports");

enum {
	FRAMES_FILE = 2048,   /* buffers of a queue: bursts, caches */
	FRAMES_LIVE = 8192,   /* and rings */
	FRAMES_COPIED = 2048, /* AF_PACKET has its ring in the kernel */
	PAGE = 4096,
	MBUF = 128 + 128 + 128, /* header, headroom, and the pool's own bytes for each buffer */
	FRAMES_SENT = 2048,     /* to be sent by a port that has addresses or a TAP */
	QUEUE = 2 << 20,        /* a pool's caches for 128 lcores, rings, the device */
	FRAGMENT = 1024,        /* a datagram under reassembly */
};

static const char *const kind_names[] = {
	[PORTS_AF_XDP] = "af_xdp",
	[PORTS_AF_PACKET] = "af_packet",
	[PORTS_PCI] = "pci",
	[PORTS_PCAP] = "pcap",
	[PORTS_VDEV] = "vdev",
};

int ports_fail(struct conf_error *e, int rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return rc;
}

/* Ports of DPDK: one for each capture file, else one for each of the configuration. */
static unsigned count_ports(const struct conf *c)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->port_count; i++)
		n += c->ports[i].pcap_count ? c->ports[i].pcap_count : 1;
	return n;
}

static void set_frames(struct ports_port *p)
{
	p->frames += p->kind == PORTS_PCAP        ? FRAMES_FILE
		     : p->kind == PORTS_AF_PACKET ? FRAMES_COPIED
						  : FRAMES_LIVE;
}

static int plan(
	struct ports_port *p, const struct conf_port *conf, unsigned file, struct conf_error *e)
{
	int rc = 0;

	p->conf = conf;
	p->host = conf->address_count || conf->tap;
	p->queues = conf->queues;
	p->link = INGRESS_LINK_ETHERNET;
	p->room = PORTS_ROOM;
	if (conf->iface) {
		p->name = conf->iface;
		rc = ports_iface_plan(p, e);
	} else if (conf->pcap_count) {
		p->kind = PORTS_PCAP;
		p->name = conf->pcap[file];
		p->queues = 1;
		rc = ports_pcap_plan(p, p->name, e);
	} else if (conf->pci) {
		p->kind = PORTS_PCI;
		p->name = conf->pci;
	} else {
		p->kind = PORTS_VDEV;
		p->name = conf->vdev;
	}
	set_frames(p);
	return rc;
}

static int plan_all(
	struct ports *p, const struct conf *c, enum ports_replay replay, struct conf_error *e)
{
	for (unsigned i = 0; i < c->port_count; i++) {
		for (unsigned k = 0; k == 0 || k < c->ports[i].pcap_count; k++) {
			struct ports_port *port = &p->list[p->count++];
			int rc;

			*port = (struct ports_port){.claim = -1,
				.program = -1,
				.file = -1,
				.nic_missed = -1,
				.replay = replay,
				.udp_port = c->udp_port,
				.fragments = c->ingress.fragments * INGRESS_PARTS};
			rc = plan(port, &c->ports[i], k, e);
			if (rc)
				return rc;
			p->queue_count += port->queues;
			p->guard_wanted |= c->ports[i].iface != NULL;
		}
	}
	return 0;
}

/* "01:00.0" is "0000:01:00.0" to DPDK. */
static void pci_name(const char *text, char *name, size_t size)
{
	struct rte_pci_addr addr;

	if (rte_pci_addr_parse(text, &addr) == 0)
		rte_pci_device_name(&addr, name, size);
	else
		snprintf(name, size, "%s", text);
}

/* What is no NIC (files, virtual devices) has no node, whatever DPDK says of it. */
static int node_of(const struct ports_port *p)
{
	char name[PCI_PRI_STR_SIZE + 1];

	if (p->conf->iface)
		return nodes_of_iface("/sys", p->conf->iface);
	if (p->kind != PORTS_PCI)
		return -1;
	pci_name(p->name, name, sizeof(name));
	return nodes_of_pci("/sys", name);
}

static void number_queues(struct ports *p)
{
	struct ports_queue *q = p->queues;

	for (unsigned i = 0; i < p->count; i++) {
		int node = node_of(&p->list[i]);

		for (unsigned k = 0; k < p->list[i].queues; k++)
			*q++ = (struct ports_queue){
				.port = i, .node = node, .name = p->list[i].name};
	}
}

struct ports *ports_create(const struct conf *c, enum ports_replay replay, struct conf_error *e)
{
	unsigned count = count_ports(c);
	struct ports *p = calloc(1, sizeof(*p));

	if (!p)
		goto no_memory;
	p->guard = -1;
	p->udp_port = c->udp_port;
	if (count == 0 || count > RTE_MAX_ETHPORTS) {
		ports_fail(e, -EINVAL,
			count ? "%u ports are more than DPDK's %u"
			      : "no ports: --iface, --pcap, "
				"--pci, or ports in the configuration",
			count, RTE_MAX_ETHPORTS);
		goto fail;
	}
	p->list = calloc(count, sizeof(*p->list));
	if (!p->list)
		goto no_memory;
	if (plan_all(p, c, replay, e))
		goto fail;
	p->queues = calloc(p->queue_count, sizeof(*p->queues));
	if (!p->queues)
		goto no_memory;
	number_queues(p);
	return p;
no_memory:
	ports_fail(e, -ENOMEM, "out of memory");
fail:
	ports_destroy(p);
	return NULL;
}

/*
 * Bytes of one frame buffer. On ordinary pages DPDK lets none cross from one page to the next, so
 * that a short one takes a page (or an even part of one) all the same.
 */
static size_t buffer_bytes(uint32_t room)
{
	size_t bytes = room + MBUF;

	return bytes <= PAGE ? PAGE / (PAGE / bytes) : (bytes + PAGE - 1) / PAGE * PAGE;
}

size_t ports_memory(const struct ports *p)
{
	size_t sum = 0;

	for (unsigned i = 0; i < p->count; i++) {
		const struct ports_port *port = &p->list[i];
		size_t one = (size_t)(port->frames + port->fragments) * buffer_bytes(port->room);
		/* Should AF_PACKET take over, its buffers are fewer and larger. */
		size_t other = (size_t)(FRAMES_COPIED + port->fragments) * buffer_bytes(PORTS_SLOT);

		if (port->may_fall_back && other > one)
			one = other;
		one += QUEUE + (size_t)port->fragments / INGRESS_PARTS * FRAGMENT;
		sum += one * port->queues;
		if (port->host)
			sum += QUEUE + FRAMES_SENT * buffer_bytes(PORTS_ROOM);
	}
	return sum;
}

/* Have DPDK make the device. @return 0 with `port_id`, or -errno with `e`. */
static int probe(struct ports_port *p, const char *devargs, struct conf_error *e)
{
	int rc;

	snprintf(p->device, sizeof(p->device), "%.*s", (int)strcspn(devargs, ","), devargs);
	eal_forget_error();
	rc = p->kind == PORTS_PCI    ? 0
	     : p->kind == PORTS_PCAP ? ports_pcap_probe(p, devargs)
				     : rte_dev_probe(devargs);
	if (!rc)
		rc = rte_eth_dev_get_port_by_name(p->device, &p->port_id);
	if (!rc) {
		p->opened = true;
		return 0;
	}
	*p->device = 0;
	if (p->kind == PORTS_PCI)
		return ports_fail(e, rc,
			"%s: no NIC that DPDK can use: bind it to vfio-pci (dpdk-devbind.py -b "
			"vfio-pci %s)",
			p->name, p->name);
	return ports_fail(e, rc, "%s: DPDK does not make this device: %s", p->name,
		*eal_error() ? eal_error() : strerror(-rc));
}

static void close_device(struct ports_port *p)
{
	if (p->opened)
		ports_link_fini(p);
	if (p->started)
		rte_eth_dev_stop(p->port_id);
	if (p->opened)
		rte_eth_dev_close(p->port_id);
	p->started = p->opened = false;
	ports_iface_close(p);
}

static int devargs(
	struct ports_port *p, unsigned number, char *text, size_t size, struct conf_error *e)
{
	char args[256];
	int rc;

	switch (p->kind) {
	case PORTS_PCI:
		pci_name(p->name, text, size);
		return 0;
	case PORTS_VDEV:
		snprintf(text, size, "%s", p->name);
		return 0;
	case PORTS_PCAP:
		/* By descriptor: a path could have commas, and the file must stay the one checked. */
		if (p->replay == PORTS_LOOP)
			snprintf(text, size,
				"net_pcap_weir%u,rx_pcap=/proc/self/fd/%d,infinite_rx=1", number,
				p->file);
		else
			snprintf(text, size, "net_pcap_weir%u,rx_pcap=-", number);
		return 0;
	default:
		rc = ports_iface_args(p, args, sizeof(args), e);
		snprintf(text, size, "net_%s_weir%u,%s", kind_names[p->kind], number, args);
		return rc;
	}
}

/* One try at a port with the kind it has. */
static int attempt(struct ports_port *p, unsigned number, struct ports_queue *queues,
	unsigned first, struct conf_error *e)
{
	char text[1536];
	int rc = devargs(p, number, text, sizeof(text), e);

	if (!rc)
		rc = probe(p, text, e);
	if (!rc && p->kind == PORTS_AF_PACKET) {
		ports_sockets_find(p, NULL, 0);
		ports_filter(p);
	}
	if (!rc) {
		p->own = queues;
		ports_link_init(p);
		rc = ports_device_setup(p, queues, first, e);
	}
	return rc;
}

static void forget_queues(const struct ports_port *p, struct ports_queue *queues)
{
	for (unsigned i = 0; i < p->queues; i++) {
		rte_mempool_free(queues[i].pool);
		queues[i].pool = NULL;
	}
}

static int open_port(struct ports_port *p, unsigned number, struct ports_queue *queues,
	unsigned first, struct conf_error *e)
{
	int rc = attempt(p, number, queues, first, e);

	/* Where another weir takes the datagrams first, AF_PACKET would see none. */
	if (!rc || p->kind != PORTS_AF_XDP || rc == -EADDRINUSE)
		return rc;
	if (!p->may_fall_back) {
		struct conf_error why = *e;

		return ports_fail(e, rc, "%s: AF_XDP is not to be had: %.400s", p->name, why.text);
	}
	close_device(p);
	forget_queues(p, queues);
	ports_iface_fall_back(p, e->text);
	p->frames = 0;
	set_frames(p);
	return attempt(p, number, queues, first, e);
}

int ports_open(struct ports *p, struct conf_error *e)
{
	unsigned first = 0;

	for (unsigned i = 0; i < p->count; i++) {
		struct ports_port *port = &p->list[i];
		int rc;

		rc = open_port(port, i, &p->queues[first], first, e);
		if (rc)
			return rc;
		if (port->kind == PORTS_AF_XDP)
			ports_sockets_find(port, p->list, i);
		first += port->queues;
	}
	return 0;
}

/* Promiscuous where the NIC is ours alone; an interface of the kernel stays what it was. */
static void set_promiscuous(const struct ports_port *p)
{
	bool ours = p->kind == PORTS_PCI || p->kind == PORTS_VDEV;

	if ((ours || p->promiscuous) && rte_eth_promiscuous_enable(p->port_id) != 0 && p->host)
		(void)rte_eth_allmulticast_enable(p->port_id); /* neighbour solicitations */
}

int ports_start(struct ports *p, struct conf_error *e)
{
	for (unsigned i = 0; i < p->count; i++) {
		struct ports_port *port = &p->list[i];
		int rc;

		set_promiscuous(port);
		rc = rte_eth_dev_start(port->port_id);
		if (rc)
			return ports_fail(e, ports_device_error(rc),
				"%s: cannot be started: %s: %s", port->name, strerror(-rc),
				eal_error());
		port->started = true;
		ports_stats_start(port);
		base_log(&log_type, BASE_LOG_NOTICE, "%s: %s, %u RX queue%s, UDP port %u",
			port->name, kind_names[port->kind], port->queues,
			port->queues == 1 ? "" : "s", port->udp_port);
	}
	ports_tend(p);
	return 0;
}

void ports_destroy(struct ports *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->count; i++) {
		close_device(&p->list[i]);
		ports_stats_close(&p->list[i]);
		if (p->list[i].file >= 0)
			close(p->list[i].file);
		free(p->list[i].buffer);
	}
	for (unsigned i = 0; p->queues && i < p->queue_count; i++)
		rte_mempool_free(p->queues[i].pool);
	if (p->guard >= 0)
		close(p->guard);
	free(p->queues);
	free(p->list);
	free(p);
}

bool ports_any(const struct ports *p, enum ports_kind kind)
{
	for (unsigned i = 0; i < p->count; i++) {
		if (p->list[i].kind == kind)
			return true;
	}
	return false;
}

const struct conf_port *ports_conf(const struct ports *p, unsigned port)
{
	return p->list[port].conf;
}

const char *ports_name(const struct ports *p, unsigned port)
{
	return p->list[port].name;
}

void ports_tend(struct ports *p)
{
	for (unsigned i = 0; i < p->count; i++)
		ports_link_watch(&p->list[i]);
	if (!p->guard_wanted || p->guard >= 0)
		return;
	p->guard = guard_open(p->udp_port);
	if (p->guard == -EADDRINUSE || p->guard >= 0)
		return;
	base_log(&log_type, BASE_LOG_WARNING,
		"UDP port %u cannot be held (%s%s): the kernel may answer agents that it is "
		"unreachable",
		p->udp_port, strerror(-p->guard),
		p->guard == -EACCES ? "; one below 1024 needs CAP_NET_BIND_SERVICE" : "");
	p->guard_wanted = false;
}
