/* SPDX-License-Identifier: BSD-3-Clause */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "api/handlers_pvt.h"
#include "api/server_pvt.h"
#include "base/clock.h"
#include "metric/read.h"
#include "window/snapshot.h"

enum { AGENT_COST = 3600 }; /* about what the JSON of one takes, in bytes */

/* What the data sources of an agent add up to. */
struct source_sums {
	json_int_t flow_sources, lost, drops;
};

static struct source_sums *sum_sources(const struct window_view *v)
{
	struct source_sums *sums = calloc((size_t)v->agent_count + 1, sizeof(*sums));

	for (uint32_t i = 0; sums && i < v->source_count; i++) {
		const struct window_view_source *s = &v->sources[i];

		if (!s->live || s->flow_samples == 0)
			continue;
		sums[s->agent].flow_sources++;
		sums[s->agent].lost += (int64_t)s->lost > 0 ? (json_int_t)s->lost : 0;
		sums[s->agent].drops += (json_int_t)s->drops;
	}
	return sums;
}

static json_int_t age(uint64_t now_ms, uint64_t then_ms)
{
	return now_ms > then_ms ? (json_int_t)(now_ms - then_ms) : 0;
}

static json_t *agent_json(
	const struct window_view_agent *a, const struct source_sums *s, uint64_t now_ms)
{
	json_int_t lost = (int64_t)a->lost > 0 ? (json_int_t)a->lost : 0;

	return json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", /**/
		"firstSeen", age(now_ms, a->first_ms), "lastSeen", age(now_ms, a->seen_ms),
		"uptime", (json_int_t)a->uptime_ms, "sFlowDatagramsReceived",
		(json_int_t)a->datagrams, "sFlowDatagramsLost", lost, "sFlowDatagramsDuplicates",
		(json_int_t)a->duplicates, "sFlowDatagramsOutOfOrder", (json_int_t)a->out_of_order,
		"sFlowCounterSamples", (json_int_t)a->counter_samples, "sFlowFlowDatasources",
		s->flow_sources, "sFlowFlowSamples", (json_int_t)a->flow_samples,
		"sFlowFlowLostSamples", s->lost, "sFlowFlowDrops", s->drops,
		"sFlowDiscardedPackets", (json_int_t)a->discard_samples, "restarts",
		(json_int_t)a->restarts, "sFlowDatagramsShed", (json_int_t)a->shed);
}

static bool is_called(
	const struct metric_store *names, const char *text, const struct base_addr *addr)
{
	const struct metric_agent *agent;
	struct base_addr a;

	if (base_addr_parse(text, &a) == 0)
		return base_addr_equal(&a, addr);
	agent = names ? metric_agent_by_name(names, text, strlen(text)) : NULL;
	return agent && base_addr_equal(metric_agent_addr(agent), addr);
}

/* Whether no agent is asked for, or this one. */
static bool wanted(const struct api_request *r, const struct base_addr *addr)
{
	bool asked = false;

	for (unsigned i = 0; i < r->url->argument_count; i++) {
		if (strcmp(r->url->arguments[i].name, "agent") != 0)
			continue;
		asked = true;
		if (is_called(r->api->options.metrics, r->url->arguments[i].value, addr))
			return true;
	}
	return !asked;
}

static uint64_t count_wanted(const struct api_request *r, const struct window_view *v)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < v->agent_count; i++)
		count += v->agents[i].addr.family && wanted(r, &v->agents[i].addr);
	return count;
}

void api_get_agents(const struct api_request *r, struct api_reply *reply)
{
	const struct window_view *v = r->snapshot->view;
	struct source_sums *sums = sum_sources(v);
	uint64_t now_ms = base_clock_wall_ns() / 1000000;

	if (!sums) {
		api_fail(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
		return;
	}
	if (!api_afford(r, count_wanted(r, v) * AGENT_COST, reply)) {
		free(sums);
		return;
	}
	reply->json = json_object();
	for (uint32_t i = 0; i < v->agent_count; i++) {
		const struct window_view_agent *a = &v->agents[i];
		char text[BASE_ADDR_TEXT];

		if (a->addr.family && wanted(r, &a->addr))
			json_object_set_new_nocheck(reply->json, base_addr_print(&a->addr, text),
				agent_json(a, &sums[i], now_ms));
	}
	free(sums);
}
