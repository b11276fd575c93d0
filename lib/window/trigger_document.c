/* SPDX-License-Identifier: BSD-3-Clause */

/* The documents of events. */

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "window/number.h"
#include "window/trigger_pvt.h"

enum {
	EVENT_PAIRS = 16,
	EVENT_VALUES = FLOW_VALUES * WINDOW_NUMBER,
};

struct pairs {
	struct metric_pair pair[EVENT_PAIRS];
	char text[EVENT_PAIRS][WINDOW_NUMBER];
	char values[EVENT_VALUES];
	unsigned count;
};

static void pair_text(struct pairs *p, const char *name, const char *text)
{
	p->pair[p->count++] = (struct metric_pair){.name = name, .text = text};
}

static void pair_u64(struct pairs *p, const char *name, uint64_t v)
{
	snprintf(p->text[p->count], WINDOW_NUMBER, "%" PRIu64, v);
	p->pair[p->count] =
		(struct metric_pair){.name = name, .text = p->text[p->count], .number = true};
	p->count++;
}

static void pair_double(struct pairs *p, const char *name, double v)
{
	p->pair[p->count] = (struct metric_pair){
		.name = name, .text = window_number(p->text[p->count], v), .number = true};
	p->count++;
}

/* The values beside the first, as a list in JSON. */
static void pair_values(struct pairs *p, const struct trigger *tr)
{
	struct base_text t = base_text(p->values, sizeof(p->values));
	char number[WINDOW_NUMBER];

	for (unsigned i = 0; i < tr->extra_count; i++) {
		bool there = !isnan(tr->extras[i]);

		base_text_printf(&t, "%s%s", i ? "," : "[",
			there ? window_number(number, tr->extras[i]) : "null");
	}
	base_text_char(&t, ']');
	p->pair[p->count++] =
		(struct metric_pair){.name = "values", .text = p->values, .json = true};
}

uint64_t trigger_tell(struct ring *events, const struct trigger *tr, bool end, uint64_t now_ms)
{
	const struct threshold *spec = &tr->threshold->spec;
	char agent[BASE_ADDR_TEXT];
	struct ring_document *d;
	struct pairs p;

	p.count = 0;
	pair_text(&p, "state", end ? "end" : "start");
	pair_u64(&p, "timestamp", now_ms);
	pair_text(&p, "thresholdID", spec->name);
	pair_text(&p, "metric", spec->metric);
	pair_double(&p, "threshold", spec->value);
	pair_double(&p, "value", tr->value);
	if (!tr->metric)
		pair_u64(&p, "samples", (uint64_t)llround(end ? tr->peak_samples : tr->samples));
	pair_text(&p, "agent", base_addr_print(&tr->agent, agent));
	pair_text(&p, "dataSource", tr->source_text);
	if (tr->flow_key)
		pair_text(&p, "flowKey", tr->flow_key);
	if (tr->extra_count)
		pair_values(&p, tr);
	if (end) {
		pair_u64(&p, "startID", tr->id);
		pair_u64(&p, "start", tr->start_ms);
		pair_double(&p, "peak", tr->peak);
		pair_u64(&p, "duration", tr->above_ms - tr->opened_ms);
	}
	d = ring_document(spec->name, now_ms, p.pair, p.count);
	if (!d)
		abort();
	return ring_put(events, d);
}
