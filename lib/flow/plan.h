/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/region.h"
#include "base/text.h"
#include "flow/key.h"

/*
 * Flow definitions compiled into a plan: the list of fields that any of them needs, each once, and
 * for each definition which of these make its key and what it counts. Immutable; one plan is one
 * generation, and every window says which one it was filled by.
 */

enum {
	FLOW_FIELDS = 64, /* different keys of all definitions together */
	FLOW_KEYS = 16,   /* keys of one definition */
	FLOW_DEFINITIONS = 256,
	FLOW_KEY_BYTES =
		255, /* longest key; a sample with a longer one is cut to no key and counted as keyless */
};

enum flow_value {
	FLOW_VALUE_BYTES,  /* length of the packet times the sampling rate */
	FLOW_VALUE_FRAMES, /* the sampling rate */
};

/* A definition as written. */
struct flow_spec {
	const char *name;
	const char *keys; /* comma-separated; empty: one total per data source */
	const char *value;
	unsigned n;
	double t;          /* seconds */
	unsigned capacity; /* keys per window and RX core */
};

struct flow_definition {
	const char *name;
	enum flow_value value;
	unsigned n;
	double t;
	unsigned capacity;
	unsigned key_count;
	uint8_t keys[FLOW_KEYS]; /* numbers of plan fields, in the order of the key */
	unsigned width;          /* bytes of the key, 0 where they vary */
};

struct flow_plan {
	uint64_t generation;
	unsigned field_count;
	struct flow_key fields[FLOW_FIELDS];
	bool need_packet; /* some field is of the sampled header */
	unsigned definition_count;
	struct flow_definition *definitions;
	struct base_region region;
};

/* What is wrong with a definition, and where in which of its texts. */
struct flow_error {
	enum { FLOW_ERROR_NAME, FLOW_ERROR_KEYS, FLOW_ERROR_VALUE } in;
	unsigned definition; /* number of the spec */
	unsigned offset;     /* bytes into that text */
	char text[256];
};

/**
 * Compile definitions. Control thread.
 * @return the plan, to be freed with flow_plan_free(); NULL with `error` (errno EINVAL)
 */
struct flow_plan *flow_compile(
	const struct flow_spec *specs, unsigned count, struct flow_error *error);
void flow_plan_free(struct flow_plan *plan);

/** The word for a definition's value: "bytes" or "frames". */
const char *flow_value_name(enum flow_value value);

/** Text of a key of `d`: the texts of its parts, joined by commas. */
void flow_key_print(const struct flow_plan *plan, const struct flow_definition *d,
	const uint8_t *key, unsigned len, struct base_text *t);
