/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "sflow/structure.h"

/* What metrics there are, by the rows of structures: for a page of them. */
struct metric_description {
	const struct sflow_structure *structure;
	const char *name;  /* of queues with N in place of the index */
	bool text;         /* else a number */
	const char *unit;  /* NULL: none */
	bool rate;         /* of a counter: `unit` per second */
	bool percent;      /* a counter whose rate is made percent of a whole */
	bool guest;        /* of guests (class 3) alone */
	const char *field; /* of the structure, as its definition spells it; NULL: made of others */
	const struct sflow_words *words; /* texts that it may be, or NULL */
	const char *formula;             /* how it is made of others; NULL: it is not */
};

/**
 * All metrics, structure by structure. Any thread.
 * @return 0 or -ENOMEM
 */
int metric_describe(void (*each)(void *ctx, const struct metric_description *d), void *ctx);
