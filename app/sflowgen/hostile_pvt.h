/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "hostile.h"

/* What hostile datagrams are made of. Each writer gives the end. */

/** A header of any of 131,072 agents in 198.18.0.0/15. */
uint8_t *gen_hostile_header(struct gen_rng *r, uint8_t *p, uint32_t samples);

/** The same of the few agents that send more than they should: 198.19.255.0 to .3. */
uint8_t *gen_hostile_greedy_header(struct gen_rng *r, uint8_t *p, uint32_t samples);

/** A text of `len` small letters, 255 at most, at random. */
uint8_t *gen_hostile_text(struct gen_rng *r, uint8_t *p, uint32_t len);

/* Whole datagrams that would fill tables (flood.c), as in struct gen_hostile_kind. */
enum {
	GEN_FLOOD_SAMPLES = 7, /* of a datagram, as usual ones have */
	GEN_FLOOD_URLS = 3,    /* more do not fit */
};

uint32_t gen_flood_agents(struct gen_rng *r, uint8_t *out);
uint32_t gen_flood_sources(struct gen_rng *r, uint8_t *out);
uint32_t gen_flood_keys(struct gen_rng *r, uint8_t *out);
uint32_t gen_flood_collisions(struct gen_rng *r, uint8_t *out);
uint32_t gen_flood_urls(struct gen_rng *r, uint8_t *out);
uint32_t gen_flood_names(struct gen_rng *r, uint8_t *out);
