/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/lanes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
	LANES_CODES_LEAST = 4,      /* room of a list of codes at first */
	LANES_SKETCH_BYTES = 256,   /* of sketches for each flow of a table's capacity, and */
	LANES_SKETCH_LEAST = 65536, /* for small ones */
};

static const double LANES_SLACK = 0.98; /* windows are not exactly as long as they should be */

/* ---- sketches on the heap ---- */

struct kept_sketch {
	uint32_t count, room; /* codes; 0, 0: registers */
	union {
		uint32_t codes[SKETCH_CODES];
		uint8_t registers[SKETCH_REGISTERS];
	};
};

static size_t sketch_bytes(uint32_t room)
{
	return offsetof(struct kept_sketch, codes) +
	       (room ? room * sizeof(uint32_t) : (size_t)SKETCH_REGISTERS);
}

static struct sketch_view view_of(const struct kept_sketch *s)
{
	return s->room ? (struct sketch_view){.codes = s->codes, .count = s->count}
		       : (struct sketch_view){.registers = s->registers};
}

static void sketch_free(struct lanes *l, struct kept_sketch **s)
{
	if (*s)
		l->bytes -= sketch_bytes((*s)->room);
	free(*s);
	*s = NULL;
}

/* Move a sketch (or none) into one with more room. @param room  of codes; 0: registers */
static bool sketch_grow(struct lanes *l, struct kept_sketch **s, uint32_t room)
{
	struct kept_sketch *old = *s, *s2;
	uint32_t count = old ? old->count : 0;

	if (sketch_bytes(room) > l->bytes_max - l->bytes)
		return false;
	s2 = calloc(1, sketch_bytes(room));
	if (!s2)
		return false;
	s2->room = room;
	if (room) {
		s2->count = count;
		if (count)
			memcpy(s2->codes, old->codes, count * sizeof(old->codes[0]));
	} else {
		for (uint32_t i = 0; i < count; i++)
			sketch_register(s2->registers, old->codes[i]);
	}
	sketch_free(l, s);
	l->bytes += sketch_bytes(room);
	*s = s2;
	return true;
}

static bool add_code(struct lanes *l, struct kept_sketch **s, uint32_t code)
{
	if ((*s)->room) {
		if (sketch_listed((*s)->codes, (*s)->count, code))
			return true;
		if ((*s)->count == (*s)->room &&
			!sketch_grow(l, s, (*s)->room < SKETCH_CODES ? 2 * (*s)->room : 0))
			return false;
	}
	if ((*s)->room)
		(*s)->codes[(*s)->count++] = code;
	else
		sketch_register((*s)->registers, code);
	return true;
}

static bool unite(struct lanes *l, struct kept_sketch **s, struct sketch_view v)
{
	if (!*s && !sketch_grow(l, s, v.registers ? 0 : LANES_CODES_LEAST))
		return false;
	if (v.registers) {
		if ((*s)->room && !sketch_grow(l, s, 0))
			return false;
		for (unsigned i = 0; i < SKETCH_REGISTERS; i++) {
			uint8_t *r = &(*s)->registers[i];

			*r = *r > v.registers[i] ? *r : v.registers[i];
		}
		return true;
	}
	for (uint32_t i = 0; i < v.count; i++) {
		if (!add_code(l, s, v.codes[i]))
			return false;
	}
	return true;
}

bool lanes_sketch(const struct sighting_lane *lane, struct sketch *room, struct sketch_view *v)
{
	unsigned found = 0;

	if (lane->full)
		return false;
	sketch_clear(room);
	for (unsigned i = 0; i < LANES_PANES; i++) {
		if (!(lane->panes >> i & 1))
			continue;
		if (found == 1)
			sketch_unite(room, *v);
		if (found++ == 0)
			*v = view_of(lane->sketch[i]);
		else
			sketch_unite(room, view_of(lane->sketch[i]));
	}
	if (found > 1)
		*v = sketch_view(room);
	return found > 0;
}

