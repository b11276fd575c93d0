/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "window/sightings_pvt.h"

/* What values come to that are more than one rate: of a sighting, and of a key over its sightings. */

int sightings_init_values(struct sightings *s, const struct flow_definition *d)
{
	memset(s->lane_of, SIGHTINGS_NO_LANE, sizeof(s->lane_of));
	for (unsigned i = 0; i < d->lane_count; i++)
		s->lane_of[d->lanes[i]] = (uint8_t)i;
	if (s->lives.on && lanes_init(&s->lives.values, d) < 0)
		return -ENOMEM;
	return lanes_init(&s->lanes, d);
}

static void rate_value(
	const struct sightings *s, double rate, double samples, struct window_value *v)
{
	v->there = samples > 0;
	v->value = sightings_rate(s, rate);
	v->samples = sightings_samples(s, samples);
	v->squares = v->there ? v->value * v->value / v->samples : 0;
}

static void mean_value(
	const struct sightings *s, const struct sighting_lane *lane, struct window_value *v)
{
	v->there = lane->rate > 0;
	if (!v->there)
		return;
	v->value = lane->sum / lane->rate;
	v->squares = lane->squares / lane->rate;
	v->samples = sightings_samples(s, lane->rate);
}

static void extreme_value(const struct sighting_lane *lane, struct window_value *v)
{
	uint64_t found = 0;

	for (unsigned i = 0; i < LANES_PANES; i++) {
		if (!(lane->panes >> i & 1))
			continue;
		if (!v->there || (v->aggregate == FLOW_MIN ? lane->number[i] < found
							   : lane->number[i] > found))
			found = lane->number[i];
		v->there = true;
	}
	v->value = (double)found;
}

static void lane_value(const struct sightings *s, const struct sighting_lane *lane,
	struct sketch *room, struct window_value *v)
{
	v->samples = sightings_samples(s, lane->rate);
	switch (v->aggregate) {
	case FLOW_RATE:
		rate_value(s, lane->sum, lane->rate, v);
		break;
	case FLOW_AVG:
		mean_value(s, lane, v);
		break;
	case FLOW_LAST:
		v->there = lane->panes != 0;
		v->value = (double)lane->last.number;
		v->tsc = lane->last.tsc;
		break;
	case FLOW_COUNT:
		v->there = lanes_sketch(lane, room, &v->sketch);
		v->value = v->there ? sketch_estimate(v->sketch) : 0;
		break;
	default:
		extreme_value(lane, v);
	}
}

void sighting_value(const struct sightings *s, uint32_t number, unsigned i, struct sketch *room,
	struct window_value *v)
{
	const struct sighting *g = sighting_at(s, number);
	unsigned lane = s->lanes.count ? s->lane_of[i] : SIGHTINGS_NO_LANE;

	*v = (struct window_value){.aggregate = FLOW_RATE};
	if (lane == SIGHTINGS_NO_LANE) {
		rate_value(s, g->rate, g->sample_rate, v);
		return;
	}
	v->aggregate = s->lanes.aggregate[lane];
	lane_value(s, &lanes_of(&s->lanes, number)[lane], room, v);
}

uint32_t sighting_key_value(
	const struct sightings *s, uint32_t key, unsigned i, struct window_value *v)
{
	struct sketch *united = s->lanes.united;
	struct window_value other;
	uint32_t best, number;

	if (s->lanes.count == 0) {
		best = sighting_key_at(s, key)->best;
		sighting_value(s, best, i, NULL, v);
		return v->there ? best : BASE_INDEX_NONE;
	}
	best = s->first[key];
	sighting_value(s, best, i, united, v);
	for (number = s->next[best]; number != BASE_INDEX_NONE; number = s->next[number]) {
		sighting_value(s, number, i, united ? united + 1 : NULL, &other);
		if (window_value_merge(v, &other, false, united))
			best = number;
	}
	return v->there ? best : BASE_INDEX_NONE;
}

static void *room_for(void *list, uint32_t need, size_t each)
{
	list = realloc(list, (need + 1) * each);
	if (!list)
		abort(); /* off the data path; nothing sensible is left to do */
	return list;
}

/* The sightings of each key as a list. */
static void chain(struct sightings *s)
{
	s->first = room_for(s->first, s->keys.count, sizeof(*s->first));
	s->next = room_for(s->next, s->sightings.count, sizeof(*s->next));
	memset(s->first, 0xFF, s->keys.count * sizeof(*s->first)); /* BASE_INDEX_NONE */
	for (uint32_t i = s->sightings.count; i-- > 0;) {
		uint32_t key = sighting_at(s, i)->key;

		s->next[i] = s->first[key];
		s->first[key] = i;
	}
}

void sightings_rank(struct sightings *s)
{
	struct window_value v;

	chain(s);
	if (sightings_rank_by_rate(s))
		return; /* the largest rate, which is found already */
	s->ranks = room_for(s->ranks, s->keys.count, sizeof(*s->ranks));
	for (uint32_t i = 0; i < s->keys.count; i++) {
		struct sighting_key *k = sighting_key_at(s, i);

		if (!k->there)
			continue;
		k->best = sighting_key_value(s, i, 0, &v);
		s->ranks[i] = v.there ? v.value : 0;
	}
}
