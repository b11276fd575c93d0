/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/region.h"
#include "metric/metric.h"
#include "stats/stats.h"
#include "window/view.h"

/*
 * What one closed window has to say, for those who publish it. Built by the aggregator, immutable
 * from then on, exchanged by RCU (liburcu-memb, its own domain: a slow reader delays no seal) and
 * freed after the last reader let go. Texts are ready for output.
 */

/* One of the `values` of a definition, for one flow. */
struct window_extra {
	bool there;       /* false: the flow has none */
	double value;     /* of a rate per second */
	uint64_t samples; /* that it rests on */
	double error95;   /* as below */
};

/* A value of a definition, as it is written. */
struct window_expression {
	const char *text;      /* "avg:tcprtt" */
	const char *aggregate; /* rate, avg, min, max, last, count */
	const char *unit; /* bytes, frames, microseconds, distinct, number; of a rate per second */
};

struct window_flow {
	const char *key; /* texts of the keys, joined by the definition's separator */
	/* A rate is per second, smoothed, and the largest of all data sources; see window/value.h */
	double value;
	uint64_t samples;  /* that the value rests on (effective count of the smoothed rate) */
	double error95;    /* relative: 0.1 is plus or minus 10 % with 95 % probability; or NAN */
	const char *agent; /* where the value, or the most of it, was seen */
	const char *source;
	const struct window_extra *extras; /* as many as the definition has */
};

struct window_flows {
	const char *name; /* of the definition */
	uint64_t meaning; /* a hash of all that decides what it counts */
	const char *unit; /* of the value: bytes, frames, ...; rates are per second */
	struct window_expression value;
	unsigned extra_count; /* values beside it */
	const struct window_expression *extras;
	/*
	 * Exact sums over the window, all samples that had the keys: of a rate in its unit, of an
	 * average the sum of the numbers, of all else the samples.
	 */
	uint64_t total;
	uint64_t other;   /* of that, what found its table full */
	uint64_t samples; /* that counted */
	/* samples + filtered + keyless is all there were: flow samples, discarded packets, custom flows */
	uint64_t filtered; /* that its filter refuses */
	uint64_t keyless;  /* that lack a key or the value */
	double lost;       /* share of the value of this window that is known to be lost, 0 to 1 */
	bool corrected;    /* rates are multiplied, so that they stand for that as well */
	bool dropped;      /* counts discarded packets, not flow samples */
	bool custom;       /* counts custom flows, not flow samples */
	uint64_t flows;    /* keys in the newest window, all of them */
	unsigned count;
	const struct window_flow *top; /* largest first */
};

struct window_agent {
	struct base_addr addr;
	uint64_t seen_ms; /* last datagram, since 1970 */
	unsigned count;
	const struct metric_pair *pairs; /* fields of weir:agent:{IP} */
};

struct window_snapshot {
	uint64_t number; /* 1, 2, 3, …: a gap is a window that was not looked at in time */
	uint64_t start_ms, end_ms; /* since 1970 */
	uint64_t sealed_ns;        /* when it was sealed, monotonic; 0: nobody knows */
	bool complete; /* agents and the sampling of data sources are all there, not only changes */
	unsigned flow_count;
	const struct window_flows *flows;
	unsigned agent_count;
	const struct window_agent *agents;
	unsigned metric_count;
	const struct metric_update *metrics; /* what is known of how data sources sample */
	unsigned collector_count;
	const struct metric_pair *collector;           /* the collector's own counters */
	const struct stats_def *const *collector_defs; /* the row of each; NULL: it is a text */
	const struct window_view *view; /* everything, while somebody asks for it; else NULL */
	struct base_region region;      /* owns all of the above */
};

struct window_exchange;

/** Free a snapshot that was never put into an exchange; NULL is fine. */
void window_snapshot_free(struct window_snapshot *s);

/** One exchange joins one aggregator and any readers. destroy: when all of them are done with it. */
struct window_exchange *window_exchange_create(void);
void window_exchange_destroy(struct window_exchange *x);

/** Aggregator: put a snapshot in force (from calloc; ownership passes) and wake the waiters. */
void window_exchange_put(struct window_exchange *x, struct window_snapshot *s);

/** Aggregator: whether a reader asked for a complete snapshot since the last call. */
bool window_exchange_wants_all(struct window_exchange *x);

/**
 * Aggregator, once a window: whether the next snapshot is to have a view: a reader has asked for one
 * since the last call, or in the 10 seconds before it.
 */
bool window_exchange_wants_view(struct window_exchange *x);

/* ---- Readers: each thread registers once, and holds a snapshot only briefly. ---- */
void window_exchange_register(void);
void window_exchange_unregister(void);

/** Ask that the next snapshot be complete (a reader that starts, or missed one). */
void window_exchange_want_all(struct window_exchange *x);

/** Ask for views: the next snapshot but one has one at the latest, and those for a while. Any thread. */
void window_exchange_want_view(struct window_exchange *x);

/** The newest snapshot, or NULL; valid until window_exchange_release(), which follows either way. */
const struct window_snapshot *window_exchange_hold(struct window_exchange *x);
void window_exchange_release(struct window_exchange *x);

/** Sleep until a snapshot newer than `number` is there, or `timeout_ms` passed. @return the newest number. */
uint64_t window_exchange_wait(struct window_exchange *x, uint64_t number, uint64_t timeout_ms);
