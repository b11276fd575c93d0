/* SPDX-License-Identifier: BSD-3-Clause */
#include "metric/metric_pvt.h"

/* One counter sample: is it the next one, and what do its records say. */

/* A block whose base is its own record. */
static void start_base(
	struct metric_block *b, const struct metric_source *src, const struct metric_sample *s)
{
	b->epoch = src->epoch;
	b->base_ms = s->time_ms;
	b->base_uptime_ms = s->uptime_ms;
}

/* No time has passed: the rates so far stand, and their base. */
static void stay(struct metric_block *b, const struct metric_block *old)
{
	b->epoch = old->epoch;
	b->base_ms = old->base_ms;
	b->base_uptime_ms = old->base_uptime_ms;
	b->known = old->known;
	b->shown |= old->shown & old->known;
	for (uint64_t left = old->known; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);

		*metric_block_base(b, i) = *metric_block_base(old, i);
		b->cells[i].f = old->cells[i].f;
	}
}

/* Counters of a block that already has a base in this epoch. */
static void go_on(struct metric_store *m, struct metric_block *b, const struct metric_block *old,
	const struct metric_source *src, const struct metric_sample *s)
{
	uint64_t ms = metric_elapsed_ms(old->base_uptime_ms, old->base_ms, s);

	if (ms == 0) {
		stay(b, old);
		return;
	}
	if (!metric_block_rate(b, old, ms))
		m->stats[METRIC_RESTARTS]++;
	start_base(b, src, s);
}

/* What a record says, as a block that follows `old`; NULL where memory is short. */
static struct metric_block *make_block(struct metric_store *m, const struct metric_plan *plan,
	const struct metric_block *old, const struct metric_source *src,
	const struct metric_sample *s, const struct sflow_record *r)
{
	struct metric_fresh fresh;
	struct metric_block *b;

	/* sFlow v5, counters_record: the structure's fixed part, else METRIC_RECORD_SHORT. */
	if (!metric_record_read(plan, r, &fresh))
		m->stats[METRIC_RECORD_SHORT]++;
	m->stats[METRIC_DOUBTFUL] += metric_record_doubt(plan, &fresh);
	b = metric_block_make(plan, &fresh);
	if (!b)
		return NULL;
	if (old && old->epoch == src->epoch)
		go_on(m, b, old, src, s);
	else
		start_base(b, src, s);
	b->sample = src->samples;
	b->time_ms = s->time_ms;
	if (old)
		b->interval_ms = metric_interval_ms(m, src, old->interval_ms,
			s->time_ms > old->time_ms ? s->time_ms - old->time_ms : 0);
	metric_block_compare(b, old);
	return b;
}

static void take_record(struct metric_store *m, struct metric_source *src,
	const struct metric_sample *s, const struct sflow_record *r)
{
	struct metric_plan *plan = metric_plan_of(m, r, &src->id);
	struct metric_block **place, *b, *old;

	if (!plan)
		return;
	if (!plan->fields) {
		metric_learn_record(m, src, r, NULL);
		return;
	}
	place = metric_source_block(m, src, plan);
	if (!place || (*place && (*place)->sample == src->samples))
		return; /* of several with one plan the first counts */
	old = *place;
	b = make_block(m, plan, old, src, s, r);
	if (!b)
		return;
	plan->seen |= b->shown;
	base_rcu_set(*place, b);
	metric_retire(m, old);
	metric_learn_record(m, src, r, b);
}

/*
 * How long the source is waited for: as long as the most patient of its records. A record that its
 * agent no longer sends is forgotten alone.
 */
static void judge(struct metric_store *m, struct metric_source *src)
{
	uint64_t due_ms = metric_custom_due_ms(m, src);

	for (uint32_t i = 0; i < src->block_count; i++) {
		struct metric_block **place = metric_source_place(src, i), *b = *place;
		uint64_t until_ms;

		if (!b || metric_interface_is_lasting(m, b))
			continue;
		until_ms = b->time_ms + metric_patience_ms(m, src, b->interval_ms);
		if (until_ms >= src->time_ms || b->sample == src->samples) {
			if (until_ms > due_ms)
				due_ms = until_ms;
			continue;
		}
		base_rcu_set(*place, NULL);
		base_rcu_set(src->lost, src->samples);
		metric_interface_gone(m, src, b);
		metric_retire(m, b);
	}
	m->due_ms[src->slot] = due_ms ? due_ms : src->time_ms + metric_patience_ms(m, src, 0);
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

static void take_records(struct metric_store *m, struct metric_source *src, struct metric_sample *s)
{
	struct sflow_record r;

	src->samples++;
	src->sequence = s->sample.sequence;
	src->uptime_ms = s->uptime_ms;
	src->time_ms = s->time_ms;
	m->newest_ms = s->time_ms;
	if (s->sample.kind == SFLOW_KIND_RTMETRIC)
		metric_custom_take(m, src, s);
	while (s->sample.kind == SFLOW_KIND_COUNTER && sflow_record_next(&s->sample, &r))
		take_record(m, src, s, &r);
	if (src->samples == 1)
		metric_interface_begin(m, src);
	judge(m, src);
	base_rcu_set(src->done, src->samples);
	metric_slot_changed(m, src->slot);
}

/* The last sample of a source that has ended: the source goes, if it is there. */
static void end_source(struct metric_store *m, const struct metric_sample *s)
{
	const struct metric_agent *a = metric_agent_find(m, &s->agent);
	struct metric_source *src =
		a ? metric_source_find(m, a, s->sub_agent, s->sample.source) : NULL;

	if (src && !put_in_order(m, src, s))
		return;
	m->stats[METRIC_SAMPLES_LAST]++;
	if (!src)
		return;
	m->stats[METRIC_SOURCES_ENDED]++;
	metric_source_drop(m, src);
}

const struct metric_source *metric_sample_add(struct metric_store *m, struct metric_sample *s,
	struct base_region *region, struct metric_update *u)
{
	struct metric_source *src;

	m->stats[METRIC_SAMPLES]++;
	if (metric_says_ended(s)) {
		end_source(m, s);
		return NULL;
	}
	if (s->sample.kind == SFLOW_KIND_RTMETRIC && s->sample.name_len &&
		!metric_name_valid_source(s->sample.name, s->sample.name_len)) {
		m->stats[METRIC_SOURCE_NAME]++;
		return NULL;
	}
	src = metric_source_get(m, s);
	if (!src || !put_in_order(m, src, s))
		return NULL;
	take_records(m, src, s);
	if (u)
		metric_print(m, src, src->samples, region, u);
	return src;
}
