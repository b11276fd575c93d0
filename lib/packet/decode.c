/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

static uint32_t first(uint32_t protocol)
{
	switch (protocol) {
	case PACKET_PROTOCOL_ETHERNET:
		return PACKET_NEXT_ETHERNET;
	case PACKET_PROTOCOL_IPV4:
		return PACKET_TYPE_IP;
	case PACKET_PROTOCOL_IPV6:
		return PACKET_TYPE_IP6;
	case PACKET_PROTOCOL_MPLS:
		return PACKET_TYPE_MPLS;
	default:
		return PACKET_NEXT_NONE;
	}
}

static uint32_t step(struct packet_walk *w, uint32_t next)
{
	switch (next) {
	case PACKET_NEXT_ETHERNET:
		return packet_ethernet_step(w);
	case PACKET_TYPE_IP:
		return packet_ip_step(w);
	case PACKET_TYPE_IP6:
		return packet_ip6_step(w);
	case PACKET_TYPE_ARP:
		packet_push(w, PACKET_ARP);
		return PACKET_NEXT_NONE;
	case PACKET_TYPE_MPLS:
	case PACKET_TYPE_MPLS_UPSTREAM:
		return packet_mpls_step(w);
	default:
		return PACKET_NEXT_NONE;
	}
}

void packet_decode(
	struct packet *p, const uint8_t *data, uint32_t len, uint32_t protocol, unsigned tunnels)
{
	struct packet_walk w = {.p = p, .tunnels = tunnels};
	uint32_t next = first(protocol);

	/* The rest of `p` is valid only as far as these say, so only these are cleared. */
	p->data = data;
	p->len = (uint16_t)(len < UINT16_MAX ? len : UINT16_MAX);
	memset(p->count, 0, sizeof(p->count));
	p->depth = 0;
	p->count[PACKET_ANY] = 1;
	p->at[PACKET_ANY][0] = 0;

	while (next != PACKET_NEXT_NONE)
		next = step(&w, next);
}
