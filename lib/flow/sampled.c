/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "flow/sampled_pvt.h"

enum {
	ETHER_IPV4 = 0x0800,
	ETHER_IPV6 = 0x86DD,
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_ICMPV6 = 58
};

/* Where things stand in the bodies of 0:3 and 0:4 (sFlow version 5, section 5.3). */
enum { IPV4_PROTOCOL = 4, IPV4_ADDRESSES = 8, IPV4_PORTS = 16, IPV4_TOS = 28 };
enum { IPV6_PROTOCOL = 4, IPV6_ADDRESSES = 8, IPV6_PORTS = 40, IPV6_PRIORITY = 52 };

/* 0:2: length, source MAC (6 and 2 of padding), destination MAC, type. */
static uint8_t *put_ethernet(uint8_t *p, const uint8_t *body, unsigned type)
{
	memcpy(p, body + 12, 6);
	memcpy(p + 6, body + 4, 6);
	base_put_u16(p + 12, (uint16_t)type);
	return p + 14;
}

/* Source port, destination port and TCP flags, each a word in both records. */
static uint8_t *put_transport(uint8_t *p, unsigned protocol, const uint8_t *words)
{
	memset(p, 0, 20);
	if (protocol == PROTO_ICMP || protocol == PROTO_ICMPV6) {
		p[0] = words[7]; /* agents put the type into the destination port */
		return p + 1;
	}
	if (protocol != PROTO_TCP && protocol != PROTO_UDP)
		return p;
	memcpy(p, words + 2, 2);
	memcpy(p + 2, words + 6, 2);
	if (protocol == PROTO_UDP)
		return p + 8;
	p[12] = 5 << 4;
	p[12] |= words[10] & 1;
	p[13] = words[11];
	return p + 20;
}

static uint8_t *put_ipv4(uint8_t *p, const uint8_t *body)
{
	unsigned protocol = body[IPV4_PROTOCOL + 3];

	memset(p, 0, 20);
	p[0] = 0x45;
	p[1] = body[IPV4_TOS + 3];
	p[9] = (uint8_t)protocol;
	memcpy(p + 12, body + IPV4_ADDRESSES, 8);
	return put_transport(p + 20, protocol, body + IPV4_PORTS);
}

static uint8_t *put_ipv6(uint8_t *p, const uint8_t *body)
{
	unsigned protocol = body[IPV6_PROTOCOL + 3], class = body[IPV6_PRIORITY + 3];

	memset(p, 0, 8);
	p[0] = (uint8_t)(0x60 | class >> 4);
	p[1] = (uint8_t)(class << 4);
	p[6] = (uint8_t)protocol;
	memcpy(p + 8, body + IPV6_ADDRESSES, 32);
	return put_transport(p + 40, protocol, body + IPV6_PORTS);
}

void sampled_packet(
	const struct sflow_flow *flow, uint8_t made[SAMPLED_BYTES], struct packet *packet)
{
	uint32_t protocol = 0;
	uint8_t *p = made;
	unsigned type = 0;

	if (flow->has & SFLOW_HAS_IPV4) {
		protocol = PACKET_PROTOCOL_IPV4;
		type = ETHER_IPV4;
	} else if (flow->has & SFLOW_HAS_IPV6) {
		protocol = PACKET_PROTOCOL_IPV6;
		type = ETHER_IPV6;
	}
	if (flow->has & SFLOW_HAS_ETHERNET) {
		protocol = PACKET_PROTOCOL_ETHERNET;
		p = put_ethernet(
			p, flow->ethernet, type ? type : base_get_u16(flow->ethernet + 22));
	}
	if (type == ETHER_IPV4)
		p = put_ipv4(p, flow->ipv4);
	else if (type == ETHER_IPV6)
		p = put_ipv6(p, flow->ipv6);
	packet_decode(packet, made, (uint32_t)(p - made), protocol, 0);
}

void sampled_keep(const struct flow_layout *layout, const uint8_t made[SAMPLED_BYTES],
	struct flow_fields *fields)
{
	for (unsigned i = 0; i < layout->count; i++) {
		struct packet_value *v = &fields->value[layout->steps[i].field];

		if (v->p >= made && v->p < made + SAMPLED_BYTES) {
			memcpy(v->own, v->p, v->len);
			v->p = v->own;
		}
	}
}
