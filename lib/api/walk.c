/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/walk.h"

#include <errno.h>

static bool is_named(const struct scope *s)
{
	return !s->all && !s->topology && !s->edge && !s->core;
}

void walk_sources(
	const struct walk *w, bool (*each)(void *ctx, const struct metric_source *src), void *ctx)
{
	if (!is_named(w->scope)) {
		metric_each_source(w->store, NULL, each, ctx);
		return;
	}
	for (unsigned i = 0; i < w->scope->count; i++) {
		const struct metric_agent *a = metric_agent_find(w->store, &w->scope->agents[i]);

		if (a)
			metric_each_source(w->store, a, each, ctx);
	}
}

static bool count_one(void *ctx, const struct metric_source *src)
{
	++*(uint64_t *)ctx;
	return true;
}

uint64_t walk_most(const struct walk *w, const struct window_view *v)
{
	uint64_t flows = v ? v->source_count : 0, most = 0;

	if (is_named(w->scope))
		walk_sources(w, count_one, &most);
	else
		most = metric_source_bound(w->store);
	return most > flows ? most : flows;
}

bool walk_takes(const struct walk *w, const struct metric_source *src)
{
	struct sflow_source id = metric_source_id(src);

	/* What has a name in place of a number is no interface. */
	if (id.class == 0 && id.index == 0)
		id.class = UINT32_MAX;
	if (!w->scope->all && !scope_has(w->scope, metric_agent_addr(metric_source_agent(src)),
				      id.class, id.index))
		return false;
	return metric_select_has(w->select, src);
}

/* ---- one data source of an agent ---- */

struct finding {
	const struct metric_path *path;
	const struct metric_source *found;
};

static bool look(void *ctx, const struct metric_source *src)
{
	struct finding *f = ctx;

	if (metric_path_is_of(f->path, src))
		f->found = src;
	return !f->found;
}

const struct metric_source *walk_find(
	const struct metric_store *m, const struct metric_agent *a, const struct metric_path *path)
{
	struct finding f = {.path = path};

	if (a)
		metric_each_source(m, a, look, &f);
	return f.found;
}

/* ---- statistics ---- */

struct counting {
	const struct walk *walk;
	const struct terms *terms;
	struct metric_tally *tallies;
	int err;
};

/* Values come first: most sources that have none need not be looked at further. */
static bool count(void *ctx, const struct metric_source *src)
{
	struct counting *c = ctx;
	struct metric_value v;
	bool taken = false;

	for (unsigned i = 0; i < c->terms->count && c->err == 0; i++) {
		if (!walk_value(&c->terms->list[i], src, &v))
			continue;
		taken = taken || walk_takes(c->walk, src);
		if (!taken)
			break;
		c->err = metric_tally_add(&c->tallies[i], &v, src);
	}
	return c->err == 0;
}

int walk_statistics(const struct walk *w, const struct terms *t, struct metric_tally *tallies)
{
	struct counting c = {.walk = w, .terms = t, .tallies = tallies};

	walk_sources(w, count, &c);
	return c.err;
}
