/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "metric/metric_pvt.h"

/*
 * What readers may still hold is gathered, and freed by one call_rcu() for each merge: it left
 * the places where readers look before the call, so that whoever has it began to read before, too.
 */

enum { RETIRED_MOST = 65536 }; /* gathered at most, where a merge is long */

struct batch {
	struct rcu_head rcu;
	struct metric_retired *first;
};

static void free_all(struct metric_retired *r)
{
	struct metric_retired *next;

	for (; r; r = next) {
		next = r->next;
		free(r);
	}
}

/* Reclaimer's thread. */
static void batch_free(struct rcu_head *head)
{
	struct batch *b = (struct batch *)(void *)((char *)head - offsetof(struct batch, rcu));

	base_memb_freeing();
	free_all(b->first);
	free(b);
}

static void hand_over(struct metric_store *m)
{
	struct batch *b;

	if (!m->retired)
		return;
	b = malloc(sizeof(*b));
	if (!b)
		return; /* the next call takes it along */
	b->first = m->retired;
	m->retired = NULL;
	m->retired_count = 0;
	base_memb_call(&b->rcu, batch_free);
}

void metric_retire(struct metric_store *m, void *what)
{
	struct metric_retired *r = what;

	if (!r)
		return;
	r->next = m->retired;
	m->retired = r;
	if (++m->retired_count >= RETIRED_MOST)
		hand_over(m);
}

void metric_store_settle(struct metric_store *m)
{
	metric_names_settle(m);
	hand_over(m);
}
