/* SPDX-License-Identifier: BSD-3-Clause */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "api/handlers_pvt.h"
#include "base/clock.h"
#include "window/snapshot.h"

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
		"{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", /**/
		"firstSeen", age(now_ms, a->first_ms), "lastSeen", age(now_ms, a->seen_ms),
		"uptime", (json_int_t)a->uptime_ms, "sFlowDatagramsReceived",
		(json_int_t)a->datagrams, "sFlowDatagramsLost", lost, "sFlowDatagramsDuplicates",
		(json_int_t)a->duplicates, "sFlowDatagramsOutOfOrder", (json_int_t)a->out_of_order,
		"sFlowCounterSamples", (json_int_t)a->counter_samples, "sFlowFlowDatasources",
		s->flow_sources, "sFlowFlowSamples", (json_int_t)a->flow_samples,
		"sFlowFlowLostSamples", s->lost, "sFlowFlowDrops", s->drops,
		"sFlowDiscardedPackets", (json_int_t)a->discard_samples, "restarts",
		(json_int_t)a->restarts);
}

/* Whether no agent is asked for, or this one. */
static bool wanted(const struct api_url *url, const struct base_addr *addr)
{
	bool asked = false;
	struct base_addr a;

	for (unsigned i = 0; i < url->argument_count; i++) {
		if (strcmp(url->arguments[i].name, "agent") != 0)
			continue;
		asked = true;
		if (base_addr_parse(url->arguments[i].value, &a) == 0 && base_addr_equal(&a, addr))
			return true;
	}
	return !asked;
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
	reply->json = json_object();
	for (uint32_t i = 0; i < v->agent_count; i++) {
		const struct window_view_agent *a = &v->agents[i];
		char text[BASE_ADDR_TEXT];

		if (a->addr.family && wanted(r->url, &a->addr))
			json_object_set_new_nocheck(reply->json, base_addr_print(&a->addr, text),
				agent_json(a, &sums[i], now_ms));
	}
	free(sums);
}
