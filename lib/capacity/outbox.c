/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "capacity/capacity_pvt.h"

void capacity_outbox_init(struct capacity_outbox *o)
{
	*o = (struct capacity_outbox){.first = NULL};
	o->last = &o->first;
}

static void remove_at(struct capacity_outbox *o, struct capacity_entry **at)
{
	struct capacity_entry *e = *at;

	*at = e->next;
	if (!e->next)
		o->last = at;
	o->bytes -= sizeof(*e) + e->len;
	o->count--;
	free(e);
}

void capacity_outbox_fini(struct capacity_outbox *o)
{
	while (o->first)
		remove_at(o, &o->first);
}

void capacity_outbox_put(struct capacity_outbox *o, const struct capacity_entry *entry,
	const uint8_t *bytes, size_t len)
{
	struct capacity_entry *e = malloc(sizeof(*e) + len);

	if (!e) {
		o->lost++;
		return;
	}
	*e = *entry;
	e->next = NULL;
	e->done = false;
	e->len = (uint8_t)len;
	if (len)
		memcpy(e->bytes, bytes, len);
	while (o->first && o->bytes + sizeof(*e) + len > CAPACITY_OUTBOX) {
		remove_at(o, &o->first);
		o->lost++;
	}
	*o->last = e;
	o->last = &e->next;
	o->bytes += sizeof(*e) + len;
	o->count++;
}

void capacity_outbox_sweep(struct capacity_outbox *o, unsigned count)
{
	struct capacity_entry **at = &o->first;

	for (unsigned i = 0; *at && i < count; i++) {
		if ((*at)->done)
			remove_at(o, at);
		else
			at = &(*at)->next;
	}
}
