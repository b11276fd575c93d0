/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "api/asking.h"
#include "api/handlers_pvt.h"
#include "api/server_pvt.h"
#include "base/clock.h"

/* Which metrics there are, those of one agent, and statistics of those of many. */

/* ---- /metrics/json ---- */

struct naming {
	json_t *seen;
	uint64_t now_ms;
};

static void note(struct naming *n, const char *name, uint64_t seen_ms)
{
	json_object_set_new(n->seen, name,
		json_integer(n->now_ms > seen_ms ? (json_int_t)(n->now_ms - seen_ms) : 0));
}

static void note_metric(void *ctx, const struct metric_name *name, uint64_t seen_ms)
{
	note(ctx, metric_name_text(name), seen_ms);
}

void api_get_metrics(const struct api_request *r, struct api_reply *reply)
{
	const struct window_view *v = r->snapshot->view;
	struct naming n = {.seen = json_object(), .now_ms = base_clock_wall_ns() / 1000000};

	metric_read_lock();
	if (r->api->options.metrics)
		metric_each_name(r->api->options.metrics, note_metric, &n);
	metric_read_unlock();
	for (unsigned i = 0; i < v->plan->definition_count; i++) {
		if (v->flows[i].seen_ms)
			note(&n, v->plan->definitions[i].name, v->flows[i].seen_ms);
	}
	reply->json = n.seen;
}

/* ---- /metric/{agent}/json ---- */

struct listing {
	struct asking *a;
	const char *source;
	size_t source_len;
};

static void list_value(void *ctx, const char *name, const struct metric_value *v)
{
	struct listing *l = ctx;
	char text[METRIC_SOURCE_TEXT + METRIC_NAME_TEXT];
	struct base_text t = base_text(text, sizeof(text));

	base_text_add(&t, l->source, l->source_len);
	base_text_char(&t, '.');
	base_text_add(&t, name, strlen(name));
	asking_write_value(l->a, text, v);
}

static bool list_source(void *ctx, const struct metric_source *src)
{
	struct listing *l = ctx;
	char source[METRIC_SOURCE_TEXT];
	struct base_text t = base_text(source, sizeof(source));

	metric_source_print(src, &t);
	l->source = source;
	l->source_len = t.len;
	if (walk_takes(&l->a->walk, src))
		metric_source_each_value(src, list_value, l);
	return !l->a->writer.full;
}

/* @return NULL with `reply`: there is none, or they are several */
static const struct metric_agent *one_agent(
	const struct asking *a, const char *name, struct api_reply *reply)
{
	const struct metric_agent *agent =
		a->scope.count == 1 ? metric_agent_find(a->store, &a->scope.agents[0]) : NULL;

	if (a->scope.count > 1 || a->scope.all || a->scope.topology || a->scope.edge ||
		a->scope.core)
		api_fail(reply, MHD_HTTP_BAD_REQUEST,
			"agent: \"%.64s\" is more than one agent; /dump/%.64s/ALL/json tells of "
			"many",
			name, name);
	else if (!agent)
		api_fail(reply, MHD_HTTP_NOT_FOUND,
			"no agent \"%.64s\" sends counters; /agents/json says who is there", name);
	return agent;
}

void api_get_agent_metrics(const struct api_request *r, struct api_reply *reply)
{
	struct api_request all = *r;
	const struct metric_agent *agent;
	struct listing l;
	struct asking a;

	all.names[1] = "ALL";
	if (!asking_open(&a, &all, TERM_PLAIN, reply))
		return;
	l = (struct listing){.a = &a};
	agent = one_agent(&a, r->names[0], reply);
	if (!agent) {
		asking_drop(&a);
		return;
	}
	api_writer_begin(&a.writer, '{');
	metric_each_source(a.store, agent, list_source, &l);
	api_writer_end(&a.writer, '}');
	asking_close(&a, r, 0, reply);
}

/* ---- /metric/{agents}/{metrics}/json ---- */

static bool has_winner(enum metric_statistic s)
{
	return s == METRIC_STATISTIC_MAX || s == METRIC_STATISTIC_MIN || s == METRIC_STATISTIC_ANY;
}

