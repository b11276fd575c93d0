/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ports_pvt.h"
#include "xdp/xdp.h"

/* Kernel interfaces: AF_XDP with weir's own program, or AF_PACKET. */

BASE_LOG_TYPE(log_type, "ports.iface");

enum {
	TAGS = 22, /* link header with two VLAN tags */
	SLOT_JUMBO = 16384,
	/* Bytes of AF_PACKET, for each queue and direction: 3,072 ordinary slots, which outlast a
	 * thread that is not scheduled for 0.3 seconds while 10,000 datagrams a second arrive. */
	RING = 24 << 20,
	BLOCK = 65536,
	LOCKED = 64 << 20, /* bytes for each queue: rings, or the pool */
};

/* One of the ioctls that fill a struct ifreq. @return 0 or -errno. */
static int query(const char *name, unsigned long what, struct ifreq *ifr)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -errno;
	memset(ifr, 0, sizeof(*ifr));
	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", name);
	rc = ioctl(fd, what, ifr) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

bool ports_iface_promiscuous(const char *name)
{
	struct ifreq ifr;

	return query(name, SIOCGIFFLAGS, &ifr) == 0 && (ifr.ifr_flags & IFF_PROMISC);
}

/* RX queues that the kernel uses, 0 if it does not say. */
static unsigned rx_queues(const char *name)
{
	char path[64 + IFNAMSIZ];
	const struct dirent *entry;
	unsigned count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/net/%s/queues", name);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) != NULL)
		count += strncmp(entry->d_name, "rx-", 3) == 0;
	if (dir)
		closedir(dir);
	return count;
}

static bool capable(unsigned cap)
{
	uint64_t effective = 0;
	char line[128];
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %" SCNx64, &effective) == 1)
			break;
	if (f)
		fclose(f);
	return effective >> cap & 1;
}

/* Why AF_XDP is not to be had on this interface, with the remedy; "" if nothing speaks against it. */
static void xdp_obstacle(const struct ports_port *p, char *why, size_t size)
{
	unsigned queues = rx_queues(p->name);

	*why = 0;
	if (p->link != INGRESS_LINK_ETHERNET)
		snprintf(why, size, "it is not an Ethernet interface");
	else if (!capable(CAP_SYS_ADMIN) && !(capable(CAP_BPF) && capable(CAP_PERFMON)))
		snprintf(why, size, "it needs the capabilities CAP_BPF and CAP_PERFMON");
	else if (p->mtu > PORTS_MTU_XDP)
		snprintf(why, size, "its MTU of %u is above %d: ip link set %s mtu %d", p->mtu,
			PORTS_MTU_XDP, p->name, PORTS_MTU_XDP);
	else if (queues > p->queues)
		snprintf(why, size,
			"it has %u RX queues and %u are to be read: set queues: %u, or ethtool -L "
			"%s "
			"combined %u",
			queues, p->queues, queues, p->name, p->queues);
	else if (queues && queues < p->queues)
		snprintf(why, size, "it has %u RX queues only, and %u are to be read", queues,
			p->queues);
}

static int check_link(struct ports_port *p, struct conf_error *e)
{
	struct ifreq ifr;
	int rc = query(p->name, SIOCGIFHWADDR, &ifr);

	if (rc)
		return ports_fail(e, rc, "%s: %s", p->name, strerror(-rc));
	switch (ifr.ifr_hwaddr.sa_family) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		p->link = INGRESS_LINK_ETHERNET;
		return 0;
	case ARPHRD_NONE: /* tun: frames are bare IP */
		p->link = INGRESS_LINK_RAW;
		return 0;
	default:
		return ports_fail(e, -ENOTSUP,
			"%s is an interface of type %u; Ethernet, loopback and tun can be read",
			p->name, ifr.ifr_hwaddr.sa_family);
	}
}

static int check_state(struct ports_port *p, struct conf_error *e)
{
	struct ifreq ifr;
	int rc;

	p->ifindex = if_nametoindex(p->name);
	if (!p->ifindex)
		return ports_fail(e, -ENODEV,
			"%s: no such interface; ip link shows those of this network namespace",
			p->name);
	rc = query(p->name, SIOCGIFFLAGS, &ifr);
	if (!rc && !(ifr.ifr_flags & IFF_UP))
		return ports_fail(e, -ENETDOWN, "%s is down: ip link set %s up", p->name, p->name);
	p->promiscuous = ifr.ifr_flags & IFF_PROMISC;
	rc = rc ? rc : query(p->name, SIOCGIFMTU, &ifr);
	if (rc)
		return ports_fail(e, rc, "%s: %s", p->name, strerror(-rc));
	p->mtu = (unsigned)ifr.ifr_mtu;
	return 0;
}

/*
 * Room in a buffer for the longest frame. AF_XDP wants a buffer to lie in a page, of which the
 * kernel keeps 256 bytes and DPDK 320 to 448. AF_PACKET copies out of slots of one size, which must hold
 * more than the MTU: its fanout has the kernel put IPv4 fragments together.
 */
