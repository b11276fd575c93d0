/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "ingress/answer.h"
#include "ingress/aside.h"
#include "nic.h"
#include "ports.h"

struct rte_mempool;

/* What becomes of an address. */
enum nic_phase {
	NIC_NEW,     /* the link was not up yet */
	NIC_PROBING, /* IPv6: does somebody have it? Nothing is answered meanwhile (RFC 4862, 5.4) */
	NIC_IN_USE,
	NIC_DUPLICATE, /* somebody has: not used before the link goes down and up */
};

struct nic_address {
	enum nic_phase phase;
	unsigned left;        /* announcements to come */
	uint64_t next_ms;     /* of these, or end of the probe */
	uint64_t defended_ms; /* last announcement because of a conflict */
};

/* So many a second, after a burst of as many. */
struct nic_rate {
	uint32_t per_s;
	uint64_t filled_ms;
	double tokens;
};

/* Made by main, then the thread's alone but for the rings in `aside`. */
struct nic_port {
	const char *name;
	unsigned port, first, queues; /* index of the port, of its first queue in ports.queues */
	uint16_t port_id;
	struct answer_host host; /* immutable; RX cores look at it, too */
	struct nic_address address[ANSWER_ADDRESSES];
	struct aside **aside; /* of each queue */
	struct rte_mempool *pool;
	struct nic_rate neighbours, echoes, claims;
	int tap; /* descriptor, or -1 */
	enum ports_link link;
};

struct nic {
	struct ports *ports;
	struct nic_port *list;
	unsigned count;
	pthread_t thread;
	bool started;
	bool stop;                 /* main (release), the thread */
	uint64_t stats[NIC_STATS]; /* the thread (relaxed), any */
};

/* Where nobody tells, it is taken to be up. */
static inline bool nic_up(enum ports_link link)
{
	return link == PORTS_LINK_UP || link == PORTS_LINK_UNKNOWN;
}

static inline void nic_count(struct nic *n, enum nic_stat stat)
{
	__atomic_store_n(&n->stats[stat], n->stats[stat] + 1, __ATOMIC_RELAXED);
}

/** Whether there is a token, which is taken. */
bool nic_rate_take(struct nic_rate *r, uint64_t now_ms);

/** Send a frame at TX queue 0. @return false, counted, where it was not taken */
bool nic_send(struct nic *n, struct nic_port *p, const uint8_t *frame, uint32_t len);

/** The link as it is now: after it came up, addresses are probed and announced. */
void nic_address_link(struct nic *n, struct nic_port *p, enum ports_link link, uint64_t now_ms);

/** What is due: probes that end, announcements. */
void nic_address_tick(struct nic *n, struct nic_port *p, uint64_t now_ms);

/**
 * Somebody claims an address, or wants to.
 * @param wants  he asks whether it is free
 */
void nic_address_claimed(
	struct nic *n, struct nic_port *p, unsigned address, bool wants, uint64_t now_ms);

/** A TAP of that name, with the port's Ethernet address. @return a descriptor, or -errno with `e`. */
int nic_tap_open(const struct nic_port *p, const char *name, struct conf_error *e);
