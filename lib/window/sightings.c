/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/sightings_pvt.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
	/* Entries between the look at each of these and their use: they overlap the cache misses. */
	AHEAD_INDEX = 16,
	AHEAD_SIGHTING = 8,
	AHEAD_KEY = 4,
	SIGHTINGS_MANY =
		8, /* one in so many goes: more than it is worth to find each in the index */
	SIGHTINGS_OLDER = 3, /* a window counts for 2^3 */
	SIGHTINGS_FADED =
		7, /* time constants without a sample after which a rate is below 0.1 % of itself */
};

static const float SIGHTINGS_ONE = 1.01f; /* sample, and what the sums of floats may add */

/*
 * Of key and data source, by what is at hand of both: half of the key's hash, and the number, which is
 * the aggregator's, which stays while a sighting has it. A sender chooses none of the two.
 */
static inline uint64_t sighting_hash(uint32_t key, uint32_t source)
{
	return base_hash_mix(key, source);
}

/* Both of these stay while a sighting has them. */
static uint32_t sighting_tag(const struct base_dense *d, uint32_t number)
{
	const struct sightings *s = d->owner;
	const struct sighting *g = sighting_at(s, number);

	return base_index_tag(sighting_hash(sighting_key_at(s, g->key)->tag, g->source));
}

int sightings_init(struct sightings *s, double t, uint32_t max, unsigned width)
{
	memset(s, 0, sizeof(*s));
	s->t = t;
	s->max = max;
	s->room = width == 0 || width > TABLE_KEY_INLINE ? TABLE_KEY_INLINE : width;
	if (s->room < sizeof(uint8_t *))
		s->room = sizeof(uint8_t *);
	/* Keys have holes, and what bounds them is that each has a sighting. */
	if (base_dense_init_bare(&s->sightings, sizeof(struct sighting), max, sighting_tag, s) <
			0 ||
		base_dense_init_halves(&s->keys, offsetof(struct sighting_key, bytes) + s->room,
			BASE_INDEX_NONE - 1) < 0) {
		sightings_fini(s);
		return -ENOMEM;
	}
	return 0;
}

static void bytes_free(struct sighting_key *k)
{
	uint8_t *away;

	if (!k->away)
		return;
	memcpy(&away, k->bytes, sizeof(away));
	free(away);
}

void sightings_fini(struct sightings *s)
{
	for (uint32_t i = 0; i < s->keys.count; i++)
		bytes_free(sighting_key_at(s, i));
	lanes_fini(&s->lanes, s->sightings.count);
	free(s->first);
	free(s->next);
	free(s->ranks);
	lives_fini(&s->lives, s->sightings.count);
	base_dense_fini(&s->sightings);
	base_dense_fini(&s->keys);
}

void sightings_allow(struct sightings *ranges, unsigned count)
{
	uint64_t all = 0, left;
	size_t bytes = 0, life_bytes = 0;

	for (unsigned i = 0; i < count; i++) {
		all += ranges[i].sightings.count;
		bytes += ranges[i].lanes.bytes;
		life_bytes += ranges[i].lives.values.bytes;
	}
	left = all < ranges->max ? ranges->max - all : 0;
	for (unsigned i = 0; i < count; i++) {
		struct sightings *s = &ranges[i];

		s->sightings.max = s->sightings.count + (uint32_t)left;
		lanes_allow(&s->lanes, bytes);
		lanes_allow(&s->lives.values, life_bytes);
	}
}

/* ---- a window ---- */

static bool key_is(const struct sighting_key *k, const uint8_t *key, unsigned len)
{
	return k->len == len && memcmp(sighting_key_bytes(k), key, len) == 0;
}

static void key_free(struct sightings *s, uint32_t number)
{
	bytes_free(sighting_key_at(s, number));
	base_dense_free(&s->keys, number);
}

static void key_write(
	const struct sightings *s, struct sighting_key *k, const uint8_t *key, unsigned len)
{
	uint8_t *away;

	k->there = true;
	k->best = BASE_INDEX_NONE; /* until the close */
	k->len = (uint8_t)len;
	k->away = len > s->room;
	if (!k->away) {
		memcpy(k->bytes, key, len);
		return;
	}
	away = malloc(len);
	if (!away)
		abort();
	memcpy(away, key, len);
	memcpy(k->bytes, &away, sizeof(away));
}

/* As the index of keys takes it. */
static uint64_t key_hash(uint32_t hash)
{
	return (uint64_t)hash << 32;
}