static void set_room(struct ports_port *p)
{
	uint32_t frame = p->mtu + TAGS;

	if (p->kind == PORTS_AF_XDP)
		p->room = frame + 256 > PORTS_ROOM ? frame + 256 : PORTS_ROOM;
	else
		p->room = frame + 128 > PORTS_SLOT ? SLOT_JUMBO : PORTS_SLOT;
}

/*
 * Rings and AF_XDP buffers are locked memory, which is limited without CAP_IPC_LOCK: take what the
 * hard limit allows.
 */
static int check_locked(const struct ports_port *p, struct conf_error *e)
{
	rlim_t need = (rlim_t)p->queues * LOCKED;
	struct rlimit limit;

	if (capable(CAP_IPC_LOCK) || getrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		return 0;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_max >= need)
		return 0;
	return ports_fail(e, -ENOMEM,
		"%s: locked memory is limited to %llu kB, and %llu kB are needed: give weir the "
		"capability "
		"CAP_IPC_LOCK, or LimitMEMLOCK=infinity under systemd, or ulimit -l unlimited",
		p->name, (unsigned long long)limit.rlim_max / 1024,
		(unsigned long long)need / 1024);
}

int ports_iface_plan(struct ports_port *p, struct conf_error *e)
{
	char why[256];
	int rc = check_state(p, e);

	rc = rc ? rc : check_link(p, e);
	if (rc)
		return rc;
	if (!capable(CAP_NET_RAW) || !capable(CAP_NET_ADMIN))
		return ports_fail(e, -EPERM,
			"%s: to read an interface weir needs the capabilities CAP_NET_RAW and "
			"CAP_NET_ADMIN (for AF_XDP also CAP_BPF and CAP_PERFMON): run it as root, "
			"or "
			"under systemd with AmbientCapabilities=",
			p->name);
	rc = check_locked(p, e);
	if (rc)
		return rc;
	p->may_fall_back = p->conf->driver == CONF_DRIVER_AUTO;
	p->kind = p->conf->driver == CONF_DRIVER_AF_PACKET ? PORTS_AF_PACKET : PORTS_AF_XDP;
	if (p->kind == PORTS_AF_XDP) {
		xdp_obstacle(p, why, sizeof(why));
		if (*why && !p->may_fall_back)
			return ports_fail(
				e, -ENOTSUP, "%s: AF_XDP is not to be had: %s", p->name, why);
		if (*why)
			ports_iface_fall_back(p, why);
	}
	set_room(p);
	return 0;
}

void ports_iface_fall_back(struct ports_port *p, const char *why)
{
	base_log(&log_type, BASE_LOG_NOTICE,
		"%s: AF_PACKET, since AF_XDP, which takes two to three times the rate, is not to "
		"be had: %s",
		p->name, why);
	ports_iface_close(p);
	p->kind = PORTS_AF_PACKET;
	p->may_fall_back = false;
	set_room(p);
}

/* Make the interface ours, and have the program ready. @return 0, or -errno with `e`. */
static int prepare_xdp(struct ports_port *p, char *path, size_t size, struct conf_error *e)
{
	int rc;

	p->claim = xdp_claim(p->ifindex);
	if (p->claim == -EADDRINUSE)
		return ports_fail(e, p->claim,
			"%s: another weir reads this interface; stop it, or have one weir do the "
			"work of both",
			p->name);
	if (p->claim < 0)
		return ports_fail(e, p->claim, "%s", strerror(-p->claim));
	rc = xdp_clear(p->ifindex);
	if (rc == -EBUSY)
		return ports_fail(e, rc,
			"another XDP program is attached to it: ip link set %s xdp off removes it",
			p->name);
	if (rc)
		return ports_fail(e, rc, "XDP: %s", strerror(-rc));
	p->program = xdp_program(p->udp_port, path, size);
	if (p->program < 0)
		return ports_fail(e, p->program, "XDP program: %s", strerror(-p->program));
	return 0;
}

int ports_iface_args(struct ports_port *p, char *args, size_t size, struct conf_error *e)
{
	char path[64];
	int rc;

	if (p->kind == PORTS_AF_PACKET) {
		snprintf(args, size, "iface=%s,qpairs=%u,framesz=%u,blocksz=%u,framecnt=%u",
			p->name, p->queues, p->room, BLOCK, RING / p->room);
		return 0;
	}
	rc = prepare_xdp(p, path, sizeof(path), e);
	/* No busy polling: it would make each empty burst a system call. */
	if (!rc)
		snprintf(args, size,
			"iface=%s,start_queue=0,queue_count=%u,xdp_prog=%s,busy_budget=0", p->name,
			p->queues, path);
	return rc;
}

void ports_iface_close(struct ports_port *p)
{
	if (p->program >= 0)
		close(p->program);
	/* The driver removes the program, but not where it failed half-way. */
	if (p->claim >= 0) {
		xdp_clear(p->ifindex);
		close(p->claim);
	}
	p->program = p->claim = -1;
}
