/* SPDX-License-Identifier: BSD-3-Clause */
#include "lane.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/prefetch.h"

enum { BURST = 32 };

int lane_open(struct lane *l, const struct flow_spec *specs, unsigned count,
	const struct window_limits *limits, const struct base_hash *hash)
{
	const struct agent_limits al = {
		.agents = limits->agents, .sources = limits->sources, .idle_tsc = UINT64_MAX / 2};
	const struct merge_options mo = {.agents = limits->agents,
		.sources = limits->sources,
		.rx_cores = 1,
		.expire_ms = 300000,
		.tsc_per_ms = 1e6};
	struct flow_error e;

	*l = (struct lane){.plan = flow_compile(specs, count, NULL, &e), .c.hash = hash};
	if (!l->plan) {
		fprintf(stderr, "%s\n", e.text);
		return -1;
	}
	l->w = window_create(l->plan, limits, -1);
	l->c.agents = agent_table_create(&al, hash, -1);
	l->m = merge_create(l->plan, hash, &mo);
	if (l->w && l->c.agents && l->m && flow_scratch_init(&l->c.scratch) == 0)
		return 0;
	fputs("not enough memory\n", stderr);
	return -1;
}

void lane_close(struct lane *l)
{
	merge_destroy(l->m);
	flow_scratch_fini(&l->c.scratch);
	agent_table_destroy(l->c.agents);
	window_destroy(l->w);
	flow_plan_free(l->plan);
	*l = (struct lane){.plan = NULL};
}

void lane_next(struct lane *l)
{
	window_clear(l->w);
	window_open(l->w, ++l->serial, 0, 0);
	l->given = 0;
}

static inline void prefetch(const struct datagram *d)
{
	base_prefetch(d->bytes, d->len < COLLECT_FETCH_BYTES ? d->len : COLLECT_FETCH_BYTES);
}

static void burst(struct lane *l, const struct datagram *d, uint32_t count)
{
	for (uint32_t i = 0; i < COLLECT_FETCH && i < count; i++)
		prefetch(&d[i]);
	for (uint32_t i = 0; i < count; i++) {
		if (i + COLLECT_FETCH < count)
			prefetch(&d[i + COLLECT_FETCH]);
		collect_later(&l->c, l->w, NULL, d[i].bytes, d[i].len, l->serial + l->given++);
	}
	collect_flush(&l->c, l->w);
}

void lane_collect(struct lane *l, const struct datagrams *d)
{
	for (uint32_t i = 0; i < d->count; i += BURST)
		burst(l, &d->list[i], d->count - i < BURST ? d->count - i : BURST);
}

void lane_merge(struct lane *l)
{
	l->w->ingress[INGRESS_DATAGRAMS] = l->given; /* there is no ingress that counts them */
	merge_window(l->m, l->w);
}

void lane_end(struct lane *l)
{
	merge_close(l->m, 1, l->serial * 1000);
	merge_next(l->m);
}

bool lane_conserved(const struct lane *l, uint64_t samples)
{
	char what[128];

	if (!merge_conserved(l->m, what, sizeof(what))) {
		fprintf(stderr, "sums do not hold: %s\n", what);
		return false;
	}
	if (l->m->sflow[SFLOW_FLOW_SAMPLES] == samples)
		return true;
	fprintf(stderr, "%" PRIu64 " flow samples were counted of %" PRIu64 "\n",
		l->m->sflow[SFLOW_FLOW_SAMPLES], samples);
	return false;
}
