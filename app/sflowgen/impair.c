/* SPDX-License-Identifier: BSD-3-Clause */
#include "impair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_IMPAIR = 0x6E6574 /* of the seed */ };

/* A datagram that is held back, with copies of what it shows. */
struct held {
	struct gen_datagram dg;
	uint8_t *payload;
	struct gen_item *items;
};

struct gen_impair {
	struct gen_impair_shares shares;
	struct gen_rng rng;
	struct gen_receiver to;
	uint32_t exporters;
	struct held **held; /* by exporter; NULL where nothing is held back */
	uint8_t *heard;     /* by exporter: something has arrived */
};

struct gen_impair *gen_impair_create(const struct gen_impair_shares *shares, uint64_t seed,
	uint32_t exporters, const struct gen_receiver *to)
{
	struct gen_impair *i = calloc(1, sizeof(*i));

	if (!i)
		return NULL;
	*i = (struct gen_impair){
		.shares = *shares,
		.rng = gen_rng(seed, STREAM_IMPAIR),
		.to = *to,
		.exporters = exporters,
		.held = calloc(exporters, sizeof(*i->held)),
		.heard = calloc(exporters, 1),
	};
	if (!i->held || !i->heard) {
		gen_impair_destroy(i);
		return NULL;
	}
	return i;
}

static void drop_held(struct held *h)
{
	if (!h)
		return;
	free(h->payload);
	free(h->items);
	free(h);
}

static struct held *hold(const struct gen_datagram *dg)
{
	struct held *h = calloc(1, sizeof(*h));
	size_t items = dg->flow_samples * sizeof(*dg->items);

	if (!h)
		return NULL;
	h->payload = malloc(dg->len);
	h->items = malloc(items + 1);
	if (!h->payload || !h->items) {
		drop_held(h);
		return NULL;
	}
	h->dg = *dg;
	h->dg.payload = memcpy(h->payload, dg->payload, dg->len);
	h->dg.items = memcpy(h->items, dg->items, items);
	return h;
}

static int give(struct gen_impair *i, const struct gen_datagram *dg, enum gen_arrival arrival)
{
	i->heard[dg->exporter] |= arrival != GEN_LOST;
	return i->to.take(i->to.ctx, dg, arrival);
}

/* Pass on what an exporter has held back, at the time of its next datagram. */
static int release(
	struct gen_impair *i, uint32_t exporter, uint64_t time_ns, enum gen_arrival arrival)
{
	struct held *h = i->held[exporter];
	int rc;

	if (!h)
		return 0;
	h->dg.time_ns = time_ns;
	rc = give(i, &h->dg, arrival);
	i->held[exporter] = NULL;
	drop_held(h);
	return rc;
}

int gen_impair_pass(struct gen_impair *i, const struct gen_datagram *dg)
{
	uint32_t e = dg->exporter;
	int rc;

	if (gen_rng_chance(&i->rng, i->shares.loss))
		return give(i, dg, GEN_LOST);
	/* An exporter's first datagram goes first: behind another it would look like a restart. */
	if (i->heard[e] && !i->held[e] && gen_rng_chance(&i->rng, i->shares.reorder)) {
		i->held[e] = hold(dg);
		return i->held[e] ? 0 : -ENOMEM;
	}
	rc = give(i, dg, GEN_IN_ORDER);
	if (rc == 0 && gen_rng_chance(&i->rng, i->shares.duplicate))
		rc = give(i, dg, GEN_DUPLICATE);
	return rc ? rc : release(i, e, dg->time_ns, GEN_LATE);
}

int gen_impair_drain(struct gen_impair *i)
{
	int rc = 0;

	/* Nothing has passed them after all. */
	for (uint32_t e = 0; rc == 0 && e < i->exporters; e++)
		if (i->held[e])
			rc = release(i, e, i->held[e]->dg.time_ns, GEN_IN_ORDER);
	return rc;
}

void gen_impair_destroy(struct gen_impair *i)
{
	if (!i)
		return;
	for (uint32_t e = 0; i->held && e < i->exporters; e++)
		drop_held(i->held[e]);
	free(i->held);
	free(i->heard);
	free(i);
}
