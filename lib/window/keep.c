/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/keep.h"

#include <math.h>

static struct table *table_of(const struct merge *m, uint32_t core, unsigned i)
{
	return &m->spares[core]->definitions[m->plan->definitions[i].table].table;
}

/* By the samples that it rests on, as multiples of one. 0: it is not known. */
static unsigned rank_of(const struct sightings *s, const struct sighting *g)
{
	int twice;

	if (!g->known)
		return 0;
	if (g->sample_rate < s->slight)
		return 1;
	twice = ilogbf(g->sample_rate / s->slight);
	return twice < MERGE_RANKS - 3 ? (unsigned)twice + 2 : MERGE_RANKS - 1;
}

/* A sighting that is known; of whom. */
struct known_flow {
	const struct known_source *source;
	const struct sighting_key *key;
	uint32_t bytes; /* of its key, if that is long */
	uint32_t core;
	unsigned rank;
};

/* @return whether it is one that may have a place */
static bool flow_of(
	const struct merge *m, const struct sightings *s, uint32_t number, struct known_flow *f)
{
	const struct sighting *g = sighting_at(s, number);

	f->rank = rank_of(s, g);
	if (f->rank == 0 || g->source == KNOWN_OTHER)
		return false;
	f->source = known_source_at(&m->known, g->source);
	f->core = f->source->core;
	f->key = sighting_key_at(s, g->key);
	f->bytes = f->key->len > TABLE_KEY_INLINE ? f->key->len : 0;
	return f->core < m->options.rx_cores;
}

static void count(struct merge *m, const struct sightings *s)
{
	struct known_flow f;

	for (uint32_t i = 0; i < s->sightings.count; i++) {
		if (!flow_of(m, s, i, &f))
			continue;
		m->ranks[f.core].entries[f.rank]++;
		m->ranks[f.core].bytes[f.rank] += f.bytes;
	}
}

/* The lowest rank that has a place, of one core. */
static void choose(struct merge_ranks *r, struct table *t)
{
	uint64_t entries, bytes;

	r->least = MERGE_RANKS;
	r->all_entries = r->all_bytes = 0;
	while (r->least > 1) {
		entries = (uint64_t)r->all_entries + r->entries[r->least - 1];
		bytes = r->all_bytes + r->bytes[r->least - 1];
		if (entries > table_keep_most(t->capacity) || bytes > table_keep_most(t->keys_size))
			break;
		r->least--;
		r->all_entries = (uint32_t)entries;
		r->all_bytes = (uint32_t)bytes;
	}
	table_keep_start(t);
	table_keep_end(t, r->all_entries, r->all_bytes);
}

/* As the RX core has it. */
static uint64_t hash_of(const struct merge *m, const struct known_flow *f)
{
	return table_hash(base_hash_bytes(m->known.hash, sighting_key_bytes(f->key), f->key->len),
		f->source->hash);
}

static void add(struct merge *m, unsigned i, const struct sightings *s)
{
	struct known_flow f;

	for (uint32_t j = 0; j < s->sightings.count; j++) {
		if (flow_of(m, s, j, &f) && f.rank >= m->ranks[f.core].least)
			table_keep_add(&table_of(m, f.core, i)->keep, hash_of(m, &f));
	}
}

static void keep(struct merge *m, unsigned i)
{
	const struct merge_definition *md = &m->definitions[i];

	memset(m->ranks, 0, m->options.rx_cores * sizeof(*m->ranks));
	for (unsigned j = 0; j < md->ranges; j++)
		count(m, &md->flows[j]);
	for (uint32_t core = 0; core < m->options.rx_cores; core++)
		choose(&m->ranks[core], table_of(m, core, i));
	for (unsigned j = 0; j < md->ranges; j++)
		add(m, i, &md->flows[j]);
}

void merge_keep(struct merge *m)
{
	for (unsigned i = 0; i < m->plan->definition_count; i++) {
		const struct flow_definition *d = &m->plan->definitions[i];
		bool full = m->definitions[i].full;

		m->definitions[i].full = false;
		/* Of those that have one table, the first. */
		if (full && flow_has_table(m->plan, d) && !d->late)
			keep(m, i);
	}
}
