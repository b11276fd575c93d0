/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/trigger.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "window/number.h"

enum {
	TRIGGER_NOWHERE = UINT32_MAX, /* no definition of that name */
	TRIGGER_KEY_TEXT = 4096,      /* as in a report */
	TRIGGER_PAIRS = 16,
};

static const struct stats_def defs[TRIGGER_STATS] = {
	[TRIGGER_STARTS] = {"starts", "events", "Events that began"},
	[TRIGGER_ENDS] = {"ends", "events", "Events that ended"},
	[TRIGGER_ACTIVE] = {"active", "events", "Events that are active now"},
	[TRIGGER_FULL] = {"full", "values",
		"Values above a threshold, each window, without room to be events"},
};

const struct stats_group trigger_stats = {"threshold", defs, TRIGGER_STATS};

/* A threshold and the definition that it is on. */
struct watch {
	struct threshold_entry *threshold;
	uint32_t definition;
	uint64_t meaning; /* of that, as a hash */
};

/* A data source, or a flow there, that is above a threshold, or was less than its timeout ago. */
struct trigger {
	uint64_t hash;
	struct threshold_entry *threshold; /* held */
	uint64_t meaning;                  /* of the definition, as a hash */
	struct base_addr agent;
	uint32_t sub_agent;
	struct sflow_source source;
	uint8_t *key; /* by_flow: the flow's; else NULL */
	unsigned key_len;
	uint64_t pass;         /* the last one that found it above */
	double value, samples; /* of the largest flow then */
	uint32_t flow;         /* its number, in that pass alone */
	bool started;          /* the rest is set */
	bool waits;            /* it was not above the last time */
	double below;          /* seconds since it was first found not to be above */
	uint64_t id, start_ms; /* of the start document */
	uint64_t above_ms;     /* end of the last window above */
	uint64_t opened_ms;    /* start of the first window above */
	double peak, peak_samples;
	char source_text[24];
	char *flow_key; /* text; NULL: the definition has no keys */
};

struct triggers {
	struct trigger_options options;
	struct threshold_entry **list; /* held: what version `version` of the set was */
	struct watch *watches;         /* of these, by definition */
	unsigned count;
	uint64_t version, generation;
	uint64_t pass;
	struct base_dense active; /* struct trigger */
	uint64_t stats[TRIGGER_STATS];
};

static struct trigger *trigger_at(const struct triggers *t, uint32_t number)
{
	return base_dense_at(&t->active, number);
}

struct triggers *triggers_create(const struct trigger_options *options)
{
	struct triggers *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->options = *options;
	t->version = UINT64_MAX;
	if (base_dense_init(&t->active, sizeof(struct trigger), options->max) < 0) {
		free(t);
		errno = ENOMEM;
		return NULL;
	}
	return t;
}

static void forget(struct triggers *t, uint32_t number)
{
	struct trigger *tr = trigger_at(t, number);

	threshold_let_go(tr->threshold);
	free(tr->key);
	free(tr->flow_key);
	base_dense_remove(&t->active, number);
}

void triggers_destroy(struct triggers *t)
{
	if (!t)
		return;
	while (t->active.count)
		forget(t, t->active.count - 1);
	base_dense_fini(&t->active);
	if (t->list)
		thresholds_let_go(t->list, t->count);
	free(t->watches);
	free(t);
}

const uint64_t *triggers_stats(const struct triggers *t)
{
	return t->stats;
}

/* ---- which thresholds there are ---- */

static uint32_t find_definition(const struct flow_plan *plan, const char *name)
{
	for (unsigned i = 0; i < plan->definition_count; i++) {
		if (strcmp(plan->definitions[i].name, name) == 0)
			return i;
	}
	return TRIGGER_NOWHERE;
}

static int by_definition(const void *a, const void *b)
{
	uint32_t x = ((const struct watch *)a)->definition;
	uint32_t y = ((const struct watch *)b)->definition;

	return x < y ? -1 : x > y;
}

static uint64_t meaning_of(const struct merge *m, uint32_t definition)
{
	const char *meaning = m->plan->definitions[definition].meaning;

	return base_hash_bytes(m->known.hash, meaning, strlen(meaning));
}

