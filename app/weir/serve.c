/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve.h"

#include <errno.h>
#include <string.h>

#include "flow/spec.h"
#include "options.h"

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
		.collector = c->collector};
}

/* ---- definitions of the settings, which nothing changes ---- */

static json_t *flow_json(const struct conf_flow *f)
{
	const struct flow_spec spec = options_spec(f);

	return flow_spec_json(&spec);
}

static json_t *list_flows(void *ctx)
{
	const struct conf *c = ctx;
	json_t *list = json_object();

	for (unsigned i = 0; i < c->flow_count; i++)
		json_object_set_new(list, c->flows[i].name, flow_json(&c->flows[i]));
	return list;
}

static json_t *get_flow(void *ctx, const char *name)
{
	const struct conf *c = ctx;

	for (unsigned i = 0; i < c->flow_count; i++) {
		if (strcmp(c->flows[i].name, name) == 0)
			return flow_json(&c->flows[i]);
	}
	return NULL;
}

/* ---- the server ---- */

static int add_resources(struct api *api, const struct conf *c)
{
	const struct api_resource flow = {
		.kind = "flow", .ctx = (void *)(uintptr_t)c, .list = list_flows, .get = get_flow};

	return api_add_resource(api, &flow);
}

struct api *serve_start(const struct conf *c, struct window_exchange *x, struct conf_error *e)
{
	const struct api_options o = serve_options(c);
	struct api *api = api_create(&o, x);
	int err = api ? add_resources(api, c) : -ENOMEM;

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
