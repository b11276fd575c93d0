/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/life.h"

#include <stdlib.h>
#include <string.h>

#include "table/table.h"

enum { LIFE_SAMPLES = 1u << 31 }; /* lanes count as many again in 32 bits */

void lives_grow(struct lives *l, uint32_t room)
{
	if (!l->on || room <= l->room)
		return;
	l->list = realloc(l->list, room * sizeof(*l->list));
	if (!l->list)
		abort(); /* off the data path; nothing sensible is left to do */
	memset(l->list + l->room, 0, (room - l->room) * sizeof(*l->list));
	l->room = room;
	lanes_grow(&l->values, room);
}

void lives_fini(struct lives *l, uint32_t sightings)
{
	lanes_fini(&l->values, sightings);
	free(l->list);
	l->list = NULL;
	l->room = 0;
}

/* Where the wall clock was set back behind its start, a life goes on as one that began just now. */
static void follow_clock(const struct lives *l, struct life *life)
{
	if (life->start_ms > l->end_ms)
		life->start_ms = l->start_ms;
	if (life->end_ms > l->end_ms)
		life->end_ms = l->end_ms;
}

static void take(struct lives *l, struct life *life, uint64_t value, uint64_t samples)
{
	follow_clock(l, life);
	if (samples == 0)
		return;
	if (life->samples == 0)
		life->start_ms = l->start_ms;
	life->end_ms = l->end_ms;
	life->value = table_sum(life->value, value);
	life->samples += samples;
}

/* What `told` says stays until the sighting is forgotten. */
static void tell(struct lives *l, uint32_t number)
{
	struct life *life = &l->list[number];

	if (life->samples && !life->told)
		l->record(l->ctx, number, life);
	*life = (struct life){.told = l->starts};
	if (l->values.count)
		lanes_clear(&l->values, number);
}

void lives_take(struct lives *l, uint32_t number, const struct table *t, uint32_t entry)
{
	if (l->values.count && !l->list[number].told)
		lanes_add(&l->values, number, t, entry);
}

void lives_add(struct lives *l, uint32_t number, uint64_t value, uint64_t samples)
{
	struct life *life = &l->list[number];

	if (life->told)
		return;
	take(l, life, value, samples);
	if (l->starts || l->end_ms - life->start_ms >= l->active_ms ||
		life->samples >= LIFE_SAMPLES)
		tell(l, number);
}

void lives_remove(struct lives *l, uint32_t number, uint32_t last)
{
	if (!l->on)
		return;
	tell(l, number);
	l->list[number] = l->list[last];
	l->list[last] = (struct life){0};
	lanes_remove(&l->values, number, last);
}

void lives_end(struct lives *l, uint32_t number, uint64_t value, uint64_t samples)
{
	if (!l->list[number].told)
		take(l, &l->list[number], value, samples);
	tell(l, number);
}
