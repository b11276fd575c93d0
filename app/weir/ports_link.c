/* SPDX-License-Identifier: BSD-3-Clause */
#define ALLOW_EXPERIMENTAL_API /* rte_dev_event_callback_register() */
#include <errno.h>
#include <net/if.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ports_pvt.h"

/*
 * Links that go down and come up, and devices that go away. A port is looked at once a second; a
 * NIC that can tell of its removal (hot unplug) does so from DPDK's interrupt thread. What is gone is
 * polled no more, and not asked for its counters: all other ports go on.
 */

BASE_LOG_TYPE(log_type, "ports.link");

static const char *const link_names[] = {
	[PORTS_LINK_UNKNOWN] = "unknown",
	[PORTS_LINK_UP] = "up",
	[PORTS_LINK_DOWN] = "down",
	[PORTS_LINK_GONE] = "gone",
};

/* From now on no RX core asks the device for frames. */
static void leave(struct ports_port *p)
{
	for (unsigned i = 0; i < p->queues; i++)
		__atomic_store_n(&p->own[i].gone, true, __ATOMIC_RELEASE);
}

static void remove_port(struct ports_port *p)
{
	leave(p);
	__atomic_store_n(&p->removed, true, __ATOMIC_RELEASE);
}

/* The driver has found it gone. */
static int on_removal(uint16_t port_id, enum rte_eth_event_type event, void *arg, void *ret)
{
	(void)port_id;
	(void)event;
	(void)ret;
	remove_port(arg);
	return 0;
}

/* The kernel asks for a NIC back, as VFIO does; it waits for that until weir ends. */
static void on_request(const char *device, enum rte_dev_event_type event, void *arg)
{
	(void)device;
	if (event == RTE_DEV_EVENT_REMOVE)
		remove_port(arg);
}

/* "net_af_packet0,iface=eth0": the kernel's interface below a virtual device. 0: none. */
static unsigned vdev_ifindex(const char *args)
{
	char name[IFNAMSIZ];
	const char *p = strstr(args, ",iface=");

	if (!p)
		return 0;
	p += strlen(",iface=");
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(p, ","), p);
	return if_nametoindex(name);
}

void ports_link_init(struct ports_port *p)
{
	if (p->kind == PORTS_VDEV)
		p->ifindex = vdev_ifindex(p->name);
	if (p->kind == PORTS_PCI)
		(void)rte_dev_event_callback_register(p->device, on_request, p);
	(void)rte_eth_dev_callback_register(p->port_id, RTE_ETH_EVENT_INTR_RMV, on_removal, p);
}

void ports_link_fini(struct ports_port *p)
{
	if (p->kind == PORTS_PCI)
		(void)rte_dev_event_callback_unregister(p->device, on_request, p);
	(void)rte_eth_dev_callback_unregister(p->port_id, RTE_ETH_EVENT_INTR_RMV, on_removal, p);
}

/* By number, since an interface may get another name while we have it. */
static enum ports_link kernel_link(unsigned ifindex)
{
	struct ifreq r = {.ifr_ifindex = 0};
	enum ports_link link = PORTS_LINK_UNKNOWN;
	int fd;

	if (!if_indextoname(ifindex, r.ifr_name))
		return errno == ENXIO || errno == ENODEV ? PORTS_LINK_GONE : link;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return link;
	if (ioctl(fd, SIOCGIFFLAGS, &r) == 0)
		link = (r.ifr_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING)
			       ? PORTS_LINK_UP
			       : PORTS_LINK_DOWN;
	close(fd);
	return link;
}

static enum ports_link look(const struct ports_port *p)
{
	struct rte_eth_link link = {0};

	if (__atomic_load_n(&p->removed, __ATOMIC_ACQUIRE))
		return PORTS_LINK_GONE;
	if (p->kind == PORTS_PCAP)
		return PORTS_LINK_UP;
	if (p->ifindex)
		return kernel_link(p->ifindex);
	if (rte_eth_link_get_nowait(p->port_id, &link) < 0)
		return PORTS_LINK_UNKNOWN;
	return link.link_status == RTE_ETH_LINK_UP ? PORTS_LINK_UP : PORTS_LINK_DOWN;
}

static void changed(struct ports_port *p, enum ports_link before, enum ports_link now)
{
	if (now == PORTS_LINK_GONE) {
		leave(p);
		base_log(&log_type, BASE_LOG_ERROR,
			"%s: the device is gone; other ports go on, and this one needs a restart "
			"of weir once the device is back",
			p->name);
	} else if (before != PORTS_LINK_UNKNOWN || now == PORTS_LINK_DOWN) {
		base_log(&log_type, now == PORTS_LINK_UP ? BASE_LOG_NOTICE : BASE_LOG_WARNING,
			"%s: the link is %s", p->name, link_names[now]);
	}
}

void ports_link_watch(struct ports_port *p)
{
	enum ports_link before = p->state, now;

	if (before == PORTS_LINK_GONE || !p->started)
		return;
	now = look(p);
	if (now == before || now == PORTS_LINK_UNKNOWN)
		return;
	changed(p, before, now);
	if (before != PORTS_LINK_UNKNOWN)
		__atomic_store_n(&p->link_changes, p->link_changes + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&p->state, now, __ATOMIC_RELEASE);
}

enum ports_link ports_link(const struct ports *p, unsigned port)
{
	return __atomic_load_n(&p->list[port].state, __ATOMIC_ACQUIRE);
}

uint64_t ports_link_changes(const struct ports *p, unsigned port)
{
	return __atomic_load_n(&p->list[port].link_changes, __ATOMIC_RELAXED);
}

const char *ports_link_name(enum ports_link link)
{
	return link_names[link];
}
