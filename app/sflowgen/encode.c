/* SPDX-License-Identifier: BSD-3-Clause */
#include "encode.h"

#include "xdr.h"

enum { /* tags of samples and of flow records, enterprise 0 */
	FLOW_SAMPLE = 1,
	FLOW_SAMPLE_EXPANDED = 3,
	SAMPLED_HEADER = 1,
	EXTENDED_SWITCH = 1001,
	EXTENDED_ROUTER = 1002,
};

uint32_t gen_encode_header_len(const struct gen_model *m, const struct gen_exporter *e)
{
	return 24 + (uint32_t)base_addr_len(&m->agents[e->agent].address);
}

void gen_encode_header(const struct gen_model *m, const struct gen_exporter *e, uint32_t uptime_ms,
	uint32_t samples, uint8_t *out)
{
	out = xdr_u32(out, 5);
	out = xdr_addr(out, &m->agents[e->agent].address);
	out = xdr_u32(out, e->sub_agent);
	out = xdr_u32(out, e->sequence);
	out = xdr_u32(out, uptime_ms);
	xdr_u32(out, samples);
}

static uint8_t *write_interface(uint8_t *p, uint32_t index, bool expanded)
{
	if (expanded)
		p = xdr_u32(p, 0); /* format: single interface */
	return xdr_u32(p, index);
}

static uint8_t *write_header_record(
	struct gen_model *m, const struct gen_flow *f, uint32_t frame_length, uint8_t *p)
{
	uint8_t packet[GEN_HEADER_MAX + 128];
	uint32_t len = gen_packet_write(m, f, frame_length, packet);
	uint8_t *body = xdr_open(p, SAMPLED_HEADER);

	p = xdr_u32(body, 1); /* Ethernet */
	p = xdr_u32(p, frame_length);
	p = xdr_u32(p, 4); /* stripped: the FCS */
	p = xdr_opaque(p, packet, len);
	xdr_close(body, p);
	return p;
}

static uint8_t *write_switch_record(const struct gen_flow *f, uint8_t *p)
{
	uint8_t *body = xdr_open(p, EXTENDED_SWITCH);

	p = xdr_u32(body, f->vlan);
	p = xdr_u32(p, 0);
	p = xdr_u32(p, f->vlan);
	p = xdr_u32(p, 0);
	xdr_close(body, p);
	return p;
}

/* The next hop is the tunnel end of the output, as good an address of the fabric as any. */
static uint8_t *write_router_record(const struct gen_flow *f, uint8_t *p)
{
	uint8_t *body = xdr_open(p, EXTENDED_ROUTER);
	bool ipv6 = f->kind == GEN_IPV6;
	struct base_addr hop = {.family = ipv6 ? 6 : 4};

	if (ipv6)
		gen_endpoint_ipv6(f->output, hop.bytes);
	else
		gen_tunnel_ipv4(f->output, hop.bytes);
	p = xdr_addr(body, &hop);
	p = xdr_u32(p, ipv6 ? 64 : 24);
	p = xdr_u32(p, ipv6 ? 64 : 24);
	xdr_close(body, p);
	return p;
}

uint32_t gen_encode_flow_sample(
	struct gen_model *m, const struct gen_flow *f, uint32_t frame_length, uint8_t *out)
{
	const struct gen_settings *s = &m->settings;
	const struct gen_source *in = &m->sources[f->input], *to = &m->sources[f->output];
	uint8_t *body = xdr_open(out, s->expanded ? FLOW_SAMPLE_EXPANDED : FLOW_SAMPLE), *p;

	p = xdr_u32(body, in->flow_sequence);
	p = s->expanded ? xdr_u32(p, in->class) : p;
	p = xdr_u32(p, in->index); /* class 0, so the compact form is the index itself */
	p = xdr_u32(p, in->sampling_rate);
	p = xdr_u32(p, in->pool);
	p = xdr_u32(p, 0); /* drops */
	p = write_interface(p, in->index, s->expanded);
	p = write_interface(p, to->index, s->expanded);
	p = xdr_u32(p, 1u + s->record_switch + s->record_router);
	p = write_header_record(m, f, frame_length, p);
	if (s->record_switch)
		p = write_switch_record(f, p);
	if (s->record_router)
		p = write_router_record(f, p);
	xdr_close(body, p);
	return (uint32_t)(p - out);
}
