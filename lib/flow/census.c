/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/census.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow/record.h"
#include "flow/sampled_pvt.h"

enum {
	CENSUS_FIRST = 16,   /* samples that are looked at, from the start on */
	CENSUS_EVERY = 509,  /* then one in so many: a prime, since agents fill datagrams alike */
	CENSUS_WHOLE = 64,   /* one in so many of these is searched for keys, whatever its shape */
	CENSUS_KIND_BIT = 8, /* of the shape's first word, behind SFLOW_HAS_... */
};

_Static_assert(PACKET_LAYERS *PACKET_INSTANCES <= 128, "two words hold the layers");
_Static_assert(FLOW_CENSUS_SHAPE == 3 + SFLOW_NOTED / 64, "a word, records, two words of layers");

struct flow_census {
	struct base_region region;
	struct flow_key *records; /* of each name one */
	unsigned record_count;
};

/* Keys of the sample come first, then those of the header with all instances, then those of records. */
static unsigned header_at(void)
{
	return flow_context_keys_count;
}

static unsigned records_at(void)
{
	return header_at() + packet_fields_count * PACKET_INSTANCES;
}

static const struct flow_record_key *record_row(unsigned i)
{
	for (unsigned row = 0; row < flow_record_keys_count; row++) {
		if (flow_record_keys[row].help && i-- == 0)
			return &flow_record_keys[row];
	}
	return NULL;
}

struct flow_census *flow_census_create(void)
{
	struct flow_census *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->records = base_region_alloc(&c->region, flow_record_keys_count * sizeof(*c->records));
	for (const struct flow_record_key *row; (row = record_row(c->record_count));) {
		struct flow_key *key = &c->records[c->record_count++];

		flow_key_find(row->name, strlen(row->name), key);
		flow_record_resolve(key, &c->region);
	}
	assert(records_at() + c->record_count <= FLOW_CENSUS_KEYS);
	return c;
}

void flow_census_destroy(struct flow_census *c)
{
	if (!c)
		return;
	base_region_free(&c->region);
	free(c);
}

bool flow_census_name(unsigned i, struct base_text *t)
{
	const struct flow_record_key *row;

	if (i < header_at()) {
		base_text_printf(t, "%s", flow_context_keys[i].name);
		return true;
	}
	if (i < records_at()) {
		unsigned instance = (i - header_at()) % PACKET_INSTANCES;

		base_text_printf(t, "%s", packet_fields[(i - header_at()) / PACKET_INSTANCES].name);
		if (instance)
			base_text_printf(t, ".%u", instance);
		return true;
	}
	row = record_row(i - records_at());
	if (row)
		base_text_printf(t, "%s", row->name);
	return row;
}

/* ---- a sample ---- */

static void set(uint64_t *words, unsigned bit)
{
	words[bit / 64] |= UINT64_C(1) << bit % 64;
}

static void shape_of(const struct sflow_sample *sample, const struct sflow_flow *flow,
	const struct packet *packet, uint64_t shape[FLOW_CENSUS_SHAPE])
{
	shape[0] = flow->has;
	set(shape, CENSUS_KIND_BIT + sample->kind);
	memcpy(shape + 1, flow->noted, sizeof(flow->noted));
	shape[3] = shape[4] = 0;
	for (unsigned layer = 0; layer < PACKET_LAYERS; layer++) {
		if (packet->count[layer])
			set(shape + 3, layer * PACKET_INSTANCES + packet->count[layer] - 1);
	}
}

/* Add a shape to those seen. @return whether something in it is new */
static bool add_shape(struct flow_seen *seen, const uint64_t shape[FLOW_CENSUS_SHAPE])
{
	uint64_t fresh = 0;

	for (unsigned i = 0; i < FLOW_CENSUS_SHAPE; i++) {
		fresh |= shape[i] & ~seen->shape[i];
		seen->shape[i] |= shape[i];
	}
	return fresh != 0;
}

static void note_header(struct flow_seen *seen, const struct packet *packet, bool sampled)
{
	struct packet_value v;

	for (unsigned i = 0; i < packet_fields_count; i++) {
		const struct packet_field *f = &packet_fields[i];

		for (unsigned n = 0; n < packet->count[f->layer] && (!sampled || f->sampled); n++) {
			if (packet_field_get(packet, f, n, &v))
				set(seen->keys, header_at() + i * PACKET_INSTANCES + n);
		}
	}
}

static void note_keys(const struct flow_census *c, struct flow_seen *seen,
	const struct flow_sample *s, bool sampled)
{
	struct packet_value v;

	for (unsigned i = 0; i < flow_context_keys_count; i++) {
		if (flow_context_keys[i].get(s, &v))
			set(seen->keys, i);
	}
	note_header(seen, s->packet, sampled);
	for (unsigned i = 0; i < c->record_count; i++) {
		if (flow_record_get(&c->records[i], s->flow, &v))
			set(seen->keys, records_at() + i);
	}
}

void flow_census_take(const struct flow_census *c, struct flow_seen *seen,
	const struct base_addr *agent, const struct sflow_sample *sample,
	const struct sflow_flow *flow)
{
	uint64_t shape[FLOW_CENSUS_SHAPE];
	uint8_t made[SAMPLED_BYTES];
	struct packet packet;
	struct flow_sample s = {.agent = agent, .sample = sample, .flow = flow, .packet = &packet};
	bool sampled;

	seen->skip = ++seen->looks < CENSUS_FIRST ? 0 : CENSUS_EVERY - 1;
	if (!c) {
		seen->skip = UINT32_MAX;
		return;
	}
	sampled = sampled_or_header(flow, made, &packet);
	shape_of(sample, flow, &packet, shape);
	if (add_shape(seen, shape) || seen->looks % CENSUS_WHOLE == 0)
		note_keys(c, seen, &s, sampled);
}
