/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/record.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "window/number.h"

enum {
	RECORD_KEY_TEXT = 4096, /* as in a report */
	RECORD_PAIRS = 9,
	RECORD_VALUES = FLOW_VALUES * WINDOW_NUMBER,
};

static void number_text(char text[WINDOW_NUMBER], uint64_t v)
{
	snprintf(text, WINDOW_NUMBER, "%" PRIu64, v);
}

/* What the value in this lane came to over the life: a sum where it is a rate. */
static void print_value(
	const struct lanes *l, uint32_t sighting, unsigned lane, struct base_text *t)
{
	const struct sighting_lane *v = &lanes_of(l, sighting)[lane];
	unsigned aggregate = l->aggregate[lane];
	char number[WINDOW_NUMBER];
	struct sketch_view sketch;

	if (aggregate == FLOW_COUNT && lanes_sketch(v, l->united, &sketch))
		base_text_printf(t, "%lld", llround(sketch_estimate(sketch)));
	else if (aggregate == FLOW_COUNT || v->samples == 0)
		base_text_printf(t, "null");
	else if (aggregate == FLOW_AVG)
		base_text_printf(t, "%s", window_number(number, (double)v->now.sum / v->samples));
	else if (aggregate == FLOW_RATE)
		base_text_printf(t, "%" PRIu64, v->now.sum);
	else if (aggregate == FLOW_LAST)
		base_text_printf(t, "%" PRIu64, v->last.number);
	else
		base_text_printf(t, "%" PRIu64, v->number[l->newest]);
}

/* The values beside the first, as a list in JSON. */
static void print_values(const struct flow_definition *d, const struct lanes *l, uint32_t sighting,
	struct base_text *t)
{
	unsigned lane = 0;

	while (lane < d->lane_count && d->lanes[lane] == 0)
		lane++;
	for (unsigned i = 1; i < d->value_count; i++) {
		base_text_printf(t, i == 1 ? "[" : ",");
		print_value(l, sighting, lane++, t);
	}
	base_text_printf(t, "]");
}

static struct ring_document *make(const struct merge *m, const struct flow_definition *d,
	const struct sightings *flows, uint32_t number, const struct life *l)
{
	const struct sighting *g = sighting_at(flows, number);
	const struct sighting_key *k = sighting_key_at(flows, g->key);
	const struct known_source *source = known_source_at(&m->known, g->source);
	char value[WINDOW_NUMBER], samples[WINDOW_NUMBER], start[WINDOW_NUMBER], end[WINDOW_NUMBER];
	char key[RECORD_KEY_TEXT], values[RECORD_VALUES];
	struct base_text text = base_text(key, sizeof(key));
	struct base_text list = base_text(values, sizeof(values));
	const struct metric_pair pairs[RECORD_PAIRS] = {{.name = "name", .text = d->name},
		{.name = "flowKeys", .text = key}, {.name = "value", .text = value, .number = true},
		{.name = "samples", .text = samples, .number = true},
		{.name = "start", .text = start, .number = true},
		{.name = "end", .text = end, .number = true},
		{.name = "agent", .text = known_agent_at(&m->known, source->agent)->text},
		{.name = "dataSource", .text = source->text},
		{.name = "values", .text = values, .json = true}};
	bool more = d->value_count > 1;

	flow_key_print(m->plan, d, sighting_key_bytes(k), k->len, &text);
	if (d->values[0].aggregate == FLOW_AVG)
		window_number(value, (double)l->value / (double)l->samples);
	else
		number_text(value, l->value);
	number_text(samples, l->samples);
	number_text(start, l->start_ms);
	number_text(end, l->end_ms);
	if (more)
		print_values(d, &flows->lives.values, number, &list);
	return ring_document(d->name, l->end_ms, pairs, more ? RECORD_PAIRS : RECORD_PAIRS - 1);
}

/* Definitions that count the same share their sightings; each has a record of its own. */
static void tell(void *ctx, uint32_t number, const struct life *l)
{
	const struct record_maker *maker = ctx;
	struct merge *m = maker->m;

	if (!m->options.records)
		return;
	for (unsigned i = maker->definition; i < m->plan->definition_count; i++) {
		const struct flow_definition *d = &m->plan->definitions[i];
		struct ring_document *document;

		if (d->shares != maker->definition)
			continue;
		document = make(m, d, maker->flows, number, l);
		if (!document)
			abort();
		if (m->patience_ms)
			m->patience_ms = ring_make_room(m->options.records, m->patience_ms);
		ring_put(m->options.records, document);
		m->records++;
	}
}

void record_open(struct record_maker *maker, struct merge *m, unsigned definition,
	struct sightings *flows, uint64_t start_ms, uint64_t end_ms)
{
	struct lives *l = &flows->lives;

	*maker = (struct record_maker){m, definition, flows};
	l->record = tell;
	l->ctx = maker;
	l->start_ms = start_ms;
	l->end_ms = end_ms;
}
