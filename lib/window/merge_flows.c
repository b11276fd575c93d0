/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>

#include "window/merge_pvt.h"
#include "window/record.h"

/*
 * The flows of all definitions, by the members of a team. While a job runs, a member writes its struct
 * merge_member and the ranges that are its own, and reads the window, the plan and what is known; nobody writes
 * these. Everything else is done by the aggregator between two jobs.
 */

enum {
	MERGE_TOGETHER = 8192, /* flows from which on it pays to wake the others */
};

static const double MERGE_SECONDS_LEAST = 1e-6; /* of a window, for a rate over it */
/*
 * Share of its first window that a definition is taken to have been in force, at least: a sample in
 * the last moment of it would come to a rate above all thresholds.
 */
static const double MERGE_PART_LEAST = 0.5;

/* ---- who does what ---- */

static bool works(const struct merge *m, unsigned i)
{
	return m->plan->definitions[i].shares == i;
}

/* What RX cores counted for it in a window. Several may be merged from one table. */
static const struct window_definition *counted_for(
	const struct merge *m, unsigned i, const struct window *w)
{
	return &w->definitions[m->plan->definitions[i].table];
}

/* The ranges of a definition that are a member's, as a bit set. Small ones are dealt out, too. */
static uint32_t ranges_of(const struct merge *m, unsigned i, unsigned member)
{
	unsigned members = base_team_members(m->options.team);
	uint32_t mine = 0;

	for (unsigned j = 0; j < m->definitions[i].ranges; j++)
		mine |= (uint32_t)((i + j) % members == member) << j;
	return mine;
}

static uint32_t all_ranges(const struct merge *m, unsigned i)
{
	return (uint32_t)((UINT64_C(1) << m->definitions[i].ranges) - 1);
}

/* The same for what is done in one order. */
static uint32_t ordered_ranges(const struct merge *m, unsigned i, unsigned member, bool ordered)
{
	if (!ordered)
		return ranges_of(m, i, member);
	return member == 0 ? all_ranges(m, i) : 0;
}

static void hold(struct merge_member *me, uint32_t source, int32_t more)
{
	me->held[source] += more;
}

static void room_for_sources(struct merge *m)
{
	uint32_t need = m->known.sources.capacity;

	for (unsigned i = 0; i < base_team_members(m->options.team); i++) {
		struct merge_member *me = &m->members[i];

		if (me->room >= need)
			continue;
		free(me->held); /* all zeroes between two jobs */
		me->held = calloc(need, sizeof(*me->held));
		if (!me->held)
			abort(); /* off the data path; nothing sensible is left to do */
		me->room = need;
	}
}

static void count_sources(struct merge *m)
{
	for (unsigned i = 0; i < base_team_members(m->options.team); i++) {
		int32_t *held = m->members[i].held;

		for (uint32_t j = 0; j < m->known.sources.count; j++) {
			if (held[j] == 0)
				continue;
			known_source_at(&m->known, j)->sightings += (uint32_t)held[j];
			held[j] = 0;
		}
	}
}

/* Have it done by all, or, where it is little, by the aggregator alone: that is the same. */
static void run(struct merge *m, base_team_job *job, void *arg, uint64_t flows)
{
	room_for_sources(m);
	if (flows >= MERGE_TOGETHER) {
		base_team_run(m->options.team, job, arg);
	} else {
		for (unsigned i = 0; i < base_team_members(m->options.team); i++)
			job(arg, i);
	}
	count_sources(m);
}

/* ---- add a window ---- */

struct adding {
	struct merge *m;
	const struct window *w;
};

/* Sightings that are new hold on to their data sources. */
static void hold_sources(struct merge_member *me, const struct sightings *s, uint32_t before)
{
	for (uint32_t i = before; i < s->sightings.count; i++)
		hold(me, sighting_at(s, i)->source, 1);
}

static void add_ranges(struct adding *a, unsigned i, uint32_t mine, struct merge_member *me)
{
	struct merge_definition *md = &a->m->definitions[i];
	uint32_t before[SIGHTINGS_RANGES] = {0};

	for (unsigned j = 0; j < md->ranges; j++)
		before[j] = mine >> j & 1 ? md->flows[j].sightings.count : 0;
	sightings_add(
		md->flows, md->ranges, mine, &counted_for(a->m, i, a->w)->table, a->m->sources);
	for (unsigned j = 0; j < md->ranges; j++) {
		if (mine >> j & 1)
			hold_sources(me, &md->flows[j], before[j]);
	}
}

