/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "packet/shape.h"

/*
 * What is known of a plan's fields and keys before a sample comes, for each shape that its sampled
 * header can have: fields that nobody reads cost nothing, and a key that lies in the header is picked
 * out of it. In a plan, and as immutable.
 */

/*
 * Bytes of a key that are picked out of as many of the header at once, which has all of them in every
 * such shape. Each is written whole, so what follows the key is spoilt.
 */
enum { FLOW_PICK = 16, FLOW_PICKS = 4 };

enum { FLOW_PLAIN_KEY = 38 }; /* bytes of a key that is picked once all else is done, at most */

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
	bool placed;      /* none of them is FLOW_STEP_READ: the header alone tells */
	unsigned count;
	const struct flow_step *steps;
};

/* How a definition comes by its key. */
enum flow_recipe_kind {
	FLOW_RECIPE_FIELDS, /* its fields are read, and joined */
	FLOW_RECIPE_ABSENT, /* such a header lacks one of them */
	FLOW_RECIPE_PICK,   /* picks, one behind the other */
};

struct flow_pick {
	uint8_t which[FLOW_PICK]; /* of these bytes of the header, for each of the key's */
	uint16_t from;            /* where they start in the header */
	uint16_t to;              /* where they are written to in the key */
};

struct flow_recipe {
	uint8_t kind; /* enum flow_recipe_kind */
	uint8_t len;  /* FLOW_RECIPE_PICK: bytes of the key */
	uint8_t count;
	bool hashed; /* one pick of 8 to 16 bytes, and `last` tells those that end it */
	/* The header alone tells whether and by what key a flow sample of that shape is counted, by its length
	 * or as one frame: nothing else is to be asked of it. Or the definition counts none. */
	bool plain;
	bool easy; /* plain, and each one is, by its length and a key that is `hashed` */
	uint8_t last[FLOW_PICK]; /* which of the pick's bytes are its last 8; then any */
	struct flow_pick picks[FLOW_PICKS];
	/* plain: what each test of its filter asks for; NULL: it has none, or the definition counts no flow samples */
	const struct flow_step *asked;
};

struct flow_plan;

/** Make the layouts of a plan, and the recipes of its definitions, once these are compiled. */
void flow_layouts_make(struct flow_plan *plan);
