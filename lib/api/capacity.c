/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/capacity_pvt.h"
#include "api/handlers_pvt.h"
#include "api/number_pvt.h"
#include "api/server_pvt.h"
#include "base/clock.h"
#include "capacity/hour.h"
#include "capacity/number.h"

/* How links were used over months, how that grows, and when it reaches a threshold. */

enum { LINK_COST = 9000 }; /* about what the JSON of a link takes, in bytes */

/* ---- the question ---- */

static unsigned choice(const struct api_request *r, const char *name, const char *const *choices)
{
	const char *text = api_text(r, name);
	unsigned i = 0;

	while (choices[i] && strcasecmp(choices[i], text) != 0)
		i++;
	return i;
}

/* That of the configuration is one of utilization. */
static double threshold_of(const struct api_request *r, enum capacity_measure measure)
{
	bool utilization = measure <= CAPACITY_MEASURE_IN + CAPACITY_OUT;

	if (api_text(r, "threshold"))
		return api_number(r, "threshold");
	return utilization ? r->api->options.capacity_threshold : 0;
}

static bool make_question(
	const struct api_request *r, struct capacity_question *q, struct api_reply *reply)
{
	const char *agent = api_text(r, "agent");

	*q = (struct capacity_question){.interface = api_text(r, "interface"),
		.group = api_text(r, "group"),
		.measure = (enum capacity_measure)choice(r, "metric", capacity_measure_names),
		.period_days = (uint32_t)api_uint(r, "days"),
		.trend_days = (uint32_t)api_uint(r, "trendDays"),
		.years = (uint32_t)api_uint(r, "years"),
		.order = (enum capacity_order)choice(r, "sort", capacity_order_names),
		.most = (uint32_t)api_uint(r, "maxLinks"),
		.now_ms = base_clock_wall_ns() / 1000000};
	q->threshold = threshold_of(r, q->measure);
	if (!agent || base_addr_parse(agent, &q->agent) == 0)
		return true;
	api_fail(reply, MHD_HTTP_BAD_REQUEST, "agent: \"%.64s\" is no IP address", agent);
	return false;
}

/* ---- as JSON ---- */

static json_t *summary_json(const struct capacity_summary *s)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "mean",
		api_value(capacity_value(s->mean)), "p50",
		api_value(capacity_value(s->points[CAPACITY_P50])), "p95",
		api_value(capacity_value(s->points[CAPACITY_P95])), "p99",
		api_value(capacity_value(s->points[CAPACITY_P99])), "max",
		api_value(capacity_value(s->points[CAPACITY_MAX])), "peak",
		api_value(capacity_value(s->peak)));
}

static json_t *metrics_json(const struct capacity_record *r)
{
	json_t *metrics = json_object();

	for (unsigned m = 0; m < CAPACITY_METRICS; m++) {
		if (r->mask & 1u << m)
			json_object_set_new(
				metrics, capacity_metric_names[m], summary_json(&r->metrics[m]));
	}
	return metrics;
}

static json_t *hour_json(const struct capacity_record *r)
{
	if (r->minutes == 0)
		return json_null();
	return json_pack("{s:I, s:i, s:o}", "start", (json_int_t)r->slot * CAPACITY_HOUR_MS,
		"minutes", r->minutes, "metrics", metrics_json(r));
}

static json_t *trend_json(const struct capacity_found *f, uint64_t now_ms)
{
	double now = (double)now_ms / (7.0 * CAPACITY_DAY_MS);

	if (!f->has_trend)
		return json_null();
	return json_pack("{s:I, s:o, s:o, s:o, s:o}", "weeks", (json_int_t)f->trend.count,
		"perWeek", api_value(f->trend.slope), "low", api_value(f->trend.low), "high",
		api_value(f->trend.high), "now", api_value(capacity_trend_at(&f->trend, now)));
}

static json_t *date_json(double ms)
{
	char text[API_DATE];

	return api_date(ms, text)[0] ? json_string(text) : json_null();
}

static void add_dates(json_t *o, const struct capacity_found *f)
{
	bool known = f->state != CAPACITY_UNKNOWN;
	double none = INFINITY;

	json_object_set_new(o, "state", json_string(capacity_state_names[f->state]));
	json_object_set_new(o, "date", date_json(known ? f->crossing.at : none));
	json_object_set_new(o, "from", date_json(known ? f->crossing.from : none));
	json_object_set_new(o, "to", date_json(known ? f->crossing.to : none));
}

