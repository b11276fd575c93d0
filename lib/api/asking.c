/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/asking.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "api/handlers_pvt.h"
#include "api/server_pvt.h"
#include "base/clock.h"
#include "base/form.h"
#include "flow/data.h"

enum {
	NUMBER_TEXT = 400, /* any double without an exponent */
	SHARE = 4,         /* one answer may have that part of the memory of all */
};

/* ---- the question ---- */

/* All query parameters are attributes, but for what scripts of browsers add against caches. */
static int read_filter(struct asking *a, const struct api_url *url, struct api_error *e)
{
	int err = 0;

	for (unsigned i = 0; i < url->argument_count && err == 0; i++) {
		const struct api_argument *arg = &url->arguments[i];

		if (api_is_fresh(arg))
			continue;
		if (!a->filter)
			a->filter = metric_filter_create();
		err = a->filter ? metric_filter_add(a->filter, arg->name, arg->value, e->text,
					  sizeof(e->text))
				: -ENOMEM;
	}
	return err;
}

static const struct topology *topology_of(const struct window_view *v)
{
	return v ? flow_data_topology(v->plan->data) : NULL;
}

static int number_of_flow(void *ctx, const char *name)
{
	return api_find_flow(ctx, name);
}

static int read_question(
	struct asking *a, const struct api_request *r, enum term_kind kind, struct api_error *e)
{
	int err = scope_parse(&a->scope, r->names[0], a->store, topology_of(a->view), e);

	if (err == 0)
		err = terms_parse(&a->terms, r->names[1], kind, e);
	if (err == 0)
		err = read_filter(a, r->url, e);
	if (err == 0)
		err = metric_select_init(&a->select, a->filter, a->store);
	if (err == 0)
		terms_bind(
			&a->terms, a->store, a->view ? number_of_flow : NULL, (void *)(uintptr_t)r);
	return err;
}

void asking_drop(struct asking *a)
{
	scope_fini(&a->scope);
	terms_fini(&a->terms);
	metric_select_fini(&a->select);
	metric_filter_destroy(a->filter);
	api_writer_fini(&a->writer);
}

