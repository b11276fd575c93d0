/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "aggregate.h"
#include "api/resource.h"
#include "control.h"
#include "options.h"
#include "thresholds.h"
#include "topology.h"

/*
 * The configuration read again while weir runs, by SIGHUP or over HTTP. It is checked as at the start;
 * what is wrong with it, or cannot change, leaves all as it was. Definitions, groups, maps, databases,
 * the topology and who may send change in one generation, then thresholds, and, with the end of the window,
 * the names of interfaces. What was put at run time stays, and goes before the configuration, as at the start.
 */

struct reload {
	const struct options *first; /* at the start; what cannot change is there for good */
	struct control *control;
	struct topology_owner *topology;
	struct threshold_keeper *thresholds;
	struct aggregate *aggregate; /* has the names of interfaces */

	pthread_mutex_t mutex;
	bool ready;          /* main sets it once changes are taken */
	struct options last; /* the newest in force, but for `first`: then it has no data */
	bool again;          /* `last` is one */
	uint64_t count, refused;
	uint64_t at_ms;          /* when the newest was put in force, since 1970; 0: at the start */
	struct conf_error error; /* of the newest that was refused; empty: none since then */
};

/** Main. What the arguments point to outlives it. */
void reload_init(struct reload *r, const struct options *first, struct control *control,
	struct topology_owner *topology, struct threshold_keeper *thresholds,
	struct aggregate *aggregate);
void reload_fini(struct reload *r);

/** From here on it is taken. Main, after control_start(). */
void reload_open(struct reload *r);

/**
 * Read the configuration again and put it in force. Any thread but RX and aggregator; waits for the
 * seal that does it. The log tells what came of it.
 * @return 0; -errno with `e`: all is as it was
 */
int reload_now(struct reload *r, struct conf_error *e);

/** The resource /config/json: how it stands, and PUT to read it again. `r` outlives it. */
struct api_resource reload_resource(struct reload *r);