static void add_identity(json_t *o, const struct capacity_found *f)
{
	char agent[BASE_ADDR_TEXT], index[16];

	if (f->group) {
		json_object_set_new(o, "group", json_string(f->group));
		return;
	}
	snprintf(index, sizeof(index), "%u", f->index);
	json_object_set_new(o, "agent", json_string(base_addr_print(&f->agent, agent)));
	json_object_set_new(o, "dataSource", json_string(index));
	json_object_set_new(o, "ifname", json_string(f->name));
	json_object_set_new(o, "since", json_integer((json_int_t)f->since * CAPACITY_HOUR_MS));
}

/* A group may have a speed beyond all integers: that of all members of a record in Redis. */
static json_int_t integer(double speed)
{
	return speed < 0x1p62 ? (json_int_t)speed : (json_int_t)1 << 62;
}

static json_t *link_json(const struct capacity_found *f, uint64_t now_ms)
{
	json_t *o = json_object();

	add_identity(o, f);
	json_object_set_new(o, "speed", json_integer(integer(f->speed)));
	json_object_set_new(o, "metric", json_string(capacity_metric_names[f->metric]));
	json_object_set_new(o, "minutes", json_integer((json_int_t)f->minutes));
	json_object_update_new(o, summary_json(&f->period.metrics[f->metric]));
	json_object_set_new(o, "trend", trend_json(f, now_ms));
	add_dates(o, f);
	json_object_set_new(o, "hour", hour_json(&f->hour));
	json_object_set_new(o, "metrics", metrics_json(&f->period));
	return o;
}

static void answer_json(const struct api_request *r, const struct capacity_question *q,
	const struct capacity_answer *a, struct api_reply *reply)
{
	json_t *links;

	if (!api_budget_take(&r->api->answers, (uint64_t)a->count * LINK_COST)) {
		api_fail(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
			"too many long answers at the same time; try again, ask for fewer links, "
			"or for CSV");
		return;
	}
	reply->memory = (uint64_t)a->count * LINK_COST;
	links = json_array();
	for (uint32_t i = 0; i < a->count; i++)
		json_array_append_new(links, link_json(&a->found[i], q->now_ms));
	reply->json = json_pack("{s:I, s:s, s:I, s:I, s:o, s:I, s:I, s:I, s:b, s:o}", "time",
		(json_int_t)q->now_ms, "metric", capacity_measure_names[q->measure], "days",
		(json_int_t)q->period_days, "trendDays", (json_int_t)q->trend_days, "threshold",
		q->threshold > 0 ? api_value(q->threshold) : json_null(), "years",
		(json_int_t)q->years, "known", (json_int_t)a->known, "analysed",
		(json_int_t)a->analysed, "history", !a->away, "links", links);
}

/* ---- the path ---- */

static void answer(const struct api_request *r, const struct capacity_question *q,
	const struct capacity_answer *a, struct api_reply *reply)
{
	if (strcasecmp(api_text(r, "format"), "csv") != 0) {
		answer_json(r, q, a, reply);
		return;
	}
	reply->text = api_capacity_csv(a, q->now_ms);
	reply->type = "text/csv; charset=utf-8";
	if (!reply->text)
		api_fail(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
}

static void fail(const struct capacity_question *q, int err, struct api_reply *reply)
{
	if (err == -ENOENT)
		api_fail(reply, MHD_HTTP_NOT_FOUND, "capacity.groups has no group \"%.64s\"",
			q->group);
	else if (err == -EBUSY)
		api_fail(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
			"too many ask for capacity at the same time; try again");
	else
		api_fail(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
}

void api_get_capacity(const struct api_request *r, struct api_reply *reply)
{
	struct capacity_question q;
	struct capacity_answer a;
	int err;

	if (!r->api->options.capacity) {
		api_fail(reply, MHD_HTTP_NOT_FOUND,
			"capacity planning is off: it needs capacity.enabled and redis.url");
		return;
	}
	if (!make_question(r, &q, reply))
		return;
	err = capacity_ask(r->api->options.capacity, &q, &a);
	if (err < 0)
		fail(&q, err, reply);
	else
		answer(r, &q, &a, reply);
	free(a.found);
}
