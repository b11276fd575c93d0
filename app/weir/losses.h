/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "ports.h"
#include "stats/stats.h"
#include "window/merge.h"

/*
 * Where datagrams are lost, told apart: on this host, as the devices of its ports and weir itself count them,
 * or before they reached it, which is what sequence numbers say is missing besides.
 */

enum losses_port_stat {
	PORT_PACKETS,
	PORT_BYTES,
	PORT_MISSED,
	PORT_NIC_MISSED,
	PORT_NO_MBUF,
	PORT_ERRORS,
	PORT_DOWN,
	PORT_GONE,
	PORT_LINK_CHANGES,
	PORT_STATS,
};

enum losses_stat { LOSS_DATAGRAMS, LOSS_HOST, LOSS_PATH, LOSS_STATS };

extern const struct stats_group losses_port_stats, losses_stats;

/* The aggregator's. */
struct losses {
	struct ports *ports;
	uint64_t port[PORT_STATS], loss[LOSS_STATS];
	struct stats_group queue_stats; /* one row for each RX queue, in the order of the ports */
	uint64_t *queue;
	struct stats_def *defs;
	char (*names)[24];
};

/** @return NULL and errno; `ports` outlives it. Main thread; destroy with losses_destroy(), NULL is fine. */
struct losses *losses_create(struct ports *ports);
void losses_destroy(struct losses *l);

/** Read all of it, after the windows were merged: what is missing there is counted here by then. */
void losses_read(struct losses *l, const struct merge *m);
