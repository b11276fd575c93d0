/* SPDX-License-Identifier: BSD-3-Clause */
#include "stages.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "ports.h"

static void key_of_sample(struct stage_run *r, struct window *w, const struct sflow_datagram *dg,
	const struct sflow_sample *s, const struct sflow_flow *flow)
{
	struct collector *c = &r->rx->collector;
	uint8_t key[FLOW_KEY_BYTES];

	flow_extract(w->plan, &dg->agent, s, flow, &c->fields);
	for (unsigned i = 0; i < w->plan->definition_count; i++) {
		int len = flow_key_build(&w->plan->definitions[i], w->plan, &c->fields, key);

		if (len >= 0)
			r->sink += base_hash_bytes(c->hash, key, (size_t)len);
	}
}

static void decode(struct stage_run *r, struct window *w, const struct ingress_datagram *d)
{
	uint64_t stats[SFLOW_STATS] = {0};
	struct sflow_datagram dg;
	struct sflow_sample s;
	struct sflow_flow flow;

	if (sflow_datagram_open(&dg, d->payload, d->len, stats) < 0)
		return;
	while (sflow_sample_next_flow(&dg, &s, &flow, stats)) {
		r->samples++;
		r->sink += flow.header.frame_length;
		if (r->stage == STAGE_KEY)
			key_of_sample(r, w, &dg, &s, &flow);
	}
}

static void work(
	struct stage_run *r, struct window *w, struct rte_mbuf **m, unsigned n, uint64_t tsc)
{
	uint64_t before = w->sflow[SFLOW_SAMPLES];
	struct ingress_datagram d;

	for (unsigned i = 0; i < COLLECT_FETCH && i < n; i++)
		rx_prefetch(r->rx, m[i]);
	for (unsigned i = 0; i < n; i++) {
		if (i + COLLECT_FETCH < n)
			rx_prefetch(r->rx, m[i + COLLECT_FETCH]);
		if (!ingress_packet(r->rx->ingress, m[i], tsc, &d, w->ingress))
			continue;
		if (r->stage != STAGE_TABLE)
			decode(r, w, &d);
		else if (d.lasting)
			collect_later(&r->rx->collector, w, &d.source, d.payload, d.len, tsc);
		else
			collect_datagram(&r->rx->collector, w, &d.source, d.payload, d.len, tsc);
	}
	if (r->stage == STAGE_TABLE) {
		collect_flush(&r->rx->collector, w);
		r->samples += w->sflow[SFLOW_SAMPLES] - before;
	}
	ingress_release(r->rx->ingress);
}

int stage_run(void *arg)
{
	struct stage_run *r = arg;
	const struct ports_queue *q = r->rx->queue;
	struct window *w = seal_current(&r->rx->seal);
	uint64_t start = rte_rdtsc(), now = start;
	uint64_t end = start + (uint64_t)(r->seconds * (double)rte_get_tsc_hz());
	struct rte_mbuf *m[RX_BURST];

	while (now < end) {
		unsigned n = rte_eth_rx_burst(q->port_id, q->queue_id, m, r->rx->burst);

		if (r->stage == STAGE_RECEIVE)
			rte_pktmbuf_free_bulk(m, n);
		else
			work(r, w, m, n, now);
		r->packets += n;
		now = rte_rdtsc();
	}
	r->elapsed = (double)(now - start) / (double)rte_get_tsc_hz();
	return 0;
}
