/* SPDX-License-Identifier: BSD-3-Clause */
#include "losses.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the devices of all ports count. */
static const struct stats_def port_defs[PORT_STATS] = {
	[PORT_PACKETS] = {"packets", "packets", "Frames that devices received"},
	[PORT_BYTES] = {"bytes", "bytes", "Bytes of these frames"},
	[PORT_MISSED] = {"missed", "packets",
		"Frames lost at weir's queues, because an RX core was too slow"},
	[PORT_NIC_MISSED] = {"nic_missed", "packets",
		"Frames lost by the NIC behind a kernel interface, because the kernel was too "
		"slow; sFlow "
		"or not"},
	[PORT_NO_MBUF] = {"no_mbuf", "packets", "Frames lost because memory for frames ran out"},
	[PORT_ERRORS] = {"errors", "packets",
		"Frames lost for other reasons, as devices count them"},
	[PORT_DOWN] = {"down", "ports", "Ports whose link is down now", .gauge = true},
	[PORT_GONE] = {"gone", "ports", "Ports whose device was removed", .gauge = true},
	[PORT_LINK_CHANGES] = {"link_changes", "changes",
		"Links that went down or came up, and devices that were removed"},
};

/* These fall as well: a late datagram was counted as missing, and a gap is seen after it was made. */
static const struct stats_def loss_defs[LOSS_STATS] = {
	[LOSS_DATAGRAMS] = {"datagrams", "datagrams",
		"Datagrams missing by the sequence numbers of all agents", .gauge = true},
	[LOSS_HOST] = {"host", "datagrams",
		"Of these, lost on this host: missed by ports and NICs, without memory for frames, "
		"or "
		"shed by source",
		.gauge = true},
	[LOSS_PATH] = {"path", "datagrams",
		"Of these, lost before this host: in the agent, or on the way", .gauge = true},
};

/* Of each RX queue, beside what its core counts (status.c). */
static const char missed_help[] =
	"Frames lost at the queue of this RX core, because it was too slow; 0 "
	"where the device counts by port alone";

const struct stats_group losses_port_stats = {"port", port_defs, PORT_STATS};
const struct stats_group losses_stats = {"loss", loss_defs, LOSS_STATS};

struct losses *losses_create(struct ports *ports)
{
	struct losses *l = calloc(1, sizeof(*l));
	unsigned rows = ports->queue_count;

	if (!l)
		return NULL;
	l->ports = ports;
	l->queue = calloc(rows, sizeof(*l->queue));
	l->defs = calloc(rows, sizeof(*l->defs));
	l->names = calloc(rows, sizeof(*l->names));
	if (!l->queue || !l->defs || !l->names) {
		losses_destroy(l);
		errno = ENOMEM;
		return NULL;
	}
	for (unsigned i = 0; i < rows; i++) {
		snprintf(l->names[i], sizeof(l->names[i]), "%u_missed", i);
		l->defs[i] = (struct stats_def){l->names[i], "packets", missed_help};
	}
	l->queue_stats = (struct stats_group){"rx", l->defs, rows};
	return l;
}

void losses_destroy(struct losses *l)
{
	if (!l)
		return;
	free(l->queue);
	free(l->defs);
	free(l->names);
	free(l);
}

static void read_port(struct losses *l, unsigned port, uint64_t **queue)
{
	enum ports_link link = ports_link(l->ports, port);
	struct ports_queue_stats q[PORTS_QUEUES];
	struct ports_stats s;
	unsigned queues;

	(void)ports_stats(l->ports, port, &s); /* zeros where there are none */
	l->port[PORT_DOWN] += link == PORTS_LINK_DOWN;
	l->port[PORT_GONE] += link == PORTS_LINK_GONE;
	l->port[PORT_LINK_CHANGES] += ports_link_changes(l->ports, port);
	l->port[PORT_PACKETS] += s.packets;
	l->port[PORT_BYTES] += s.bytes;
	l->port[PORT_MISSED] += s.missed;
	l->port[PORT_NIC_MISSED] += s.nic_missed;
	l->port[PORT_NO_MBUF] += s.no_mbuf;
	l->port[PORT_ERRORS] += s.errors;
	queues = ports_queue_stats(l->ports, port, q);
	for (unsigned i = 0; i < queues; i++)
		*(*queue)++ = q[i].missed;
}

/* What the ports lost need not be sFlow: no more is put down to them than is missing. */
static void tell_apart(struct losses *l, const struct merge *m)
{
	uint64_t missing = m->known.lost > 0 ? (uint64_t)m->known.lost : 0;
	uint64_t host = l->port[PORT_MISSED] + l->port[PORT_NIC_MISSED] + l->port[PORT_NO_MBUF] +
			m->ingress[INGRESS_DROP_SOURCE];

	l->loss[LOSS_DATAGRAMS] = missing;
	l->loss[LOSS_HOST] = host < missing ? host : missing;
	l->loss[LOSS_PATH] = missing - l->loss[LOSS_HOST];
}

void losses_read(struct losses *l, const struct merge *m)
{
	uint64_t *queue = l->queue;

	memset(l->port, 0, sizeof(l->port));
	for (unsigned i = 0; i < l->ports->count; i++)
		read_port(l, i, &queue);
	tell_apart(l, m);
}
