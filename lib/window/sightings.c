/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/sightings_pvt.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
	SIGHTINGS_AHEAD = 16, /* entries between prefetch and use */
	SIGHTINGS_FADED =
		7, /* time constants without a sample after which a rate is below 0.1 % of itself */
};

int sightings_init(struct sightings *s, const struct base_hash *hash, double t, uint32_t max)
{
	memset(s, 0, sizeof(*s));
	s->hash = hash;
	s->t = t;
	if (base_dense_init(&s->sightings, sizeof(struct sighting), max) < 0 ||
		base_dense_init(&s->keys, sizeof(struct sighting_key), max) < 0) {
		sightings_fini(s);
		return -ENOMEM;
	}
	return 0;
}

void sightings_fini(struct sightings *s)
{
	for (uint32_t i = 0; i < s->keys.count; i++) {
		struct sighting_key *k = sighting_key_at(s, i);

		if (k->sightings && k->len > TABLE_KEY_INLINE)
			free(k->key.away);
	}
	lanes_fini(&s->lanes, s->sightings.count);
	free(s->first);
	free(s->next);
	lives_fini(&s->lives, s->sightings.count);
	base_dense_fini(&s->sightings);
	base_dense_fini(&s->keys);
}

static bool key_is(const struct sighting_key *k, const uint8_t *key, unsigned len)
{
	return k->len == len && memcmp(sighting_key_bytes(k), key, len) == 0;
}

static void key_free(struct sightings *s, uint32_t number)
{
	struct sighting_key *k = sighting_key_at(s, number);

	if (k->len > TABLE_KEY_INLINE)
		free(k->key.away);
	base_dense_free(&s->keys, number);
}

static uint32_t key_find(struct sightings *s, const uint8_t *key, unsigned len)
{
	uint64_t hash = base_hash_bytes(s->hash, key, len);
	struct base_probe probe = base_index_probe(&s->keys.index, hash);
	struct sighting_key *k;
	uint32_t number;

	while ((number = base_index_next(&s->keys.index, &probe)) != BASE_INDEX_NONE) {
		if (key_is(sighting_key_at(s, number), key, len))
			return number;
	}
	number = base_dense_add(&s->keys, hash);
	if (number == BASE_INDEX_NONE)
		return number;
	k = sighting_key_at(s, number);
	k->len = (uint8_t)len;
	if (len > TABLE_KEY_INLINE) {
		k->key.away = malloc(len);
		if (!k->key.away)
			abort();
		memcpy(k->key.away, key, len);
	} else {
		memcpy(k->key.bytes, key, len);
	}
	return number;
}

static struct sighting *sighting_add(
	struct sightings *s, uint64_t hash, const uint8_t *key, unsigned len, uint32_t source)
{
	uint32_t key_number = key_find(s, key, len), number;
	struct sighting *g;

	if (key_number == BASE_INDEX_NONE)
		return NULL;
	number = base_dense_add(&s->sightings, hash);
	if (number == BASE_INDEX_NONE) {
		if (sighting_key_at(s, key_number)->sightings == 0)
			key_free(s, key_number);
		return NULL;
	}
	lanes_grow(&s->lanes, s->sightings.capacity);
	lives_grow(&s->lives, s->sightings.capacity);
	g = sighting_at(s, number);
	g->key = key_number;
	g->source = source;
	sighting_key_at(s, key_number)->sightings++;
	return g;
}

static struct sighting *sighting_find(
	struct sightings *s, uint64_t hash, const uint8_t *key, unsigned len, uint32_t source)
{
	struct base_probe probe = base_index_probe(&s->sightings.index, hash);
	uint32_t number;

	while ((number = base_index_next(&s->sightings.index, &probe)) != BASE_INDEX_NONE) {
		struct sighting *g = sighting_at(s, number);

		if (g->hash == hash && g->source == source &&
			key_is(sighting_key_at(s, g->key), key, len))
			return g;
	}
	return sighting_add(s, hash, key, len, source);
}

/* Overlap the cache misses of entries to come: index slot, then sighting, then key. */
static void prefetch(const struct sightings *s, const struct table *t, uint32_t i)
{
	struct base_probe probe;
	uint32_t number;

	if (i + SIGHTINGS_AHEAD < t->count)
		__builtin_prefetch(
			base_index_home(&s->sightings.index, t->entries[i + SIGHTINGS_AHEAD].hash));
	if (i + SIGHTINGS_AHEAD / 2 >= t->count)
		return;
	probe = base_index_probe(&s->sightings.index, t->entries[i + SIGHTINGS_AHEAD / 2].hash);
	number = base_index_next(&s->sightings.index, &probe);
	if (number != BASE_INDEX_NONE)
		__builtin_prefetch(sighting_at(s, number), 1);
}

static uint32_t number_of(const struct sightings *s, const struct sighting *g)
{
	return (uint32_t)(g - sighting_at(s, 0));
}

