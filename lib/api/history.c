/* SPDX-License-Identifier: BSD-3-Clause */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "api/handlers_pvt.h"
#include "api/server_pvt.h"
#include "window/history.h"

/* The last hour of a definition: its steps, and the events of thresholds that are on it. */

enum { STEP_COST = 6000 }; /* about what the JSON of a step takes, in bytes */

static json_t *top_json(const struct history_step *s)
{
	json_t *top = json_array();

	for (uint32_t i = 0; i < s->count; i++)
		json_array_append_new(top,
			json_pack("{s:s, s:f}", "key", s->top[i].key, "value", s->top[i].value));
	return top;
}

static json_t *step_json(const struct history_step *s)
{
	double seconds = (double)(s->end_ms - s->start_ms) / 1000;

	return json_pack("{s:I, s:I, s:I, s:f, s:I, s:o}", "start", (json_int_t)s->start_ms, "end",
		(json_int_t)s->end_ms, "total", (json_int_t)(s->total & INT64_MAX), "value",
		seconds > 0 ? (double)s->total / seconds : 0, "samples", (json_int_t)s->samples,
		"topKeys", top_json(s));
}

static bool is_on(const struct ring_document *d, const char *metric)
{
	for (uint32_t i = 0; i < d->count; i++) {
		if (strcmp(d->pairs[i].name, "metric") == 0)
			return strcmp(d->pairs[i].text, metric) == 0;
	}
	return false;
}

/* Oldest first, as the steps. @return NULL with `reply`: there is no memory for them now */
static json_t *events_json(const struct api_request *r, const char *metric, struct api_reply *reply)
{
	struct ring *ring = r->api->options.events;
	unsigned room = ring ? ring_view(ring) : 0, n;
	struct ring_document **list = malloc((room + 1) * sizeof(*list));
	json_t *events = NULL;
	uint64_t cost = 0;

	if (!list || !ring) {
		free(list);
		return json_array();
	}
	n = ring_read_newest(ring, -1, NULL, list, room);
	for (unsigned i = 0; i < n; i++)
		cost += is_on(list[i], metric) ? api_document_cost(list[i]) : 0;
	if (api_afford(r, cost, reply))
		events = json_array();
	for (unsigned i = n; events && i-- > 0;) {
		if (is_on(list[i], metric))
			json_array_append_new(events, api_document_json(ring, list[i]));
	}
	ring_release(list, n);
	free(list);
	return events;
}

static json_t *steps_json(const struct history_step *steps, int count)
{
	json_t *list = json_array();

	for (int i = 0; i < count; i++)
		json_array_append_new(list, step_json(&steps[i]));
	return list;
}

void api_get_history(const struct api_request *r, struct api_reply *reply)
{
	struct history_step *steps = malloc(HISTORY_COARSE * sizeof(*steps));
	bool coarse = strcmp(api_text(r, "step"), "10") == 0;
	struct history *h = r->api->options.history;
	char unit[32] = "";
	json_t *events;
	int count;

	api_touch_flow(r, r->names[0]);
	count = steps && h ? history_read(h, r->names[0], coarse, unit, steps) : -1;
	if (count < 0) {
		free(steps);
		api_fail(reply, MHD_HTTP_NOT_FOUND, "there is no flow \"%.64s\" yet", r->names[0]);
		return;
	}
	events = api_afford(r, (uint64_t)count * STEP_COST, reply)
			 ? events_json(r, r->names[0], reply)
			 : NULL;
	if (events)
		reply->json = json_pack("{s:s, s:s, s:i, s:o, s:o}", "name", r->names[0], "unit",
			unit, "step", coarse ? HISTORY_COARSE_MS / 1000 : HISTORY_FINE_MS / 1000,
			"steps", steps_json(steps, count), "events", events);
	free(steps);
}
