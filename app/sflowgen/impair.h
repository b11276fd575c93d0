/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "rng.h"
#include "stream.h"

/* What the network does to datagrams on their way. Shares of all datagrams, 0 to 1. */
struct gen_impair_shares {
	double loss, duplicate, reorder;
};

enum gen_arrival {
	GEN_IN_ORDER,
	GEN_DUPLICATE, /* the same datagram as the one before of its exporter */
	GEN_LATE,      /* behind one of its exporter with a higher sequence number */
	GEN_LOST,      /* does not arrive; told so that it can be counted */
};

/* Who takes datagrams at the other end of the network. */
struct gen_receiver {
	/* @return 0, or -errno, which ends the run */
	int (*take)(void *ctx, const struct gen_datagram *dg, enum gen_arrival arrival);
	void *ctx;
};

struct gen_impair;

/** @return NULL where there is no memory. `to` is copied. */
struct gen_impair *gen_impair_create(const struct gen_impair_shares *shares, uint64_t seed,
	uint32_t exporters, const struct gen_receiver *to);

/**
 * Pass a datagram on, or lose it, double it, or hold it back until the next of its exporter
 * has passed.
 * @return 0, or what the receiver returned
 */
int gen_impair_pass(struct gen_impair *i, const struct gen_datagram *dg);

/** At the end: pass on what is held back. */
int gen_impair_drain(struct gen_impair *i);

void gen_impair_destroy(struct gen_impair *i);
