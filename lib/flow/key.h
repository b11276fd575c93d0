/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "packet/packet.h"
#include "sflow/sflow.h"

/*
 * The names that a definition's keys can have: what the sample itself says (rows here), and the
 * fields of the sampled header (rows of lib/packet).
 */

/* A sample as keys see it. */
struct flow_sample {
	const struct base_addr *agent;
	const struct sflow_sample *sample;
	const struct sflow_flow *flow;
	const struct packet *packet;
};

/* A key that comes from the sample rather than from the sampled header. */
struct flow_context_key {
	const char *name;
	bool (*get)(const struct flow_sample *s,
		struct packet_value *v); /* false: the sample lacks it */
	uint8_t width;                   /* bytes, 0 where they vary */
	enum base_form form;
	const char *help;
};

extern const struct flow_context_key flow_context_keys[];
extern const unsigned flow_context_keys_count;

/* One key, found by name: exactly one of `context` and `field` is set. */
struct flow_key {
	const struct flow_context_key *context;
	const struct packet_field *field;
	unsigned instance; /* of the field's layer, 0 outermost */
};

/**
 * Find a key by name; `.N` behind a header field picks its N-th layer.
 * @return 0; -ENOENT: no such name; -ERANGE: no such N
 */
int flow_key_find(const char *name, size_t len, struct flow_key *key);

/** The i-th of all names, NULL past the last; for errors and listings. */
const char *flow_key_name(const void *unused, size_t i);

/** Width of the key's bytes, 0 where they vary. */
unsigned flow_key_width(const struct flow_key *key);
