/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "../sflow_bytes.h"
#include "window/collect.h"
#include "window/merge.h"

/* An RX core without ports, and windows filled by hand. Include after cmocka.h. */

/* ---- plans ---- */

static inline struct flow_plan *plan_make(const struct flow_spec *specs, unsigned count)
{
	struct flow_error error;
	struct flow_plan *plan = flow_compile(specs, count, NULL, &error);

	if (!plan)
		fail_msg("%s", error.text);
	return plan;
}

/* ---- a core that takes datagrams ---- */

struct core {
	struct collector c;
	struct window *w;
	struct base_addr from; /* UDP source address of what comes */
};

static inline void core_open(struct core *core, const struct flow_plan *plan,
	const struct base_hash *hash, const struct window_limits *limits)
{
	const struct agent_limits al = {
		.agents = limits->agents, .sources = limits->sources, .idle_tsc = UINT64_MAX / 2};

	memset(core, 0, sizeof(*core));
	core->c.hash = hash;
	core->c.agents = agent_table_create(&al, hash, -1);
	core->w = window_create(plan, limits, -1);
	assert_true(core->c.agents && core->w);
	assert_int_equal(flow_scratch_init(&core->c.scratch), 0);
	window_open(core->w, 1, 0, 0);
}

static inline struct agent_senders *core_senders_make(const struct agent_senders_options *o)
{
	struct agent_senders *senders;
	char error[64];

	assert_int_equal(agent_senders_create(&senders, o, error, sizeof(error)), 0);
	return senders;
}

/* Its window, which is empty, has them. */
static inline void core_senders(struct core *core, const struct agent_senders_options *o)
{
	struct agent_senders *senders = core_senders_make(o);

	window_set_senders(core->w, senders);
	agent_senders_unref(senders);
}

static inline void core_close(struct core *core)
{
	flow_scratch_fini(&core->c.scratch);
	agent_table_destroy(core->c.agents);
	window_destroy(core->w);
}

/* As ingress and collector do; a copy, so that a sanitizer sees a read past the end. */
static inline void core_take(struct core *core, const struct wire *w, uint64_t tsc)
{
	uint8_t *bytes = wire_copy(w);

	core->w->ingress[INGRESS_DATAGRAMS]++;
	collect_datagram(&core->c, core->w, &core->from, bytes, w->len, tsc);
	free(bytes);
}

/* A flow sample of source 0:`index`, one in `rate`, with an IP record. */
/* A flow sample of one record, which follows; then wire_close(). */
static inline uint32_t core_open_flow(
	struct wire *w, uint32_t index, uint32_t sequence, uint32_t rate)
{
	const struct sflow_sample s = {.source.index = index,
		.sequence = sequence,
		.sampling_rate = rate,
		.pool = sequence * rate,
		.input.value = index};

	return bytes_flow(w, &s, 1);
}

static inline void core_flow(
	struct wire *w, uint32_t index, uint32_t sequence, uint32_t rate, const struct bytes_ip *ip)
{
	uint32_t start = core_open_flow(w, index, sequence, rate);

	bytes_ip(w, ip);
	wire_close(w, start);
}

/* The same as the sampled header of an Ethernet frame. */
static inline void core_header(
	struct wire *w, uint32_t index, uint32_t sequence, uint32_t rate, const struct bytes_ip *ip)
{
	uint8_t frame[14 + 20 + 20] = {[12] = 0x08, [14] = 0x45, [14 + 20 + 12] = 0x50};
	uint32_t start = core_open_flow(w, index, sequence, rate);

	frame[14 + 9] = (uint8_t)ip->protocol;
	memcpy(frame + 14 + 12, ip->source.bytes, 4);
	memcpy(frame + 14 + 16, ip->destination.bytes, 4);
	base_put_u16(frame + 14 + 20, (uint16_t)ip->source_port);
	base_put_u16(frame + 14 + 22, (uint16_t)ip->destination_port);
	bytes_header(w, 1, ip->length, 0, frame, sizeof(frame));
	wire_close(w, start);
}

static inline struct bytes_ip core_ip(uint32_t source, uint32_t destination, uint32_t length)
{
	struct bytes_ip ip = {
		.length = length, .protocol = 6, .source_port = 1000, .destination_port = 443};
	uint8_t bytes[4];

	base_put_u32(bytes, source);
	ip.source = base_addr_from(bytes, 4);
	base_put_u32(bytes, destination);
	ip.destination = base_addr_from(bytes, 4);
	return ip;
}

/* Agent number `i` of a test. */
static inline struct base_addr core_agent(uint32_t i)
{
	const uint8_t bytes[4] = {192, 0, (uint8_t)(i >> 8), (uint8_t)i};

	return base_addr_from(bytes, 4);
}

/* ---- windows filled by hand ---- */

static inline uint32_t hand_agent(
	struct window *w, const struct base_addr *addr, uint32_t sub_agent, uint64_t tsc)
{
	assert_true(w->agent_count <= w->limits.agents);
	w->agents[w->agent_count] = (struct agent_window){
		.addr = *addr, .sub_agent = sub_agent, .last_tsc = tsc, .datagrams = 1};
	w->ingress[INGRESS_DATAGRAMS]++;
	w->sflow[SFLOW_DATAGRAMS]++;
	w->sflow[SFLOW_DATAGRAMS_DECODED]++;
	return w->agent_count++;
}

static inline uint32_t hand_source(
	struct window *w, const struct base_hash *h, uint32_t agent, struct sflow_source source)
{
	const struct agent_window *a = &w->agents[agent];
	uint64_t hash = base_hash_mix(base_hash_bytes(h, &a->addr, sizeof(a->addr)), a->sub_agent);

	assert_true(w->source_count <= w->limits.sources);
	w->sources[w->source_count] = (struct source_window){
		.hash = base_hash_mix(hash, (uint64_t)source.class << 32 | source.index),
		.agent = agent,
		.source = source};
	return w->source_count++;
}

/* One flow sample, as definition `i` counts it; each sample must be given to each definition. */
static inline void hand_flow(struct window *w, const struct base_hash *h, unsigned i,
	const void *key, unsigned len, uint32_t source, uint64_t value)
{
	const struct flow_definition *d = &w->plan->definitions[i];
	struct window_definition *wd = &w->definitions[d->table];
	uint64_t hash = table_hash(base_hash_bytes(h, key, len), w->sources[source].hash);

	if (!flow_has_table(w->plan, d))
		return; /* it is told by another one */
	if (i == 0) {
		w->sources[source].flow_samples++;
		w->agents[w->sources[source].agent].flow_samples++;
		w->sflow[SFLOW_SAMPLES]++;
		w->sflow[SFLOW_FLOW_SAMPLES]++;
	}
	wd->counted++;
	wd->total = table_sum(wd->total, value);
	memcpy(table_batch_key(&wd->batch), key, len);
	if (table_batch_add(&wd->batch, hash, len, source, value))
		table_apply(&wd->table, &wd->batch, NULL);
}

/* What hand_flow() staged. */
static inline void hand_flush(struct window *w)
{
	for (unsigned i = 0; i < w->plan->table_count; i++)
		table_apply(&w->definitions[i].table, &w->definitions[i].batch, NULL);
}

static inline void assert_merge_conserved(const struct merge *m)
{
	char what[200] = "";

	if (!merge_conserved(m, what, sizeof(what)))
		fail_msg("%s", what);
}