/* ---- memory ---- */

int lanes_init(struct lanes *l, const struct flow_definition *d)
{
	bool unites = false;

	memset(l, 0, sizeof(*l));
	l->count = d->lane_count;
	l->panes = 1;
	for (unsigned i = 0; i < l->count; i++) {
		l->aggregate[i] = d->values[d->lanes[i]].aggregate;
		unites |= l->aggregate[i] == FLOW_COUNT;
	}
	if (!unites)
		return 0;
	l->bytes_all = (size_t)d->capacity * LANES_SKETCH_BYTES + LANES_SKETCH_LEAST;
	l->bytes_max = l->bytes_all;
	l->united = calloc(2, sizeof(*l->united));
	return l->united ? 0 : -ENOMEM;
}

static void free_sketches(struct lanes *l, uint32_t sighting)
{
	struct sighting_lane *lane = lanes_of(l, sighting);

	for (unsigned i = 0; i < l->count; i++) {
		for (unsigned pane = 0; l->aggregate[i] == FLOW_COUNT && pane < LANES_PANES; pane++)
			sketch_free(l, &lane[i].sketch[pane]);
	}
}

void lanes_fini(struct lanes *l, uint32_t sightings)
{
	for (uint32_t i = 0; l->lane && i < sightings; i++)
		free_sketches(l, i);
	free(l->lane);
	free(l->united);
	memset(l, 0, sizeof(*l));
}

void lanes_grow(struct lanes *l, uint32_t room)
{
	size_t size = l->count * sizeof(*l->lane);

	if (l->count == 0 || room <= l->room)
		return;
	l->lane = realloc(l->lane, room * size);
	if (!l->lane)
		abort(); /* off the data path; nothing sensible is left to do */
	memset((char *)l->lane + l->room * size, 0, (room - l->room) * size);
	l->room = room;
}

void lanes_remove(struct lanes *l, uint32_t sighting, uint32_t last)
{
	size_t size = l->count * sizeof(*l->lane);

	if (l->count == 0)
		return;
	free_sketches(l, sighting);
	if (sighting != last)
		memcpy(lanes_of(l, sighting), lanes_of(l, last), size);
	memset(lanes_of(l, last), 0, size);
}

void lanes_clear(struct lanes *l, uint32_t sighting)
{
	lanes_remove(l, sighting, sighting);
}

/* ---- a window ---- */

static void add_sketch(struct lanes *l, struct sighting_lane *lane, const struct table_lanes *tl,
	const struct table_lane *from)
{
	struct kept_sketch **s = &lane->sketch[l->newest];
	uint8_t bit = (uint8_t)(1u << l->newest);
	struct sketch_view v;

	if (lane->full & bit)
		return;
	if (table_sketch(tl, from, &v)) {
		lane->panes |= bit;
		if (unite(l, s, v))
			return;
		l->full++;
	}
	lane->full |= bit;
	lane->panes &= (uint8_t)~bit;
	sketch_free(l, s);
}

static void add_number(struct lanes *l, unsigned aggregate, struct sighting_lane *lane,
	const struct table_lane *from)
{
	uint8_t bit = (uint8_t)(1u << l->newest);
	uint64_t *number = &lane->number[l->newest];
	bool first = !(lane->panes & bit);

	if (aggregate == FLOW_MIN)
		*number = first || from->number < *number ? from->number : *number;
	else
		*number = first || from->number > *number ? from->number : *number;
	lane->panes |= bit;
}

static void add_last(struct lanes *l, struct sighting_lane *lane, const struct table_lane *from)
{
	if (!lane->panes || from->tsc >= lane->last.tsc) {
		lane->last.number = from->number;
		lane->last.tsc = from->tsc;
	}
	lane->panes = (uint8_t)(1u << l->newest);
}

