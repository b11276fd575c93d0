/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/data.h"

#include <stdlib.h>
#include <string.h>

/* Of each kind, in the order of their names. */
struct flow_data {
	struct {
		struct flow_lookup **list;
		size_t count, room;
	} kinds[FLOW_LOOKUP_KINDS];
	struct geo *geo;
	struct topology *topology;
	unsigned references; /* atomic */
};

enum { LEAST_ROOM = 8 };

static void *need(void *p)
{
	if (!p)
		abort(); /* as a region does */
	return p;
}

struct flow_data *flow_data_create(const struct flow_data *from)
{
	struct flow_data *d = need(calloc(1, sizeof(*d)));

	d->references = 1;
	d->geo = from ? geo_ref(from->geo) : NULL;
	for (int kind = 0; from && kind < FLOW_LOOKUP_KINDS; kind++) {
		for (size_t i = 0; i < from->kinds[kind].count; i++)
			flow_data_put(d, flow_lookup_ref(from->kinds[kind].list[i]));
	}
	if (from)
		d->topology = topology_ref(from->topology);
	return d;
}

struct flow_data *flow_data_ref(struct flow_data *d)
{
	if (d)
		__atomic_add_fetch(&d->references, 1, __ATOMIC_RELAXED);
	return d;
}

void flow_data_unref(struct flow_data *d)
{
	if (!d || __atomic_sub_fetch(&d->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (int kind = 0; kind < FLOW_LOOKUP_KINDS; kind++) {
		for (size_t i = 0; i < d->kinds[kind].count; i++)
			flow_lookup_unref(d->kinds[kind].list[i]);
		free(d->kinds[kind].list);
	}
	geo_unref(d->geo);
	topology_unref(d->topology);
	free(d);
}

void flow_data_set_geo(struct flow_data *d, struct geo *geo)
{
	geo_unref(d->geo);
	d->geo = geo;
}

struct geo *flow_data_geo(const struct flow_data *d)
{
	return d ? d->geo : NULL;
}

/* Where a name stands, or would stand. */
static size_t place(
	const struct flow_data *d, enum flow_lookup_kind kind, const char *name, bool *there)
{
	size_t low = 0, high = d->kinds[kind].count;

	*there = false;
	while (low < high && !*there) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(d->kinds[kind].list[middle]->name, name);

		if (order == 0)
			*there = true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

void flow_data_put(struct flow_data *d, struct flow_lookup *l)
{
	bool there;
	size_t at = place(d, l->kind, l->name, &there);
	size_t count = d->kinds[l->kind].count;
	struct flow_lookup **list = d->kinds[l->kind].list;

	if (there) {
		flow_lookup_unref(list[at]);
		list[at] = l;
		return;
	}
	if (count == d->kinds[l->kind].room) {
		d->kinds[l->kind].room = count ? 2 * count : LEAST_ROOM;
		list = need(
			reallocarray(list, d->kinds[l->kind].room, sizeof(struct flow_lookup *)));
		d->kinds[l->kind].list = list;
	}
	memmove(list + at + 1, list + at, (count - at) * sizeof(struct flow_lookup *));
	list[at] = l;
	d->kinds[l->kind].count++;
}

bool flow_data_remove(struct flow_data *d, enum flow_lookup_kind kind, const char *name)
{
	bool there;
	size_t at = place(d, kind, name, &there);
	struct flow_lookup **list = d->kinds[kind].list;

	if (!there)
		return false;
	flow_lookup_unref(list[at]);
	d->kinds[kind].count--;
	memmove(list + at, list + at + 1,
		(d->kinds[kind].count - at) * sizeof(struct flow_lookup *));
	return true;
}

const struct flow_lookup *flow_data_find(
	const struct flow_data *d, enum flow_lookup_kind kind, const char *name)
{
	bool there = false;
	size_t at = d ? place(d, kind, name, &there) : 0;

	return there ? d->kinds[kind].list[at] : NULL;
}

const struct flow_lookup *flow_data_at(
	const struct flow_data *d, enum flow_lookup_kind kind, size_t i)
{
	return d && i < d->kinds[kind].count ? d->kinds[kind].list[i] : NULL;
}

void flow_data_set_topology(struct flow_data *d, struct topology *t)
{
	topology_unref(d->topology);
	d->topology = t;
}

struct topology *flow_data_topology(const struct flow_data *d)
{
	return d ? d->topology : NULL;
}
