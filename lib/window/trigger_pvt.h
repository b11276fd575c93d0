/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "metric/select.h"
#include "window/trigger.h"

enum { TRIGGER_NOWHERE = UINT32_MAX }; /* no definition of that name */

/* A threshold and what it is on. */
struct watch {
	struct threshold_entry *threshold;
	uint32_t definition; /* TRIGGER_NOWHERE: none */
	uint64_t meaning;    /* of that, as a hash */
	const struct metric_name
		*name;           /* without a definition, in this pass; NULL: there is none */
	struct metric_path path; /* in the threshold's text */
};

/*
 * A data source with a metric, or a flow there, that is above a threshold, or was less than its timeout
 * ago.
 */
struct trigger {
	uint64_t hash;
	struct threshold_entry *threshold; /* held */
	uint64_t meaning;                  /* of the definition, as a hash */
	struct base_addr agent;
	uint32_t sub_agent;
	struct sflow_source source;
	uint8_t kind;        /* of the source: enum source_kind */
	const char *metric;  /* its name, in the threshold's text; NULL: of a flow */
	uint32_t slot, born; /* of the metric's data source */
	bool gone;           /* which is there no more */
	uint8_t *key;        /* by_flow: the flow's; else NULL */
	unsigned key_len;
	uint64_t pass;                              /* the last one that found it above */
	double value, samples;                      /* of the largest flow then */
	uint32_t definition, range, flow, sighting; /* numbers, in that pass alone */
	bool started;                               /* the rest is set */
	bool waits;                                 /* it was not above the last time */
	double below;          /* seconds since it was first found not to be above */
	uint64_t id, start_ms; /* of the start document */
	uint64_t above_ms;     /* end of the last window above */
	uint64_t opened_ms;    /* start of the first window above */
	double peak, peak_samples;
	double extras[FLOW_VALUES - 1]; /* with `value`: those beside it; NAN: there is none */
	unsigned extra_count;
	char *source_text;
	char *flow_key; /* text; NULL: the definition has no keys */
};

struct triggers {
	struct trigger_options options;
	struct threshold_entry **list; /* held: what version `version` of the set was */
	struct watch *watches;         /* of these: those on definitions first, by their numbers */
	unsigned count;
	uint64_t version, generation;
	uint64_t pass;
	uint64_t window_ms;       /* when the window of this pass began */
	struct base_dense active; /* struct trigger */
	uint64_t stats[TRIGGER_STATS];
};

static inline struct trigger *trigger_at(const struct triggers *t, uint32_t number)
{
	return base_dense_at(&t->active, number);
}

uint32_t trigger_find_definition(const struct flow_plan *plan, const char *name);

/** The name of the metric that a watch is on, in the text of its threshold; NULL: of none. */
static inline const char *trigger_metric_of(const struct watch *w)
{
	return w->name ? w->path.name : NULL;
}

/** Find what a watch is on, and say so in its threshold. */
void trigger_resolve(struct watch *w, const struct merge *m);

/**
 * Whether a data source is one of the threshold's lists.
 * @param source  NULL: it has no number,
 * @param name    and NULL: no name either, since it is all of the agent's
 */
bool trigger_is_place(const struct threshold *spec, const struct base_addr *agent,
	const struct sflow_source *source, const char *name);

/**
 * Whether a data source has the attributes of a filter (NULL: any).
 * @param src  NULL: it has no counters; then what its agent's host says counts alone
 */
bool trigger_fits(const struct metric_store *metrics, const struct metric_filter *f,
	const struct metric_agent *agent, const struct metric_source *src);

/** Note all metrics that are above the thresholds which are on metrics. */
void trigger_metrics(struct triggers *t, const struct merge *m);

/** The data source of a metric that was above in this pass. */
void trigger_metric_source(const struct merge *m, const struct trigger *tr, struct base_text *text);

/** Note all flows that are above the thresholds which are on flows. */
void trigger_flows(struct triggers *t, const struct merge *m);

/** What the flow that was above in this pass has besides: the key as text. Owned by the caller. */
char *trigger_flow_key(const struct merge *m, const struct trigger *tr);

/** The same: the values beside the first. */
void trigger_flow_values(const struct merge *m, struct trigger *tr);

/** Put a document on its start or its end into the ring. @return its id */
uint64_t trigger_tell(struct ring *events, const struct trigger *tr, bool end, uint64_t now_ms);