static void add_job(void *arg, unsigned member)
{
	struct adding *a = arg;

	for (unsigned i = 0; i < a->m->plan->definition_count; i++) {
		uint32_t mine = works(a->m, i) ? ranges_of(a->m, i, member) : 0;

		if (mine && !a->m->plan->definitions[i].late)
			add_ranges(a, i, mine, &a->m->members[member]);
	}
}

static void totals_add(struct merge_totals *t, const struct merge_totals *more)
{
	t->total = table_sum(t->total, more->total);
	t->other = table_sum(t->other, more->other);
	t->counted += more->counted;
	t->keyless += more->keyless;
	t->filtered += more->filtered;
}

/*
 * Where functions are applied now, a sample can lack a key only now: it counts as keyless, as on the RX
 * core. They ask for names that others may change, so all of it is of one moment and one thread.
 */
static void add_late(struct merge *m, unsigned i, const struct window *w, struct merge_totals *t)
{
	struct sightings *s = m->definitions[i].flows;
	uint32_t before = s->sightings.count;
	struct regroup *g = &m->regroup;

	regroup_start(g, m->plan, &m->plan->definitions[i]);
	sightings_add_late(s, &counted_for(m, i, w)->table, m->sources, g);
	t->total -= g->absent_value < t->total ? g->absent_value : t->total;
	t->counted -= g->absent_samples;
	t->keyless += g->absent_samples;
	for (; before < s->sightings.count; before++)
		known_source_at(&m->known, sighting_at(s, before)->source)->sightings++;
}

/* What a table of a window counted. */
static void count_table(struct merge *m, unsigned i, const struct window *w)
{
	const struct window_definition *wd = counted_for(m, i, w);
	struct merge_definition *d = &m->definitions[i];
	struct merge_totals t = {.total = wd->total,
		.other = wd->table.other_value,
		.counted = wd->counted,
		.keyless = wd->keyless,
		.filtered = wd->filtered};

	if (m->plan->definitions[i].late)
		add_late(m, i, w, &t);
	d->full |= wd->table.other_samples > 0;
	if (flow_has_table(m->plan, &m->plan->definitions[i]))
		m->window[WINDOW_SKETCHES_FULL] += wd->table.lanes.full;
	for (unsigned j = 0; j < d->ranges; j++) {
		struct sightings *s = &d->flows[j];

		t.other = table_sum(t.other, s->other);
		m->window[WINDOW_SKETCHES_FULL] += s->lanes.full + s->lives.values.full;
		s->other = s->lanes.full = s->lives.values.full = 0;
	}
	totals_add(&d->window, &t);
	totals_add(&d->ever, &t);
}

void merge_flows_add(struct merge *m, const struct window *w)
{
	struct adding a = {m, w};
	uint64_t flows = 0;

	for (unsigned i = 0; i < m->plan->definition_count; i++) {
		if (!works(m, i))
			continue;
		sightings_allow(m->definitions[i].flows, m->definitions[i].ranges);
		flows += counted_for(m, i, w)->table.count;
	}
	run(m, add_job, &a, flows);
	for (unsigned i = 0; i < m->plan->definition_count; i++) {
		if (works(m, i))
			count_table(m, i, w);
	}
}

/* ---- close the window ---- */

struct closing {
	struct merge *m;
	uint64_t start_ms, now_ms;
};

/* The end of the last window, unless the clock was set. */
static uint64_t start_of(const struct merge *m, double seconds, uint64_t now_ms)
{
	uint64_t ms = (uint64_t)llround(seconds * 1000);

	if (m->closed_ms < now_ms && now_ms - m->closed_ms <= 2 * ms)
		return m->closed_ms;
	return now_ms > ms ? now_ms - ms : 0;
}

/* Called for each range of a definition that is a member's. */
typedef void range_work(
	struct closing *c, unsigned i, struct sightings *s, struct merge_member *me);

