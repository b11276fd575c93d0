/* SPDX-License-Identifier: BSD-3-Clause */
#include "model.h"

#include <stdlib.h>

#include "base/cursor.h"

enum { STREAM_TRAFFIC = 1, STREAM_AGENTS, STREAM_SOURCES, STREAM_FLOWS }; /* of the seed */

/* Where an endpoint is attached. Switch ports to other switches come behind the edge ports. */
static uint32_t edges(const struct gen_agent *a)
{
	return a->interfaces > 1 ? a->interfaces - (a->interfaces + 3) / 4 : 1;
}

static uint32_t home_source(const struct gen_model *m, uint32_t endpoint)
{
	const struct gen_agent *a = &m->agents[endpoint % m->agent_count];

	return a->first_source + endpoint / m->agent_count % edges(a);
}

static uint32_t uplink(const struct gen_model *m, uint32_t agent, uint32_t pick)
{
	const struct gen_agent *a = &m->agents[agent];
	uint32_t links = a->interfaces - edges(a);

	return a->first_source + (links ? edges(a) + pick % links : 0);
}

/* Ranks are dealt out by a prime, so that the largest flows do not all start at one agent. */
static uint32_t scatter(const struct gen_model *m, uint32_t rank)
{
	return (uint32_t)((uint64_t)(rank % m->endpoint_count) * 2654435761u % m->endpoint_count);
}

static void choose_kind(const struct gen_settings *s, struct gen_rng *r, struct gen_flow *f)
{
	static const uint16_t services[] = {443, 80, 22, 8443, 5001, 9092, 2049, 8080};
	double kind = gen_rng_unit(r);

	f->kind = kind < s->ipv6 ? GEN_IPV6 : kind < s->ipv6 + s->vxlan ? GEN_VXLAN : GEN_IPV4;
	f->protocol = gen_rng_below(r, 4) ? 6 : 17;
	f->dport = services[gen_rng_below(r, sizeof(services) / sizeof(services[0]))];
	f->sizes = (uint8_t)gen_rng_below(r, 10);
	f->tagged = gen_rng_chance(r, s->vlan);
}

static void make_flow(const struct gen_model *m, uint32_t rank, struct gen_flow *f)
{
	struct gen_rng r = gen_rng(m->settings.seed ^ rank, STREAM_FLOWS);

	f->src = scatter(m, rank);
	f->dst = gen_rng_below(&r, m->endpoint_count - 1);
	f->dst += f->dst >= f->src;
	choose_kind(&m->settings, &r, f);
	/* Flows of one source are whole rounds apart: each round has a port of its own. */
	f->sport = (uint16_t)(32768 + (gen_mix(f->src) + rank / m->endpoint_count) % GEN_PORTS);
	f->outer_port = (uint16_t)(49152 + gen_rng_below(&r, 16384));
	f->vni = 5000 + gen_rng_below(&r, 64);
	f->vlan = (uint16_t)(10 + f->src % 100);
	f->input = f->src_tunnel = home_source(m, f->src);
	f->dst_tunnel = home_source(m, f->dst);
	f->output = f->dst % m->agent_count == f->src % m->agent_count
			    ? f->dst_tunnel
			    : uplink(m, f->src % m->agent_count, (uint32_t)gen_rng_next(&r));
}

static struct base_addr agent_address(const struct gen_settings *s, uint32_t i, struct gen_rng *r)
{
	uint8_t ip[16] = {0x20, 0x01, 0x0D, 0xB8, 0xFF, 0xFF}; /* 2001:DB8:FFFF:: */
	uint32_t number = (uint32_t)s->first_agent + i + 1;

	if (gen_rng_chance(r, s->ipv6_agents)) {
		base_put_u32(ip + 12, number);
		return base_addr_from(ip, 16);
	}
	base_put_u32(ip, 0xAC100000 + number); /* 172.16.0.0/12 */
	return base_addr_from(ip, 4);
}

static void make_agents(struct gen_model *m)
{
	const struct gen_settings *s = &m->settings;
	struct gen_rng r = gen_rng(s->seed, STREAM_AGENTS);
	uint32_t sub_agents = (uint32_t)s->sub_agents;

	for (uint32_t i = 0; i < m->agent_count; i++) {
		struct gen_agent *a = &m->agents[i];

		a->address = agent_address(s, i, &r);
		/* Evenly: a host where the running share steps over a whole number. */
		a->host = (uint64_t)((i + 1) * s->hosts + 1e-9) > (uint64_t)(i * s->hosts + 1e-9);
		a->interfaces = (uint32_t)(a->host && s->interfaces > 2 ? 2 : s->interfaces);
		a->first_source = m->source_count;
		m->source_count += a->interfaces + a->host;
		for (uint32_t k = 0; k < sub_agents; k++)
			m->exporters[i * sub_agents + k] = (struct gen_exporter){
				.agent = i,
				.sub_agent = k,
				.uptime_ns = gen_rng_next(&r) % (30 * 86400) * 1000000000,
			};
	}
}

/* A twentieth to two thirds of the speed. */
static uint64_t steady_rate(const struct gen_source *src, struct gen_rng *r)
{
	return src->speed / 8 / 100 * (5 + gen_rng_below(r, 61));
}

