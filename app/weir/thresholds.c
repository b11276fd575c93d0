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

static int put(struct thresholds *set, const struct conf_threshold *from)
{
	struct threshold_filter f = {.error = ""};
	struct threshold t = {.name = from->name,
		.metric = from->metric,
		.value = from->value,
		.timeout = from->timeout,
		.samples = from->samples,
		.by_flow = from->by_flow == CONF_TRUE};
	int err = from->filter[0] ? read_filter(from->filter, &f, &t) : 0;

	if (err == 0)
		err = thresholds_put(set, &t);
	threshold_filter_fini(&f, err == 0);
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
