/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/walk.h"

static bool is_named(const struct scope *s)
{
	return !s->all && !s->topology && !s->edge && !s->core;
}

/* A walk ends where its callback says so, or the server ends. */
struct passing {
	const struct walk *walk;
	bool (*each)(void *ctx, const struct metric_source *src);
	void *ctx;
	bool over;
};

static bool pass(void *ctx, const struct metric_source *src)
{
	struct passing *p = ctx;

	p->over = walk_stops(p->walk) || !p->each(p->ctx, src);
	return !p->over;
}

static bool pass_agent(void *ctx, const struct metric_agent *a)
{
	struct passing *p = ctx;

	metric_each_source(p->walk->store, a, pass, p);
	return !p->over;
}

static void pass_named(struct passing *p)
{
	const struct walk *w = p->walk;

	for (unsigned i = 0; i < w->scope->count && !p->over; i++) {
		const struct metric_agent *a = metric_agent_find(w->store, &w->scope->agents[i]);

		if (a)
			pass_agent(p, a);
	}
}

void walk_sources(
	const struct walk *w, bool (*each)(void *ctx, const struct metric_source *src), void *ctx)
{
	struct passing p = {.walk = w, .each = each, .ctx = ctx};

	if (is_named(w->scope))
		pass_named(&p);
	else
		metric_each_source(w->store, NULL, pass, &p);
}

void walk_agents(
	const struct walk *w, bool (*each)(void *ctx, const struct metric_source *src), void *ctx)
{
	struct passing p = {.walk = w, .each = each, .ctx = ctx};

	if (is_named(w->scope))
		pass_named(&p);
	else
		metric_each_agent(w->store, pass_agent, &p);
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
