/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "flow/lookup.h"

/* Entries in the order of their labels: from the first of each on, `next` has the one behind it. */
struct flow_written {
	const struct flow_entry *entries;
	const struct flow_label *labels; /* as they were written */
	uint32_t label_count;
	const uint32_t *first; /* of each label */
};

#define FLOW_NO_ENTRY UINT32_MAX

/** As JSON, to be freed. @return NULL: errno EINVAL: some text is no UTF-8, or ENOMEM */
char *flow_written_json(const struct flow_written *w, const uint32_t *next);