/* Look again only where thresholds or definitions have changed. @return whether they have */
static bool look_up(struct triggers *t, const struct merge *m)
{
	uint64_t version = thresholds_version(t->options.thresholds);

	if (version == t->version && m->plan->generation == t->generation)
		return false;
	t->version = version;
	t->generation = m->plan->generation;
	if (t->list)
		thresholds_let_go(t->list, t->count);
	t->count = thresholds_hold(t->options.thresholds, &t->list);
	t->watches = realloc(t->watches, (t->count + 1) * sizeof(*t->watches));
	if (!t->watches)
		abort();
	for (unsigned i = 0; i < t->count; i++) {
		struct watch *w = &t->watches[i];

		w->threshold = t->list[i];
		w->definition = find_definition(m->plan, w->threshold->spec.metric);
		w->meaning = w->definition == TRIGGER_NOWHERE ? 0 : meaning_of(m, w->definition);
	}
	qsort(t->watches, t->count, sizeof(*t->watches), by_definition);
	return true;
}

/* ---- what is above ---- */

/* A sighting that is looked at. */
struct sight {
	const struct sighting *sighting;
	const struct sighting_key *key;
	const struct known_source *source;
	const struct base_addr *agent;
	double value, samples;
};

static bool passes_filter(const struct threshold *spec, const struct sight *s)
{
	bool agent = spec->agent_count == 0, source = spec->source_count == 0;

	for (unsigned i = 0; i < spec->agent_count && !agent; i++)
		agent = base_addr_equal(&spec->agents[i], s->agent);
	for (unsigned i = 0; i < spec->source_count && !source; i++)
		source = spec->sources[i].class == s->source->source.class &&
			 spec->sources[i].index == s->source->source.index;
	return agent && source;
}

static bool is_of(
	const struct trigger *tr, const struct threshold_entry *threshold, const struct sight *s)
{
	if (tr->threshold != threshold || !base_addr_equal(&tr->agent, s->agent) ||
		tr->sub_agent != s->source->sub_agent ||
		tr->source.class != s->source->source.class ||
		tr->source.index != s->source->source.index)
		return false;
	return !threshold->spec.by_flow ||
	       (tr->key_len == s->key->len &&
		       memcmp(tr->key, sighting_key_bytes(s->key), tr->key_len) == 0);
}

static uint64_t hash_of(const struct threshold_entry *threshold, const struct sight *s)
{
	uint64_t hash = threshold->spec.by_flow ? s->sighting->hash : s->source->hash;

	return base_hash_mix(hash, (uintptr_t)threshold);
}

static struct trigger *add(
	struct triggers *t, uint64_t hash, const struct watch *watch, const struct sight *s)
{
	struct threshold_entry *threshold = watch->threshold;
	uint32_t number = base_dense_add(&t->active, hash);
	struct trigger *tr;

	if (number == BASE_INDEX_NONE)
		return NULL;
	tr = trigger_at(t, number);
	tr->threshold = threshold_hold(threshold);
	tr->meaning = watch->meaning;
	tr->agent = *s->agent;
	tr->sub_agent = s->source->sub_agent;
	tr->source = s->source->source;
	if (threshold->spec.by_flow) {
		tr->key_len = s->key->len;
		tr->key = malloc(tr->key_len + 1u);
		if (!tr->key)
			abort();
		memcpy(tr->key, sighting_key_bytes(s->key), tr->key_len);
	}
	return tr;
}

static struct trigger *find(const struct triggers *t, uint64_t hash,
	const struct threshold_entry *threshold, const struct sight *s)
{
	struct base_probe probe = base_index_probe(&t->active.index, hash);
	uint32_t number;

	while ((number = base_index_next(&t->active.index, &probe)) != BASE_INDEX_NONE) {
		struct trigger *tr = trigger_at(t, number);

		if (tr->hash == hash && is_of(tr, threshold, s))
			return tr;
	}
	return NULL;
}

