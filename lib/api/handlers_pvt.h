/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "api/route.h"
#include "window/ring.h"

/* The handlers of api_routes, each in the file of its subject. */

api_handler api_get_version;     /* about.c */
api_handler api_get_document;    /* about.c */
api_handler api_get_analyzer;    /* about.c */
api_handler api_get_agents;      /* agents.c */
api_handler api_get_flowkeys;    /* keys.c */
api_handler api_get_activeflows; /* flows.c */
api_handler api_get_flowvalue;
api_handler api_get_flowlocations;
api_handler api_get_events; /* documents.c */
api_handler api_get_flows;
api_handler api_stream_events;
api_handler api_stream_flows;
api_handler api_get_history;   /* history.c */
api_handler api_list_resource; /* resource.c */
api_handler api_get_resource;
api_handler api_put_resource;
api_handler api_remove_resource;

/** Somebody asks for what a definition counts: its lease begins anew. No such name is fine. */
void api_touch_flow(const struct api_request *r, const char *name);

/** A document of a ring as an object; a new reference. */
json_t *api_document_json(const struct ring *ring, const struct ring_document *d);