static void write_quartiles(struct asking *a, const struct metric_result *r)
{
	const struct {
		const char *name;
		double value;
	} all[] = {{"min", r->quartiles.min}, {"q1", r->quartiles.q1}, {"med", r->quartiles.med},
		{"q3", r->quartiles.q3}, {"max", r->quartiles.max}};

	api_writer_name(&a->writer, "quartiles");
	api_writer_begin(&a->writer, '{');
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct metric_value v = r->value;

		v.value = all[i].value;
		asking_write_value(a, all[i].name, &v);
	}
	api_writer_end(&a->writer, '}');
}

/* What a statistic says of flows beside the number. */
static int write_flows(struct asking *a, const struct term *t, const struct flow_metric *f,
	const struct metric_result *r)
{
	if (has_winner(t->statistic))
		return asking_write_top(a, f, r->where);
	return t->statistic == METRIC_STATISTIC_SUM ? asking_write_top(a, f, NULL) : 0;
}

static int write_result(struct asking *a, const struct term *t, const struct metric_tally *tally,
	const struct flow_metric *f, const struct metric_result *r)
{
	struct asking_from from = {
		.src = f ? NULL : r->where, .flow = f, .place = f ? r->where : NULL};

	if (has_winner(t->statistic))
		asking_write_from(a, &from);
	asking_write_value(a, "metricValue", &r->value);
	asking_write_age(a, "lastUpdate", r->value.time_ms);
	asking_write_age(a, "lastUpdateMin", tally->newest_ms);
	asking_write_age(a, "lastUpdateMax", tally->oldest_ms);
	if (metric_statistic_is_quartile(t->statistic))
		write_quartiles(a, r);
	return f ? write_flows(a, t, f, r) : 0;
}

/* @param f  NULL: the term is no flow */
static int write_statistic(struct asking *a, const struct term *t, struct metric_tally *tally,
	const struct flow_metric *f)
{
	struct metric_result r;
	int err = metric_tally_end(tally, &r);

	if (err < 0)
		return err;
	api_writer_begin(&a->writer, '{');
	api_writer_name(&a->writer, "metricName");
	api_writer_text(&a->writer, t->text, strlen(t->text));
	asking_write_number(a, "metricN", tally->count);
	if (r.there)
		err = write_result(a, t, tally, f, &r);
	api_writer_end(&a->writer, '}');
	return err;
}

static int answer_flow(struct asking *a, const struct term *t, struct metric_tally *tally)
{
	struct flow_metric f;
	int err = flow_metric_init(&f, a->view, t, &a->walk);

	for (uint32_t i = 0; err == 0 && i < f.count; i++) {
		struct metric_value v = flow_metric_number(&f, f.places[i].value);

		err = metric_tally_add(tally, &v, &f.places[i]);
	}
	if (err == 0)
		err = write_statistic(a, t, tally, &f);
	flow_metric_fini(&f);
	return err;
}

static int answer_all(struct asking *a, struct metric_tally *tallies)
{
	int err = walk_statistics(&a->walk, &a->terms, tallies);

	api_writer_begin(&a->writer, '[');
	for (unsigned i = 0; err == 0 && i < a->terms.count; i++) {
		const struct term *t = &a->terms.list[i];

		err = t->flow >= 0 ? answer_flow(a, t, &tallies[i])
				   : write_statistic(a, t, &tallies[i], NULL);
	}
	api_writer_end(&a->writer, ']');
	return err;
}

void api_get_metric(const struct api_request *r, struct api_reply *reply)
{
	struct metric_tally tallies[TERMS];
	uint64_t values, taken;
	struct asking a;
	int err;

	if (!asking_open(&a, r, TERM_STATISTIC, reply))
		return;
	values = walk_most(&a.walk, a.view);
	if (!asking_afford(&a, &r->api->answers, values, &taken)) {
		a.writer.full = true;
		asking_close(&a, r, 0, reply);
		return;
	}
	for (unsigned i = 0; i < a.terms.count; i++)
		metric_tally_init(&tallies[i], a.terms.list[i].statistic, values);
	err = answer_all(&a, tallies);
	api_budget_give(&r->api->answers, taken);
	for (unsigned i = 0; i < a.terms.count; i++)
		metric_tally_fini(&tallies[i]);
	asking_close(&a, r, err, reply);
}
