/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "api/resource.h"
#include "base/region.h"
#include "base/text.h"
#include "metric/read.h"
#include "topology/topology.h"
#include "window/view.h"

/*
 * Questions about the flows of one definition, answered from the view of a snapshot: which data sources
 * take part, how sightings of the same key are merged, which keys are asked for. Pure; any thread.
 */

enum query_mode {
	QUERY_MAX, /* the largest of a key's sightings */
	QUERY_SUM, /* all of them together */
};

enum { QUERY_KEY_TEXT = 4096 }; /* room for the text of any key, as for report.c */

struct query {
	const struct window_view *view;
	unsigned definition;
	const uint8_t *sources; /* for each data source of the view whether it takes part */
	enum query_mode mode;
	const char *filter; /* texts that parts of the key must be, with the definition's separator
			       between them; an empty one is any. NULL or empty: all keys */
	double least;       /* smaller values are left out */
	unsigned most;      /* flows at most, the largest */
	/* Owns what flows point to: to be freed after them. Not used for a definition of one rate without a
	 * filter or a key */
	struct base_region *region;
};

/* One of the values of a flow. */
struct query_value {
	bool there;
	double value;   /* of a rate per second */
	double samples; /* that it rests on */
	double error95; /* relative; NAN where it is not known */
};

struct query_flow {
	uint32_t key;
	uint32_t source; /* of the largest sighting */
	uint32_t count;  /* sightings that were merged */
	double value;    /* of a rate per second */
	double samples;  /* that it rests on */
	double error95;  /* relative; 0 where there are no samples, NAN where it is not known */
	const struct query_value *values; /* all of the definition's; NULL: it has one rate */
};

/**
 * The flows that a query asks for, largest first.
 * @param flows  out: from malloc
 * @return how many; -EINVAL with `e`: the filter has more parts than the definition has keys;
 *         -ENOMEM
 */
int query_flows(const struct query *q, struct query_flow **flows, struct api_error *e);

/**
 * The sightings of one key, largest first, each as a flow of its own.
 * @param key  its text
 */
int query_locations(const struct query *q, const char *key, struct query_flow **flows);

/** Write the text of a key; `t` has room for QUERY_KEY_TEXT. */
void query_key_print(
	const struct window_view *v, unsigned definition, uint32_t key, struct base_text *t);

/**
 * Mark the data sources of agents.
 * @param names    where host names are looked up, within a section of reading; NULL: there are none
 * @param agents   as scope_parse() takes them
 * @param sources  out: for each of the view whether it takes part
 * @return 0, or -EINVAL with `e`; -ENOMEM
 */
int query_agents(const struct window_view *v, const struct metric_store *names, const char *agents,
	uint8_t *sources, struct api_error *e);

/**
 * Of the data sources that are marked, keep those at a place of the topology. A packet is in the sum
 * over edge ports once if switches sample what comes in.
 * @return 0, or -EINVAL with `e`: there is no topology, or the definition does not tell ports apart
 */
int query_keep(
	const struct query *q, enum topology_place place, uint8_t *sources, struct api_error *e);
