/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "truth_pvt.h"

struct gen_truth *gen_truth_create(const struct gen_model *m)
{
	struct gen_truth *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->m = m;
	t->flows = calloc(m->flow_count, sizeof(*t->flows));
	t->exporters = calloc(m->exporter_count, sizeof(*t->exporters));
	t->seconds = calloc(TRUTH_SECONDS, sizeof(*t->seconds));
	if (!t->flows || !t->exporters || !t->seconds) {
		gen_truth_destroy(t);
		return NULL;
	}
	return t;
}

void gen_truth_destroy(struct gen_truth *t)
{
	if (!t)
		return;
	free(t->flows);
	free(t->exporters);
	free(t->seconds);
	free(t);
}

static void count_flows(struct gen_truth *t, const struct gen_datagram *dg)
{
	for (uint32_t i = 0; i < dg->flow_samples; i++) {
		const struct gen_item *item = &dg->items[i];
		const struct gen_flow *f = &t->m->flows[item->flow];
		uint64_t rate = t->m->sources[f->input].sampling_rate;
		struct gen_total *total = &t->flows[item->flow];

		total->bytes += rate * item->frame_length;
		total->frames += rate;
		total->samples++;
	}
}

static void count_second(struct gen_truth *t, const struct gen_datagram *dg)
{
	uint64_t i = dg->time_ns / 1000000000;

	if (i >= TRUTH_SECONDS)
		return;
	if (i >= t->second_count)
		t->second_count = (unsigned)i + 1;
	t->seconds[i].datagrams++;
	t->seconds[i].flow_samples += dg->flow_samples;
}

static void add(struct truth_heard *h, const struct gen_datagram *dg)
{
	h->datagrams++;
	h->flow_samples += dg->flow_samples;
	h->counter_samples += dg->counter_samples;
}

void gen_truth_count(struct gen_truth *t, const struct gen_datagram *dg, enum gen_arrival arrival)
{
	struct truth_heard *h = &t->exporters[dg->exporter];

	if (arrival == GEN_LOST) {
		if (h->datagrams)
			h->lost_tail++;
		else
			h->lost_head++;
		return;
	}
	if (arrival == GEN_IN_ORDER) {
		h->lost += h->lost_tail;
		h->lost_tail = 0;
	} else if (arrival == GEN_DUPLICATE) {
		h->duplicates++;
		add(&t->duplicate, dg);
	} else {
		h->late++;
	}
	add(h, dg);
	add(&t->sum, dg);
	count_flows(t, dg);
	count_second(t, dg);
}

void gen_truth_count_hostile(struct gen_truth *t, unsigned kind)
{
	t->hostile[kind]++;
	t->hostile_sum++;
}

uint64_t gen_truth_datagrams(const struct gen_truth *t)
{
	return t->sum.datagrams + t->hostile_sum;
}

uint64_t gen_truth_flow_samples(const struct gen_truth *t)
{
	return t->sum.flow_samples;
}
