/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/handlers_pvt.h"
#include "api/number_pvt.h"
#include "api/query.h"
#include "api/server_pvt.h"
#include "base/form.h"
#include "window/snapshot.h"

/* Flows of the newest window. */

enum {
	SOURCE_TEXT = 80,
	LOCATIONS_MOST = 100000,
	/* About what the JSON of a flow takes, in bytes. */
	FLOW_COST = 1600,
	FLOW_COST_VALUE = 200,
};

static void fail_memory(struct api_reply *reply)
{
	api_fail(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
}

/* ---- which definition, which data sources ---- */

void api_touch_flow(const struct api_request *r, const char *name)
{
	const struct api_resource *flow = api_resource_find(r->api, "flow");

	if (flow && flow->touch)
		flow->touch(flow->ctx, name);
}

/* @return 0; -ENODATA: no window has been closed with it yet; -ENOENT with `reply` */
static int look_up(
	struct query *q, const struct api_request *r, const char *name, struct api_reply *reply)
{
	int found = api_find_flow(r, name);

	if (found == -ENOENT)
		api_fail_unknown("flow", api_resource_find(r->api, "flow"), name, reply);
	q->definition = (unsigned)found;
	return found < 0 ? found : 0;
}

/* @return false with `reply`; a definition that no window has been closed with yet has no flows */
static bool pick_definition(
	struct query *q, const struct api_request *r, const char *name, struct api_reply *reply)
{
	int err = look_up(q, r, name, reply);

	if (err == -ENODATA)
		reply->json = json_array();
	return err == 0;
}

/* @return whether reply is untouched: there are sources, from malloc */
bool api_pick_sources(
	struct query *q, const struct api_request *r, uint8_t **sources, struct api_reply *reply)
{
	struct api_error e = {.text = ""};
	int err;

	*sources = calloc(1, (size_t)q->view->source_count + 1);
	err = *sources ? query_agents(q->view, r->api->options.metrics, r->names[0], *sources, &e)
		       : -ENOMEM;
	q->sources = *sources;
	if (err == 0)
		return true;
	free(*sources);
	if (err == -ENOMEM)
		fail_memory(reply);
	else
		api_fail_error(reply, MHD_HTTP_BAD_REQUEST, &e);
	return false;
}

/* ---- as JSON ---- */

static void print_source(const struct window_view_source *s, char *text)
{
	struct base_text t = base_text(text, SOURCE_TEXT);

	window_view_source_print(s, &t);
}

/* The values beside the first; null where the flow has none. */
static void add_values(json_t *o, const struct query_value *v, unsigned count)
{
	json_t *values = json_array(), *samples = json_array(), *errors = json_array();

	for (unsigned i = 0; i < count; i++) {
		bool known = v[i].there && isfinite(v[i].error95);

		json_array_append_new(values, v[i].there ? api_value(v[i].value) : json_null());
		json_array_append_new(samples, api_samples(v[i].there ? v[i].samples : 0));
		json_array_append_new(errors, known ? api_error95(v[i].error95) : json_null());
	}
	json_object_set_new_nocheck(o, "values", values);
	json_object_set_new_nocheck(o, "valuesSamples", samples);
	json_object_set_new_nocheck(o, "valuesError95", errors);
}

static json_t *flow_json(const struct query *q, const struct query_flow *f, bool locations)
{
	const struct window_view_source *s = &q->view->sources[f->source];
	const struct base_addr *addr = &q->view->agents[s->agent].addr;
	char agent[BASE_ADDR_TEXT], source[SOURCE_TEXT], key[QUERY_KEY_TEXT];
	struct base_text t = base_text(key, sizeof(key));
	unsigned count = q->view->flows[q->definition].value_count;
	json_t *o = json_object();

	print_source(s, source);
	query_key_print(q->view, q->definition, f->key, &t);
	json_object_set_new_nocheck(
		o, "agent", json_string(addr->family ? base_addr_print(addr, agent) : "other"));
	json_object_set_new_nocheck(o, "dataSource", json_string(source));
	json_object_set_new_nocheck(o, "key", json_string(key));
	json_object_set_new_nocheck(o, "value", api_value(f->value));
	if (!locations)
		json_object_set_new_nocheck(o, "flowN", json_integer(f->count));
	json_object_set_new_nocheck(o, "samples", api_samples(f->samples));
	if (f->samples > 0 && isfinite(f->error95))
		json_object_set_new_nocheck(o, "error95", api_error95(f->error95));
	if (s->lost_share > 0 && q->view->plan->definitions[q->definition].kind == SFLOW_KIND_FLOW)
		json_object_set_new_nocheck(o, "lost", api_error95(s->lost_share));
	if (f->values && count > 1)
		add_values(o, f->values + 1, count - 1);
	return o;
}

/* @return whether there is memory for the JSON of the flows; the server gives it back */
static bool take_memory(
	const struct query *q, const struct api_request *r, int count, struct api_reply *reply)
{
	uint64_t each = FLOW_COST + FLOW_COST_VALUE * q->view->flows[q->definition].value_count;

	return api_afford(r, (uint64_t)count * each, reply);
}

static void answer_flows(const struct query *q, const struct api_request *r,
	struct query_flow *flows, int count, bool locations, struct api_reply *reply)
{
	if (!take_memory(q, r, count, reply)) {
		free(flows);
		return;
	}
	reply->json = json_array();
	for (int i = 0; i < count; i++)
		json_array_append_new(reply->json, flow_json(q, &flows[i], locations));
	free(flows);
}

/* ---- the paths ---- */

/*
 * The merge mode: that of the query, else that of the definition. Of edge and core, the data sources
 * that do not count are taken out. @return whether reply is untouched
 */
bool api_pick_mode(
	struct query *q, const struct api_request *r, uint8_t *sources, struct api_reply *reply)
{
	const char *asked = api_text(r, "aggMode");
	enum flow_merge mode = q->view->plan->definitions[q->definition].merge;
	struct api_error e = {.text = ""};
	int err = 0;

	for (unsigned i = 0; asked && flow_query_merge_names[i]; i++) {
		if (strcasecmp(flow_query_merge_names[i], asked) == 0)
			mode = (enum flow_merge)i;
	}
	q->mode = mode == FLOW_MERGE_SUM || mode == FLOW_MERGE_EDGE ? QUERY_SUM : QUERY_MAX;
	if (mode == FLOW_MERGE_EDGE)
		err = query_keep(q, TOPOLOGY_EDGE, sources, &e);
	else if (mode == FLOW_MERGE_CORE)
		err = query_keep(q, TOPOLOGY_CORE, sources, &e);
	if (err < 0)
		api_fail_error(reply, MHD_HTTP_BAD_REQUEST, &e);
	return err == 0;
}

void api_get_activeflows(const struct api_request *r, struct api_reply *reply)
{
	struct base_region region = {0};
	struct query q = {.view = r->snapshot->view,
		.region = &region,
		.filter = api_text(r, "filter"),
		.least = api_number(r, "minValue"),
		.most = (unsigned)api_uint(r, "maxFlows")};
	struct api_error e = {.text = ""};
	struct query_flow *flows;
	uint8_t *sources;
	int count;

	if (!pick_definition(&q, r, r->names[1], reply) ||
		!api_pick_sources(&q, r, &sources, reply))
		return;
	if (!api_pick_mode(&q, r, sources, reply)) {
		free(sources);
		return;
	}
	count = query_flows(&q, &flows, &e);
	free(sources);
	if (count == -ENOMEM)
		fail_memory(reply);
	else if (count < 0)
		api_fail_error(reply, MHD_HTTP_BAD_REQUEST, &e);
	else
		answer_flows(&q, r, flows, count, false, reply);
	base_region_free(&region);
}

/* All sightings of the key at the sources that are picked. @return as query_locations() */
static int find_locations(struct query *q, const struct api_request *r, struct query_flow **flows,
	struct api_reply *reply)
{
	int count;

	q->most = LOCATIONS_MOST;
	count = query_locations(q, api_text(r, "key"), flows);
	if (count < 0)
		fail_memory(reply);
	return count;
}

void api_get_flowlocations(const struct api_request *r, struct api_reply *reply)
{
	struct base_region region = {0};
	struct query q = {.view = r->snapshot->view, .region = &region};
	struct query_flow *flows;
	uint8_t *sources;
	int count;

	if (!pick_definition(&q, r, r->names[1], reply) ||
		!api_pick_sources(&q, r, &sources, reply))
		return;
	count = find_locations(&q, r, &flows, reply);
	free(sources);
	if (count >= 0)
		answer_flows(&q, r, flows, count, true, reply);
	base_region_free(&region);
}

/*
 * "2.1.pairs": a data source, a dot, and a name, which may have dots too: the first split counts
 * whose right side is a definition. A name alone: that of a definition whose data sources are agents.
 * @return the name, NULL: there is none
 */
static const char *split_metric(const struct api_request *r, const char *metric, size_t *len)
{
	*len = 0;
	if (api_find_flow(r, metric) != -ENOENT)
		return metric;
	for (const char *dot = strchr(metric, '.'); dot; dot = strchr(dot + 1, '.')) {
		*len = (size_t)(dot - metric);
		if (api_find_flow(r, dot + 1) != -ENOENT)
			return dot + 1;
	}
	return NULL;
}

static void keep_source(const struct query *q, const char *name, size_t len, uint8_t *sources)
{
	for (uint32_t i = 0; i < q->view->source_count; i++) {
		char text[SOURCE_TEXT];

		if (!sources[i])
			continue;
		print_source(&q->view->sources[i], text);
		if (strlen(text) != len || memcmp(text, name, len) != 0)
			sources[i] = 0;
	}
}

static void fail_unseen(struct api_reply *reply)
{
	api_fail(reply, MHD_HTTP_NOT_FOUND, "no such flow is seen there");
}

void api_get_flowvalue(const struct api_request *r, struct api_reply *reply)
{
	struct base_region region = {0};
	struct query q = {.view = r->snapshot->view, .region = &region};
	struct query_flow *flows;
	uint8_t *sources;
	size_t len = 0;
	const char *name = split_metric(r, r->names[1], &len);
	int count, err;

	if (!name) {
		api_fail(reply, MHD_HTTP_NOT_FOUND,
			"\"%.64s\" is no data source, a dot, and the name of a flow", r->names[1]);
		return;
	}
	err = look_up(&q, r, name, reply);
	if (err == -ENODATA)
		fail_unseen(reply);
	if (err < 0 || !api_pick_sources(&q, r, &sources, reply))
		return;
	keep_source(&q, r->names[1], len, sources);
	count = find_locations(&q, r, &flows, reply);
	free(sources);
	if (count < 0)
		return;
	if (count == 0)
		fail_unseen(reply);
	else
		reply->json = flow_json(&q, &flows[0], true);
	free(flows);
	base_region_free(&region);
}
