/* SPDX-License-Identifier: BSD-3-Clause */
#include "zipf.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* A cell keeps its own rank with probability keep / 2^32, and stands for `other` else. */
struct zipf_cell {
	uint32_t keep;
	uint32_t other;
};

/* Weights scaled to a mean of 1. */
static void weigh(double *w, uint32_t n, double s)
{
	double sum = 0;
	uint32_t i;

	/* Smallest first, so that no small term is lost in a large sum. */
	for (i = n; i-- > 0;) {
		w[i] = pow((double)i + 1, -s);
		sum += w[i];
	}
	for (i = 0; i < n; i++)
		w[i] *= n / sum;
}

/*
 * Fill each light cell up from a heavy one. Weights fall with the rank, so the heavy ranks are the
 * first ones; one that has given so much that it is light itself is filled next. A cell that
 * rounding leaves over stands for itself.
 */
static void fill(struct zipf_cell *cells, double *w, uint32_t n)
{
	uint32_t heavies = 0, heavy = 0, light, next;

	for (uint32_t i = 0; i < n; i++)
		cells[i] = (struct zipf_cell){.keep = UINT32_MAX, .other = i};
	while (heavies < n && w[heavies] >= 1)
		heavies++;
	light = heavies;
	next = heavies + 1;
	while (heavy < heavies && light < n) {
		cells[light] =
			(struct zipf_cell){.keep = (uint32_t)(w[light] * 0x1p32), .other = heavy};
		w[heavy] -= 1 - w[light];
		light = w[heavy] < 1 ? heavy++ : next++;
	}
}

int gen_zipf_init(struct gen_zipf *z, uint32_t n, double s)
{
	double *w = calloc(n, sizeof(*w));

	z->n = n;
	z->cells = calloc(n, sizeof(*z->cells));
	if (!w || !z->cells) {
		free(w);
		gen_zipf_fini(z);
		return -ENOMEM;
	}
	weigh(w, n, s);
	fill(z->cells, w, n);
	free(w);
	return 0;
}

uint32_t gen_zipf_draw(const struct gen_zipf *z, struct gen_rng *r)
{
	unsigned __int128 product = (unsigned __int128)gen_rng_next(r) * z->n;
	uint32_t i = (uint32_t)(product >> 64);
	const struct zipf_cell *cell = &z->cells[i];

	return (uint32_t)((uint64_t)product >> 32) < cell->keep ? i : cell->other;
}

void gen_zipf_fini(struct gen_zipf *z)
{
	free(z->cells);
	z->cells = NULL;
}