static void add_one(struct lanes *l, unsigned aggregate, struct sighting_lane *lane,
	const struct table_lanes *tl, const struct table_lane *from)
{
	if (from->samples == 0)
		return;
	lane->samples += from->samples;
	switch (aggregate) {
	case FLOW_AVG:
		lane->now.squares += from->squares;
		__attribute__((fallthrough));
	case FLOW_RATE:
		lane->now.sum = table_sum(lane->now.sum, from->number);
		break;
	case FLOW_COUNT:
		add_sketch(l, lane, tl, from);
		break;
	case FLOW_LAST:
		add_last(l, lane, from);
		break;
	default:
		add_number(l, aggregate, lane, from);
	}
}

void lanes_add(struct lanes *l, uint32_t sighting, const struct table *t, uint32_t entry)
{
	const struct table_lane *from = table_lanes_of(t, entry);
	struct sighting_lane *lane = lanes_of(l, sighting);

	for (unsigned i = 0; i < l->count; i++)
		add_one(l, l->aggregate[i], &lane[i], &t->lanes, &from[i]);
}

/* ---- its end ---- */

void lanes_raise(struct lanes *l, uint32_t sighting, double factor)
{
	struct sighting_lane *lane = lanes_of(l, sighting);

	for (unsigned i = 0; i < l->count; i++) {
		double sum = (double)lane[i].now.sum * factor;

		if (l->aggregate[i] == FLOW_RATE)
			lane[i].now.sum = sum < (double)UINT64_MAX ? (uint64_t)sum : UINT64_MAX;
	}
}

static unsigned oldest(const struct lanes *l)
{
	return (l->newest + LANES_PANES + 1 - l->panes) % LANES_PANES;
}

/* Bit set of the panes that the others have made superfluous. */
static uint8_t drop_panes(struct lanes *l, double t)
{
	uint8_t dropped = 0;
	double sum = 0;

	for (unsigned i = 0; i < LANES_PANES; i++)
		sum += l->span[i];
	while (l->panes > 1 && sum - l->span[oldest(l)] >= t * LANES_SLACK) {
		unsigned pane = oldest(l);

		sum -= l->span[pane];
		l->span[pane] = 0;
		dropped |= (uint8_t)(1u << pane);
		l->panes--;
	}
	return dropped;
}

static void close_one(struct lanes *l, unsigned aggregate, struct sighting_lane *lane,
	double seconds, double keep)
{
	double share = (1 - keep) / seconds;

	lane->rate = lane->rate * keep + lane->samples * share;
	lane->samples = 0;
	if (aggregate != FLOW_RATE && aggregate != FLOW_AVG)
		return;
	lane->sum = lane->sum * keep + (double)lane->now.sum * share;
	lane->squares = lane->squares * keep + lane->now.squares * share;
	lane->now.sum = 0;
	lane->now.squares = 0;
}

static void forget_panes(
	struct lanes *l, unsigned aggregate, struct sighting_lane *lane, uint8_t dropped)
{
	for (unsigned i = 0; aggregate == FLOW_COUNT && i < LANES_PANES; i++) {
		if (dropped >> i & 1)
			sketch_free(l, &lane->sketch[i]);
	}
	lane->panes &= (uint8_t)~dropped;
	lane->full &= (uint8_t)~dropped;
}

void lanes_close(struct lanes *l, uint32_t sightings, double t, double seconds, double keep)
{
	uint8_t dropped;

	if (l->count == 0)
		return;
	l->span[l->newest] += seconds;
	dropped = drop_panes(l, t);
	for (uint32_t i = 0; i < sightings; i++) {
		struct sighting_lane *lane = lanes_of(l, i);

		for (unsigned j = 0; j < l->count; j++) {
			close_one(l, l->aggregate[j], &lane[j], seconds, keep);
			if (dropped)
				forget_panes(l, l->aggregate[j], &lane[j], dropped);
		}
	}
	if (l->span[l->newest] >= t / LANES_SHARE * LANES_SLACK && l->panes < LANES_PANES) {
		l->newest = (l->newest + 1) % LANES_PANES;
		l->panes++;
	}
}
