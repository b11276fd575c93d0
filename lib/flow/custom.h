/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "flow/extract.h"

/*
 * Custom flows (4300:1003, rtflow): what applications send as samples of their own, with fields that
 * they name. A key rt:NAME:TYPE is such a field. Definitions with such a key count these samples and
 * no others.
 */

enum {
	FLOW_CUSTOM_NAME = 64, /* bytes of a field's or a data source's name */
	FLOW_CUSTOM_ANY = 255, /* in place of a type: its text, whatever it is */
	FLOW_CUSTOMS = 64,     /* names noted in one window */
};

/** Whether a field can have that name: letters, digits, _ . and - */
bool flow_custom_name(const void *name, size_t len);

/** Whether a data source can: printable characters, no digit first, no quote, comma or backslash. */
bool flow_custom_source(const void *name, size_t len);

/**
 * Read all fields of the plan from a custom sample. RX core.
 * @param flow  empty: such a sample has no records
 */
void flow_extract_custom(const struct flow_plan *plan, const struct base_addr *agent,
	const struct sflow_sample *sample, const struct sflow_flow *flow,
	struct flow_fields *fields);

/* A field that samples have had. */
struct flow_custom {
	uint8_t type; /* as on the wire */
	uint8_t len;
	char name[FLOW_CUSTOM_NAME];
};

/* Those of one window, of samples that were looked at: the first ones, then some. One writer. */
struct flow_customs {
	uint32_t skip, looks;
	uint32_t count;
	struct flow_custom list[FLOW_CUSTOMS];
};

/** Look at a sample, or not. RX core: once for each. */
void flow_customs_note(struct flow_customs *seen, const struct sflow_sample *sample);

/** Append how the key is written: "rt:NAME:TYPE". */
void flow_custom_print(const struct flow_custom *custom, struct base_text *t);
