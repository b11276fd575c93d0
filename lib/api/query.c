/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/query_pvt.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/scope.h"
#include "base/form.h"
#include "flow/data.h"
#include "flow/late.h"

static const double Z95 = 1.96; /* of the normal distribution */

/* What the sightings of a key come to so far. */
struct merged {
	double value, samples;
	double variance; /* of the value: the sum over sightings of rate² / samples */
	double largest;
	uint32_t source; /* of the largest */
	uint32_t count;
};

static double variance_of(const struct window_view_sighting *g)
{
	return g->samples > 0 ? g->rate * g->rate / (double)g->samples : 0;
}

static void merge_sighting(
	struct merged *m, const struct window_view_sighting *g, enum query_mode mode)
{
	bool larger = m->count == 0 || g->rate > m->largest;

	m->count++;
	if (larger) {
		m->largest = g->rate;
		m->source = g->source;
	}
	if (mode == QUERY_SUM) {
		m->value += g->rate;
		m->samples += (double)g->samples;
		m->variance += variance_of(g);
	} else if (larger) {
		m->value = g->rate;
		m->samples = (double)g->samples;
		m->variance = variance_of(g);
	}
}

/* @return one for each key, from malloc; NULL: out of memory */
static struct merged *merge_all(const struct query *q)
{
	const struct window_view_flows *f = query_view(q);
	struct merged *keys = calloc((size_t)f->key_count + 1, sizeof(*keys));

	for (uint32_t i = 0; keys && i < f->sighting_count; i++) {
		const struct window_view_sighting *g = &f->sightings[i];

		if (q->sources[g->source])
			merge_sighting(&keys[g->key], g, q->mode);
	}
	return keys;
}

/* ---- keys ---- */

void query_key_print(
	const struct window_view *v, unsigned definition, uint32_t key, struct base_text *t)
{
	unsigned len;
	const uint8_t *bytes = window_view_key(&v->flows[definition], key, &len);

	flow_key_print(v->plan, &v->plan->definitions[definition], bytes, len, t);
}

/* What a part of a key must be. */
struct wanted {
	const char *text;
	size_t len;
	enum { WANT_ANY, WANT_TEXT, WANT_NUMBER, WANT_ADDR } as;
	uint64_t number;
	struct base_addr addr;
};

/* What all parts must be, in their order; those behind the last are any. */
struct pattern {
	unsigned count;
	struct wanted part[FLOW_KEYS];
};

/* As keys are printed, where it has bytes that no such text has. */
static void escape(struct wanted *w, struct base_region *region)
{
	size_t size = 4 * w->len + 1, i = 0;
	struct base_text t;

	while (i < w->len && w->text[i] >= ' ' && w->text[i] <= '~')
		i++;
	if (i == w->len)
		return;
	t = base_text(base_region_alloc(region, size), size);
	base_text_typed(&t, w->text, w->len);
	w->text = t.buf;
	w->len = t.len;
}

/* Numbers and addresses are compared as such, which is faster than to print each key. */
static void read_wanted(struct wanted *w, const struct flow_type *type, struct base_region *region)
{
	char text[BASE_ADDR_TEXT], *end;

	w->as = WANT_TEXT;
	escape(w, region);
	if (w->len == 0 || w->len >= sizeof(text))
		return;
	memcpy(text, w->text, w->len);
	text[w->len] = '\0';
	if (type->form == BASE_FORM_ADDR && base_addr_parse(text, &w->addr) == 0)
		w->as = WANT_ADDR;
	if (type->form != BASE_FORM_UINT || text[strspn(text, "0123456789")] != '\0' || w->len > 19)
		return;
	w->as = WANT_NUMBER;
	w->number = strtoull(text, &end, 10);
}

/*
 * Split a text by the definition's separator.
 * @param empty  what an empty part stands for
 * @return parts; more than the definition has keys: too many, and `p` is of no use
 */