static void fail(struct api_reply *reply, int err, const struct api_error *e)
{
	if (err == -ENOMEM)
		api_fail(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
	else
		api_fail_error(reply, MHD_HTTP_BAD_REQUEST, e);
}

bool asking_open(
	struct asking *a, const struct api_request *r, enum term_kind kind, struct api_reply *reply)
{
	struct api_error e = {.text = ""};
	int err;

	*a = (struct asking){.store = r->api->options.metrics,
		.view = r->snapshot->view,
		.now_ms = base_clock_wall_ns() / 1000000};
	a->walk = (struct walk){.store = a->store,
		.scope = &a->scope,
		.select = &a->select,
		.stopping = &r->api->stopping};
	api_writer_init(&a->writer, &r->api->answers, r->api->answers.limit / SHARE);
	if (!a->store) {
		api_fail(reply, MHD_HTTP_NOT_FOUND, "this server has no metrics");
		return false;
	}
	err = read_question(a, r, kind, &e);
	if (err == 0)
		return true;
	asking_drop(a);
	fail(reply, err, &e);
	return false;
}

void asking_close(struct asking *a, const struct api_request *r, int err, struct api_reply *reply)
{
	size_t taken = 0;
	bool stopping = api_stopping(r->api);
	char *text = err == 0 && !stopping ? api_writer_take(&a->writer, &taken) : NULL;

	if (stopping) {
		api_fail(reply, MHD_HTTP_SERVICE_UNAVAILABLE, "the server ends");
	} else if (text) {
		reply->text = text;
		reply->type = "application/json";
		reply->memory = taken;
	} else if (err < 0) {
		fail(reply, err, NULL);
	} else {
		api_fail(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
			"the answer is too long, or there are too many long ones at the same time; "
			"ask for fewer agents or metrics, or try again");
	}
	asking_drop(a);
}

bool asking_afford(
	const struct asking *a, struct api_budget *budget, uint64_t values, uint64_t *taken)
{
	unsigned quartiles = 0;

	for (unsigned i = 0; i < a->terms.count; i++)
		quartiles += metric_statistic_is_quartile(a->terms.list[i].statistic);
	/* And once more for sorting. */
	*taken = quartiles ? (quartiles + 1) * values * sizeof(double) : 0;
	return api_budget_take(budget, *taken);
}

/* ---- whether a view is wanted ---- */

/* Who owns definitions is told that this one is asked for. */
static bool is_flow(void *ctx, const char *name)
{
	const struct api_request *r = ctx;
	const struct api_resource *flow = api_resource_find(r->api, "flow");
	json_t *definition = flow && flow->get ? flow->get(flow->ctx, name) : NULL;

	if (definition && flow->touch)
		flow->touch(flow->ctx, name);
	json_decref(definition);
	return definition != NULL;
}

bool asking_wants_view(const struct api_request *r)
{
	struct api_error e;
	struct terms t;
	bool flows;

	if (terms_parse(&t, r->names[1], TERM_STATISTIC, &e) < 0 &&
		terms_parse(&t, r->names[1], TERM_COLUMN, &e) < 0)
		return false;
	flows = terms_any(&t, is_flow, (void *)(uintptr_t)r);
	terms_fini(&t);
	return flows || scope_wants_topology(r->names[0]);
}

bool asking_wants_topology(const struct api_request *r)
{
	return scope_wants_topology(r->names[1]);
}

/* ---- the answer ---- */

void asking_write_number(struct asking *a, const char *name, uint64_t n)
{
	char text[32];
	struct base_text t = base_text(text, sizeof(text));

	base_text_uint(&t, n);
	api_writer_name(&a->writer, name);
	api_writer_raw(&a->writer, text);
}

void asking_write_value(struct asking *a, const char *name, const struct metric_value *v)
{
	char text[NUMBER_TEXT];
	struct base_text t = base_text(text, sizeof(text));

	api_writer_name(&a->writer, name);
	if (!v->number) {
		api_writer_text(&a->writer, v->text, v->len);
		return;
	}
	metric_value_print(v, &t);
	api_writer_raw(&a->writer, text);
}

void asking_write_from(struct asking *a, const struct asking_from *from)
{
	const struct base_addr *addr =
		from->src ? metric_agent_addr(metric_source_agent(from->src)) : from->place->agent;
	char agent[BASE_ADDR_TEXT], source[METRIC_SOURCE_TEXT];
	struct base_text t = base_text(source, sizeof(source));

	if (from->src)
		metric_source_print(from->src, &t);
	else
		window_view_source_print(&from->flow->view->sources[from->place->source], &t);
	base_addr_print(addr, agent);
	api_writer_name(&a->writer, "agent");
	api_writer_text(&a->writer, agent, strlen(agent));
	api_writer_name(&a->writer, "dataSource");
	api_writer_text(&a->writer, source, t.len);
}

void asking_write_age(struct asking *a, const char *name, uint64_t time_ms)
{
	if (time_ms)
		asking_write_number(a, name, a->now_ms > time_ms ? a->now_ms - time_ms : 0);
}

int asking_write_top(struct asking *a, const struct flow_metric *f, const struct flow_place *p)
{
	char key[QUERY_KEY_TEXT];
	struct flow_top *top;
	int count;

	if (!flow_metric_has_keys(f))
		return 0;
	count = flow_metric_top(f, p, &top);
	if (count < 0)
		return count;
	api_writer_name(&a->writer, "topKeys");
	api_writer_begin(&a->writer, '[');
	for (int i = 0; i < count; i++) {
		struct base_text t = base_text(key, sizeof(key));
		struct metric_value v = flow_metric_number(f, top[i].value);

		query_key_print(f->view, f->definition, top[i].key, &t);
		api_writer_begin(&a->writer, '{');
		api_writer_name(&a->writer, "key");
		api_writer_text(&a->writer, key, t.len);
		asking_write_value(a, "value", &v);
		api_writer_end(&a->writer, '}');
	}
	api_writer_end(&a->writer, ']');
	free(top);
	return 0;
}

int asking_write_metric(struct asking *a, const char *name, const struct asking_from *from,
	const struct metric_value *v)
{
	int err = 0;

	api_writer_begin(&a->writer, '{');
	asking_write_from(a, from);
	api_writer_name(&a->writer, "metricName");
	api_writer_text(&a->writer, name, strlen(name));
	asking_write_value(a, "metricValue", v);
	asking_write_age(a, "lastUpdate", v->time_ms);
	if (!from->src)
		err = asking_write_top(a, from->flow, from->place);
	api_writer_end(&a->writer, '}');
	return err;
}
