/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/top.h"

#include <float.h>
#include <stdlib.h>

enum { AHEAD = 16 }; /* keys between the look at a sighting and its use */

/* A heap of the largest so far, the smallest of them on top. */
struct heap {
	struct top_key *keys;
	unsigned count;
};

static void swap(struct heap *h, unsigned i, unsigned j)
{
	struct top_key key = h->keys[i];

	h->keys[i] = h->keys[j];
	h->keys[j] = key;
}

static void sift_down(struct heap *h, unsigned i)
{
	for (;;) {
		unsigned least = i, child = 2 * i + 1;

		for (unsigned c = child; c < child + 2 && c < h->count; c++) {
			if (h->keys[c].rank < h->keys[least].rank)
				least = c;
		}
		if (least == i)
			return;
		swap(h, i, least);
		i = least;
	}
}

static void sift_up(struct heap *h, unsigned i)
{
	while (i > 0 && h->keys[i].rank < h->keys[(i - 1) / 2].rank) {
		swap(h, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

/* Largest first: take the smallest off the top again and again, and fill from the back. */
static void sort(struct heap *h)
{
	unsigned count = h->count;

	while (h->count > 1) {
		struct top_key least = h->keys[0];

		h->keys[0] = h->keys[--h->count];
		h->keys[h->count] = least;
		sift_down(h, 0);
	}
	h->count = count;
}

static void offer(struct heap *h, unsigned n, struct top_key key)
{
	if (h->count < n) {
		h->keys[h->count] = key;
		sift_up(h, h->count++);
	} else if (key.rank > h->keys[0].rank) {
		h->keys[0] = key;
		sift_down(h, 0);
	}
}

static void take(struct heap *h, const struct sightings *s, unsigned n)
{
	/* A rate of zero has faded; of all else it is a value. */
	double least = sightings_rank_by_rate(s) ? DBL_MIN : 0;

	for (uint32_t i = 0; i < s->keys.count; i++) {
		const struct sighting_key *k = sighting_key_at(s, i);
		double rank;

		/* The sighting by whose rate a key ranks lies anywhere. */
		if (!s->ranks && i + AHEAD < s->keys.count)
			__builtin_prefetch(sighting_at(s, sighting_key_at(s, i + AHEAD)->best));
		if (!k->there || k->best == BASE_INDEX_NONE)
			continue;
		rank = sighting_key_rank(s, i);
		if (rank >= least)
			offer(h, n, (struct top_key){s, i, rank});
	}
}

unsigned top_keys(const struct sightings *ranges, unsigned count, unsigned n, struct top_key *keys)
{
	struct heap h = {.keys = keys};

	for (unsigned i = 0; n > 0 && i < count; i++)
		take(&h, &ranges[i], n);
	sort(&h);
	return h.count;
}
