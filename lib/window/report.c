/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "window/top.h"

enum {
	REPORT_KEY_TEXT =
		4096, /* longest text of a key: each byte of the longest key as \xHH, and separators */
	REPORT_SOURCE_EVERY_MS =
		10000, /* a data source's sampling is told this often while it is heard */
	REPORT_SOURCES_LEAST = 4096, /* so many of them in a window at least */
	REPORT_SOURCE_PAIRS = 5,
	REPORT_AGENT_PAIRS = 14,
};

/* ---- pairs ---- */

struct pairs {
	struct base_region *r;
	struct metric_pair *pair;
	unsigned count;
};

/* What the collector tells of itself besides what parts of it count. */
enum {
	OWN_TIME,
	OWN_WINDOWS,
	OWN_GENERATION,
	OWN_AGENTS,
	OWN_SOURCES,
	OWN_METRIC_SOURCES,
	OWN_IMBALANCES,
	OWN_RECORDS,
	OWN_STATS
};

static const struct stats_def own_defs[OWN_STATS] = {
	[OWN_TIME] = {"time_ms", "milliseconds", "End of the newest window, since 1970",
		.gauge = true},
	[OWN_WINDOWS] = {"windows", "windows", "Windows closed"},
	[OWN_GENERATION] = {"generation", "generations",
		"Number of the set of flow definitions in force", .gauge = true},
	[OWN_AGENTS] = {"agents", "agents", "Agents known", .gauge = true},
	[OWN_SOURCES] = {"data_sources", "sources", "Data sources of samples known", .gauge = true},
	[OWN_METRIC_SOURCES] = {"metric_sources", "sources", "Data sources of counters known",
		.gauge = true},
	[OWN_IMBALANCES] = {"imbalances", "windows",
		"Windows of definitions whose sums did not hold"},
	[OWN_RECORDS] = {"flow_records", "records", "Flow records made"},
};

static struct pairs pairs_start(struct base_region *r, unsigned room)
{
	return (struct pairs){
		.r = r, .pair = base_region_alloc(r, room * sizeof(struct metric_pair))};
}

static void pair_u64(struct pairs *p, const char *name, uint64_t v)
{
	p->pair[p->count++] = (struct metric_pair){
		.name = name, .text = base_region_printf(p->r, "%" PRIu64, v), .number = true};
}

static void pair_text(struct pairs *p, const char *name, const char *text)
{
	p->pair[p->count++] = (struct metric_pair){name, base_region_printf(p->r, "%s", text)};
}

static void pair_double(struct pairs *p, const char *name, double v)
{
	p->pair[p->count++] = (struct metric_pair){
		.name = name, .text = base_region_printf(p->r, "%.3f", v), .number = true};
}

/* ---- flows ---- */

/* The values of a flow beside the first. */
static const struct window_extra *report_extras(struct window_snapshot *s,
	const struct sightings *flows, uint32_t key, unsigned value_count)
{
	struct window_extra *extras = base_region_alloc(&s->region, value_count * sizeof(*extras));
	struct window_value v;

	for (unsigned i = 1; i < value_count; i++) {
		sighting_key_value(flows, key, i, &v);
		extras[i - 1] = (struct window_extra){.there = v.there,
			.value = v.value,
			.samples = (uint64_t)llround(v.samples),
			.error95 = window_value_error95(&v)};
	}
	return extras;
}

static void report_flow(const struct merge *m, struct window_snapshot *s, unsigned definition,
	const struct top_key *key, struct window_flow *f)
{
	const struct flow_definition *d = &m->plan->definitions[definition];
	const struct sightings *flows = key->flows;
	const struct sighting_key *k = sighting_key_at(flows, key->number);
	const struct sighting *g = sighting_at(flows, k->best);
	const struct known_source *source = known_source_at(&m->known, g->source);
	struct window_value v;
	char text[REPORT_KEY_TEXT];
	struct base_text t = base_text(text, sizeof(text));

	sighting_key_value(flows, key->number, 0, &v);
	flow_key_print(m->plan, d, sighting_key_bytes(k), k->len, &t);
	f->key = base_region_copy(&s->region, text, t.len);
	f->value = v.value;
	f->samples = (uint64_t)llround(v.samples);
	f->error95 = window_value_error95(&v);
	f->agent = base_region_text(&s->region, known_agent_at(&m->known, source->agent)->text);
	f->source = base_region_text(&s->region, source->text);
	f->extras = report_extras(s, flows, key->number, d->value_count);
}

static struct window_expression expression_of(struct window_snapshot *s, const struct flow_value *v)
{
	return (struct window_expression){.text = base_region_text(&s->region, v->text),
		.aggregate = flow_prefixes[v->aggregate].name,
		.unit = base_region_text(&s->region, v->unit)};
}

static void report_values(
	struct window_snapshot *s, const struct flow_definition *d, struct window_flows *f)
{
	struct window_expression *extras =
		base_region_alloc(&s->region, d->value_count * sizeof(*extras));

