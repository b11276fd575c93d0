/* SPDX-License-Identifier: BSD-3-Clause */
#include "thresholds.h"

#include <errno.h>
#include <string.h>

#include "base/near.h"

static const char *next_flow(const void *ctx, size_t i)
{
	const struct conf *c = ctx;

	return i < c->flow_count ? c->flows[i].name : NULL;
}

static bool has_flow(const struct conf *c, const char *name)
{
	for (unsigned i = 0; i < c->flow_count; i++) {
		if (strcmp(c->flows[i].name, name) == 0)
			return true;
	}
	return false;
}

int thresholds_check(const struct conf *c, struct conf_error *e)
{
	for (unsigned i = 0; i < c->threshold_count; i++) {
		const struct conf_threshold *t = &c->thresholds[i];
		const char *near;

		if (has_flow(c, t->metric))
			continue;
		near = base_near(t->metric, next_flow, c);
		conf_error_at(e, c->file, t->metric_at,
			"thresholds.metric: there is no flow definition \"%s\"; write the name of "
			"one of flows%s%s%s",
			t->metric, near ? " (did you mean \"" : "", near ? near : "",
			near ? "\"?)" : "");
		return -EINVAL;
	}
	return 0;
}

static int put(struct thresholds *set, const struct conf_threshold *from)
{
	struct base_addr agents[THRESHOLD_PLACES];
	struct sflow_source sources[THRESHOLD_PLACES];
	const struct threshold t = {.name = from->name,
		.metric = from->metric,
		.value = from->value,
		.timeout = from->timeout,
		.samples = from->samples,
		.by_flow = from->by_flow == CONF_TRUE,
		.agent_count = from->agent_count,
		.source_count = from->source_count,
		.agents = agents,
		.sources = sources};

	for (unsigned i = 0; i < from->agent_count; i++)
		base_addr_parse(from->agents[i], &agents[i]);
	for (unsigned i = 0; i < from->source_count; i++)
		threshold_parse_source(from->sources[i], &sources[i]);
	return thresholds_put(set, &t);
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
