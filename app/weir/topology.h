/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <pthread.h>

#include "api/resource.h"
#include "conf/conf.h"
#include "control.h"
#include "metric/read.h"
#include "store.h"
#include "topology/topology.h"

/**
 * The topology of the settings. Control thread.
 * @param t  out: one reference; NULL where there is none
 * @return 0, or -errno with `e`
 */
int topology_open(const struct conf *c, struct topology **t, struct conf_error *e);

/* Who changes the topology at run time; kept in the store, from where it comes back at the start. */
struct topology_owner {
	struct control *control;
	struct store *store;
	pthread_mutex_t mutex; /* held while one is put in force */
	bool put;              /* at run time, or from the store: not the configuration's */
	unsigned ticks;
};

void topology_owner_init(struct topology_owner *o, struct control *control, struct store *store);
void topology_owner_fini(struct topology_owner *o);

/**
 * Main, once a second: where nodes are found by their names, look whether these lead elsewhere now.
 * @param m  where agents tell the names of hosts and ports
 */
void topology_tick(struct topology_owner *o, const struct metric_store *m);

/** Take the topology that is kept, now or as soon as Redis is there. Main, before control_start(). */
void topology_restore(struct topology_owner *o);

/**
 * Nobody else changes the topology until topology_release(). Any thread.
 * @return whether the one in force was put at run time
 */
bool topology_hold(struct topology_owner *o);
void topology_release(struct topology_owner *o);

/** The resource /topology/json. `o` outlives it. */
struct api_resource topology_resource(struct topology_owner *o);
