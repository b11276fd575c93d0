/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "sflow/wire.h"

/* Datagrams as agents send them, for tests of what lies behind the decoder. Include after cmocka.h. */

static inline void bytes_addr(struct wire *w, const struct base_addr *addr)
{
	wire_u32(w, addr->family == 0 ? 0 : addr->family == 4 ? 1 : 2);
	wire_opaque(w, addr->bytes, (uint32_t)base_addr_len(addr));
}

static inline void bytes_datagram(struct wire *w, const struct base_addr *agent, uint32_t sub_agent,
	uint32_t sequence, uint32_t uptime_ms, uint32_t samples)
{
	wire_u32(w, 5);
	bytes_addr(w, agent);
	wire_u32(w, sub_agent);
	wire_u32(w, sequence);
	wire_u32(w, uptime_ms);
	wire_u32(w, samples);
}

/* An expanded flow sample with what `s` says; records follow. @return what to give to wire_close() */
static inline uint32_t bytes_flow(struct wire *w, const struct sflow_sample *s, uint32_t records)
{
	uint32_t start = wire_open(w, SFLOW_FLOW_SAMPLE_EXPANDED);

	wire_u32(w, s->sequence);
	wire_u32(w, s->source.class);
	wire_u32(w, s->source.index);
	wire_u32(w, s->sampling_rate);
	wire_u32(w, s->pool);
	wire_u32(w, s->drops);
	wire_u32(w, s->input.format);
	wire_u32(w, s->input.value);
	wire_u32(w, s->output.format);
	wire_u32(w, s->output.value);
	wire_u32(w, records);
	return start;
}

/* An expanded counter sample; records follow. */
static inline uint32_t bytes_counter(
	struct wire *w, struct sflow_source source, uint32_t sequence, uint32_t records)
{
	uint32_t start = wire_open(w, SFLOW_COUNTER_SAMPLE_EXPANDED);

	wire_u32(w, sequence);
	wire_u32(w, source.class);
	wire_u32(w, source.index);
	wire_u32(w, records);
	return start;
}

/* 0:1 */
static inline void bytes_header(struct wire *w, uint32_t protocol, uint32_t frame_length,
	uint32_t stripped, const uint8_t *header, uint32_t len)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 1));

	wire_u32(w, protocol);
	wire_u32(w, frame_length);
	wire_u32(w, stripped);
	wire_u32(w, len);
	wire_opaque(w, header, len);
	wire_close(w, start);
}

/* 0:2 */
static inline void bytes_ethernet(struct wire *w, uint32_t length, const uint8_t source[6],
	const uint8_t destination[6], uint32_t type)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 2));

	wire_u32(w, length);
	wire_opaque(w, source, 6);
	wire_opaque(w, destination, 6);
	wire_u32(w, type);
	wire_close(w, start);
}

struct bytes_ip {
	uint32_t length, protocol, source_port, destination_port, flags, tos;
	struct base_addr source, destination;
};

/* 0:3 or 0:4, by the family of the source */
static inline void bytes_ip(struct wire *w, const struct bytes_ip *ip)
{
	uint32_t start = wire_open(w, ip->source.family == 4 ? SFLOW_TAG(0, 3) : SFLOW_TAG(0, 4));
	uint32_t size = (uint32_t)base_addr_len(&ip->source);

	wire_u32(w, ip->length);
	wire_u32(w, ip->protocol);
	wire_opaque(w, ip->source.bytes, size);
	wire_opaque(w, ip->destination.bytes, size);
	wire_u32(w, ip->source_port);
	wire_u32(w, ip->destination_port);
	wire_u32(w, ip->flags);
	wire_u32(w, ip->tos);
	wire_close(w, start);
}

/* 0:1001 */
static inline void bytes_switch(struct wire *w, uint32_t source_vlan, uint32_t source_priority,
	uint32_t destination_vlan, uint32_t destination_priority)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 1001));

	wire_u32(w, source_vlan);
	wire_u32(w, source_priority);
	wire_u32(w, destination_vlan);
	wire_u32(w, destination_priority);
	wire_close(w, start);
}

/* 0:1002 */
static inline void bytes_router(struct wire *w, const struct base_addr *next_hop,
	uint32_t source_mask, uint32_t destination_mask)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 1002));

	bytes_addr(w, next_hop);
	wire_u32(w, source_mask);
	wire_u32(w, destination_mask);
	wire_close(w, start);
}

static inline struct base_addr bytes_parse_addr(const char *text)
{
	struct base_addr addr;

	assert_int_equal(base_addr_parse(text, &addr), 0);
	return addr;
}
