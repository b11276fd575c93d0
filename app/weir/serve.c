/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve.h"

#include <errno.h>
#include <string.h>

#include "flow/spec.h"

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

/* ---- the server ---- */

static int add_resources(
	struct api *api, struct control *control, struct threshold_keeper *thresholds)
{
	const struct api_resource flow = {.kind = "flow",
		.ctx = control,
		.list = list_flows,
		.get = get_flow,
		.put = put_flow,
		.remove = remove_flow,
		.touch = touch_flow};
	const struct api_resource threshold = thresholds_resource(thresholds);
	int err = api_add_resource(api, &flow);

	return err ? err : api_add_resource(api, &threshold);
}

struct api *serve_start(const struct conf *c, struct control *control,
	const struct serve_events *events, struct window_exchange *x, struct conf_error *e)
{
	struct api_options o = serve_options(c);
	struct api *api;
	int err;

	o.events = events->events;
	o.records = events->records;
	api = api_create(&o, x);
	err = api ? add_resources(api, control, events->thresholds) : -ENOMEM;

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