static void make_source(struct gen_model *m, uint32_t agent, uint32_t k, struct gen_rng *r)
{
	const struct gen_settings *s = &m->settings;
	const struct gen_agent *a = &m->agents[agent];
	bool interface = k < a->interfaces;

	m->sources[a->first_source + k] = (struct gen_source){
		.exporter = (uint32_t)(agent * s->sub_agents + (interface ? k % s->sub_agents : 0)),
		.class = interface ? 0 : 2,
		.index = interface ? k + 1 : 1,
		.sampling_rate = s->sampling_rates[(agent + k) % s->sampling_rate_count],
		.pool = (uint32_t)gen_rng_next(r),
		.in_packets = (uint32_t)gen_rng_next(r),
		.out_packets = (uint32_t)gen_rng_next(r),
		.in_octets = gen_rng_next(r) >> 20,
		.out_octets = gen_rng_next(r) >> 20,
		.speed = k < edges(a) ? 25000000000u : 100000000000u,
	};
	if (s->counters_only && interface) {
		struct gen_source *src = &m->sources[a->first_source + k];

		src->in_rate = steady_rate(src, r);
		src->out_rate = steady_rate(src, r);
	}
}

static int allocate(struct gen_model *m)
{
	const struct gen_settings *s = &m->settings;

	m->agent_count = (uint32_t)s->agents;
	m->exporter_count = (uint32_t)(s->agents * s->sub_agents);
	m->flow_count = (uint32_t)s->flows;
	m->endpoint_count = (uint32_t)(s->endpoints ? s->endpoints : s->flows / 4 + 2);
	m->agents = calloc(m->agent_count, sizeof(*m->agents));
	m->exporters = calloc(m->exporter_count, sizeof(*m->exporters));
	m->sources = calloc(s->agents * (s->interfaces + 1), sizeof(*m->sources));
	m->flows = calloc(m->flow_count, sizeof(*m->flows));
	if (!m->agents || !m->exporters || !m->sources || !m->flows)
		return -1;
	return gen_zipf_init(&m->zipf, m->flow_count, s->zipf);
}

struct gen_model *gen_model_create(const struct gen_settings *settings)
{
	struct gen_model *m = calloc(1, sizeof(*m));
	struct gen_rng r = gen_rng(settings->seed, STREAM_SOURCES);

	if (!m)
		return NULL;
	m->settings = *settings;
	m->rng = gen_rng(settings->seed, STREAM_TRAFFIC);
	if (allocate(m) < 0) {
		gen_model_destroy(m);
		return NULL;
	}
	make_agents(m);
	for (uint32_t i = 0; i < m->agent_count; i++)
		for (uint32_t k = 0; k < m->agents[i].interfaces + m->agents[i].host; k++)
			make_source(m, i, k, &r);
	for (uint32_t i = 0; i < m->flow_count; i++)
		make_flow(m, i, &m->flows[i]);
	return m;
}

void gen_model_destroy(struct gen_model *m)
{
	if (!m)
		return;
	gen_zipf_fini(&m->zipf);
	free(m->flows);
	free(m->sources);
	free(m->exporters);
	free(m->agents);
	free(m);
}

uint32_t gen_model_draw(struct gen_model *m)
{
	return gen_zipf_draw(&m->zipf, &m->rng);
}

/* Smallest frame that holds the headers of a flow and the FCS. */
static uint32_t least_length(const struct gen_flow *f)
{
	uint32_t inner = f->kind == GEN_IPV6 ? 14 + 40 + 20 : 14 + 20 + 20;
	uint32_t len =
		inner + (f->kind == GEN_VXLAN ? 14 + 20 + 8 + 8 : 0) + (f->tagged ? 4 : 0) + 4;

	return len < 64 ? 64 : len;
}

uint32_t gen_model_frame_length(const struct gen_flow *f, struct gen_rng *r)
{
	uint32_t least = least_length(f), most = f->tagged ? 1522 : 1518;

	if (f->sizes < 4) /* bulk: full packets, some acknowledgements */
		return gen_rng_below(r, 10) ? most : least;
	if (f->sizes < 7) /* requests */
		return least + gen_rng_below(r, 200);
	return least + gen_rng_below(r, most - least + 1);
}

struct gen_traffic gen_model_traffic(const struct gen_model *m, uint32_t source, uint64_t now_ns)
{
	const struct gen_source *s = &m->sources[source];
	uint64_t ms = now_ns / 1000000;
	uint64_t in = s->in_rate * ms / 1000, out = s->out_rate * ms / 1000;

	return (struct gen_traffic){
		.in_octets = s->in_octets + in,
		.out_octets = s->out_octets + out,
		.in_packets = s->in_packets + (uint32_t)(in / GEN_STEADY_PACKET),
		.out_packets = s->out_packets + (uint32_t)(out / GEN_STEADY_PACKET),
	};
}

void gen_model_count(struct gen_model *m, const struct gen_flow *f, uint32_t frame_length)
{
	struct gen_source *in = &m->sources[f->input], *out = &m->sources[f->output];
	uint32_t rate = in->sampling_rate;

	in->flow_sequence++;
	/* Packets between two samples: random, with the sampling rate as mean. */
	in->pool += 1 + gen_rng_below(&m->rng, 2 * rate - 1);
	in->in_packets += rate;
	in->in_octets += (uint64_t)rate * frame_length;
	out->out_packets += rate;
	out->out_octets += (uint64_t)rate * frame_length;
}
