/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "api/route.h"
#include "window/ring.h"

/* The handlers of api_routes, each in the file of its subject. */

api_handler api_get_version; /* about.c */
api_handler api_get_status;
api_handler api_get_document; /* about.c */
api_handler api_get_analyzer; /* about.c */
api_handler api_get_counters;
api_handler api_get_agents;      /* agents.c */
api_handler api_get_flowkeys;    /* keys.c */
api_handler api_get_activeflows; /* flows.c */
api_handler api_get_flowvalue;
api_handler api_get_flowlocations;
api_handler api_get_metrics; /* metrics.c */
api_handler api_get_agent_metrics;
api_handler api_get_metric;
api_handler api_get_table;  /* table.c */
api_handler api_get_dump;   /* dump.c */
api_handler api_get_events; /* documents.c */
api_handler api_get_flows;
api_handler api_stream_events;
api_handler api_stream_flows;
api_handler api_get_history;   /* history.c */
api_handler api_get_capacity;  /* capacity.c */
api_handler api_list_resource; /* resource.c */
api_handler api_get_resource;
api_handler api_put_resource;
api_handler api_remove_resource;

api_handler api_get_prometheus_analyzer; /* prometheus.c */
api_handler api_get_prometheus_flows;    /* prometheus_flows.c */
api_handler api_get_prometheus_metrics;  /* prometheus_metrics.c */
api_handler api_get_prometheus_statistics;
api_preparer api_prepare_prometheus_flows;

struct exposition;
struct query;

/** What all names for Prometheus begin with. */
const char *api_prometheus_prefix(const struct api_request *r);

/** Answer with what was written, which is empty then. */
void api_answer_exposition(struct exposition *e, struct api_reply *reply);

/** The data sources of the agents that the path names, from malloc. @return false with `reply` */
bool api_pick_sources(
	struct query *q, const struct api_request *r, uint8_t **sources, struct api_reply *reply);

/**
 * The merge mode: that of the query (aggMode), else that of the definition. Of edge and core, the data
 * sources that do not count are taken out. @return false with `reply`
 */
bool api_pick_mode(
	struct query *q, const struct api_request *r, uint8_t *sources, struct api_reply *reply);

/** Answer that there is none of that name. @param resource  of which near names are told; or NULL */
void api_fail_unknown(const char *what, const struct api_resource *resource, const char *name,
	struct api_reply *reply);

/** Answer with what came of a change of a resource. */
void api_answer_change(
	const struct api_request *r, struct api_reply *reply, int err, const struct api_error *e);

/** Somebody asks for what a definition counts: its lease begins anew. No such name is fine. */
void api_touch_flow(const struct api_request *r, const char *name);

/**
 * The definition of that name among those of the request's view; its lease begins anew.
 * @return its number; -ENODATA: it is in force, but no window was closed with it as it is now; -ENOENT
 */
int api_find_flow(const struct api_request *r, const char *name);

/** A document of a ring as an object; a new reference. */
json_t *api_document_json(const struct ring *ring, const struct ring_document *d);

/** About what its JSON takes, in bytes. */
uint64_t api_document_cost(const struct ring_document *d);
