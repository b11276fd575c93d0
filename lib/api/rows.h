/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "api/budget.h"
#include "api/flow_metric.h"
#include "api/walk.h"

/*
 * A table of metrics: a row for each data source that has a column of its own. Columns that it does not
 * have come from its agent's host, and those of another data source (2.1.load_one) from that of the same
 * agent. A row that lacks a column is left out, unless the column may be null.
 */

struct cell {
	bool there;
	struct metric_value value;
	const struct metric_source *src; /* whose it is; NULL: of flows, at: */
	const struct flow_place *place;
};

struct row {
	uint64_t number; /* in the order in which they were found */
	struct cell *cells;
};

struct rows {
	const struct walk *walk;
	const struct terms *columns;
	const struct window_view *view;
	struct flow_metric *flows; /* of each column that is one */
	struct api_budget *budget;
	/**
	 * Takes the rows as they are found, where they are not sorted; their cells are gone afterwards.
	 * @return 0, or -errno that ends the walk
	 */
	int (*each)(void *ctx, const struct rows *r, const struct cell *cells);
	void *ctx;

	/* Own. */
	const struct term *sort; /* its column number: */
	unsigned sort_column;
	/* The agent whose sources columns name, and these: rows come agent by agent where there are any. */
	const struct metric_agent *agent;
	const struct metric_source *others[TERMS];
	struct row *kept; /* a heap, the row on top that goes first, where only some are kept */
	uint64_t count, room, most, found;
	uint64_t memory; /* taken of the budget */
	int err;
};

/**
 * Go through all rows, or those that the sort keeps, in its order.
 * @return 0; -ENOMEM; -ENOBUFS: the budget has no room for them; what `each` returned
 */
int rows_walk(struct rows *r);
