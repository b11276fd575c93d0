/* SPDX-License-Identifier: BSD-3-Clause */
#include "metric/metric_pvt.h"

/* One counter sample: is it the next one, and what do its records say. */

static void start_base(struct metric_block *b, const struct metric_source *src,
	const struct metric_sample *s, const struct metric_fresh *fresh)
{
	uint64_t left;

	for (left = fresh->known; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);

		b->cells[i].raw = fresh->raw[i];
	}
	b->known = fresh->known;
	b->epoch = src->epoch;
	b->base_ms = s->time_ms;
	b->base_uptime_ms = s->uptime_ms;
}

/* Counters of a block that already has a base in this epoch. */
static void go_on(struct metric_store *m, struct metric_block *b, const struct metric_source *src,
	const struct metric_sample *s, const struct metric_fresh *fresh, uint64_t before)
{
	uint64_t ms = metric_elapsed_ms(b, s);

	if (ms == 0) {
		/* No time has passed: the rates so far stand, and their base. */
		b->shown |= before & b->known;
		return;
	}
	if (!metric_block_rate(b, fresh, ms))
		m->stats[METRIC_RESTARTS]++;
	start_base(b, src, s, fresh);
}

static void take_record(struct metric_store *m, struct metric_source *src,
	const struct metric_sample *s, const struct sflow_record *r)
{
	int number = sflow_counter_index(r->tag);
	const struct metric_plan *plan;
	struct metric_fresh fresh;
	struct metric_block *b;
	uint64_t before;

	if (number < 0) {
		m->stats[METRIC_RECORD_UNKNOWN]++;
		return;
	}
	plan = &m->plans[number];
	if (!plan->fields)
		return;
	b = metric_block_get(src, plan);
	if (!b || b->sample == src->samples)
		return; /* of several with one tag the first counts */
	before = b->shown;
	/* sFlow v5, counters_record: the structure's fixed part, else METRIC_RECORD_SHORT. */
	if (!metric_block_read(b, r, &fresh))
		m->stats[METRIC_RECORD_SHORT]++;
	m->stats[METRIC_DOUBTFUL] += metric_block_doubt(b);
	if (b->sample && b->epoch == src->epoch)
		go_on(m, b, src, s, &fresh, before);
	else
		start_base(b, src, s, &fresh);
	b->sample = src->samples;
	b->time_ms = s->time_ms;
}

/* @return whether the sample counts */
static bool put_in_order(
	struct metric_store *m, struct metric_source *src, const struct metric_sample *s)
{
	if (src->samples == 0)
		return true;
	switch (metric_order_of(src, s)) {
	case METRIC_DUPLICATE:
		m->stats[METRIC_DUPLICATES]++;
		return false;
	case METRIC_OLDER:
		m->stats[METRIC_OUT_OF_ORDER]++;
		return false;
	case METRIC_RESTART:
		m->stats[METRIC_RESTARTS]++;
		src->epoch++;
		return true;
	case METRIC_NEXT:
		break;
	}
	return true;
}

bool metric_sample_add(struct metric_store *m, struct metric_sample *s, struct base_region *region,
	struct metric_update *u)
{
	struct metric_key key = {
		.agent = s->agent,
		.sub_agent = s->sub_agent,
		.source = s->sample.source,
	};
	struct metric_source *src;
	struct sflow_record r;

	m->stats[METRIC_SAMPLES]++;
	src = metric_source_get(m, &key);
	if (!src) {
		m->stats[METRIC_SOURCES_FULL]++;
		return false;
	}
	if (!put_in_order(m, src, s))
		return false;
	metric_source_touch(m, src);
	src->samples++;
	src->sequence = s->sample.sequence;
	src->uptime_ms = s->uptime_ms;
	src->time_ms = s->time_ms;
	while (sflow_record_next(&s->sample, &r))
		take_record(m, src, s, &r);
	metric_print(m, src, src->samples, region, u);
	return true;
}