static uint32_t key_find(struct sightings *s, uint32_t hash, const uint8_t *key, unsigned len)
{
	struct base_narrow_probe probe = base_dense_probe(&s->keys, key_hash(hash));
	uint32_t number;

	while ((number = base_dense_next(&s->keys, &probe)) != BASE_INDEX_NONE) {
		if (key_is(sighting_key_at(s, number), key, len))
			return number;
	}
	number = base_dense_add(&s->keys, key_hash(hash));
	if (number != BASE_INDEX_NONE)
		key_write(s, sighting_key_at(s, number), key, len);
	return number;
}

/* A flow, as it is found. */
struct flow {
	uint64_t hash;     /* of key and data source */
	uint32_t key_hash; /* of the key alone */
	const uint8_t *key;
	unsigned len;
	uint32_t source;
};

static struct sighting *sighting_add(struct sightings *s, const struct flow *f)
{
	struct sighting *g;
	uint32_t key, number;

	if (s->sightings.count >= s->sightings.max)
		return NULL;
	key = key_find(s, f->key_hash, f->key, f->len);
	if (key == BASE_INDEX_NONE)
		return NULL;
	number = base_dense_add(&s->sightings, f->hash);
	if (number == BASE_INDEX_NONE)
		return NULL; /* a key without one goes at the close */
	lanes_grow(&s->lanes, s->sightings.capacity);
	lives_grow(&s->lives, s->sightings.capacity);
	g = sighting_at(s, number);
	g->key = key;
	g->source = f->source;
	return g;
}

static bool sighting_is(const struct sightings *s, uint32_t number, const struct flow *f)
{
	const struct sighting *g = sighting_at(s, number);

	return g->source == f->source && key_is(sighting_key_at(s, g->key), f->key, f->len);
}

/* @param likely  the first one that may have the hash, some entries ago */
static struct sighting *sighting_find(struct sightings *s, const struct flow *f, uint32_t likely)
{
	struct base_narrow_probe probe;
	uint32_t number;

	if (likely != BASE_INDEX_NONE && sighting_is(s, likely, f))
		return sighting_at(s, likely);
	probe = base_dense_probe(&s->sightings, f->hash);
	while ((number = base_dense_next(&s->sightings, &probe)) != BASE_INDEX_NONE) {
		if (sighting_is(s, number, f))
			return sighting_at(s, number);
	}
	return sighting_add(s, f);
}

static uint32_t number_of(const struct sightings *s, const struct sighting *g)
{
	return (uint32_t)(g - sighting_at(s, 0));
}

/* Add what the i-th entry counted. */
static inline void entry_add(struct sightings *s, const struct table *t, uint32_t i,
	const struct flow *f, uint32_t likely)
{
	const struct table_entry *e = table_entry_at(t, i);
	struct sighting *g = sighting_find(s, f, likely);

	if (!g) {
		s->other = table_sum(s->other, e->value);
		return;
	}
	g->value = table_sum(g->value, e->value);
	g->samples = e->samples + (g->seen ? g->samples : 0);
	g->seen = true;
	if (s->lanes.count)
		lanes_add(&s->lanes, number_of(s, g), t, i);
	if (s->lives.on)
		lives_take(&s->lives, number_of(s, g), t, i);
}

/* What is known of an entry before it is added. */
struct ahead {
	struct sightings *range; /* NULL: that of somebody else, or there is no such entry */
	uint64_t hash;           /* of key and data source */
	uint32_t key;            /* hash of the key alone */
	uint32_t likely;         /* the sighting, or NONE: not looked up yet, or not there */
};

/* One that adds a table to its ranges. */
struct adder {
	struct sightings *ranges;
	unsigned count;
	uint32_t mine;
	const struct table *t;
	const struct table_source *sources;
	struct ahead ahead[AHEAD_INDEX]; /* of the entries to come */
};

static inline struct ahead *ahead_of(struct adder *a, uint32_t entry)
{
	return &a->ahead[entry % AHEAD_INDEX];
}

/* First: whose it is, and its index slot. */
static inline void look_at(struct adder *a, uint32_t entry)
{
	struct ahead *ahead = ahead_of(a, entry);
	const struct table_entry *e;
	uint32_t key;
	unsigned range;

	ahead->range = NULL;
	if (entry >= a->t->count)
		return;
	e = table_entry_at(a->t, entry);
	key = table_key_hash(e, a->sources);
	range = sightings_range(key, a->count);
	if (!(a->mine >> range & 1))
		return;
	*ahead = (struct ahead){.range = &a->ranges[range],
		.hash = sighting_hash(key, a->sources[e->source].number),
		.key = key,
		.likely = BASE_INDEX_NONE};
	__builtin_prefetch(base_dense_home(&ahead->range->sightings, ahead->hash));
}

