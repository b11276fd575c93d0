/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "api/query.h"
#include "api/term.h"
#include "api/walk.h"

/*
 * A flow definition as a metric: at each data source that sees flows of it, the value of the largest one
 * there; of a definition without keys that is the total. Made for one query, from a view.
 */

/* A data source that sees flows of the definition, and is asked for. */
struct flow_place {
	const struct base_addr *agent;
	struct sflow_source id;
	uint32_t source;   /* number in the view */
	uint32_t sighting; /* the first; flow_metric.next leads on */
	double value;      /* of the largest */
	bool seen;         /* for users of flow_metric_find() */
};

struct flow_metric {
	const struct window_view *view;
	unsigned definition;
	uint64_t time_ms; /* of the values, since 1970 */
	uint32_t count;
	struct flow_place *places; /* in order of agent and number */
	uint32_t *next;            /* of sightings: the next at the same source, or UINT32_MAX */
	uint8_t *sources;          /* for each of the view whether it is a place */
};

/** One of the largest flows at a place. */
struct flow_top {
	uint32_t key;
	double value;
};

/**
 * Find the places of a term that is a flow.
 * @param w  scope and filter; attributes are those of the store's sources
 * @return 0 or -ENOMEM
 */
int flow_metric_init(struct flow_metric *f, const struct window_view *view, const struct term *t,
	const struct walk *w);
void flow_metric_fini(struct flow_metric *f);

/** A value of a flow, or of a place, to a thousandth, as other answers about flows have them. */
struct metric_value flow_metric_number(const struct flow_metric *f, double value);

/** The place that is that data source, or NULL. */
struct flow_place *flow_metric_find(
	const struct flow_metric *f, const struct base_addr *agent, struct sflow_source id);

/** Whether flows have keys; else there is nothing to be told of them. */
bool flow_metric_has_keys(const struct flow_metric *f);

/**
 * The largest flows, largest first, the definition's n at most: at one place, or all places added up.
 * @param p  NULL: all
 * @return how many, in *top, from malloc; -ENOMEM
 */
int flow_metric_top(const struct flow_metric *f, const struct flow_place *p, struct flow_top **top);
