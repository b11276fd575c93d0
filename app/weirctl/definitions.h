/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>

#include "session.h"
#include "sums.h"

enum { DEFINITIONS_MAX = 1024 };

/* Definitions and what their newest windows hold, as PREFIX:flow:{NAME}:meta says. */
struct definitions {
	char *names[DEFINITIONS_MAX]; /* sorted */
	redisReply *metas[DEFINITIONS_MAX];
	unsigned count;
};

/** @return 0, or -EIO after a word on stderr; definitions_free() follows either way */
int definitions_read(struct session *s, const struct options *o, struct definitions *d);
void definitions_free(struct definitions *d);

/**
 * What holds between the definitions of one collector in one window: each has seen all flow samples
 * (those that are dropped: all discarded packets), as samples, filtered or keyless. Definitions that
 * are a window behind are left out, since one is written after the other.
 * @return how many sums: one for each kind of which there is a definition
 */
enum { DEFINITIONS_SUMS = 3 };
unsigned definitions_sums(
	const struct definitions *d, const char *collector, struct sum sums[DEFINITIONS_SUMS]);

/** For people on stdout, after an empty line; nothing where there is none. */
void definitions_print(const struct definitions *d, const char *collector);

/** Array of objects: `flow` and the fields of each. */
json_t *definitions_document(const struct definitions *d, const char *collector);
