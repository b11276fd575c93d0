/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/region.h"
#include "flow/key.h"
#include "sflow/structure.h"

/* Keys that are made of the records of a flow sample: rows that name a field of a structure. */

enum flow_reading {
	FLOW_READ_PLAIN,      /* as the field's type is; a number that is all ones is unknown */
	FLOW_READ_EXACT,      /* the same, where all ones is a number like any other */
	FLOW_READ_WORD,       /* the word of an enumeration, or its number where it has none */
	FLOW_READ_LIST,       /* the numbers of a list, joined by - */
	FLOW_READ_LABELS,     /* the same of MPLS label stack entries: labels alone */
	FLOW_READ_VLANS,      /* the same of TPIDs and TCIs: VLANs alone */
	FLOW_READ_PATH,       /* the numbers of an AS path, joined by - */
	FLOW_READ_PATH_FIRST, /* the first of them */
	FLOW_READ_PATH_LAST,  /* the last of them */
	FLOW_READ_SOURCE,     /* `field` and `second` are class and index of a data source */
	FLOW_READ_DEVIATION,  /* standard deviation from the mean one, normally distributed */
	FLOW_READ_ABOVE,      /* by how much `field` is above `second`; absent where it is not */
};

/* Several rows in a row may have one name: the first that the sample has counts. */
struct flow_record_key {
	const char *name;
	uint32_t tag;
	const char *field;
	enum flow_reading reading;
	const char *help; /* NULL: as the row before it */
	const char *second;
};

extern const struct flow_record_key flow_record_keys[];
extern const unsigned flow_record_keys_count;

/* Where a field is: `offset` bytes into the body, or -1 behind fields whose size varies. */
struct flow_spot {
	int16_t offset;
	uint8_t field; /* position in the structure */
};

/* A row, found in one form of its structure. */
struct flow_place {
	const struct flow_record_key *row;
	const struct sflow_structure *structure; /* of the row's tag */
	const struct sflow_structure *form;      /* itself, or one of its others */
	uint8_t record;                          /* sflow_flow_index() of the tag */
	struct flow_spot first, second;
};

/** The first row of a name, or NULL. */
const struct flow_record_key *flow_record_find(const char *name, size_t len);

/** What the values of a row are. */
struct flow_type flow_record_type(const struct flow_record_key *row);

/** Find the places of a FLOW_RECORD key: all rows of its name, all forms of their structures. */
void flow_record_resolve(struct flow_key *key, struct base_region *region);

/** Read a resolved FLOW_RECORD key. RX core. @return false where the sample lacks it */
bool flow_record_get(
	const struct flow_key *key, const struct sflow_flow *flow, struct packet_value *v);
