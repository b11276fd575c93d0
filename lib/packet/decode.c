/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

/* Bytes of tags between their EtherType and the next. */
enum {
	VN_TAG = 4,     /* two interfaces */
	CISCO_META = 6, /* version, length, option, security group */
	E_TAG = 6,      /* IEEE 802.1BR, 7.5 */
};

/* Link layers that are not Ethernet. */
static uint32_t link_step(struct packet_walk *w, uint32_t next)
{
	switch (next) {
	case PACKET_NEXT_TOKEN_BUS:
		return packet_token_bus_step(w);
	case PACKET_NEXT_TOKEN_RING:
		return packet_token_ring_step(w);
	case PACKET_NEXT_FDDI:
		return packet_fddi_step(w);
	case PACKET_NEXT_FRAME_RELAY:
		return packet_fr_step(w);
	case PACKET_NEXT_X25:
		return packet_x25_step(w);
	case PACKET_NEXT_PPP:
		return packet_ppp_step(w);
	case PACKET_NEXT_POS:
		return packet_pos_step(w);
	case PACKET_NEXT_SMDS:
		return packet_smds_step(w);
	case PACKET_NEXT_AAL5:
		return packet_aal5_step(w);
	case PACKET_NEXT_AAL5_IP:
		return packet_ip_any_step(w);
	case PACKET_NEXT_DOT11:
		return packet_dot11_step(w);
	case PACKET_NEXT_AMPDU:
		return packet_ampdu_step(w);
	case PACKET_NEXT_AMSDU:
		return packet_amsdu_step(w);
	case PACKET_NEXT_INFINIBAND:
		return packet_lrh_step(w);
	default:
		return PACKET_NEXT_NONE;
	}
}

static uint32_t other_step(struct packet_walk *w, uint32_t next)
{
	switch (next) {
	case PACKET_NEXT_IP:
		return packet_ip_step(w);
	case PACKET_NEXT_IP6:
		return packet_ip6_step(w);
	case PACKET_TYPE_ARP:
		packet_push(w, PACKET_ARP);
		return PACKET_NEXT_NONE;
	case PACKET_TYPE_MPLS:
	case PACKET_TYPE_MPLS_UPSTREAM:
	case PACKET_NEXT_MPLS:
		return packet_mpls_step(w);
	case PACKET_TYPE_PPPOE_DISCOVERY:
	case PACKET_TYPE_PPPOE:
		return packet_pppoe_step(w, next == PACKET_TYPE_PPPOE);
	case PACKET_TYPE_VN_TAG:
		return packet_tag_step(w, VN_TAG);
	case PACKET_TYPE_CISCO_META:
		return packet_tag_step(w, CISCO_META);
	case PACKET_TYPE_E_TAG:
		return packet_tag_step(w, E_TAG);
	case PACKET_TYPE_PBB:
		return packet_pbb_step(w);
	case PACKET_TYPE_ROCE:
		return packet_grh_step(w);
	default:
		return link_step(w, next);
	}
}

/* Nearly all packets need no more than these. */
static inline uint32_t step(struct packet_walk *w, uint32_t next)
{
	if (next == PACKET_NEXT_ETHERNET)
		return packet_ethernet_step(w);
	if (next == PACKET_TYPE_IP)
		return packet_ip_step(w);
	if (next == PACKET_TYPE_IP6)
		return packet_ip6_step(w);
	return other_step(w, next);
}

void packet_decode(
	struct packet *p, const uint8_t *data, uint32_t len, uint32_t protocol, unsigned tunnels)
{
	struct packet_walk w = {.p = p, .tunnels = tunnels};
	uint32_t next = PACKET_NEXT_NONE;

	/* The rest of `p` is valid only as far as these say, so only these are cleared. */
	p->data = data;
	p->len = (uint16_t)(len < UINT16_MAX ? len : UINT16_MAX);
	memset(p->count, 0, sizeof(p->count));
	p->depth = 0;
	p->omitted = 0;
	p->count[PACKET_ANY] = 1;
	p->at[PACKET_ANY][0] = 0;

	if (protocol <= PACKET_PROTOCOL_INFINIBAND)
		next = PACKET_NEXT + protocol;
	while (next != PACKET_NEXT_NONE)
		next = step(&w, next);
}
