/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve.h"

#include <errno.h>
#include <string.h>

#include "access.h"
#include "base/clock.h"
#include "flow/spec.h"
#include "lookups.h"

/* About what the JSON of a group or map takes, in bytes. */
enum { SERVE_VALUE_COST = 220, SERVE_LABEL_COST = 600 };

struct api_options serve_options(const struct conf *c)
{
	return (struct api_options){.listen = c->api.listen,
		.token = c->api.token,
		.read_token = c->api.read_token,
		.tls_cert = c->api.tls_cert,
		.tls_key = c->api.tls_key,
		.body_bytes = (uint64_t)c->api.request_kb << 10,
		.connections = c->api.connections,
		.requests = c->api.requests,
		.timeout_ms = c->api.timeout_ms,
		.window_ms = c->window_ms,
		.collector = c->collector,
		.prometheus_prefix = c->prometheus.prefix};
}

/* ---- flow definitions ---- */

static json_t *list_flows(void *ctx)
{
	return control_list(ctx);
}

static json_t *get_flow(void *ctx, const char *name)
{
	return control_get(ctx, name);
}

static int tell(struct api_error *e, int err, const struct control_error *why)
{
	if (err == 0)
		return 0;
	snprintf(e->text, sizeof(e->text), "%s", why->text);
	snprintf(e->in, sizeof(e->in), "%s", why->in);
	e->offset = why->offset;
	return err;
}

static int put_flow(void *ctx, const char *name, const json_t *body, struct api_error *e)
{
	struct control_error why;
	struct flow_spec *spec = flow_spec_read(name, body, e->text, sizeof(e->text));
	int err;

	if (!spec)
		return -EINVAL;
	err = control_put(ctx, spec, &why);
	flow_spec_free(spec);
	return tell(e, err, &why);
}

static int remove_flow(void *ctx, const char *name, struct api_error *e)
{
	struct control_error why;

	return tell(e, control_remove(ctx, name, &why), &why);
}

static void touch_flow(void *ctx, const char *name)
{
	control_touch(ctx, name);
}

/* ---- groups and maps ---- */

static json_t *state_of(const struct flow_lookup *l, uint64_t now_ns)
{
	return json_pack("{s:I, s:I, s:I}", "lastUpdate",
		(json_int_t)((now_ns - l->made_ns) / 1000000), "labels", (json_int_t)l->label_count,
		"values", (json_int_t)l->value_count);
}

static json_t *list_lookups(struct control *control, enum flow_lookup_kind kind)
{
	struct flow_data *data = control_data(control);
	uint64_t now_ns = base_clock_mono_ns();
	const struct flow_lookup *l;
	json_t *list = json_object();

	for (size_t i = 0; (l = flow_data_at(data, kind, i)); i++)
		json_object_set_new(list, l->name, state_of(l, now_ns));
	flow_data_unref(data);
	return list;
}

static json_t *get_lookup(struct control *control, enum flow_lookup_kind kind, const char *name)
{
	struct flow_data *data = control_data(control);
	const struct flow_lookup *l = flow_data_find(data, kind, name);
	json_t *json = l ? flow_lookup_json(l) : NULL;

	flow_data_unref(data);
	return json;
}

/* A value is a text in a list, a label a list. */
static uint64_t lookup_cost(struct control *control, enum flow_lookup_kind kind, const char *name)
{
	struct flow_data *data = control_data(control);
	const struct flow_lookup *l = flow_data_find(data, kind, name);
	uint64_t cost = l ? (uint64_t)l->value_count * SERVE_VALUE_COST +
					(uint64_t)l->label_count * SERVE_LABEL_COST
			  : 0;

	flow_data_unref(data);
	return cost;
}

static int put_lookup(struct control *control, enum flow_lookup_kind kind, const char *name,
	const json_t *body, struct api_error *e)
{
	struct flow_lookup *l = lookups_make(kind, name, body, e->text, sizeof(e->text));
	struct control_error why;

	return l ? tell(e, control_put_lookup(control, l, &why), &why) : -errno;
}

