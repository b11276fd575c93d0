/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/region.h"
#include "sflow/sflow.h"
#include "stats/stats.h"

/*
 * Counter samples become metrics: the newest value of each, and for counters the rate per
 * second over the true time between two records of one data source. One store, one owner
 * thread (the aggregator) that writes; bounded; off the data path, so it may allocate. Other threads
 * read it meanwhile: metric/read.h.
 */

enum metric_stat {
	METRIC_SAMPLES,      /* counter samples read */
	METRIC_DUPLICATES,   /* sample sequence seen before: left out */
	METRIC_OUT_OF_ORDER, /* older than the newest: left out */
	METRIC_RESTARTS, /* agent restarts, and records with a discontinuity: no rate this time */
	METRIC_RECORD_SHORT,    /* records cut off: the fields there count */
	METRIC_RECORD_UNKNOWN,  /* records without a row */
	METRIC_DOUBTFUL,        /* values left out: agents put something else there */
	METRIC_AGENTS_FULL,     /* samples left out, since the store holds its most agents */
	METRIC_SOURCES_FULL,    /* samples left out, since the store holds its most data sources */
	METRIC_AGENT_SHARE,     /* samples left out, since their agent has its share of sources */
	METRIC_STRUCTURES_FULL, /* records left out, since their source has too many structures */
	METRIC_QUEUE_INDEX,     /* records of queues left out, for their index */
	METRIC_SOURCE_NAME,     /* custom samples left out, for the name of their data source */
	METRIC_NAME,            /* custom metrics left out, for their name */
	METRIC_NAMES_FULL,      /* custom metrics left out, since there are too many names */
	METRIC_METRICS_FULL,    /* custom metrics left out, since their source has too many */
	METRIC_TEXT_CUT,        /* custom texts longer than may be, cut or left out */
	METRIC_MACS_FULL,       /* MAC addresses of hosts left out, since there are too many */
	METRIC_SAMPLES_LAST,    /* samples that say that their source has ended: left out */
	METRIC_SOURCES_ENDED,   /* data sources forgotten, since they said so */
	METRIC_SOURCES_EXPIRED, /* data sources forgotten, since they fell silent */
	METRIC_STATS,
};

extern const struct stats_group metric_stats;

struct metric_limits {
	uint32_t agents;        /* with data sources, kept at most */
	uint32_t sources;       /* data sources kept at most */
	uint32_t custom;        /* custom metrics of one source */
	uint32_t names;         /* names of custom metrics, in all, that there are at a time */
	uint32_t text;          /* bytes of a custom metric that is a text, 255 at most */
	uint32_t agent_sources; /* of one agent at most; 0: its share, see docs/design.rst */
	/*
	 * Forget a data source that was silent for so many of its own polling intervals, but not before
	 * 2 seconds; 0: for expire_ms.
	 */
	uint32_t silent;
	uint64_t expire_ms; /* silent this long, whatever its interval */
};

/* One metric as text, ready for a hash or JSON. */
struct metric_pair {
	const char *name;
	const char *text;
	bool number; /* false: JSON needs quotes (and escapes) */
	bool json; /* it is JSON as it stands; only the collector's own, such as lists of numbers */
};

/* The metrics of one counter sample, or all of one data source. */
struct metric_update {
	struct base_addr agent;
	uint32_t sub_agent;
	struct sflow_source source;
	const char *name; /* of a source that has no numbers; else NULL */
	uint64_t time_ms; /* of arrival, since 1970 */
	uint32_t count;
	const struct metric_pair *pairs;
};

struct metric_store;
struct names;
struct metric_source;
struct metric_agent;

/*
 * All functions here: owner thread of the store. Texts hold printable ASCII; other bytes of the
 * wire are escaped as in base_text_wire().
 */

/**
 * @return NULL and errno where memory is short. metric_store_destroy() takes NULL too; readers are
 *         gone by then, and it waits until all is freed.
 */
struct metric_store *metric_store_create(const struct metric_limits *limits);
void metric_store_destroy(struct metric_store *m);

/* A counter sample as the RX core kept it. */
struct metric_sample {
	struct base_addr agent;
	uint32_t sub_agent;
	uint32_t uptime_ms;         /* of the datagram */
	uint64_t time_ms;           /* of arrival, since 1970 */
	struct sflow_sample sample; /* from sflow_sample_next(); its bytes live through the call */
};

/**
 * Take one counter sample in.
 * @param region  owns what `u` points to
 * @param u       out: the metrics that this sample set (rates from the second sample on), as text;
 *                NULL: nobody asks
 * @return its data source; NULL where the sample was left out (counted)
 */
const struct metric_source *metric_sample_add(struct metric_store *m, struct metric_sample *s,
	struct base_region *region, struct metric_update *u);

/** A data source by what names it. @return NULL: it is not there, or has no counters */
struct metric_source *metric_source_find(const struct metric_store *m, const struct metric_agent *a,
	uint32_t sub_agent, struct sflow_source id);

/**
 * Call `each` with every data source and all its metrics; texts are in `region`, which `each` may
 * free, since every update is made anew.
 */
void metric_store_each(struct metric_store *m, struct base_region *region,
	void (*each)(void *ctx, const struct metric_update *u), void *ctx);

/**
 * After each merge: what it replaced is freed when no reader holds it any more. Waits for nobody.
 */
void metric_store_settle(struct metric_store *m);

/**
 * What interfaces are called by others than their agents: their metrics ifname and ifalias, from a source's
 * first sample on.
 * @param names  outlives the store; NULL: none
 */
void metric_store_names(struct metric_store *m, const struct names *names);

/** Names of an agent's interfaces are others now. */
void metric_store_rename(struct metric_store *m, const struct base_addr *agent);

/** Forget data sources that have been silent for too long; at most once a second is enough. */
void metric_store_expire(struct metric_store *m, uint64_t now_ms);

/** The wall clock was set forward by so much: nobody was silent for that. */
void metric_store_forward(struct metric_store *m, uint64_t ms);

struct metric_source;

/**
 * The data source whose host has that MAC address (0:2001).
 * @param mac  6 bytes
 * @return NULL: none. Valid until the next call that is not for reading
 */
const struct metric_source *metric_host_by_mac(const struct metric_store *m, const uint8_t *mac);

/** Counters (METRIC_STATS of them), owner thread. */
const uint64_t *metric_store_stats(const struct metric_store *m);

/** Data sources held, and their agents. */
uint32_t metric_store_sources(const struct metric_store *m);
uint32_t metric_store_agents(const struct metric_store *m);