/* Flow records come in one order: definitions that are logged are the aggregator's. */
static void each_range(struct closing *c, unsigned member, range_work *work)
{
	struct merge *m = c->m;

	for (unsigned i = 0; i < m->plan->definition_count; i++) {
		uint32_t mine =
			works(m, i) ? ordered_ranges(m, i, member, m->plan->definitions[i].log) : 0;

		for (unsigned j = 0; j < m->definitions[i].ranges; j++) {
			struct sightings *s = &m->definitions[i].flows[j];
			struct record_maker maker;

			if (!(mine >> j & 1))
				continue;
			record_open(&maker, m, i, s, c->start_ms, c->now_ms);
			work(c, i, s, &m->members[member]);
		}
	}
}

/* Sequence numbers and pools are of flow samples. @return NULL: nothing is known to be lost */
static const float *loss_of(const struct merge *m, unsigned i)
{
	const struct loss *l = &m->known.loss;

	return l->any && m->plan->definitions[i].kind == SFLOW_KIND_FLOW ? l->factor : NULL;
}

/* A definition that came in force as the window ended has nothing in it, nor does it count for its rates. */
static void smooth(struct closing *c, unsigned i, struct sightings *s, struct merge_member *me)
{
	const struct merge_definition *d = &c->m->definitions[i];

	(void)me;
	if (!d->fresh)
		sightings_smooth(s, d->closed_s, loss_of(c->m, i), c->m->options.correct);
}

static void smooth_job(void *arg, unsigned member)
{
	each_range(arg, member, smooth);
}

static void release_source(void *ctx, uint32_t source)
{
	hold(ctx, source, -1);
}

/* Of those that were smoothed. */
static void settle(struct closing *c, unsigned i, struct sightings *s, struct merge_member *me)
{
	if (!c->m->definitions[i].fresh)
		sightings_settle(s, c->m->definitions[i].idle, release_source, me);
}

static void settle_job(void *arg, unsigned member)
{
	each_range(arg, member, settle);
}

/* @return how many sightings it has */
static uint64_t start_close(struct merge_definition *d, double seconds)
{
	uint64_t flows = 0;

	d->closed_s =
		fmax(fmax(seconds - d->late, seconds * MERGE_PART_LEAST), MERGE_SECONDS_LEAST);
	d->fresh = d->late > 0 && d->late >= seconds;
	d->late = 0;
	for (unsigned i = 0; i < d->ranges; i++)
		flows += d->flows[i].sightings.count;
	return flows;
}

static double lost_share(const struct merge_definition *d)
{
	double value = 0, estimate = 0;

	for (unsigned i = 0; i < d->ranges; i++) {
		value += (double)d->flows[i].closed_value;
		estimate += d->flows[i].closed_estimate;
	}
	return estimate > value ? 1 - value / estimate : 0;
}

static void check(struct merge *m, unsigned i)
{
	const struct merge_definition *d = &m->definitions[i];
	uint64_t sum = d->window.other;

	for (unsigned j = 0; j < d->ranges; j++)
		sum = table_sum(sum, d->flows[j].closed_value);
	if (d->window.total != sum || merge_samples_seen(m, &m->plan->definitions[i]) - d->before !=
					      merge_samples_taken(d))
		m->imbalances++;
}

void merge_flows_close(struct merge *m, double seconds, uint64_t now_ms)
{
	struct closing c = {m, start_of(m, seconds, now_ms), now_ms};
	uint64_t flows = 0;

	for (unsigned i = 0; i < m->plan->definition_count; i++)
		flows += works(m, i) ? start_close(&m->definitions[i], seconds) : 0;
	loss_close(&m->known);
	run(m, smooth_job, &c, flows);
	for (unsigned i = 0; i < m->plan->definition_count; i++) {
		struct merge_definition *d = &m->definitions[i];

		if (works(m, i))
			d->idle = sightings_idle(d->flows, d->ranges, d->closed_s);
		d->lost = lost_share(d);
	}
	run(m, settle_job, &c, flows);
	for (unsigned i = 0; i < m->plan->definition_count; i++) {
		if (works(m, i))
			check(m, i);
		if (m->definitions[i].window.counted > 0)
			m->definitions[i].seen_ms = now_ms;
	}
}