static int remove_lookup(
	struct control *control, enum flow_lookup_kind kind, const char *name, struct api_error *e)
{
	struct control_error why;

	return tell(e, control_remove_lookup(control, kind, name, &why), &why);
}

static json_t *list_groups(void *ctx)
{
	return list_lookups(ctx, FLOW_GROUP);
}

static json_t *get_group(void *ctx, const char *name)
{
	return get_lookup(ctx, FLOW_GROUP, name);
}

static uint64_t group_cost(void *ctx, const char *name)
{
	return lookup_cost(ctx, FLOW_GROUP, name);
}

static int put_group(void *ctx, const char *name, const json_t *body, struct api_error *e)
{
	return put_lookup(ctx, FLOW_GROUP, name, body, e);
}

static int remove_group(void *ctx, const char *name, struct api_error *e)
{
	return remove_lookup(ctx, FLOW_GROUP, name, e);
}

static json_t *list_maps(void *ctx)
{
	return list_lookups(ctx, FLOW_MAP);
}

static json_t *get_map(void *ctx, const char *name)
{
	return get_lookup(ctx, FLOW_MAP, name);
}

static uint64_t map_cost(void *ctx, const char *name)
{
	return lookup_cost(ctx, FLOW_MAP, name);
}

static int put_map(void *ctx, const char *name, const json_t *body, struct api_error *e)
{
	return put_lookup(ctx, FLOW_MAP, name, body, e);
}

static int remove_map(void *ctx, const char *name, struct api_error *e)
{
	return remove_lookup(ctx, FLOW_MAP, name, e);
}

/* ---- the server ---- */

static int add_resources(struct api *api, struct control *control, struct topology_owner *topology,
	const struct serve_state *state)
{
	const struct api_resource places = topology_resource(topology);
	const struct api_resource config = reload_resource(state->reload);
	const struct api_resource flow = {.kind = "flow",
		.ctx = control,
		.list = list_flows,
		.get = get_flow,
		.put = put_flow,
		.remove = remove_flow,
		.touch = touch_flow};
	const struct api_resource group = {.kind = "group",
		.ctx = control,
		.list = list_groups,
		.get = get_group,
		.cost = group_cost,
		.put = put_group,
		.remove = remove_group};
	const struct api_resource map = {.kind = "map",
		.ctx = control,
		.list = list_maps,
		.get = get_map,
		.cost = map_cost,
		.put = put_map,
		.remove = remove_map};
	const struct api_resource threshold = thresholds_resource(state->thresholds);
	int err = api_add_resource(api, &flow);

	if (err == 0)
		err = api_add_resource(api, &group);
	if (err == 0)
		err = api_add_resource(api, &map);
	if (err == 0)
		err = api_add_resource(api, &threshold);
	if (err == 0)
		err = api_add_resource(api, &config);
	return err ? err : api_add_resource(api, &places);
}

struct api *serve_start(const struct conf *c, struct control *control,
	struct topology_owner *topology, const struct serve_state *state, struct window_exchange *x,
	struct conf_error *e)
{
	struct api_options o = serve_options(c);
	struct access_tokens tokens;
	struct api *api;
	int err;

	o.events = state->events;
	o.records = state->records;
	o.history = state->history;
	o.metrics = state->metrics;
	o.capacity = state->capacity;
	o.capacity_threshold = c->capacity.threshold;
	err = access_read_tokens(c, &tokens, e);
	if (err < 0) {
		errno = -err;
		return NULL;
	}
	o.token = tokens.token;
	o.read_token = tokens.read_token;
	api = api_create(&o, x);
	explicit_bzero(&tokens, sizeof(tokens));
	err = api ? add_resources(api, control, topology, state) : -ENOMEM;

	if (err < 0)
		snprintf(e->text, sizeof(e->text), "API: %s", strerror(-err));
	else
		err = api_start(api, e->text, sizeof(e->text));
	if (err == 0)
		return api;
	api_stop(api);
	errno = -err;
	return NULL;
}