/* Second: its sighting. A new flow will look for its key. */
static inline void look_up(struct adder *a, uint32_t entry)
{
	struct ahead *ahead = ahead_of(a, entry);
	const struct sightings *s = ahead->range;
	struct base_narrow_probe probe;

	if (!s)
		return;
	probe = base_dense_probe(&s->sightings, ahead->hash);
	ahead->likely = base_dense_next(&s->sightings, &probe);
	if (ahead->likely != BASE_INDEX_NONE)
		__builtin_prefetch(sighting_at(s, ahead->likely), 1);
	else
		__builtin_prefetch(base_dense_home(&s->keys, key_hash(ahead->key)));
}

/* Index slot, then sighting, then key. (To GCC a function that only prefetches does nothing.) */
static inline void look_ahead(struct adder *a, uint32_t i)
{
	const struct ahead *ahead = ahead_of(a, i + AHEAD_KEY);
	const struct sightings *s = ahead->range;

	look_up(a, i + AHEAD_SIGHTING);
	if (s && ahead->likely != BASE_INDEX_NONE)
		__builtin_prefetch(sighting_key_at(s, sighting_at(s, ahead->likely)->key));
}

static inline void add_one(struct adder *a, uint32_t i)
{
	const struct table_entry *e = table_entry_at(a->t, i);
	const struct ahead *ahead = ahead_of(a, i);

	if (ahead->range)
		entry_add(ahead->range, a->t, i,
			&(struct flow){ahead->hash, ahead->key, table_key(a->t, e),
				table_key_len(a->t, e), a->sources[e->source].number},
			ahead->likely);
}

void sightings_add(struct sightings *ranges, unsigned count, uint32_t mine, const struct table *t,
	const struct table_source *sources)
{
	struct adder a = {
		.ranges = ranges, .count = count, .mine = mine, .t = t, .sources = sources};

	for (uint32_t i = 0; i < AHEAD_INDEX; i++)
		look_at(&a, i);
	for (uint32_t i = 0; i < t->count; i++) {
		look_ahead(&a, i);
		add_one(&a, i);
		look_at(&a, i + AHEAD_INDEX);
	}
}

void sightings_add_late(struct sightings *s, const struct table *t,
	const struct table_source *sources, struct regroup *regroup)
{
	for (uint32_t i = 0; i < t->count; i++) {
		const struct table_entry *e = table_entry_at(t, i);
		uint32_t source = sources[e->source].number;
		struct regroup_key key;

		if (regroup_entry(regroup, t, e, &key))
			entry_add(s, t, i,
				&(struct flow){sighting_hash(key.hash, source), key.hash, key.bytes,
					key.len, source},
				BASE_INDEX_NONE);
	}
}

/* ---- its end ---- */

static void sighting_forget(struct sightings *s, uint32_t number)
{
	lives_remove(&s->lives, number, s->sightings.count - 1);
	lanes_remove(&s->lanes, number, s->sightings.count - 1);
	base_dense_remove(&s->sightings, number);
}

static uint32_t samples_of(const struct sighting *g)
{
	return g->seen ? g->samples : 0;
}

/* An exponential average over time: what lies `seconds` back weighs e^(-seconds/t). */
static void sighting_close(struct sighting *g, double estimate, double keep, double seconds)
{
	g->rate = g->rate * keep + estimate / seconds * (1 - keep);
	g->sample_rate = (float)(g->sample_rate * keep + samples_of(g) / seconds * (1 - keep));
	g->idle = g->seen ? 0 : g->idle + 1;
	g->seen = false;
	g->value = 0;
}

/* The largest sighting of each key, and how many keys have samples in the window just closed. @return keys with sightings */
static uint32_t find_best(struct sightings *s)
{
	uint32_t keys = 0;

	for (uint32_t i = 0; i < s->keys.count; i++) {
		struct sighting_key *k = sighting_key_at(s, i);

		k->best = BASE_INDEX_NONE;
		k->live = false;
	}
	s->live_keys = 0;
	for (uint32_t i = 0; i < s->sightings.count; i++) {
		const struct sighting *g = sighting_at(s, i);
		struct sighting_key *k = sighting_key_at(s, g->key);

		keys += k->best == BASE_INDEX_NONE;
		if (k->best == BASE_INDEX_NONE || g->rate > sighting_at(s, k->best)->rate)
			k->best = i;
		if (g->idle == 0 && !k->live) {
			k->live = true;
			s->live_keys++;
		}
	}
	return keys;
}

/* Free the keys that have no sighting. */
static void sweep(struct sightings *s)
{
	for (uint32_t i = 0; i < s->keys.count; i++) {
		const struct sighting_key *k = sighting_key_at(s, i);

		if (k->there && k->best == BASE_INDEX_NONE)
			key_free(s, i);
	}
}

