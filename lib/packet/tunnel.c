/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

enum {
	VXLAN_HEADER = 8,
	VXLAN_VNI_VALID = 0x08,
	GPE_VERSION = 0x30,
	GPE_HAS_NEXT = 0x04,
	GENEVE_HEADER = 8,
	VNI = 4, /* where VXLAN and Geneve have their identifier */
};

/* RFC 7348, section 5: without the I flag the identifier is not valid, and this is not VXLAN. */
static bool vxlan(struct packet_walk *w)
{
	if (!packet_has(w, 1) || !(packet_here(w)[0] & VXLAN_VNI_VALID) ||
		!packet_push(w, PACKET_VXLAN))
		return false;
	packet_note(w->p, PACKET_VNI, w->at + VNI);
	w->at += VXLAN_HEADER;
	return true;
}

uint32_t packet_vxlan_step(struct packet_walk *w)
{
	return vxlan(w) ? packet_enter(w, PACKET_NEXT_ETHERNET) : PACKET_NEXT_NONE;
}

/* draft-ietf-nvo3-vxlan-gpe, section 3.2: next protocol. */
static uint32_t gpe_payload(uint8_t protocol)
{
	switch (protocol) {
	case 1:
		return PACKET_TYPE_IP;
	case 2:
		return PACKET_TYPE_IP6;
	case 3:
		return PACKET_NEXT_ETHERNET;
	case 5:
		return PACKET_TYPE_MPLS;
	default:
		return PACKET_NEXT_NONE;
	}
}

/* The same, section 3.1: version 0; without the P flag it is as VXLAN. */
uint32_t packet_vxlan_gpe_step(struct packet_walk *w)
{
	uint32_t start = w->at;
	uint8_t flags;

	if (!vxlan(w) || start + VNI > w->p->len)
		return PACKET_NEXT_NONE;
	flags = w->p->data[start];
	if (flags & GPE_VERSION)
		return PACKET_NEXT_NONE;
	if (!(flags & GPE_HAS_NEXT))
		return packet_enter(w, PACKET_NEXT_ETHERNET);
	return packet_enter(w, gpe_payload(w->p->data[start + 3]));
}

/* RFC 8926, section 3.4: version 0; the length of the options in units of 4 bytes. */
uint32_t packet_geneve_step(struct packet_walk *w)
{
	const uint8_t *h;
	uint16_t type;

	if (!packet_has(w, 1) || packet_here(w)[0] >> 6 != 0 || !packet_push(w, PACKET_GENEVE))
		return PACKET_NEXT_NONE;
	packet_note(w->p, PACKET_VNI, w->at + VNI);
	if (!packet_has(w, GENEVE_HEADER))
		return PACKET_NEXT_NONE;
	h = packet_here(w);
	type = base_get_u16(h + 2);
	w->at += GENEVE_HEADER + (h[0] & 63) * 4;
	return packet_enter(w, type == PACKET_TYPE_BRIDGE ? PACKET_NEXT_ETHERNET : type);
}
