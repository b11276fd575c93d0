/* SPDX-License-Identifier: BSD-3-Clause */
#include "ingress/source_pvt.h"

#include <errno.h>
#include <rte_malloc.h>

/*
 * What one source address may send. Sources are forged as easily as anything, so none of them is
 * remembered: a keyed hash names one bucket in each of two rows, and a datagram is refused where both are
 * empty. So memory is fixed, there is nothing to evict, and an honest source suffers from another only
 * where it meets one in both rows: of S sources above their share, with a probability of (S / BUCKETS)^2.
 */

enum { BUCKETS = 1 << 14 }; /* of a row */

int ingress_sources_init(struct ingress_sources *s, const struct ingress_options *o)
{
	*s = (struct ingress_sources){.rate = o->source, .hash = o->hash};
	for (unsigned i = 0; base_bucket_limits(&s->rate) && i < INGRESS_SOURCE_ROWS; i++) {
		s->row[i] =
			rte_zmalloc_socket("sources", BUCKETS * sizeof(*s->row[i]), 0, o->socket);
		if (!s->row[i])
			return -ENOMEM;
	}
	return 0;
}

void ingress_sources_fini(struct ingress_sources *s)
{
	for (unsigned i = 0; i < INGRESS_SOURCE_ROWS; i++)
		rte_free(s->row[i]);
}

bool ingress_sources_pass(struct ingress_sources *s, const struct base_addr *source, uint64_t tsc)
{
	uint64_t hash = base_hash_bytes(s->hash, source, sizeof(*source));
	bool pass = false;

	for (unsigned i = 0; i < INGRESS_SOURCE_ROWS; i++) {
		struct base_bucket *b = &s->row[i][hash >> 32 * i & (BUCKETS - 1)];

		/* One that is empty takes no debt on: it is another's. */
		if (!base_bucket_has(b, &s->rate, tsc))
			continue;
		base_bucket_pay(b, base_bucket_cost(&s->rate, 1), tsc);
		pass = true;
	}
	return pass;
}
