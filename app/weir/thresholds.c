/* SPDX-License-Identifier: BSD-3-Clause */
#include "thresholds.h"

#include <errno.h>
#include <string.h>

#include "base/near.h"
#include "sflow/structure.h"
#include "threshold_filter.h"

/* The i-th of all metrics that structures have, each at least once. */
static const char *next_metric(const void *ctx, size_t i)
{
	for (unsigned s = 0; s < sflow_counter_structures_count; s++) {
		const struct sflow_structure *st = sflow_counter_structures[s];

		for (unsigned f = 0; f < st->field_count; f++) {
			if (st->fields[f].metric && i-- == 0)
				return st->fields[f].metric;
		}
	}
	return NULL;
}

const char *thresholds_near(const char *metric)
{
	return base_near(metric, next_metric, NULL);
}

/* Its filter is of `f`. */
static int read_filter(const char *text, struct threshold_filter *f, struct threshold *t)
{
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	int err = threshold_filter_read(f, json, t);

	json_decref(json);
	return err;
}

static int check(const struct conf *c, const struct conf_threshold *from, struct conf_error *e)
{
	struct threshold t = {.name = from->name, .metric = from->metric, .value = from->value};
	const char *wrong = threshold_check(&t), *near;
	struct threshold_filter f;
	int err = 0;

	if (wrong) {
		near = thresholds_near(from->metric);
		conf_error_at(e, c->file, from->metric_at, "thresholds.%s%s%s%s", wrong,
			near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
		return -EINVAL;
	}
	if (!from->filter[0])
		return 0;
	err = read_filter(from->filter, &f, &t);
	if (err < 0)
		conf_error_at(e, c->file, from->filter_at, "thresholds.filter: %s", f.error);
	threshold_filter_fini(&f, false);
	return err;
}

int thresholds_check(const struct conf *c, struct conf_error *e)
{
	int err = 0;

	for (unsigned i = 0; i < c->threshold_count && err == 0; i++)
		err = check(c, &c->thresholds[i], e);
	return err;
}

/* As the set takes it; its filter is of `f`, for threshold_filter_fini(). @return 0 or -errno */
static int make(const struct conf_threshold *from, struct threshold *t, struct threshold_filter *f)
{
	*f = (struct threshold_filter){.error = ""};
	*t = (struct threshold){.name = from->name,
		.metric = from->metric,
		.value = from->value,
		.timeout = from->timeout,
		.samples = from->samples,
		.by_flow = from->by_flow == CONF_TRUE};
	return from->filter[0] ? read_filter(from->filter, f, t) : 0;
}

static int put(struct thresholds *set, const struct conf_threshold *from)
{
	struct threshold_filter f;
	struct threshold t;
	int err = make(from, &t, &f);

	if (err == 0)
		err = thresholds_put(set, &t);
	threshold_filter_fini(&f, err == 0);
	return err;
}

/* ---- another configuration ---- */

/* What the set has under a name. */
struct found {
	const struct threshold *wanted;
	bool there, same;
};

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static void look(void *ctx, const struct threshold *t, enum threshold_kind kind)
{
	struct found *f = ctx;
	const struct threshold *w = f->wanted;

	f->there = true;
	f->same = same_text(t->metric, w->metric) && t->value == w->value &&
		  t->timeout == w->timeout && t->samples == w->samples &&
		  t->by_flow == w->by_flow && same_text(t->filter, w->filter);
}

/* Whether the set has it, and just so. */
static struct found find(struct thresholds *set, const struct conf_threshold *from)
{
	struct threshold_filter filter;
	struct threshold t;
	struct found f = {.wanted = &t};

	if (make(from, &t, &filter) == 0)
		thresholds_each(set, from->name, look, &f);
	threshold_filter_fini(&filter, false);
	f.wanted = NULL;
	return f;
}

static const struct conf_threshold *by_name(const struct conf *c, const char *name)
{
	for (unsigned i = 0; i < c->threshold_count; i++) {
		if (strcmp(c->thresholds[i].name, name) == 0)
			return &c->thresholds[i];
	}
	return NULL;
}

/* What differs from the configuration of before was put at run time. */
static bool was_put(struct thresholds *set, const struct conf *now, const char *name)
{
	const struct conf_threshold *before = by_name(now, name);
	const struct conf_threshold any = {.name = name, .metric = "", .filter = ""};
	struct found f = find(set, before ? before : &any);

	return f.there && !(before && f.same);
}

/* Whether one of `now` goes with it. */
static bool goes(
	struct thresholds *set, const struct conf *now, const struct conf *next, const char *name)
{
	return !by_name(next, name) && !was_put(set, now, name);
}

static void count_one(void *ctx, const struct threshold *t, enum threshold_kind kind)
{
	++*(unsigned *)ctx;
}

static unsigned count(struct thresholds *set, const char *name)
{
	unsigned n = 0;

	thresholds_each(set, name, count_one, &n);
	return n;
}

int thresholds_fit(struct threshold_keeper *k, const struct conf *now, const struct conf *next,
	struct conf_error *e)
{
	unsigned room = THRESHOLDS - count(k->set, NULL);

	for (unsigned i = 0; i < now->threshold_count; i++) {
		const char *name = now->thresholds[i].name;

		room += goes(k->set, now, next, name) ? count(k->set, name) : 0;
	}
	for (unsigned i = 0; i < next->threshold_count; i++) {
		const struct conf_threshold *t = &next->thresholds[i];

		if (count(k->set, t->name))
			continue;
		if (room == 0) {
			conf_error_at(e, next->file, t->name_at,
				"thresholds: \"%s\" is one more than the %d that there can be "
				"together with those that were put at run time; take some of "
				"either out",
				t->name, THRESHOLDS);
			return -ENOSPC;
		}
		room--;
	}
	return 0;
}

int thresholds_configure(
	struct threshold_keeper *k, const struct conf *now, const struct conf *next)
{
	int err = 0;

	for (unsigned i = 0; i < now->threshold_count; i++) {
		const char *name = now->thresholds[i].name;

		if (goes(k->set, now, next, name))
			thresholds_remove(k->set, name);
	}
	for (unsigned i = 0; i < next->threshold_count && err == 0; i++) {
		const struct conf_threshold *t = &next->thresholds[i];

		if (!was_put(k->set, now, t->name) && !find(k->set, t).same)
			err = put(k->set, t);
	}
	return err;
}

int thresholds_load(struct threshold_keeper *k, const struct conf *c)
{
	int err = 0;

	for (unsigned i = 0; i < c->threshold_count && err == 0; i++)
		err = put(k->set, &c->thresholds[i]);
	if (err == 0)
		thresholds_load_stored(k);
	return err;
}