void sightings_end_lives(struct sightings *s)
{
	for (uint32_t i = 0; s->lives.on && i < s->sightings.count; i++)
		lives_end(&s->lives, i, sighting_at(s, i)->value, samples_of(sighting_at(s, i)));
}

/* Windows without a sample after which nothing is left of a rate. */
static uint32_t faded(const struct sightings *s, double seconds)
{
	return (uint32_t)fmin(SIGHTINGS_FADED * s->t / seconds, INT32_MAX) + 1;
}

/* What its windows without a sample count for: where room is short, one of those that are not known for several. */
static uint32_t age_of(const struct sightings *s, const struct sighting *g)
{
	uint32_t older = g->idle < s->patience >> SIGHTINGS_OLDER
				 ? (uint32_t)g->idle << SIGHTINGS_OLDER
				 : s->patience;

	return g->known || g->idle >= s->patience ? g->idle : older;
}

/* How often the patience can be halved until a sighting has to go: 0 of those that have faded. */
static unsigned level_of(uint32_t idle, uint32_t patience)
{
	unsigned level = 0;

	while (level < SIGHTINGS_LEVELS - 1 && idle <= patience >> level)
		level++;
	return level;
}

/* What the window's value comes to with what is known to be lost. */
static double estimate_of(struct sightings *s, uint32_t number, const float *factors, bool correct)
{
	const struct sighting *g = sighting_at(s, number);
	double value = (double)g->value, factor;

	if (!factors)
		return value;
	factor = (double)factors[g->source];
	s->closed_estimate += value * factor;
	if (!correct || factor == 1)
		return value;
	lanes_raise(&s->lanes, number, factor);
	return value * factor;
}

void sightings_smooth(struct sightings *s, double seconds, const float *factors, bool correct)
{
	double keep = s->t > 0 ? exp(-seconds / s->t) : 0;
	s->patience = faded(s, seconds);
	s->slight = (float)((1 - keep) / seconds);
	s->weight = s->weight * keep + (1 - keep);
	s->weight2 = s->weight2 * keep * keep + (1 - keep) * (1 - keep) / seconds;
	s->closed_value = 0;
	s->closed_estimate = 0;
	memset(s->levels, 0, sizeof(s->levels));
	for (uint32_t i = 0; i < s->sightings.count; i++) {
		struct sighting *g = sighting_at(s, i);

		s->closed_value = table_sum(s->closed_value, g->value);
		if (s->lives.on)
			lives_add(&s->lives, i, g->value, samples_of(g));
		sighting_close(g, estimate_of(s, i, factors, correct), keep, seconds);
		g->known |= g->sample_rate > s->slight * SIGHTINGS_ONE;
		if (g->idle)
			s->levels[level_of(age_of(s, g), s->patience)]++;
	}
	lanes_close(&s->lanes, s->sightings.count, s->t, seconds, keep);
	s->other = 0;
}

/* Flows that are over must not keep new ones out: the fuller it is, the less they stay. */
uint32_t sightings_idle(const struct sightings *ranges, unsigned count, double seconds)
{
	uint32_t idle = faded(ranges, seconds);
	uint64_t kept = 0;

	for (unsigned i = 0; i < count; i++)
		kept += ranges[i].sightings.count - ranges[i].levels[0];
	for (unsigned level = 1; kept > ranges->max / 3 * 2 && idle > 0; level++) {
		idle /= 2;
		for (unsigned i = 0; i < count; i++)
			kept -= ranges[i].levels[level];
	}
	return idle;
}

/* How many have to go by that. */
static uint32_t count_gone(const struct sightings *s, uint32_t idle)
{
	uint32_t gone = s->levels[0];

	for (unsigned level = 1; level < SIGHTINGS_LEVELS && s->patience >> (level - 1) > idle;
		level++)
		gone += s->levels[level];
	return gone;
}

static void forget(struct sightings *s, uint32_t idle, sightings_gone *gone, void *ctx)
{
	bool many = count_gone(s, idle) > s->sightings.count / SIGHTINGS_MANY;

	if (many)
		base_dense_loosen(&s->sightings);
	for (uint32_t i = 0; i < s->sightings.count;) {
		const struct sighting *g = sighting_at(s, i);

		if (g->idle == 0 || age_of(s, g) <= idle) {
			i++;
			continue;
		}
		gone(ctx, g->source);
		sighting_forget(s, i); /* the last one is number i now */
	}
	if (many)
		base_dense_tighten(&s->sightings);
}

void sightings_settle(struct sightings *s, uint32_t idle, sightings_gone *gone, void *ctx)
{
	forget(s, idle, gone, ctx);
	if (find_best(s) < s->keys.count - s->keys.holes)
		sweep(s);
	if (s->lanes.count)
		sightings_rank(s);
}
