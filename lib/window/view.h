/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "agent/agent.h"
#include "base/addr.h"
#include "flow/plan.h"
#include "sflow/sflow.h"
#include "window/value.h"

struct merge;
struct merge_custom;
struct window_snapshot;

/*
 * All that the aggregator knows at the end of a window, for readers who ask what was not foreseen:
 * every sighting of every definition, every agent, every data source. Part of a snapshot that was
 * asked for with report_options.view, which is while readers ask (window_exchange_want_view()), as the
 * copy takes long where there are many flows; immutable. Numbers and bytes alone, so that the copy is a few
 * sequential passes; who reads it makes the texts.
 */

struct window_view_agent {
	struct base_addr addr; /* none: a hole, or number 0, which stands for those without room */
	uint64_t first_ms, seen_ms; /* since 1970 */
	uint32_t uptime_ms;
	uint64_t datagrams, lost, duplicates, out_of_order, restarts, shed;
	uint64_t flow_samples, counter_samples, discard_samples;
};

struct window_view_source {
	uint32_t agent; /* number of it */
	bool live;      /* not a hole; number 0 stands for those without room, and is none */
	struct sflow_source source;
	uint8_t kind;     /* enum source_kind */
	const char *name; /* SOURCE_NAMED */
	uint32_t sampling_rate;
	uint64_t flow_samples, lost, drops;
	double lost_share; /* of what it counted in the newest window, 0 to 1 */
};

struct window_view_sighting {
	double rate; /* per second, smoothed; corrected for the start. Of the value, if it is a rate */
	float samples;   /* that it rests on (effective count) */
	uint32_t key;    /* number of it */
	uint32_t source; /* number of it */
};

#define WINDOW_VIEW_HOLE UINT64_MAX /* in place of a key: none, and no sighting refers to it */

struct window_view_flows {
	uint32_t key_count; /* with holes */
	uint32_t sighting_count;
	const uint64_t *keys; /* of each key: where in `bytes` its length, 1 byte, and it are */
	const uint8_t *bytes;
	const struct window_view_sighting *sightings;
	/* `value_count` for each sighting; NULL where the definition has one value, a rate */
	unsigned value_count;
	const struct window_value *values;
	uint64_t seen_ms; /* end of the newest window in which a sample counted; 0: never */
};

struct window_view {
	struct flow_plan *plan;                /* a reference */
	const struct window_view_flows *flows; /* of each definition of the plan */
	uint32_t agent_count, source_count;
	const struct window_view_agent *agents;
	const struct window_view_source *sources;
	/* FLOW_CENSUS_KEYS: of each key the end of the newest window whose samples were found to have it */
	const uint64_t *keys_ms; /* since 1970; 0: never */
	uint32_t custom_count;
	const struct merge_custom *customs; /* fields of custom flows that were found */
};

/** Copy what `m` knows after merge_close() into the snapshot. Aggregator. */
void window_view_make(const struct merge *m, struct window_snapshot *s);

/** Let go of what a view holds besides the snapshot's region; NULL is fine. */
void window_view_free(const struct window_view *v);

/** What tells it apart from others of its agent: of what is no port, an id that no port has. */
static inline struct sflow_source window_view_id(const struct window_view_source *s)
{
	return s->kind == SOURCE_PORT ? s->source
				      : (struct sflow_source){UINT32_MAX, s->source.index};
}

/** Append its text, as users write it; empty: it stands for all of an agent's. */
void window_view_source_print(const struct window_view_source *s, struct base_text *t);

/** The bytes of a key. */
static inline const uint8_t *window_view_key(
	const struct window_view_flows *f, uint32_t number, unsigned *len)
{
	const uint8_t *p = f->bytes + f->keys[number];

	*len = p[0];
	return p + 1;
}
