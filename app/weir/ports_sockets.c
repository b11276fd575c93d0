/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ports_pvt.h"

/*
 * The sockets behind AF_PACKET and AF_XDP, one for each RX queue in their order, as a process gets its
 * descriptors in ascending order. DPDK keeps them to itself and tells less than they do, or nothing: they are
 * found among the descriptors of the process, when the port was just opened.
 */

static bool is_packet(const struct ports_port *p, int fd)
{
	struct sockaddr_ll sll = {0};
	socklen_t len = sizeof(sll);

	return getsockname(fd, (struct sockaddr *)&sll, &len) == 0 && sll.sll_family == AF_PACKET &&
	       sll.sll_ifindex == (int)p->ifindex;
}

/* They do not tell of which interface they are. */
static bool is_xdp(int fd)
{
	int domain = 0;
	socklen_t len = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_XDP;
}

static bool is_known(const struct ports_port *ports, unsigned count, int fd)
{
	for (unsigned i = 0; i < count; i++) {
		for (unsigned k = 0; k < ports[i].socket_count; k++) {
			if (ports[i].sockets[k] == fd)
				return true;
		}
	}
	return false;
}

static int ascending(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void ports_sockets_find(struct ports_port *p, const struct ports_port *before, unsigned count)
{
	const struct dirent *entry;
	DIR *dir = opendir("/proc/self/fd");

	p->socket_count = 0;
	while (dir && (entry = readdir(dir)) != NULL && p->socket_count < PORTS_SOCKETS) {
		int fd = atoi(entry->d_name);
		bool ours = p->kind == PORTS_AF_PACKET ? is_packet(p, fd)
						       : is_xdp(fd) && !is_known(before, count, fd);

		if (ours)
			p->sockets[p->socket_count++] = fd;
	}
	if (dir)
		closedir(dir);
	qsort(p->sockets, p->socket_count, sizeof(p->sockets[0]), ascending);
}

/* The kernel starts again at 0 with each answer. */
static void read_packet(struct ports_port *p, unsigned i)
{
	struct tpacket_stats stats = {0};
	socklen_t len = sizeof(stats);

	if (getsockopt(p->sockets[i], SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		p->missed[i] += stats.tp_drops;
}

/*
 * In copy mode a frame is dropped where there is no buffer for it (rx_dropped), or no place in the ring. DPDK
 * tells of the first alone.
 */
static void read_xdp(struct ports_port *p, unsigned i)
{
	struct xdp_statistics stats = {0};
	socklen_t len = sizeof(stats);

	if (getsockopt(p->sockets[i], SOL_XDP, XDP_STATISTICS, &stats, &len) == 0)
		p->missed[i] = stats.rx_dropped + stats.rx_ring_full;
}

bool ports_sockets_read(struct ports_port *p)
{
	for (unsigned i = 0; i < p->socket_count; i++) {
		if (p->kind == PORTS_AF_PACKET)
			read_packet(p, i);
		else
			read_xdp(p, i);
	}
	return p->socket_count == p->queues;
}
