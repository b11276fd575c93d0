/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 256 };

/* ---- cells ---- */

/* What a row is about: a source with counters, or one that only sees flows. */
struct subject {
	const struct metric_source *src;  /* NULL: it has no counters */
	const struct metric_agent *agent; /* NULL: none of the agent's has */
	const struct base_addr *addr;
	struct sflow_source id;
};

static bool is_of(const struct metric_path *path, const struct subject *s)
{
	if (s->src)
		return metric_path_is_of(path, s->src);
	return !path->one || (!path->custom && path->source.class == s->id.class &&
				     path->source.index == s->id.index);
}

static void set(struct cell *c, const struct metric_source *src, const struct metric_value *v)
{
	*c = (struct cell){.there = true, .value = *v, .src = src};
}

/* @return whether it is the subject's own */
static bool fill_flow(
	const struct rows *r, unsigned column, const struct subject *s, struct cell *c)
{
	const struct metric_path *path = &r->columns->list[column].path;
	struct flow_metric *f = &r->flows[column];
	bool own = is_of(path, s);
	struct flow_place *p = flow_metric_find(f, s->addr, own ? s->id : path->source);

	if (!p)
		return false;
	*c = (struct cell){.there = true, .value = flow_metric_number(f, p->value), .place = p};
	return own;
}

/* Whether a column is a metric of another source of the same agent. */
static bool names_other(const struct term *t)
{
	return t->flow < 0 && t->name && t->path.one;
}

static bool note_other(void *ctx, const struct metric_source *src)
{
	struct rows *r = ctx;
	bool missing = false;

	for (unsigned i = 0; i < r->columns->count; i++) {
		const struct term *t = &r->columns->list[i];

		if (!names_other(t) || r->others[i])
			continue;
		if (metric_path_is_of(&t->path, src))
			r->others[i] = src;
		else
			missing = true;
	}
	return missing && !walk_stops(r->walk);
}

/* All of an agent are found in one walk over its sources, and once for all of its rows. */
static void find_others(struct rows *r, const struct metric_agent *a)
{
	if (a == r->agent)
		return;
	memset(r->others, 0, sizeof(r->others));
	r->agent = a;
	if (a)
		metric_each_source(r->walk->store, a, note_other, r);
}

static void fill_other(struct rows *r, unsigned column, const struct subject *s, struct cell *c)
{
	struct metric_value v;

	find_others(r, s->agent);
	if (r->others[column] &&
		metric_source_value(r->others[column], r->columns->list[column].name, &v))
		set(c, r->others[column], &v);
}

/* As metric_inherited_value(), but it says from whom. */
static void fill_inherited(const struct term *t, const struct subject *s, struct cell *c)
{
	const struct metric_source *const from[] = {s->src ? metric_source_parent(s->src) : NULL,
		s->agent ? metric_agent_host(s->agent) : NULL};
	struct metric_value v;

	for (unsigned i = 0; i < 2 && !c->there; i++) {
		if (from[i] && metric_source_value(from[i], t->name, &v))
			set(c, from[i], &v);
	}
}

static bool fill_metric(struct rows *r, unsigned column, const struct subject *s, struct cell *c)
{
	const struct term *t = &r->columns->list[column];
	struct metric_value v;

	if (!t->name)
		return false;
	if (s->src && walk_value(t, s->src, &v)) {
		set(c, s->src, &v);
		return true;
	}
	if (t->path.one)
		fill_other(r, column, s, c);
	else
		fill_inherited(t, s, c);
	return false;
}

/* @return whether it is the subject's own */
static bool fill_column(struct rows *r, unsigned column, const struct subject *s, struct cell *c)
{
	*c = (struct cell){.there = false};
	return r->columns->list[column].flow >= 0 ? fill_flow(r, column, s, c)
						  : fill_metric(r, column, s, c);
}

