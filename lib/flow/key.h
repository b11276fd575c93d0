/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "packet/packet.h"
#include "sflow/sflow.h"

/*
 * The names that a definition's keys can have: what the sample itself says (rows here), records of
 * the sample (rows of flow/record.h), and the fields of the sampled header (rows of lib/packet).
 */

/* A sample as keys see it. */
struct flow_sample {
	const struct base_addr *agent;
	const struct sflow_sample *sample;
	const struct sflow_flow *flow;
	const struct packet *packet; /* NULL: of a shape that has no layers but the plain ones */
};

/* What the bytes of a value are. */
struct flow_type {
	enum base_form form;
	uint8_t bits;  /* of BASE_FORM_BITS */
	uint8_t width; /* bytes, 0 where they vary */
};

/* A key that comes from the sample rather than from the sampled header. */
struct flow_context_key {
	const char *name;
	bool (*get)(const struct flow_sample *s,
		struct packet_value *v); /* false: the sample lacks it */
	uint8_t width;                   /* bytes, 0 where they vary */
	enum base_form form;
	const char *help;
	const char *unit; /* of a number; NULL: it has none */
	bool packet;      /* needs the sampled header's layers, but for those of all shapes */
	bool custom;      /* custom flows have it, too */
	bool only_custom; /* nothing else has it */
};

extern const struct flow_context_key flow_context_keys[];
extern const unsigned flow_context_keys_count;

enum flow_source {
	FLOW_HEADER,  /* a field of the sampled header */
	FLOW_CONTEXT, /* what the sample says */
	FLOW_RECORD,  /* a field of one of its records */
	FLOW_CALL,    /* a function of other keys */
	FLOW_LATE,    /* one that is applied when windows are merged */
	FLOW_CUSTOM,  /* a field of a custom flow; flow/custom.h */
};

struct flow_record_key;
struct flow_place;
struct flow_call;

/* One key, found by name, or made by a function. */
struct flow_key {
	uint8_t source;      /* enum flow_source */
	uint8_t instance;    /* of the field's layer, 0 outermost */
	uint8_t place_count; /* of FLOW_RECORD */
	struct flow_type type;
	union {
		const struct packet_field *field;
		const struct flow_context_key *context;
		const struct flow_record_key *record;
		const struct flow_call *call;
	};
	const struct flow_place *places; /* of FLOW_RECORD, once it is in a plan */
};

/**
 * Find a key by name; `.N` behind a header field picks its N-th layer.
 * @return 0; -ENOENT: no such name; -ERANGE: no such N
 */
int flow_key_find(const char *name, size_t len, struct flow_key *key);

/** The i-th of all names, NULL past the last; for errors and listings. */
const char *flow_key_name(const void *unused, size_t i);
