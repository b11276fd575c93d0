/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "sflow/structure.h"

/* The entries of custom samples, rtmetric (4300:1002) and rtflow (4300:1003): names with values of
 * a type that stands beside them. Pure; any thread. */

struct sflow_entry {
	const uint8_t *name; /* in the sample; not escaped */
	uint32_t name_len;
	uint32_t type; /* as on the wire */
	struct sflow_value value;
};

/** Name of a value's type, or NULL. */
const char *sflow_entry_type(enum sflow_kind kind, uint32_t type);

/* What of an entry could not be read, and where it starts. */
struct sflow_entry_cut {
	const char *field;
	const uint8_t *at;
};

/**
 * Read one entry.
 * @return false (and c->bad) at the end of the bytes; false without c->bad where the type is
 * unknown; in both cases with `cut`
 */
bool sflow_entry_read(struct base_cursor *c, enum sflow_kind kind, struct sflow_entry *e,
	struct sflow_entry_cut *cut);
