/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/memb.h"
#include "base/text.h"
#include "sflow/sflow.h"

/*
 * The read side of the metrics: what the newest records of all data sources say, while the owner
 * goes on writing. Any number of threads.
 *
 * Ordering: everything is found by acquire loads of pointers that the owner stored with release, and
 * freed only when all sections of reading that could have found it are over. A block (the newest
 * record of one structure of one source) never changes: values read by one call of
 * metric_source_each_value() of one structure are of one record; between two calls there may be a
 * newer one. Progress: all functions are wait-free but for the callbacks.
 *
 * A reading thread is registered (base_memb_register(), window_exchange_register()) and stands
 * between metric_read_lock() and metric_read_unlock(), for one query at most: what the owner
 * replaces meanwhile is kept for it. Pointers and texts that are given are good until the unlock. The owner
 * may call all of it without the lock; what it is given is good until it writes.
 *
 * That goes for names, too: one of a structure is there as long as the store lives, but one of custom metrics
 * goes with the last metric that has it, and perhaps comes again. Who is interested in a metric for longer
 * keeps its text, and looks for it in each section.
 */
struct metric_store;
struct metric_name; /* a metric: in which fields of which structures it stands, or custom */
struct metric_agent;
struct metric_source;

static inline void metric_read_lock(void)
{
	base_memb_lock();
}

static inline void metric_read_unlock(void)
{
	base_memb_unlock();
}

struct metric_value {
	bool number;
	uint8_t digits;   /* significant ones of a number: those of a 32-bit float are few */
	double value;     /* a number: counters are rates per second */
	const char *text; /* else: printable ASCII, other bytes as base_text_wire() writes them */
	uint32_t len;     /* of the text */
	uint64_t time_ms; /* arrival of its record, since 1970 */
};

/** A number without exponent, a text as it is. */
void metric_value_print(const struct metric_value *v, struct base_text *t);

/* ---- Names ---- */

/** @return NULL where no source has that metric: no structure gives it, and it is nobody's custom one */
const struct metric_name *metric_name_find(
	const struct metric_store *m, const char *text, size_t len);
const char *metric_name_text(const struct metric_name *name);

/**
 * All metrics of structures that some source has had, and the custom ones that some source has; `seen_ms`: when
 * the newest record with it came.
 */
void metric_each_name(const struct metric_store *m,
	void (*each)(void *ctx, const struct metric_name *name, uint64_t seen_ms), void *ctx);

/* ---- Agents ---- */

const struct base_addr *metric_agent_addr(const struct metric_agent *a);

/** The source of its host itself (class 2, with a host name), or NULL. */
const struct metric_source *metric_agent_host(const struct metric_agent *a);

/** @return NULL: it has no data source with counters */
const struct metric_agent *metric_agent_find(
	const struct metric_store *m, const struct base_addr *addr);

/** The agent whose host has that name; of several, the one that had it first. */
const struct metric_agent *metric_agent_by_name(
	const struct metric_store *m, const char *host_name, size_t len);

/** Whether its data sources are of several sub-agents, so that two may have one number. */
bool metric_agent_is_mixed(const struct metric_agent *a);

/* ---- Sources ---- */

const struct metric_agent *metric_source_agent(const struct metric_source *src);

/** Class and index; all zero for a source that has a name. */
struct sflow_source metric_source_id(const struct metric_source *src);
uint32_t metric_source_sub_agent(const struct metric_source *src);

/** The source that its records name as its host (0:2002), or NULL. */
const struct metric_source *metric_source_parent(const struct metric_source *src);

enum {
	METRIC_SOURCE_TEXT = 320, /* room for what metric_source_print() writes */
	METRIC_NAME_TEXT = 320,   /* and for any metric_name_text() */
};

/** As users write it: "10", "2.1", "3.80", "web1". */
void metric_source_print(const struct metric_source *src, struct base_text *t);

/** A metric of the source's own records. @return false where it has none */
bool metric_source_value(
	const struct metric_source *src, const struct metric_name *name, struct metric_value *v);

/** The source's own, else its parent's (a container's host, 0:2002), else its agent's host's. */
bool metric_inherited_value(
	const struct metric_source *src, const struct metric_name *name, struct metric_value *v);

/** All metrics of its own records. */
void metric_source_each_value(const struct metric_source *src,
	void (*each)(void *ctx, const char *name, const struct metric_value *v), void *ctx);

/* ---- Walks; they end where `each` says false, and see each source or agent at most once. ---- */

/** No more sources than that are walked, but for those that come meanwhile. */
uint32_t metric_source_bound(const struct metric_store *m);

/** @param only  sources of this agent; NULL: all. Those that come or go meanwhile: perhaps */
void metric_each_source(const struct metric_store *m, const struct metric_agent *only,
	bool (*each)(void *ctx, const struct metric_source *src), void *ctx);

/**
 * The same of all, in pieces, each in a section of reading of its own: from a place on, which is 0 at first.
 * A source that is new may stand at any place.
 * @return the place to go on from; metric_source_bound() or more: the walk is over
 */
uint32_t metric_each_source_from(const struct metric_store *m, uint32_t place,
	bool (*each)(void *ctx, const struct metric_source *src), void *ctx);
void metric_each_agent(const struct metric_store *m,
	bool (*each)(void *ctx, const struct metric_agent *a), void *ctx);
