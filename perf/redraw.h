/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "datagrams.h"
#include "rng.h"
#include "zipf.h"

/*
 * Gives the samples of datagrams in memory other flows, in place: so a window can have more flows than
 * the datagrams have samples. Flow n is an Ethernet, IPv4 and TCP header that is made of n alone; it comes
 * through one data source alone, as in the model of sflowgen. Each agent has one, and an equal share of
 * the flows.
 */
struct redraw {
	struct redraw_sample {
		uint8_t *header; /* in the datagram */
		uint32_t agent;
	} * samples;
	uint64_t count; /* samples */
	uint32_t agents;
	uint32_t share; /* flows of each */
	struct gen_zipf zipf;
	struct gen_rng rng;
};

/**
 * @param d      of traffic with one interface of each agent; outlives `r`
 * @param flows  in all, at least one of each agent
 * @param zipf   exponent, within an agent; 0: uniform
 * @return 0, or negative with a sentence on stderr; redraw_fini() either way
 */
int redraw_init(
	struct redraw *r, const struct datagrams *d, uint32_t agents, uint32_t flows, double zipf);
void redraw_fini(struct redraw *r);

/** Draw a flow for each sample of the datagrams. */
void redraw(struct redraw *r);