static unsigned read_pattern(const struct query *q, const char *text, int empty, struct pattern *p)
{
	const struct flow_plan *plan = q->view->plan;
	const struct flow_definition *d = &plan->definitions[q->definition];
	const char *rest = text;
	unsigned count;
	const uint8_t *keys = flow_shown_keys(d, &count);

	for (p->count = 0; rest; p->count++) {
		const char *end = *d->fs ? strstr(rest, d->fs) : NULL;
		struct wanted *w = &p->part[p->count];

		if (p->count == count)
			return count + 1;
		*w = (struct wanted){
			.text = rest, .len = end ? (size_t)(end - rest) : strlen(rest)};
		if (w->len || empty != WANT_ANY)
			read_wanted(w, &plan->fields[keys[p->count]].type, q->region);
		rest = end ? end + strlen(d->fs) : NULL;
	}
	return p->count;
}

static int read_filter(const struct query *q, struct pattern *p, struct api_error *e)
{
	const struct flow_definition *d = &q->view->plan->definitions[q->definition];

	unsigned count;

	flow_shown_keys(d, &count);
	p->count = 0;
	if (!q->filter || !*q->filter || read_pattern(q, q->filter, WANT_ANY, p) <= count)
		return 0;
	snprintf(e->text, sizeof(e->text),
		"filter: \"%.64s\" has more parts, by \"%s\", than the %u keys of %s", q->filter,
		d->fs, count, d->name);
	return -EINVAL;
}

static uint64_t number_of(const struct flow_part *part)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < part->len; i++)
		v = v << 8 | part->bytes[i];
	return v;
}

static bool part_is(const struct flow_part *part, const struct wanted *w)
{
	char text[QUERY_KEY_TEXT];
	struct base_text t = base_text(text, sizeof(text));

	switch (w->as) {
	case WANT_ANY:
		return true;
	case WANT_NUMBER:
		return part->len <= sizeof(w->number) && number_of(part) == w->number;
	case WANT_ADDR:
		return part->len == base_addr_len(&w->addr) &&
		       memcmp(part->bytes, w->addr.bytes, part->len) == 0;
	default:
		base_form_print(&t, part->type->form, part->type->bits, part->bytes, part->len);
		return t.len == w->len && memcmp(text, w->text, t.len) == 0;
	}
}

static bool matches(const struct query *q, const struct pattern *p, uint32_t key)
{
	const struct flow_plan *plan = q->view->plan;
	struct flow_part parts[FLOW_KEYS];
	const uint8_t *bytes;
	unsigned len, count;

	if (p->count == 0)
		return true;
	bytes = window_view_key(query_view(q), key, &len);
	count = flow_key_split(plan, &plan->definitions[q->definition], bytes, len, parts);
	for (unsigned i = 0; i < p->count; i++) {
		if (i >= count ? p->part[i].as != WANT_ANY : !part_is(&parts[i], &p->part[i]))
			return false;
	}
	return true;
}

/* ---- the largest ---- */

/* A heap of the largest so far, the smallest of them on top. */
struct heap {
	struct query_flow *flows;
	unsigned count, most;
};

static void sift_down(struct heap *h, unsigned i)
{
	for (;;) {
		unsigned least = i, child = 2 * i + 1;
		struct query_flow f = h->flows[i];

		for (unsigned c = child; c < child + 2 && c < h->count; c++) {
			if (h->flows[c].value < h->flows[least].value)
				least = c;
		}
		if (least == i)
			return;
		h->flows[i] = h->flows[least];
		h->flows[least] = f;
		i = least;
	}
}

static void sift_up(struct heap *h, unsigned i)
{
	while (i > 0 && h->flows[i].value < h->flows[(i - 1) / 2].value) {
		struct query_flow f = h->flows[i];

		h->flows[i] = h->flows[(i - 1) / 2];
		h->flows[(i - 1) / 2] = f;
		i = (i - 1) / 2;
	}
}

static void heap_add(struct heap *h, const struct query_flow *f)
{
	if (h->count < h->most) {
		h->flows[h->count] = *f;
		sift_up(h, h->count++);
	} else if (h->most > 0 && f->value > h->flows[0].value) {
		h->flows[0] = *f;
		sift_down(h, 0);
	}
}

