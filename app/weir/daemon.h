/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "aggregate.h"
#include "api/api.h"
#include "control.h"
#include "options.h"
#include "planner.h"
#include "publish/publish.h"
#include "reload.h"
#include "resolve/resolve.h"
#include "rx.h"
#include "store.h"
#include "thresholds.h"
#include "topology.h"

/* Everything that runs, in the order in which it starts. Main thread. */
struct daemon {
	const struct options *options;
	struct store *store; /* NULL: nothing that is put at run time is kept */
	struct control *control;
	struct topology_owner topology;
	struct reload reload;
	struct mailbox box;            /* from control to aggregator */
	struct flow_plan *plan;        /* at the start; a reference */
	struct agent_senders *senders; /* the same */
	int *sockets; /* NUMA node of each RX core, and of all that it alone writes */
	struct base_hash hash;
	struct flow_census *census;
	struct ports *ports;
	struct nic *nic; /* the host on ports that DPDK owns */
	bool eal;
	struct rx **rx; /* each on the node of its core */
	unsigned rx_count, rx_running;
	struct window_exchange *exchange;
	struct ring *events, *records, *steps;
	struct history *history;
	struct threshold_keeper thresholds;
	struct publish *publish;
	struct planner *planner; /* NULL: none */
	struct api *api;         /* NULL: none */
	struct resolve *resolve; /* NULL: no DNS server is asked */
	struct flow_names names;
	struct names *interfaces;         /* the aggregator's while it runs */
	struct ifmib *ifmib;              /* NULL: no agent is asked */
	struct base_team *team;           /* of the aggregation cores */
	struct aggregate_helper *helpers; /* of its members 1 and above */
	unsigned helping;                 /* of these, that run */
	struct aggregate aggregate;
	bool aggregating;
	bool published; /* the last window, or nothing was to be published */
	double elapsed; /* seconds from the launch of the RX cores until they ended */
	uint64_t started_ns;
};

/**
 * Open ports and make all that RX cores need; frames come in from here on.
 * @param o  outlives the daemon
 * @return 0, or -errno with `e`; daemon_stop() and daemon_free() in either case
 */
int daemon_open(struct daemon *d, const struct options *o, struct conf_error *e);

/** Start publisher, API, aggregator and RX cores. @return 0, or -errno with `e`. */
int daemon_launch(struct daemon *d, struct conf_error *e);

/** Whether all finite sources are at their end. Says of files that are broken up to where they were read. */
bool daemon_done(struct daemon *d);

/** Look after what needs a look now and then. */
void daemon_tend(struct daemon *d);

/** Stop RX, close and publish the last window, stop the rest; counts stay readable. */
void daemon_stop(struct daemon *d);

void daemon_free(struct daemon *d);