/* The least number of samples is for the start of an event: one that is active stays so. */
static void note_above(struct triggers *t, const struct watch *watch, const struct sight *s)
{
	struct threshold_entry *threshold = watch->threshold;
	uint64_t hash = hash_of(threshold, s);
	struct trigger *tr;

	if (!passes_filter(&threshold->spec, s))
		return;
	tr = find(t, hash, threshold, s);
	if (!(tr && tr->started) && s->samples < threshold->spec.samples)
		return;
	if (!tr)
		tr = add(t, hash, watch, s);
	if (!tr) {
		t->stats[TRIGGER_FULL]++;
		return;
	}
	if (tr->pass == t->pass && tr->value >= s->value)
		return;
	tr->pass = t->pass;
	tr->value = s->value;
	tr->samples = s->samples;
	tr->flow = s->sighting->key;
}

/*
 * What a sighting comes to, where it is above `least`. Rates are compared as they are kept, before
 * anything is computed.
 */
static bool is_above(const struct sightings *flows, uint32_t number, double least, struct sight *s)
{
	const struct sighting *g = sighting_at(flows, number);
	struct window_value v;

	if (sightings_rank_by_rate(flows) && g->rate <= least * flows->weight)
		return false;
	sighting_value(flows, number, 0, flows->lanes.united, &v);
	s->sighting = g;
	s->value = v.value;
	s->samples = v.samples;
	return v.there && v.value > least;
}

/* One pass over the sightings of a definition, for all thresholds that are on it. */
static void look_at(struct triggers *t, const struct merge *m, const struct sightings *flows,
	const struct watch *watches, unsigned count)
{
	double least = INFINITY;

	for (unsigned i = 0; i < count; i++)
		least = fmin(least, watches[i].threshold->spec.value);
	for (uint32_t i = 0; i < flows->sightings.count; i++) {
		struct sight s;

		if (!is_above(flows, i, least, &s))
			continue;
		s.key = sighting_key_at(flows, s.sighting->key);
		s.source = known_source_at(&m->known, s.sighting->source);
		s.agent = &known_agent_at(&m->known, s.source->agent)->addr;
		for (unsigned j = 0; j < count; j++) {
			if (s.value > watches[j].threshold->spec.value)
				note_above(t, &watches[j], &s);
		}
	}
}

/* ---- documents ---- */

struct pairs {
	struct metric_pair pair[TRIGGER_PAIRS];
	char text[TRIGGER_PAIRS][WINDOW_NUMBER];
	unsigned count;
};

static void pair_text(struct pairs *p, const char *name, const char *text)
{
	p->pair[p->count++] = (struct metric_pair){.name = name, .text = text};
}

static void pair_u64(struct pairs *p, const char *name, uint64_t v)
{
	snprintf(p->text[p->count], WINDOW_NUMBER, "%" PRIu64, v);
	p->pair[p->count] =
		(struct metric_pair){.name = name, .text = p->text[p->count], .number = true};
	p->count++;
}

static void pair_double(struct pairs *p, const char *name, double v)
{
	p->pair[p->count] = (struct metric_pair){
		.name = name, .text = window_number(p->text[p->count], v), .number = true};
	p->count++;
}

static void put(struct triggers *t, struct trigger *tr, bool end, uint64_t now_ms)
{
	const struct threshold *spec = &tr->threshold->spec;
	char agent[BASE_ADDR_TEXT];
	struct ring_document *d;
	struct pairs p;

	p.count = 0;
	pair_text(&p, "state", end ? "end" : "start");
	pair_u64(&p, "timestamp", now_ms);
	pair_text(&p, "thresholdID", spec->name);
	pair_text(&p, "metric", spec->metric);
	pair_double(&p, "threshold", spec->value);
	pair_double(&p, "value", tr->value);
	pair_u64(&p, "samples", (uint64_t)llround(end ? tr->peak_samples : tr->samples));
	pair_text(&p, "agent", base_addr_print(&tr->agent, agent));
	pair_text(&p, "dataSource", tr->source_text);
	if (tr->flow_key)
		pair_text(&p, "flowKey", tr->flow_key);
	if (end) {
		pair_u64(&p, "startID", tr->id);
		pair_u64(&p, "start", tr->start_ms);
		pair_double(&p, "peak", tr->peak);
		pair_u64(&p, "duration", tr->above_ms - tr->opened_ms);
	}
	d = ring_document(spec->name, now_ms, p.pair, p.count);
	if (!d)
		abort();
	if (end)
		ring_put(t->options.events, d);
	else
		tr->id = ring_put(t->options.events, d);
	t->stats[end ? TRIGGER_ENDS : TRIGGER_STARTS]++;
}

