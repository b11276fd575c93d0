/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "api/resource.h"
#include "conf/conf.h"
#include "control.h"
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
};

/** Take the topology that is kept, now or as soon as Redis is there. Main, before control_start(). */
void topology_restore(struct topology_owner *o);

/** The resource /topology/json. `o` outlives it. */
struct api_resource topology_resource(struct topology_owner *o);
