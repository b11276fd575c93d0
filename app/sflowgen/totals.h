/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "field.h"
#include "model.h"

/* What samples stand for: each for sampling_rate packets of its length. */
struct gen_total {
	uint64_t bytes, frames, samples;
};

struct gen_key_total {
	struct gen_total total;
	uint64_t hash;
	uint32_t flow; /* rank of one that has the key */
};

/* All keys of a definition, the largest first. */
struct gen_totals {
	struct gen_total all;
	struct gen_key_total *keys;
	uint32_t count;
};

/**
 * Sum the totals of flows by the key of a definition.
 * @param flows  one per flow of the model, by rank
 * @return 0, or -ENOMEM; free with gen_totals_fini()
 */
int gen_totals_init(struct gen_totals *t, const struct gen_definition *d, const struct gen_model *m,
	const struct gen_total *flows);

void gen_totals_fini(struct gen_totals *t);