/* Add what the i-th entry counted. */
static void entry_add(struct sightings *s, const struct table *t, uint32_t i,
	const struct regroup_key *key, uint32_t source)
{
	const struct table_entry *e = &t->entries[i];
	struct sighting *g = sighting_find(s, key->hash, key->bytes, key->len, source);

	if (!g) {
		s->other = table_sum(s->other, e->value);
		return;
	}
	g->value = table_sum(g->value, e->value);
	g->samples += e->samples;
	if (s->lanes.count)
		lanes_add(&s->lanes, number_of(s, g), t, i);
	if (s->lives.on)
		lives_take(&s->lives, number_of(s, g), t, i);
}

void sightings_add(struct sightings *s, const struct table *t, const uint32_t *sources,
	struct regroup *regroup)
{
	for (uint32_t i = 0; i < t->count; i++) {
		const struct table_entry *e = &t->entries[i];
		struct regroup_key key = {table_key(t, e), e->key_len, e->hash};

		if (!regroup)
			prefetch(s, t, i);
		if (!regroup || regroup_entry(regroup, e, key.bytes, &key))
			entry_add(s, t, i, &key, sources[e->source]);
	}
}

static void sighting_forget(struct sightings *s, uint32_t number)
{
	uint32_t key = sighting_at(s, number)->key;
	struct sighting_key *k = sighting_key_at(s, key);

	lives_remove(&s->lives, number, s->sightings.count - 1);
	if (--k->sightings == 0)
		key_free(s, key);
	lanes_remove(&s->lanes, number, s->sightings.count - 1);
	base_dense_remove(&s->sightings, number);
}

/* An exponential average over time: what lies `seconds` back weighs e^(-seconds/t). */
static void sighting_close(struct sighting *g, double keep, double seconds)
{
	g->rate = g->rate * keep + (double)g->value / seconds * (1 - keep);
	g->sample_rate = (float)(g->sample_rate * keep + g->samples / seconds * (1 - keep));
	g->idle = g->samples ? 0 : g->idle + 1;
	g->value = 0;
	g->samples = 0;
}

/* The largest sighting of each key, and how many keys have samples in the window just closed. */
static void find_best(struct sightings *s)
{
	for (uint32_t i = 0; i < s->keys.count; i++) {
		struct sighting_key *k = sighting_key_at(s, i);

		k->best = BASE_INDEX_NONE;
		k->live = false;
	}
	s->live_keys = 0;
	for (uint32_t i = 0; i < s->sightings.count; i++) {
		const struct sighting *g = sighting_at(s, i);
		struct sighting_key *k = sighting_key_at(s, g->key);

		if (k->best == BASE_INDEX_NONE || g->rate > k->rate) {
			k->best = i;
			k->rate = g->rate;
		}
		if (g->idle == 0 && !k->live) {
			k->live = true;
			s->live_keys++;
		}
	}
}

/* Forget what had no sample for more than `idle` windows. */
static void forget(struct sightings *s, uint32_t idle, sightings_gone *gone, void *ctx)
{
	for (uint32_t i = 0; i < s->sightings.count;) {
		const struct sighting *g = sighting_at(s, i);

		if (g->idle <= idle) {
			i++;
			continue;
		}
		gone(ctx, g->source);
		sighting_forget(s, i); /* the last one is number i now */
	}
}

void sightings_end_lives(struct sightings *s)
{
	for (uint32_t i = 0; s->lives.on && i < s->sightings.count; i++)
		lives_end(&s->lives, i, sighting_at(s, i)->value, sighting_at(s, i)->samples);
}

void sightings_close(struct sightings *s, double seconds, sightings_gone *gone, void *ctx)
{
	double keep = s->t > 0 ? exp(-seconds / s->t) : 0;
	uint32_t idle = (uint32_t)fmin(SIGHTINGS_FADED * s->t / seconds, INT32_MAX) + 1;

	s->weight = s->weight * keep + (1 - keep);
	s->weight2 = s->weight2 * keep * keep + (1 - keep) * (1 - keep) / seconds;
	s->closed_value = 0;
	for (uint32_t i = 0; i < s->sightings.count; i++) {
		struct sighting *g = sighting_at(s, i);

		s->closed_value = table_sum(s->closed_value, g->value);
		if (s->lives.on)
			lives_add(&s->lives, i, g->value, g->samples);
		sighting_close(g, keep, seconds);
	}
	lanes_close(&s->lanes, s->sightings.count, s->t, seconds, keep);
	forget(s, idle, gone, ctx);
	/* Flows that are over must not keep new ones out: the fuller it is, the less they stay. */
	while (s->sightings.count > s->sightings.max / 2 && idle > 0) {
		idle /= 2;
		forget(s, idle, gone, ctx);
	}
	find_best(s);
	if (s->lanes.count)
		sightings_rank(s);
	s->other = 0;
}
