/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/flow_metric.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/query_pvt.h"
#include "flow/late.h"

enum { DIGITS = 15 };

static const uint32_t NONE = UINT32_MAX;

static const struct flow_definition *definition_of(const struct flow_metric *f)
{
	return &f->view->plan->definitions[f->definition];
}

static struct query query_of(const struct flow_metric *f)
{
	return (struct query){.view = f->view, .definition = f->definition, .sources = f->sources};
}

/* ---- which data sources ---- */

static int by_name(const void *a, const void *b)
{
	const struct flow_place *x = a, *y = b;
	int order = memcmp(x->agent, y->agent, sizeof(*x->agent));

	if (order)
		return order;
	if (x->id.class != y->id.class)
		return x->id.class < y->id.class ? -1 : 1;
	return x->id.index < y->id.index ? -1 : x->id.index > y->id.index;
}

static bool takes(const struct walk *w, const struct term *t, const struct base_addr *addr,
	const struct window_view_source *s)
{
	const struct sflow_source id = window_view_id(s);

	if (!scope_has(w->scope, addr, id.class, id.index))
		return false;
	return !t->path.one || (!t->path.custom && t->path.source.class == id.class &&
				       t->path.source.index == id.index);
}

/* Those that have sightings and are asked for. */
static void mark_sources(struct flow_metric *f, const struct term *t, const struct walk *w)
{
	const struct window_view_flows *flows = &f->view->flows[f->definition];

	for (uint32_t i = 0; i < flows->sighting_count; i++)
		f->sources[flows->sightings[i].source] = 1;
	for (uint32_t i = 0; i < f->view->source_count; i++) {
		const struct window_view_source *s = &f->view->sources[i];

		if (f->sources[i])
			f->sources[i] = s->live && takes(w, t, &f->view->agents[s->agent].addr, s);
	}
}

/* ---- the filter ---- */

/* Marked sources of one agent, in order of their numbers. */
struct judging {
	struct flow_metric *f;
	const struct walk *walk;
	struct flow_place *first, *end;
};

/* The attributes of a source with counters decide on all that have its number. */
static bool judge(void *ctx, const struct metric_source *src)
{
	struct judging *j = ctx;
	const struct flow_place key = {.agent = j->first->agent, .id = metric_source_id(src)};
	const struct metric_path path = {.one = true, .source = key.id};
	struct flow_place *p =
		bsearch(&key, j->first, (size_t)(j->end - j->first), sizeof(key), by_name);
	bool has;

	if (!p || p->seen || !metric_path_is_of(&path, src))
		return !walk_stops(j->walk);
	has = metric_select_has(j->walk->select, src);
	while (p > j->first && by_name(p - 1, &key) == 0)
		p--;
	for (; p < j->end && by_name(p, &key) == 0; p++) {
		p->seen = true;
		j->f->sources[p->source] = has;
	}
	return !walk_stops(j->walk);
}

/* Those without counters have the attributes of the host. */
static void judge_agent(struct judging *j)
{
	const struct metric_agent *a = metric_agent_find(j->walk->store, j->first->agent);
	bool has = metric_select_has_agent(j->walk->select, a);

	if (a)
		metric_each_source(j->walk->store, a, judge, j);
	for (struct flow_place *p = j->first; p < j->end; p++) {
		if (!p->seen)
			j->f->sources[p->source] = has;
	}
}

/* Agent by agent, so that the sources of one are walked over once. Places are made anew later. */
static void filter_sources(struct flow_metric *f, const struct walk *w)
{
	uint32_t count = 0, end;

	for (uint32_t i = 0; i < f->view->source_count; i++) {
		const struct window_view_source *s = &f->view->sources[i];

		if (f->sources[i])
			f->places[count++] =
				(struct flow_place){.agent = &f->view->agents[s->agent].addr,
					.id = window_view_id(s),
					.source = i};
	}
	qsort(f->places, count, sizeof(*f->places), by_name);
	for (uint32_t i = 0; i < count && !walk_stops(w); i = end) {
		struct judging j = {.f = f, .walk = w, .first = &f->places[i]};

		for (end = i + 1;
			end < count && base_addr_equal(f->places[end].agent, j.first->agent);)
			end++;
		j.end = &f->places[end];
		judge_agent(&j);
	}
}

/* ---- what they see ---- */

/* @return whether the sighting has a value */
static bool value_of(const struct query *q, uint32_t sighting, double *value)
{
	const struct window_view_sighting *g = &query_view(q)->sightings[sighting];
	const struct window_value *v =
		query_ranks_by_value(q) ? query_values_of(q, sighting) : NULL;

	*value = v ? v->value : g->rate;
	return v ? v->there : g->rate > 0;
}

static void add_sighting(struct flow_metric *f, struct flow_place *p, uint32_t i, double value)
{
	f->next[i] = p->sighting;
	if (p->sighting == NONE || value > p->value)
		p->value = value;
	p->sighting = i;
}

/* Places without a value go; the rest is put in order. */
static void put_in_order(struct flow_metric *f)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < f->count; i++) {
		if (f->places[i].sighting != NONE)
			f->places[kept++] = f->places[i];
	}
	f->count = kept;
	qsort(f->places, f->count, sizeof(*f->places), by_name);
}

