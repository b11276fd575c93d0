/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "api/api.h"
#include "conf/conf.h"
#include "control.h"
#include "reload.h"
#include "thresholds.h"
#include "topology.h"
#include "window/snapshot.h"

/* The API of this daemon: its settings, and the resources that it has. Main thread. */

/* What it shows besides windows. */
struct serve_state {
	struct ring *events, *records;
	struct history *history;
	struct threshold_keeper *thresholds;
	struct reload *reload;
	const struct metric_store *metrics;
	struct capacity *capacity; /* NULL: none */
};

/** Settings as lib/api takes them, tokens as they are written there; texts stay those of `c`. */
struct api_options serve_options(const struct conf *c);

/**
 * Start the API.
 * @param c, control, state's parts, x  outlive it
 * @return NULL and errno with `e`; ends with api_stop()
 */
struct api *serve_start(const struct conf *c, struct control *control,
	struct topology_owner *topology, const struct serve_state *state, struct window_exchange *x,
	struct conf_error *e);