	f->value = expression_of(s, &d->values[0]);
	f->unit = f->value.unit;
	f->extra_count = d->value_count - 1;
	for (unsigned i = 0; i < f->extra_count; i++)
		extras[i] = expression_of(s, &d->values[i + 1]);
	f->extras = extras;
}

static void report_definition(
	const struct merge *m, struct window_snapshot *s, unsigned i, struct window_flows *f)
{
	const struct flow_definition *d = &m->plan->definitions[i];
	const struct merge_definition *md = merge_of(m, i);
	struct top_key *keys = malloc((d->n + 1) * sizeof(*keys));
	struct window_flow *top;

	if (!keys)
		abort();
	f->name = base_region_text(&s->region, d->name);
	f->meaning = base_hash_bytes(m->known.hash, d->meaning, strlen(d->meaning));
	report_values(s, d, f);
	f->total = md->window.total;
	f->other = md->window.other;
	f->samples = md->window.counted;
	f->filtered = md->window.filtered;
	f->keyless = md->window.keyless;
	f->lost = md->lost;
	f->corrected = m->options.correct && md->lost > 0;
	f->dropped = d->dropped;
	f->custom = d->kind == SFLOW_KIND_RTFLOW;
	for (unsigned j = 0; j < md->ranges; j++)
		f->flows += md->flows[j].live_keys;
	f->count = top_keys(md->flows, md->ranges, d->n, keys);
	top = base_region_alloc(&s->region, (f->count + 1) * sizeof(*top));
	for (unsigned j = 0; j < f->count; j++)
		report_flow(m, s, i, &keys[j], &top[j]);
	f->top = top;
	free(keys);
}

static void report_flows(const struct merge *m, struct window_snapshot *s)
{
	struct window_flows *flows =
		base_region_alloc(&s->region, (m->plan->definition_count + 1) * sizeof(*flows));

	for (unsigned i = 0; i < m->plan->definition_count; i++)
		report_definition(m, s, i, &flows[i]);
	s->flows = flows;
	s->flow_count = m->plan->definition_count;
}

/* ---- agents ---- */

static void report_agent(
	struct window_snapshot *s, const struct known_agent *a, struct window_agent *out)
{
	struct pairs p = pairs_start(&s->region, REPORT_AGENT_PAIRS);

	pair_u64(&p, "datagrams", a->datagrams);
	pair_u64(&p, "lost", (int64_t)a->lost > 0 ? a->lost : 0);
	pair_u64(&p, "duplicates", a->duplicates);
	pair_u64(&p, "out_of_order", a->out_of_order);
	pair_u64(&p, "restarts", a->restarts);
	pair_u64(&p, "shed", a->shed);
	pair_u64(&p, "samples", a->flow_samples + a->counter_samples + a->discard_samples);
	pair_u64(&p, "flow_samples", a->flow_samples);
	pair_u64(&p, "counter_samples", a->counter_samples);
	pair_u64(&p, "discarded_packets", a->discard_samples);
	pair_u64(&p, "data_sources", a->sources - a->together);
	pair_u64(&p, "uptime_ms", a->uptime_ms);
	pair_u64(&p, "first_seen_ms", a->first_ms);
	pair_u64(&p, "last_seen_ms", a->seen_ms);
	*out = (struct window_agent){
		.addr = a->addr, .seen_ms = a->seen_ms, .count = p.count, .pairs = p.pair};
}

static void report_agents(const struct merge *m, struct window_snapshot *s)
{
	struct window_agent *agents =
		base_region_alloc(&s->region, (m->known.agents_live + 1) * sizeof(*agents));

	for (uint32_t i = 1; i < m->known.agents.count; i++) {
		const struct known_agent *a = known_agent_at(&m->known, i);

		if (a->live && (a->changed || s->complete))
			report_agent(s, a, &agents[s->agent_count++]);
	}
	s->agents = agents;
}

/* ---- metrics ---- */

/* Metric updates of a snapshot while it is made. */
struct updates {
	struct window_snapshot *s;
	struct metric_update *list;
	unsigned count, room;
};

static void updates_add(void *ctx, const struct metric_update *u)
{
	struct updates *list = ctx;

	if (list->count < list->room)
		list->list[list->count++] = *u;
}

/* How a data source samples: the true rate is the growth of its pool over the samples it sent. */
static void report_source(
	struct known *k, struct known_source *src, struct updates *list, uint64_t now_ms)
{
	struct pairs p = pairs_start(&list->s->region, REPORT_SOURCE_PAIRS);
	struct metric_update u = {.agent = known_agent_at(k, src->agent)->addr,
		.sub_agent = src->sub_agent,
		.source = src->source,
		.time_ms = src->seen_ms};

	if (src->pool_samples)
		src->effective_rate = (double)src->pool / (double)src->pool_samples;
	src->pool = 0;
	src->pool_samples = 0;
	src->told_ms = now_ms;
	src->changed = false;
	pair_u64(&p, "sampling_rate", src->sampling_rate);
	if (src->effective_rate > 0)
		pair_double(&p, "effective_sampling_rate", src->effective_rate);
	pair_u64(&p, "flow_samples", src->flow_samples);
	pair_u64(&p, "flow_samples_lost", (int64_t)src->lost > 0 ? src->lost : 0);
	pair_u64(&p, "flow_samples_dropped", src->drops);
	u.pairs = p.pair;
	u.count = p.count;
	updates_add(list, &u);
}

