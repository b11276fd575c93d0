/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "sflow/sflow.h"

/*
 * Thresholds on the flows of definitions and on metrics, by name. The set may change at any time and
 * by any thread; lib/window/trigger.h asks it at the end of every window.
 */
struct metric_filter;

enum {
	THRESHOLDS = 1024,             /* in a set */
	THRESHOLD_NAME = 64,           /* bytes of a name */
	THRESHOLD_METRIC_TEXT = 512,   /* and of a metric, with the data source before it */
	THRESHOLD_PLACES = 128,        /* agents, and data sources, that one may name */
	THRESHOLD_TIMEOUT_DEFAULT = 2, /* seconds */
	THRESHOLD_TIMEOUT_MAX = 86400,
};

#define THRESHOLD_VALUE_MAX 1e18

struct threshold {
	const char *name;
	/* A flow definition, or a metric; of one data source alone: "2.1.load_one" */
	const char *metric;
	double value;   /* of a rate per second; it fires above */
	double timeout; /* seconds below until it may fire again */
	/* Of a flow, and nothing to a metric: */
	double samples; /* that the value must rest on, at least, to fire */
	bool by_flow;   /* each flow by itself; else the largest of each data source */
	/* Which data sources: */
	unsigned agent_count, source_count; /* 0: all, of sources where there are no names either */
	const struct base_addr *agents;
	const struct sflow_source *sources;
	const char *
		names; /* of more: texts as they are printed, each with its NUL, then another; NULL: none */
	struct metric_filter
		*attributes; /* of them, their parents or their agents' hosts; NULL: any */
	const char *filter;  /* all three, as JSON; NULL: none. For those who show it */
};

/* What a threshold is on. */
enum threshold_kind {
	THRESHOLD_NEW,     /* no window has ended yet that could tell */
	THRESHOLD_FLOW,    /* a definition */
	THRESHOLD_METRIC,  /* a metric */
	THRESHOLD_NOTHING, /* nothing has that name yet */
};

/** What is right about numbers and names, for those who make one. @return NULL, or what is wrong */
const char *threshold_check(const struct threshold *t);

/** "10", "2.1". @return 0 or -EINVAL */
int threshold_parse_source(const char *text, struct sflow_source *source);

struct thresholds;

/** @return NULL and errno; thresholds_destroy(NULL) is fine. */
struct thresholds *thresholds_create(void);
void thresholds_destroy(struct thresholds *set);

/**
 * Add one, or replace that of its name; it is copied, but for `attributes`, which pass to the set where
 * it takes it. Any thread. @return 0, -ENOSPC or -ENOMEM
 */
int thresholds_put(struct thresholds *set, const struct threshold *t);

/** Any thread. @return 0 or -ENOENT */
int thresholds_remove(struct thresholds *set, const char *name);

/** Call `each` for every one, or for that of `name` alone. Any thread; nobody waits for `each`. */
void thresholds_each(struct thresholds *set, const char *name,
	void (*each)(void *ctx, const struct threshold *t, enum threshold_kind kind), void *ctx);

/* ---- the aggregator ---- */

/* One as the set keeps it: it lives until it was taken out and all who hold it let go. */
struct threshold_entry {
	struct threshold spec;
	uint32_t references; /* atomic */
	bool removed;        /* relaxed atomic: it is in the set no more */
	uint8_t kind;        /* the same, of the aggregator: enum threshold_kind */
};

/**
 * All of a set, each held.
 * @param list  out: from malloc, for thresholds_let_go()
 */
unsigned thresholds_hold(struct thresholds *set, struct threshold_entry ***list);
void thresholds_let_go(struct threshold_entry **list, unsigned count);

struct threshold_entry *threshold_hold(struct threshold_entry *t);
void threshold_let_go(struct threshold_entry *t);

/** Grows with every change of the set. Any thread, wait-free. */
uint64_t thresholds_version(const struct thresholds *set);