/* @return whether the subject has one of its own, and none is missing that has to be there */
static bool fill(struct rows *r, const struct subject *s, struct cell *cells)
{
	unsigned own = 0;

	for (unsigned i = 0; i < r->columns->count; i++) {
		own += fill_column(r, i, s, &cells[i]);
		if (!cells[i].there && !r->columns->list[i].null)
			return false;
	}
	return own > 0;
}

/* ---- the order ---- */

static int compare_texts(const struct metric_value *a, const struct metric_value *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->text, b->text, len);

	return order ? order : a->len < b->len ? -1 : a->len > b->len;
}

static int compare_values(const struct metric_value *a, const struct metric_value *b)
{
	if (a->number != b->number)
		return a->number ? -1 : 1;
	if (!a->number)
		return compare_texts(a, b);
	return a->value < b->value ? -1 : a->value > b->value;
}

/* Rows without a value are last, whatever the direction; equal ones stay as they were found. */
static int compare(const struct rows *r, const struct row *a, const struct row *b)
{
	const struct cell *x = &a->cells[r->sort_column], *y = &b->cells[r->sort_column];
	int order;

	if (x->there != y->there)
		return x->there ? -1 : 1;
	order = x->there ? compare_values(&x->value, &y->value) : 0;
	if (order == 0)
		return a->number < b->number ? -1 : a->number > b->number;
	return r->sort->most < 0 ? -order : order;
}

static int by_order(const void *a, const void *b, void *rows)
{
	return compare(rows, a, b);
}

static void swap(struct row *a, struct row *b)
{
	struct row c = *a;

	*a = *b;
	*b = c;
}

/* The heap has the row on top that is last in order. */
static void sift_up(struct rows *r, uint64_t i)
{
	for (; i > 0 && compare(r, &r->kept[i], &r->kept[(i - 1) / 2]) > 0; i = (i - 1) / 2)
		swap(&r->kept[i], &r->kept[(i - 1) / 2]);
}

static void sift_down(struct rows *r)
{
	for (uint64_t i = 0;;) {
		uint64_t last = i;

		for (uint64_t c = 2 * i + 1; c < 2 * i + 3 && c < r->count; c++) {
			if (compare(r, &r->kept[c], &r->kept[last]) > 0)
				last = c;
		}
		if (last == i)
			return;
		swap(&r->kept[i], &r->kept[last]);
		i = last;
	}
}

/* ---- to keep them ---- */

static size_t cells_size(const struct rows *r)
{
	return r->columns->count * sizeof(struct cell);
}