/* How many data sources a window tells of: so that all have their turn in time, and not all at once. */
static uint32_t sources_share(const struct known *k, const struct window_snapshot *s)
{
	uint64_t ms = s->end_ms > s->start_ms ? s->end_ms - s->start_ms : 0;
	uint64_t share = (uint64_t)k->sources_live * ms / REPORT_SOURCE_EVERY_MS + 1;

	if (share < REPORT_SOURCES_LEAST)
		share = REPORT_SOURCES_LEAST;
	return share < k->sources_live ? (uint32_t)share : k->sources_live;
}

/* What is to be told all anew waits for its turn like all else. */
static void report_sources(struct known *k, struct updates *list)
{
	uint64_t now_ms = list->s->end_ms;
	uint32_t count = k->sources.count;

	for (uint32_t i = 1; list->s->complete && i < count; i++) {
		known_source_at(k, i)->changed = true;
		known_source_at(k, i)->told_ms = 0;
	}
	for (uint32_t i = 1; i < count && list->count < list->room; i++) {
		struct known_source *src;

		k->told = k->told + 1 < count ? k->told + 1 : 1;
		src = known_source_at(k, k->told);
		if (src->live && src->kind == SOURCE_PORT && src->flow_samples && src->changed &&
			now_ms - src->told_ms >= REPORT_SOURCE_EVERY_MS)
			report_source(k, src, list, now_ms);
	}
}

static void report_metrics(struct merge *m, struct window_snapshot *s)
{
	struct updates list = {.s = s};

	list.room = sources_share(&m->known, s);
	list.list = base_region_alloc(&s->region, (list.room + 1) * sizeof(*list.list));
	report_sources(&m->known, &list);
	s->metrics = list.list;
	s->metric_count = list.count;
}

/* ---- the collector itself ---- */

static void report_group(struct pairs *p, const struct stats_def **defs,
	const struct stats_group *group, const uint64_t *values)
{
	for (unsigned i = 0; i < group->count; i++) {
		const char *name = group->defs[i].name;

		defs[p->count] = &group->defs[i];
		pair_u64(p,
			*group->name ? base_region_printf(p->r, "%s_%s", group->name, name) : name,
			values[i]);
	}
}

static void report_collector(
	const struct merge *m, struct window_snapshot *s, const struct report_options *o)
{
	static const struct stats_group self = {"", own_defs, OWN_STATS};
	const uint64_t values[OWN_STATS] = {[OWN_TIME] = o->end_ms,
		[OWN_WINDOWS] = m->windows,
		[OWN_GENERATION] = m->plan->generation,
		[OWN_AGENTS] = m->known.agents_live,
		[OWN_SOURCES] = m->known.sources_live - m->known.together_live,
		[OWN_METRIC_SOURCES] = metric_store_sources(m->metrics),
		[OWN_IMBALANCES] = m->imbalances,
		[OWN_RECORDS] = m->records};
	const struct report_stats own[] = {{&self, values}, {&ingress_stats, m->ingress},
		{&sflow_stats, m->sflow}, {&window_stats, m->window},
		{&metric_stats, metric_store_stats(m->metrics)}};
	const unsigned own_count = sizeof(own) / sizeof(own[0]);
	const struct stats_def **defs;
	unsigned room = 0;
	struct pairs p;

	for (unsigned i = 0; i < own_count; i++)
		room += own[i].group->count;
	for (unsigned i = 0; i < o->more_count; i++)
		room += o->more[i].group->count;
	room += o->text_count;
	p = pairs_start(&s->region, room);
	defs = base_region_alloc(&s->region, room * sizeof(*defs));
	for (unsigned i = 0; i < own_count; i++)
		report_group(&p, defs, own[i].group, own[i].values);
	for (unsigned i = 0; i < o->more_count; i++)
		report_group(&p, defs, o->more[i].group, o->more[i].values);
	for (unsigned i = 0; i < o->text_count; i++) {
		defs[p.count] = NULL;
		pair_text(&p, o->texts[i].name, o->texts[i].text);
	}
	s->collector = p.pair;
	s->collector_defs = defs;
	s->collector_count = p.count;
}

struct window_snapshot *report_make(struct merge *m, const struct report_options *o)
{
	struct window_snapshot *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->number = o->number;
	s->start_ms = o->start_ms;
	s->end_ms = o->end_ms;
	s->sealed_ns = o->sealed_ns;
	s->complete = o->complete;
	report_flows(m, s);
	report_agents(m, s);
	report_metrics(m, s);
	report_collector(m, s, o);
	if (o->view)
		window_view_make(m, s);
	return s;
}

void report_free(struct window_snapshot *s)
{
	window_snapshot_free(s);
}
