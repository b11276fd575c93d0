/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "metric/metric_pvt.h"

/*
 * Stable places: a reader walks them from 0 to `end`, and finds what is there or NULL. A slot is
 * stored with release, so that what it points to is complete when a reader finds it.
 */

int metric_slots_init(struct metric_slots *s, uint32_t room)
{
	*s = (struct metric_slots){.room = room};
	s->at = calloc((size_t)room + 1, sizeof(void *));
	s->free = calloc((size_t)room + 1, sizeof(*s->free));
	return s->at && s->free ? 0 : -ENOMEM;
}

void metric_slots_fini(struct metric_slots *s)
{
	free(s->at);
	free(s->free);
}

bool metric_slots_take(struct metric_slots *s, void *what, uint32_t *slot)
{
	if (s->count == s->room)
		return false;
	*slot = s->free_count ? s->free[--s->free_count] : s->end;
	s->count++;
	base_rcu_set(s->at[*slot], what);
	if (*slot == s->end)
		base_rcu_set(s->end, *slot + 1);
	return true;
}

void metric_slots_give(struct metric_slots *s, uint32_t slot)
{
	base_rcu_set(s->at[slot], NULL);
	s->free[s->free_count++] = slot;
	s->count--;
}
