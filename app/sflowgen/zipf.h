/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "rng.h"

struct zipf_cell;

/*
 * Draws rank k of 0 to n - 1 with a probability proportional to 1 / (k + 1)^s, by the alias method:
 * exact (to 2^-32 of a cell), one table look-up per draw, 8 bytes per rank.
 */
struct gen_zipf {
	struct zipf_cell *cells;
	uint32_t n;
};

/** @param s  exponent, 0 is uniform. @return 0, or -ENOMEM. */
int gen_zipf_init(struct gen_zipf *z, uint32_t n, double s);

uint32_t gen_zipf_draw(const struct gen_zipf *z, struct gen_rng *r);

void gen_zipf_fini(struct gen_zipf *z);