static char *key_text(const struct merge *m, const struct trigger *tr)
{
	uint32_t number = find_definition(m->plan, tr->threshold->spec.metric);
	const struct flow_definition *d = &m->plan->definitions[number];
	const struct sighting_key *k = sighting_key_at(&merge_of(m, number)->flows, tr->flow);
	char buf[TRIGGER_KEY_TEXT];
	struct base_text text = base_text(buf, sizeof(buf));
	char *copy;

	if (d->key_count == 0)
		return NULL;
	flow_key_print(m->plan, d, sighting_key_bytes(k), k->len, &text);
	copy = strdup(buf);
	if (!copy)
		abort();
	return copy;
}

static void start(struct triggers *t, const struct merge *m, struct trigger *tr, double seconds,
	uint64_t now_ms)
{
	struct base_text text = base_text(tr->source_text, sizeof(tr->source_text));
	uint64_t window_ms = (uint64_t)llround(seconds * 1000);

	if (tr->source.class)
		base_text_printf(&text, "%" PRIu32 ".", tr->source.class);
	base_text_printf(&text, "%" PRIu32, tr->source.index);
	tr->flow_key = key_text(m, tr);
	tr->started = true;
	tr->start_ms = now_ms;
	tr->opened_ms = now_ms > window_ms ? now_ms - window_ms : 0;
	put(t, tr, false, now_ms);
}

/* @return false: it is over. */
static bool go_on(struct triggers *t, const struct merge *m, struct trigger *tr, double seconds,
	uint64_t now_ms)
{
	bool removed = __atomic_load_n(&tr->threshold->removed, __ATOMIC_RELAXED);

	if (tr->pass == t->pass) {
		if (!tr->started)
			start(t, m, tr, seconds, now_ms);
		if (tr->value > tr->peak) {
			tr->peak = tr->value;
			tr->peak_samples = tr->samples;
		}
		tr->above_ms = now_ms > tr->opened_ms ? now_ms : tr->opened_ms;
		tr->waits = false;
	} else {
		tr->below = tr->waits ? tr->below + seconds : 0;
		tr->waits = true;
	}
	if (!removed && (!tr->waits || tr->below < tr->threshold->spec.timeout))
		return true;
	put(t, tr, true, now_ms);
	return false;
}

/*
 * What is on a definition that another one of that name has replaced is over: flows of the new one
 * are none of the old, though their keys may have the same bytes.
 */
static void end_replaced(struct triggers *t, const struct merge *m, uint64_t now_ms)
{
	for (uint32_t i = 0; i < t->active.count;) {
		struct trigger *tr = trigger_at(t, i);
		uint32_t definition = find_definition(m->plan, tr->threshold->spec.metric);

		if (definition == TRIGGER_NOWHERE || meaning_of(m, definition) == tr->meaning) {
			i++;
			continue;
		}
		put(t, tr, true, now_ms);
		forget(t, i);
	}
}

void triggers_close(struct triggers *t, const struct merge *m, double seconds, uint64_t now_ms)
{
	unsigned from = 0, to;

	if (look_up(t, m))
		end_replaced(t, m, now_ms);
	t->pass++;
	for (; from < t->count && t->watches[from].definition != TRIGGER_NOWHERE; from = to) {
		uint32_t definition = t->watches[from].definition;

		for (to = from + 1; to < t->count && t->watches[to].definition == definition; to++)
			;
		look_at(t, m, &merge_of(m, definition)->flows, &t->watches[from], to - from);
	}
	for (uint32_t i = 0; i < t->active.count;) {
		if (go_on(t, m, trigger_at(t, i), seconds, now_ms))
			i++;
		else
			forget(t, i); /* the last one is number i now */
	}
	t->stats[TRIGGER_ACTIVE] = t->active.count;
}