/* Whether another flow of that value would find a place. */
static bool heap_wants(const struct heap *h, double value)
{
	return h->count < h->most || (h->most > 0 && value > h->flows[0].value);
}

static int by_value(const void *a, const void *b)
{
	const struct query_flow *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

static struct query_flow flow_of(uint32_t key, const struct merged *m)
{
	return (struct query_flow){.key = key,
		.source = m->source,
		.count = m->count,
		.value = m->value,
		.samples = m->samples,
		.error95 = m->value > 0 ? Z95 * sqrt(m->variance) / m->value : 0};
}

static struct heap heap_make(const struct query *q, uint32_t all)
{
	struct heap h = {.most = q->most < all ? q->most : all};

	h.flows = malloc(((size_t)h.most + 1) * sizeof(*h.flows));
	return h;
}

/* Every key as a flow, from malloc; `count` 0 where it is none. NULL: out of memory */
static struct query_flow *all_flows(const struct query *q)
{
	uint32_t count = query_view(q)->key_count;
	struct query_flow *flows = calloc((size_t)count + 1, sizeof(*flows));
	struct merged *keys;

	if (!flows)
		return NULL;
	if (query_ranks_by_value(q)) {
		query_merge_first(q, flows);
		return flows;
	}
	keys = merge_all(q);
	for (uint32_t i = 0; keys && i < count; i++) {
		if (keys[i].count > 0 && keys[i].value > 0)
			flows[i] = flow_of(i, &keys[i]);
	}
	if (!keys) {
		free(flows);
		return NULL;
	}
	free(keys);
	return flows;
}

int query_flows(const struct query *q, struct query_flow **flows, struct api_error *e)
{
	struct query_flow *all;
	struct pattern p;
	struct heap h;

	if (read_filter(q, &p, e) < 0)
		return -EINVAL;
	h = heap_make(q, query_view(q)->key_count);
	all = all_flows(q);
	for (uint32_t i = 0; h.flows && all && i < query_view(q)->key_count; i++) {
		if (all[i].count && all[i].value >= q->least && heap_wants(&h, all[i].value) &&
			matches(q, &p, i))
			heap_add(&h, &all[i]);
	}
	*flows = h.flows;
	if (!all || !h.flows) {
		free(h.flows);
		free(all);
		return -ENOMEM;
	}
	free(all);
	if (query_view(q)->values)
		query_merge_values(q, h.flows, h.count);
	qsort(h.flows, h.count, sizeof(*h.flows), by_value);
	return (int)h.count;
}

static bool key_is(const struct query *q, uint32_t key, const char *want)
{
	char text[QUERY_KEY_TEXT];
	struct base_text t = base_text(text, sizeof(text));

	query_key_print(q->view, q->definition, key, &t);
	return strcmp(text, want) == 0;
}

/*
 * Where the text has as many parts as there are keys, no part has the separator in it, and each can be
 * compared for itself; else all keys are printed. @return its number, or UINT32_MAX
 */
static uint32_t find_key(const struct query *q, const char *text)
{
	const struct flow_definition *d = &q->view->plan->definitions[q->definition];
	const struct window_view_flows *f = query_view(q);
	struct pattern p = {.count = 0};
	unsigned count, parts;
	bool split;

	flow_shown_keys(d, &count);
	parts = count > 0 ? read_pattern(q, text, WANT_TEXT, &p) : 0;
	split = count > 0 && parts == count;
	if (*d->fs && parts < count)
		return UINT32_MAX;

	for (uint32_t i = 0; i < f->key_count; i++) {
		if (f->keys[i] != WINDOW_VIEW_HOLE &&
			(split ? matches(q, &p, i) : key_is(q, i, text)))
			return i;
	}
	return UINT32_MAX;
}

static bool is_location(const struct query *q, uint32_t key, uint32_t sighting)
{
	const struct window_view_sighting *g = &query_view(q)->sightings[sighting];

	if (g->key != key || !q->sources[g->source])
		return false;
	return query_ranks_by_value(q) ? query_values_of(q, sighting)->there : g->rate > 0;
}

static const struct query_value *copy_values(const struct query *q, const struct window_value *from)
{
	unsigned n = query_view(q)->value_count;
	struct query_value *values = base_region_alloc(q->region, n * sizeof(*values));

	for (unsigned i = 0; i < n; i++)
		values[i] = query_value_of(&from[i]);
	return values;
}

/* A sighting as a flow that sorts by the number of its source. */
static struct query_flow location_of(const struct query *q, uint32_t sighting)
{
	const struct window_view_sighting *g = &query_view(q)->sightings[sighting];
	const struct window_value *values = query_values_of(q, sighting);
	struct merged one = {.count = 0};
	struct query_flow f;

	merge_sighting(&one, g, QUERY_MAX);
	f = flow_of(g->source, &one);
	f.values = values ? copy_values(q, values) : NULL;
	if (query_ranks_by_value(q)) {
		f.value = values->value;
		f.samples = values->samples;
		f.error95 = window_value_error95(values);
	}
	return f;
}

int query_locations(const struct query *q, const char *key, struct query_flow **flows)
{
	const struct window_view_flows *f = query_view(q);
	uint32_t number = find_key(q, key), all = 0;
	struct heap h;

	for (uint32_t i = 0; i < f->sighting_count; i++)
		all += is_location(q, number, i);
	h = heap_make(q, all);

	*flows = h.flows;
	if (!h.flows)
		return -ENOMEM;
	for (uint32_t i = 0; i < f->sighting_count; i++) {
		struct query_flow flow;

		if (!is_location(q, number, i))
			continue;
		flow = location_of(q, i);
		heap_add(&h, &flow);
	}
	qsort(h.flows, h.count, sizeof(*h.flows), by_value);
	for (unsigned i = 0; i < h.count; i++)
		h.flows[i].key = number;
	return (int)h.count;
}

/* ---- data sources ---- */

static const struct base_addr *agent_of(const struct window_view *v, uint32_t source)
{
	return &v->agents[v->sources[source].agent].addr;
}

static enum topology_place place_of(
	const struct window_view *v, const struct topology *t, uint32_t source)
{
	const struct window_view_source *s = &v->sources[source];

	if (!s->live || s->kind != SOURCE_PORT)
		return TOPOLOGY_OUTSIDE;
	return topology_place_of(t, agent_of(v, source), s->source.class, s->source.index);
}

int query_agents(const struct window_view *v, const struct metric_store *names, const char *agents,
	uint8_t *sources, struct api_error *e)
{
	struct scope scope;
	int err = scope_parse(&scope, agents, names, flow_data_topology(v->plan->data), e);

	if (err < 0)
		return err;
	for (uint32_t i = 0; i < v->source_count; i++) {
		const struct sflow_source id = window_view_id(&v->sources[i]);

		/* Those without a place are of no interface, and number 0 is of no agent. */
		sources[i] = v->sources[i].live
				     ? scope_has(&scope, agent_of(v, i), id.class, id.index)
				     : scope.all;
	}
	scope_fini(&scope);
	return 0;
}

int query_keep(
	const struct query *q, enum topology_place place, uint8_t *sources, struct api_error *e)
{
	const struct topology *t = flow_data_topology(q->view->plan->data);
	const char *name = place == TOPOLOGY_EDGE ? "edge" : "core";

	if (!t) {
		snprintf(e->text, sizeof(e->text),
			"aggMode: %s asks for a topology, and there is none", name);
		return -EINVAL;
	}
	if (q->view->plan->definitions[q->definition].merge == FLOW_MERGE_AGENT) {
		snprintf(e->text, sizeof(e->text),
			"aggMode: %s asks for single ports, and the definition counts those of an "
			"agent together",
			name);
		return -EINVAL;
	}
	for (uint32_t i = 0; i < q->view->source_count; i++)
		sources[i] &= place_of(q->view, t, i) == place;
	return 0;
}
