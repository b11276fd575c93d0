/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "api/resource.h"
#include "metric/statistic.h"

/*
 * The metrics that a query asks for: a list with , or ; between its terms. What a term may have in front
 * of its metric depends on the query: statistics (med:ifinoctets), or how a table treats its column
 * (sort:load_one:-10, null:ifname). A metric may be one of a single data source (2.1.load_one), and the name
 * of a flow definition is a metric too. Pure.
 */

enum { TERMS = 100 }; /* at most */

enum term_kind {
	TERM_STATISTIC,
	TERM_COLUMN,
	TERM_PLAIN, /* or ALL */
};

struct term {
	const char *text; /* as it was asked for, as far as its metric */
	enum metric_statistic statistic;
	bool all;           /* ALL: every metric that there is */
	bool null;          /* rows may lack it */
	bool sort;          /* rows are sorted by it */
	long most;          /* rows at most, 0: all; negative: the largest first */
	const char *metric; /* with its data source, if it has one */

	/* Out of term_bind(). */
	struct metric_path path;
	const struct metric_name *name; /* within its section of reading; NULL: nothing has it */
	int flow;                       /* number of the definition, -1: it is none */
};

struct terms {
	unsigned count;
	struct term list[TERMS];
	char *copy; /* owns the texts */
};

/** @return 0; -EINVAL with `e`; -ENOMEM */
int terms_parse(struct terms *t, const char *text, enum term_kind kind, struct api_error *e);
void terms_fini(struct terms *t);

/**
 * Find out what the terms are: flows, else metrics of a store.
 * @param flow  the number of the definition of a name, or negative; NULL: there are no flows
 */
void terms_bind(struct terms *t, const struct metric_store *m,
	int (*flow)(void *ctx, const char *name), void *ctx);

/** Whether `is` holds for a name that one of the terms may mean. */
bool terms_any(const struct terms *t, bool (*is)(void *ctx, const char *name), void *ctx);
