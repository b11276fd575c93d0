/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "base/memory.h"
#include "table/lanes_pvt.h"

enum {
	LANES_LIST_SHARE = 4,   /* entries for each list of codes */
	LANES_DENSE_SHARE = 64, /* entries for each set of registers */
	LANES_LEAST = 16,       /* of either */
};

/* ---- sketches ---- */

static uint32_t room_for(uint32_t capacity, unsigned share, unsigned sketches)
{
	uint64_t room = sketches ? (uint64_t)capacity / share * sketches + LANES_LEAST : 0;

	return room < TABLE_SKETCH_AT ? (uint32_t)room : TABLE_SKETCH_AT;
}

bool table_sketch(const struct table_lanes *l, const struct table_lane *lane, struct sketch_view *v)
{
	uint32_t at = lane->sketch & TABLE_SKETCH_AT;

	switch (lane->sketch & ~(uint32_t)TABLE_SKETCH_AT) {
	case TABLE_SKETCH_LIST:
		*v = (struct sketch_view){.codes = l->list[at], .count = lane->few[0]};
		return true;
	case TABLE_SKETCH_DENSE:
		*v = (struct sketch_view){.registers = l->dense[at]};
		return true;
	case TABLE_SKETCH_FULL:
		return false;
	default:
		*v = (struct sketch_view){.codes = lane->few, .count = at};
		return true;
	}
}

static void give_up(struct table_lanes *l, struct table_lane *lane)
{
	lane->sketch = TABLE_SKETCH_FULL;
	l->full++;
}

/* A list that is full becomes registers. It is not used again before the table is cleared. */
static void grow_list(struct table_lanes *l, struct table_lane *lane, uint32_t code)
{
	const uint32_t *codes = l->list[lane->sketch & TABLE_SKETCH_AT];
	uint8_t *registers;

	if (l->dense_used == l->dense_max) {
		give_up(l, lane);
		return;
	}
	registers = l->dense[l->dense_used];
	memset(registers, 0, SKETCH_REGISTERS);
	for (unsigned i = 0; i < TABLE_SOME; i++)
		sketch_register(registers, codes[i]);
	sketch_register(registers, code);
	lane->sketch = (uint32_t)TABLE_SKETCH_DENSE | l->dense_used++;
}

static void grow_few(struct table_lanes *l, struct table_lane *lane, uint32_t code)
{
	uint32_t *codes;

	if (l->list_used == l->list_max) {
		give_up(l, lane);
		return;
	}
	codes = l->list[l->list_used];
	memcpy(codes, lane->few, sizeof(lane->few));
	codes[TABLE_FEW] = code;
	lane->few[0] = TABLE_FEW + 1; /* from now on the length of the list */
	lane->sketch = (uint32_t)TABLE_SKETCH_LIST | l->list_used++;
}

static void add_to_list(struct table_lanes *l, struct table_lane *lane, uint32_t code)
{
	uint32_t *codes = l->list[lane->sketch & TABLE_SKETCH_AT], *count = &lane->few[0];

	if (sketch_listed(codes, *count, code))
		return;
	if (*count < TABLE_SOME)
		codes[(*count)++] = code;
	else
		grow_list(l, lane, code);
}

static void add_to_sketch(struct table_lanes *l, struct table_lane *lane, uint64_t hash)
{
	uint32_t code = sketch_code(hash), at = lane->sketch & TABLE_SKETCH_AT;

	switch (lane->sketch & ~(uint32_t)TABLE_SKETCH_AT) {
	case TABLE_SKETCH_LIST:
		add_to_list(l, lane, code);
		break;
	case TABLE_SKETCH_DENSE:
		sketch_register(l->dense[at], code);
		break;
	case TABLE_SKETCH_FULL:
		break;
	default:
		if (sketch_listed(lane->few, at, code))
			break;
		if (at < TABLE_FEW)
			lane->few[lane->sketch++] = code;
		else
			grow_few(l, lane, code);
	}
}

/* ---- lanes ---- */

static void apply_one(struct table_lanes *l, enum table_lane_kind kind, struct table_lane *lane,
	uint64_t number, uint64_t tsc)
{
	bool first = lane->samples++ == 0;

	switch (kind) {
	case TABLE_MEAN:
		lane->squares += (double)number * (double)number;
		__attribute__((fallthrough));
	case TABLE_SUM:
		lane->number = table_sum(lane->number, number);
		break;
	case TABLE_MIN:
		if (first || number < lane->number)
			lane->number = number;
		break;
	case TABLE_MAX:
		if (number > lane->number)
			lane->number = number;
		break;
	case TABLE_LAST:
		lane->number = number;
		lane->tsc = tsc;
		break;
	case TABLE_COUNT:
		add_to_sketch(l, lane, number);
		break;
	}
}

void table_lanes_apply(struct table_lanes *l, struct table_lane *lanes, const struct table_extra *x)
{
	for (unsigned i = 0; i < l->count; i++) {
		if (x->there >> i & 1)
			apply_one(l, (enum table_lane_kind)l->kind[i], &lanes[i], x->number[i],
				x->tsc);
	}
}

/* ---- memory ---- */

static unsigned sketches_of(const uint8_t *kinds, unsigned count)
{
	unsigned sketches = 0;

	for (unsigned i = 0; i < count; i++)
		sketches += kinds[i] == TABLE_COUNT;
	return sketches;
}

size_t table_lanes_memory(uint32_t capacity, const uint8_t *kinds, unsigned count)
{
	unsigned sketches = sketches_of(kinds, count);

	if (count == 0)
		return 0;
	return (size_t)capacity * count * sizeof(struct table_lane) +
	       TABLE_BATCH * sizeof(struct table_extra) +
	       (size_t)room_for(capacity, LANES_LIST_SHARE, sketches) * TABLE_SOME *
		       sizeof(uint32_t) +
	       (size_t)room_for(capacity, LANES_DENSE_SHARE, sketches) * SKETCH_REGISTERS;
}

int table_init_lanes(struct table *t, const uint8_t *kinds, unsigned count, int socket)
{
	struct table_lanes *l = &t->lanes;
	unsigned sketches = sketches_of(kinds, count);

	l->count = (uint8_t)count;
	memcpy(l->kind, kinds, count);
	if (count == 0)
		return 0;
	l->lane = base_memory_alloc((size_t)t->capacity * count * sizeof(*l->lane), socket);
	l->extra = base_memory_alloc(TABLE_BATCH * sizeof(*l->extra), socket);
	if (!l->lane || !l->extra)
		return -ENOMEM;
	if (sketches == 0)
		return 0;
	l->list_max = room_for(t->capacity, LANES_LIST_SHARE, sketches);
	l->dense_max = room_for(t->capacity, LANES_DENSE_SHARE, sketches);
	l->list = base_memory_alloc(l->list_max * sizeof(*l->list), socket);
	l->dense = base_memory_alloc(l->dense_max * sizeof(*l->dense), socket);
	return l->list && l->dense ? 0 : -ENOMEM;
}

void table_lanes_clear(struct table_lanes *l)
{
	l->list_used = 0;
	l->dense_used = 0;
	l->full = 0;
}

void table_lanes_fini(struct table_lanes *l, uint32_t capacity)
{
	base_memory_free(l->lane, (size_t)capacity * l->count * sizeof(*l->lane));
	base_memory_free(l->extra, TABLE_BATCH * sizeof(*l->extra));
	base_memory_free(l->list, l->list_max * sizeof(*l->list));
	base_memory_free(l->dense, l->dense_max * sizeof(*l->dense));
}