static int grow(struct rows *r)
{
	uint64_t room = r->room ? 2 * r->room : FIRST_ROOM;
	uint64_t more = (room - r->room) * sizeof(*r->kept);
	struct row *kept;

	if (!api_budget_take(r->budget, more))
		return -ENOBUFS;
	r->memory += more;
	kept = realloc(r->kept, room * sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	r->kept = kept;
	r->room = room;
	return 0;
}

static int add(struct rows *r, const struct row *row)
{
	int err = r->count == r->room ? grow(r) : 0;
	struct cell *cells;

	if (err < 0)
		return err;
	if (!api_budget_take(r->budget, cells_size(r)))
		return -ENOBUFS;
	r->memory += cells_size(r);
	cells = malloc(cells_size(r));
	if (!cells)
		return -ENOMEM;
	memcpy(cells, row->cells, cells_size(r));
	r->kept[r->count] = (struct row){row->number, cells};
	if (r->most)
		sift_up(r, r->count);
	r->count++;
	return 0;
}

static int keep(struct rows *r, struct cell *cells)
{
	struct row row = {r->found++, cells};

	if (!r->sort)
		return r->each(r->ctx, r, cells);
	if (!r->most || r->count < r->most)
		return add(r, &row);
	if (compare(r, &row, &r->kept[0]) < 0) {
		memcpy(r->kept[0].cells, cells, cells_size(r));
		r->kept[0].number = row.number;
		sift_down(r);
	}
	return 0;
}

/* Whether a row of that subject would find a place, by the column that rows are sorted by alone. */
static bool is_wanted(struct rows *r, const struct subject *s, struct cell *cells)
{
	const struct row row = {r->found, cells};

	if (!r->most || r->count < r->most)
		return true;
	fill_column(r, r->sort_column, s, &cells[r->sort_column]);
	return compare(r, &row, &r->kept[0]) < 0;
}

/* ---- to find them ---- */

/* What is found here need not be looked for among those that only see flows. */
static void note_flows(struct rows *r, const struct subject *s)
{
	for (unsigned i = 0; r->view && i < r->columns->count; i++) {
		struct flow_place *p = r->columns->list[i].flow >= 0
					       ? flow_metric_find(&r->flows[i], s->addr, s->id)
					       : NULL;

		if (p)
			p->seen = true;
	}
}

static bool take_source(void *ctx, const struct metric_source *src)
{
	struct rows *r = ctx;
	struct cell cells[TERMS];
	struct subject s = {
		.src = src, .agent = metric_source_agent(src), .id = metric_source_id(src)};

	s.addr = metric_agent_addr(s.agent);
	note_flows(r, &s);
	if (is_wanted(r, &s, cells) && walk_takes(r->walk, src) && fill(r, &s, cells))
		r->err = keep(r, cells);
	return r->err == 0;
}

static void take_sources(struct rows *r)
{
	bool others = false;

	for (unsigned i = 0; i < r->columns->count; i++)
		others = others || names_other(&r->columns->list[i]);
	if (others)
		walk_agents(r->walk, take_source, r);
	else
		walk_sources(r->walk, take_source, r);
}

/* Places that no source with counters stood for, in the order of the first column that has them. */
static void take_places(struct rows *r, unsigned column)
{
	struct flow_metric *f = &r->flows[column];
	struct cell cells[TERMS];

	for (uint32_t i = 0; i < f->count && r->err == 0 && !walk_stops(r->walk); i++) {
		struct flow_place *p = &f->places[i];
		struct subject s = {.addr = p->agent, .id = p->id};

		if (p->seen)
			continue;
		note_flows(r, &s);
		s.agent = metric_agent_find(r->walk->store, p->agent);
		if (is_wanted(r, &s, cells) && fill(r, &s, cells))
			r->err = keep(r, cells);
	}
}

static int open_flows(struct rows *r)
{
	int err = 0;

	r->flows = calloc(r->columns->count, sizeof(*r->flows));
	if (!r->flows)
		return -ENOMEM;
	for (unsigned i = 0; i < r->columns->count && err == 0; i++) {
		struct term t = r->columns->list[i];

		if (t.flow < 0)
			continue;
		/* Of one data source: rows of others have it, too. */
		err = flow_metric_init(&r->flows[i], r->view, &t, r->walk);
	}
	return err;
}

static void find_sort(struct rows *r)
{
	for (unsigned i = 0; i < r->columns->count; i++) {
		if (!r->columns->list[i].sort)
			continue;
		r->sort = &r->columns->list[i];
		r->sort_column = i;
		r->most = (uint64_t)labs(r->sort->most);
	}
}

static void let_go(struct rows *r)
{
	for (unsigned i = 0; r->flows && i < r->columns->count; i++)
		flow_metric_fini(&r->flows[i]);
	for (uint64_t i = 0; i < r->count; i++)
		free(r->kept[i].cells);
	free(r->flows);
	free(r->kept);
	api_budget_give(r->budget, r->memory);
}

int rows_walk(struct rows *r)
{
	find_sort(r);
	r->err = open_flows(r);
	if (r->err == 0)
		take_sources(r);
	for (unsigned i = 0; r->err == 0 && i < r->columns->count; i++) {
		if (r->columns->list[i].flow >= 0)
			take_places(r, i);
	}
	if (r->err == 0 && r->sort)
		qsort_r(r->kept, r->count, sizeof(*r->kept), by_order, r);
	for (uint64_t i = 0; i < r->count && r->err == 0; i++)
		r->err = r->each(r->ctx, r, r->kept[i].cells);
	let_go(r);
	return r->err;
}
