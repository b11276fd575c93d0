/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "ingress/ingress.h"

enum { INGRESS_SOURCE_ROWS = 2 };

/* RX core alone. */
struct ingress_sources {
	struct base_bucket_rate rate;
	const struct base_hash *hash;
	struct base_bucket *row[INGRESS_SOURCE_ROWS]; /* NULL: no limit */
};

/** @return 0 or -ENOMEM; ingress_sources_fini() in either case */
int ingress_sources_init(struct ingress_sources *s, const struct ingress_options *o);
void ingress_sources_fini(struct ingress_sources *s);

/** Whether a datagram of that source may pass; where it may, it is counted against its share. */
bool ingress_sources_pass(struct ingress_sources *s, const struct base_addr *source, uint64_t tsc);