/* @return the place of each source of the view, from malloc */
static uint32_t *add_places(struct flow_metric *f)
{
	uint32_t *numbers = malloc(((size_t)f->view->source_count + 1) * sizeof(*numbers));

	for (uint32_t i = 0; numbers && i < f->view->source_count; i++) {
		const struct window_view_source *s = &f->view->sources[i];

		numbers[i] = NONE;
		if (!f->sources[i])
			continue;
		numbers[i] = f->count++;
		f->places[numbers[i]] =
			(struct flow_place){.agent = &f->view->agents[s->agent].addr,
				.id = window_view_id(s),
				.source = i,
				.sighting = NONE};
	}
	return numbers;
}

static int collect(struct flow_metric *f)
{
	const struct window_view_flows *flows = &f->view->flows[f->definition];
	struct query q = query_of(f);
	uint32_t *numbers = add_places(f);
	double value;

	if (!numbers)
		return -ENOMEM;
	for (uint32_t i = 0; i < flows->sighting_count; i++) {
		uint32_t number = numbers[flows->sightings[i].source];

		if (number != NONE && value_of(&q, i, &value))
			add_sighting(f, &f->places[number], i, value);
	}
	free(numbers);
	put_in_order(f);
	return 0;
}

int flow_metric_init(struct flow_metric *f, const struct window_view *view, const struct term *t,
	const struct walk *w)
{
	const struct window_view_flows *flows = &view->flows[t->flow];
	size_t sources = (size_t)view->source_count + 1;
	int err;

	*f = (struct flow_metric){
		.view = view, .definition = (unsigned)t->flow, .time_ms = flows->seen_ms};
	f->sources = calloc(sources, 1);
	f->places = calloc(sources, sizeof(*f->places));
	f->next = malloc(((size_t)flows->sighting_count + 1) * sizeof(*f->next));
	err = f->sources && f->places && f->next ? 0 : -ENOMEM;
	if (err == 0) {
		mark_sources(f, t, w);
		if (w->select->filter)
			filter_sources(f, w);
		err = collect(f);
	}
	if (err < 0)
		flow_metric_fini(f);
	return err;
}

void flow_metric_fini(struct flow_metric *f)
{
	free(f->sources);
	free(f->places);
	free(f->next);
	f->sources = NULL;
	f->places = NULL;
	f->next = NULL;
	f->count = 0;
}

/* ---- to use it ---- */

struct metric_value flow_metric_number(const struct flow_metric *f, double value)
{
	return (struct metric_value){.number = true,
		.digits = DIGITS,
		.value = fabs(value) < 1e12 ? round(value * 1e3) / 1e3 : round(value),
		.time_ms = f->time_ms};
}

struct flow_place *flow_metric_find(
	const struct flow_metric *f, const struct base_addr *agent, struct sflow_source id)
{
	const struct flow_place key = {.agent = agent, .id = id};

	return f->count ? bsearch(&key, f->places, f->count, sizeof(key), by_name) : NULL;
}

bool flow_metric_has_keys(const struct flow_metric *f)
{
	unsigned count;

	flow_shown_keys(definition_of(f), &count);
	return count > 0;
}

static int by_size(const void *a, const void *b)
{
	const struct flow_top *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

/* At one data source every key has one sighting. */
static int top_of_place(
	const struct flow_metric *f, const struct flow_place *p, struct flow_top **top)
{
	struct query q = query_of(f);
	uint32_t count = 0, most = definition_of(f)->n;

	for (uint32_t i = p->sighting; i != NONE; i = f->next[i])
		count++;
	*top = malloc((count + 1) * sizeof(**top));
	if (!*top)
		return -ENOMEM;
	count = 0;
	for (uint32_t i = p->sighting; i != NONE; i = f->next[i]) {
		struct flow_top *t = &(*top)[count++];

		t->key = query_view(&q)->sightings[i].key;
		value_of(&q, i, &t->value);
	}
	qsort(*top, count, sizeof(**top), by_size);
	return (int)(count < most ? count : most);
}

static int top_of_all(const struct flow_metric *f, struct flow_top **top)
{
	struct base_region region = {0};
	struct query q = query_of(f);
	struct query_flow *flows;
	struct api_error e;
	int count;

	q.mode = QUERY_SUM;
	q.most = definition_of(f)->n;
	q.region = &region;
	*top = NULL;
	count = query_flows(&q, &flows, &e);
	if (count < 0) {
		base_region_free(&region);
		return count;
	}
	*top = malloc(((size_t)count + 1) * sizeof(**top));
	for (int i = 0; *top && i < count; i++)
		(*top)[i] = (struct flow_top){flows[i].key, flows[i].value};
	free(flows);
	base_region_free(&region);
	return *top ? count : -ENOMEM;
}

int flow_metric_top(const struct flow_metric *f, const struct flow_place *p, struct flow_top **top)
{
	return p ? top_of_place(f, p, top) : top_of_all(f, top);
}
