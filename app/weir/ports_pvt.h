/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <errno.h>

#include "base/log.h"
#include "ports.h"

enum {
	PORTS_ROOM = 2048,        /* bytes of a frame buffer, where nothing asks for more */
	PORTS_SLOT = 8192,        /* the same for AF_PACKET */
	PORTS_MTU_XDP = 3370,     /* what fits a page of AF_XDP, with two tags */
	PORTS_SOCKETS = 128,      /* as many as a port has queues at most */
	PORTS_FRAME_MOST = 65000, /* room in one buffer at most; DPDK keeps it in 16 bits */
};

/* Main thread alone, until RX cores start; then read-only but for ports_stats(). */
struct ports_port {
	const struct conf_port *conf;
	const char *name; /* the configuration's */
	enum ports_kind kind;
	enum ports_replay replay;
	enum ingress_link link;
	bool may_fall_back; /* to AF_PACKET */
	unsigned queues;
	bool host; /* it has addresses or a TAP: frames are sent, too */
	uint16_t udp_port;
	uint32_t room;      /* bytes of frame in one buffer */
	uint32_t frames;    /* buffers of each queue's pool */
	uint32_t fragments; /* buffers that reassembly may hold */

	/* iface, and vdev with one below it */
	unsigned ifindex, mtu;
	bool promiscuous;   /* it was, before us */
	int claim, program; /* descriptors, or -1 */

	int sockets[PORTS_SOCKETS]; /* DPDK's, of AF_PACKET and AF_XDP: one for each queue */
	unsigned socket_count;
	uint64_t missed[PORTS_SOCKETS]; /* by these sockets; one reader, see ports_stats() */
	int nic_missed;                 /* descriptor of the kernel's count, or -1 */
	uint64_t nic_before;            /* when the port was started */

	/* pcap */
	int file;         /* descriptor, or -1 */
	char *buffer;     /* that DPDK's device reads it by */
	uint64_t counted; /* frames: the first, or all where they are replayed from memory */
	uint32_t caplen;  /* the longest of these */

	/* device */
	char device[64]; /* DPDK's name of it; "": none */
	bool opened, started;
	uint16_t port_id;

	/* ports_link.c */
	struct ports_queue *own; /* its queues */
	enum ports_link state;   /* written by main, read by any */
	uint64_t link_changes;   /* the same */
	bool removed;            /* written by DPDK's interrupt thread, read by main */
	struct ports_stats last; /* of the device, while it was there; one reader */
};

/** What a driver calls a wrong value may be a device that is busy; the settings were checked before. */
static inline int ports_device_error(int rc)
{
	return rc == -EINVAL ? -EIO : rc;
}

/** Format an error. @return `rc`. */
int ports_fail(struct conf_error *e, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** ports_create() for an interface. @return 0, or -errno with `e`. */
int ports_iface_plan(struct ports_port *p, struct conf_error *e);

/** Devargs of the interface for its kind; claims it for AF_XDP. @return 0, or -errno with `e`. */
int ports_iface_args(struct ports_port *p, char *args, size_t size, struct conf_error *e);

/** Become AF_PACKET, which is always possible. */
void ports_iface_fall_back(struct ports_port *p, const char *why);

/**
 * Find the sockets of an interface's port that was just opened.
 * @param before, count  ports that were opened earlier
 */
void ports_sockets_find(struct ports_port *p, const struct ports_port *before, unsigned count);

/** Read how many frames each of them lost into `missed`. @return false: not every queue has one */
bool ports_sockets_read(struct ports_port *p);

/** AF_PACKET: a filter on these sockets, so that the kernel copies only what may be ours. */
void ports_filter(const struct ports_port *p);

/** Statistics count from here on. */
void ports_stats_start(struct ports_port *p);
void ports_stats_close(struct ports_port *p);

/** Remove the XDP program; drop the claim. After the device is closed. */
void ports_iface_close(struct ports_port *p);

/** When the device is there, and before it is closed. */
void ports_link_init(struct ports_port *p);
void ports_link_fini(struct ports_port *p);

/** Look at the link, log and count what changed. */
void ports_link_watch(struct ports_port *p);

/** Was it promiscuous before? Then it must stay so. */
bool ports_iface_promiscuous(const char *name);

/** ports_create() for one capture file. */
int ports_pcap_plan(struct ports_port *p, const char *path, struct conf_error *e);

/**
 * rte_dev_probe() for its device, to which "-" is the file; unless it is replayed from memory. @return 0 or -errno
 */
int ports_pcap_probe(struct ports_port *p, const char *devargs);

/** Configure device `p->port_id` with its queues and pools, starting at queue number `first`. */
int ports_device_setup(
	struct ports_port *p, struct ports_queue *queues, unsigned first, struct conf_error *e);
