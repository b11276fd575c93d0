/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "ingress/ingress.h"

struct rte_mempool;

/*
 * Where frames come from: the ports of the configuration, as RX queues of DPDK, one for each RX
 * core. In order: ports_create(), eal_start(), ports_open(), ports_start(), traffic, ports_destroy(),
 * eal_stop(). All by the main thread, unless said otherwise.
 */

enum ports_kind {
	PORTS_AF_XDP,
	PORTS_AF_PACKET,
	PORTS_PCI,
	PORTS_PCAP,
	PORTS_VDEV,
};

enum { PORTS_QUEUES = 128 }; /* of a port at most */

/* How capture files are read. */
enum ports_replay {
	PORTS_ONCE, /* then the queue has nothing more */
	PORTS_LOOP, /* for ever, from memory */
};

enum ports_link {
	PORTS_LINK_UNKNOWN, /* nobody tells */
	PORTS_LINK_UP,
	PORTS_LINK_DOWN,
	PORTS_LINK_GONE, /* the device was removed; it stays so */
};

/* Written before RX cores start, then read-only but for `gone`. */
struct ports_queue {
	uint16_t port_id, queue_id; /* of rte_eth_rx_burst() */
	unsigned port;              /* index in ports.list */
	enum ingress_link link;
	bool finite; /* ends: ask ports_finished() */
	bool copied; /* the driver is known to copy frames as it hands them out: they are in the cache */
	int node;   /* NUMA node of the NIC, -1 unknown or none; from ports_create() on */
	int socket; /* node of the frame buffers: the NIC's, else the RX core's */
	struct rte_mempool *pool;
	const char *name; /* of the port, for people */
	bool gone;        /* not to be polled any more: ports_link.c (release), its RX core */
};

struct ports_port; /* ports_pvt.h */

struct ports {
	struct ports_port *list;
	unsigned count;
	struct ports_queue *queues;
	unsigned queue_count;
	uint16_t udp_port;
	int guard;         /* descriptor, or -1 */
	bool guard_wanted; /* some port shares its traffic with the kernel */
};

/* Since ports_start(), `missed` of kernel interfaces since ports_open(); frames. */
struct ports_stats {
	uint64_t packets, bytes; /* received, of them */
	uint64_t missed;         /* lost at our queues, because an RX core was too slow */
	uint64_t nic_missed;     /* lost by the NIC of a kernel interface, sFlow or not */
	uint64_t no_mbuf;        /* lost because memory for frames ran out */
	uint64_t errors;         /* lost for other reasons, as the device counts them */
};

/**
 * Check that the ports can be had, and choose how: interfaces are up, capture files are readable
 * and of a known link type; the first frame of each is read, or all, where they are replayed from memory.
 * Nothing is changed yet.
 * @return NULL with `e`: one sentence with the remedy
 */
struct ports *ports_create(const struct conf *c, enum ports_replay replay, struct conf_error *e);

/** Bytes that the frame buffers of all queues will take: for eal_plan. */
size_t ports_memory(const struct ports *p);

/**
 * Make devices, pools and queues. AF_XDP falls back to AF_PACKET here, where the configuration
 * leaves the choice, and says why.
 * @return 0, or -errno with `e`
 */
int ports_open(struct ports *p, struct conf_error *e);

/** Let frames in. @return 0, or -errno with `e`. */
int ports_start(struct ports *p, struct conf_error *e);

/** Stop and close all, leave interfaces as they were, free `p`. RX cores are done; NULL is fine. */
void ports_destroy(struct ports *p);

/**
 * What the device of a port has counted. Aggregation or main thread, one at a time; it may be a
 * system call.
 * @return 0; or -errno where the device does not tell, or is gone, and what it told last
 */
int ports_stats(struct ports *p, unsigned port, struct ports_stats *stats);

/* What the device counted of one RX queue, since ports_start(); frames. */
struct ports_queue_stats {
	uint64_t packets; /* received; 0 where the device does not count by queue */
	uint64_t
		missed; /* lost, since its RX core was too slow; 0 where the device counts by port alone */
};

/**
 * The same of the queues of a port. Right after ports_stats() of it, with which it shares an answer of the
 * kernel.
 * @param stats  out: for each of its queues
 * @return how many queues it has
 */
unsigned ports_queue_stats(
	const struct ports *p, unsigned port, struct ports_queue_stats stats[PORTS_QUEUES]);

/** Whether a port is of this kind: after ports_open(), as it was opened. */
bool ports_any(const struct ports *p, enum ports_kind kind);

/** The settings of a port. */
const struct conf_port *ports_conf(const struct ports *p, unsigned port);

/** The port as the configuration names it; as long as `p`. */
const char *ports_name(const struct ports *p, unsigned port);

/** Once a second or so, main: links, devices that are gone; see guard.h, "try again now and then". */
void ports_tend(struct ports *p);

/** The link of a port when it was last looked at, and how often it changed. Any thread. */
enum ports_link ports_link(const struct ports *p, unsigned port);
uint64_t ports_link_changes(const struct ports *p, unsigned port);
const char *ports_link_name(enum ports_link link);

/* Frames of a finite queue that could not be handed out, when it was last looked at; zeros at first. */
struct ports_seen {
	uint64_t no_mbuf, errors, packets;
	bool broken; /* an error was the last that came of its file: it may be why it is finished */
};

/**
 * Is a finite queue at its end, or at a place where its file is broken? Its RX core, right after each burst that
 * gave less than it asked for, of which it has given no buffer back yet.
 * @param seen  of the last time; updated
 */
bool ports_finished(const struct ports_queue *q, struct ports_seen *seen);

/**
 * Say up to where the file of a queue was read, if it is broken; once. Main thread, when the queue's RX core has ended. It
 * may take as long as to read the file.
 * @param seen  what that core left
 */
void ports_tell_broken(struct ports *p, const struct ports_queue *q, const struct ports_seen *seen);

/**
 * Before anything runs: remove the XDP programs that killed instances left at the interfaces of the
 * configuration. Those of running ones and of others stay.
 * @return 0, or -errno with `e` of the last that could not be cleaned
 */
int ports_clean(const struct conf *c, struct conf_error *e);
