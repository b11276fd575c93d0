/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "packet/shape.h"

/*
 * What is known of a plan's fields and keys before a sample comes, for each shape that its sampled
 * header can have: fields that nobody reads cost nothing, and a key that lies in the header is cut out
 * of it. In a plan, and as immutable.
 */

enum { FLOW_CUTS = 16 }; /* no less than FLOW_KEYS */

/* How a field comes by its value. */
enum flow_step_kind {
	FLOW_STEP_AT,     /* it is at a place of the header */
	FLOW_STEP_BITS,   /* bits of what is at a place of the header */
	FLOW_STEP_ABSENT, /* such a header does not have it */
	FLOW_STEP_READ,   /* none of these */
};

struct flow_step {
	uint8_t kind;  /* enum flow_step_kind */
	uint8_t field; /* number in the plan */
	uint8_t width; /* bytes */
	uint16_t at;   /* bytes from the start of the header */
};

/* The fields that some definition reads in samples of one shape, in the order of the plan. */
struct flow_layout {
	bool need_packet; /* some of them want packet_decode() */
	unsigned count;
	const struct flow_step *steps;
};

/* How a definition comes by its key. */
enum flow_recipe_kind {
	FLOW_RECIPE_FIELDS, /* its fields are read, and joined */
	FLOW_RECIPE_ABSENT, /* such a header lacks one of them */
	FLOW_RECIPE_CUT,    /* cuts, one behind the other */
};

struct flow_cut {
	uint16_t at; /* bytes from the start of the header */
	uint8_t width;
};

struct flow_recipe {
	uint8_t kind; /* enum flow_recipe_kind */
	uint8_t len;  /* FLOW_RECIPE_CUT: bytes of the key */
	uint8_t count;
	struct flow_cut cuts[FLOW_CUTS];
};

struct flow_plan;

/** Make the layouts of a plan, and the recipes of its definitions, once these are compiled. */
void flow_layouts_make(struct flow_plan *plan);
