/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "api/flow_metric.h"
#include "api/route.h"
#include "api/walk.h"
#include "api/writer.h"

/*
 * What the handlers of metrics have in common: the question of a request taken apart, and the answer
 * as it is written. A handler opens it and closes it.
 */
struct asking {
	const struct metric_store *store;
	const struct window_view *view; /* NULL: it asks for no flows */
	struct scope scope;
	struct terms terms;
	struct metric_filter *filter;
	struct metric_select select;
	struct walk walk;
	struct api_writer writer;
	uint64_t now_ms;
};

/**
 * Take a request apart: agents are its first name, metrics its second.
 * @param kind  of the metrics
 * @return whether `reply` is untouched, and asking_close() is to follow
 */
bool asking_open(struct asking *a, const struct api_request *r, enum term_kind kind,
	struct api_reply *reply);

/** @param err  what came of it: 0, or -ENOMEM. Gives `reply` what was written, or the error. */
void asking_close(struct asking *a, const struct api_request *r, int err, struct api_reply *reply);

/** The same where `reply` has its error already. */
void asking_drop(struct asking *a);

/**
 * Quartiles take all values in memory.
 * @param values  of one statistic at most
 * @param taken   out: to be given back
 * @return whether there is room for them
 */
bool asking_afford(
	const struct asking *a, struct api_budget *budget, uint64_t values, uint64_t *taken);

/** Whether the request is about flows or places, so that it needs a view. For rows of routes. */
bool asking_wants_view(const struct api_request *r);

/** The same where agents are the second name, and there are no flows. */
bool asking_wants_topology(const struct api_request *r);

/* ---- to write ---- */

/* Where a value is from: a source of the store, or a place of flows. */
struct asking_from {
	const struct metric_source *src; /* NULL: */
	const struct flow_metric *flow;  /* of which definition */
	const struct flow_place *place;
};

void asking_write_number(struct asking *a, const char *name, uint64_t n);
void asking_write_value(struct asking *a, const char *name, const struct metric_value *v);

/** `agent` and `dataSource`. */
void asking_write_from(struct asking *a, const struct asking_from *from);

/** How long ago, in milliseconds; nothing where it is not known. */
void asking_write_age(struct asking *a, const char *name, uint64_t time_ms);

/** `topKeys`, of a place, or (NULL) of all. Nothing where flows have no keys. @return 0 or -ENOMEM */
int asking_write_top(struct asking *a, const struct flow_metric *f, const struct flow_place *p);

/** One value as an object: a Metric. @return 0 or -ENOMEM */
int asking_write_metric(struct asking *a, const char *name, const struct asking_from *from,
	const struct metric_value *v);
