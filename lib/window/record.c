/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "window/number.h"

enum {
	RECORD_KEY_TEXT = 4096, /* as in a report */
	RECORD_PAIRS = 8,
};

static void number_text(char text[WINDOW_NUMBER], uint64_t v)
{
	snprintf(text, WINDOW_NUMBER, "%" PRIu64, v);
}

static struct ring_document *make(const struct merge *m, const struct flow_definition *d,
	const struct sightings *flows, uint32_t number, const struct life *l)
{
	const struct sighting *g = sighting_at(flows, number);
	const struct sighting_key *k = sighting_key_at(flows, g->key);
	const struct known_source *source = known_source_at(&m->known, g->source);
	char value[WINDOW_NUMBER], samples[WINDOW_NUMBER], start[WINDOW_NUMBER], end[WINDOW_NUMBER];
	char key[RECORD_KEY_TEXT];
	struct base_text text = base_text(key, sizeof(key));
	const struct metric_pair pairs[RECORD_PAIRS] = {{"name", d->name, false},
		{"flowKeys", key, false}, {"value", value, true}, {"samples", samples, true},
		{"start", start, true}, {"end", end, true},
		{"agent", known_agent_at(&m->known, source->agent)->text, false},
		{"dataSource", source->text, false}};

	flow_key_print(m->plan, d, sighting_key_bytes(k), k->len, &text);
	if (d->values[0].aggregate == FLOW_AVG)
		window_number(value, (double)l->value / (double)l->samples);
	else
		number_text(value, l->value);
	number_text(samples, l->samples);
	number_text(start, l->start_ms);
	number_text(end, l->end_ms);
	return ring_document(d->name, l->end_ms, pairs, RECORD_PAIRS);
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
		document = make(m, d, &m->definitions[maker->definition].flows, number, l);
		if (!document)
			abort();
		if (m->patience_ms)
			m->patience_ms = ring_make_room(m->options.records, m->patience_ms);
		ring_put(m->options.records, document);
		m->records++;
	}
}

void record_open(struct record_maker *maker, struct merge *m, unsigned definition,
	uint64_t start_ms, uint64_t end_ms)
{
	struct lives *l = &m->definitions[definition].flows.lives;

	*maker = (struct record_maker){m, definition};
	l->record = tell;
	l->ctx = maker;
	l->start_ms = start_ms;
	l->end_ms = end_ms;
}
