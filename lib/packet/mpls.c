/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

enum {
	LABEL = 4, /* RFC 3032, section 2.1: label (20 bits), class (3), bottom (1), TTL (8) */
	CONTROL_WORD = 4,
	ETHERNET = 14,
};

/* Whether an Ethernet header `skip` bytes from here has a type that a pseudowire would carry. */
static bool like_ethernet(const struct packet_walk *w, uint32_t skip)
{
	uint32_t type;

	if (!packet_has(w, skip + ETHERNET))
		return false;
	type = base_get_u16(packet_here(w) + skip + ETHERNET - 2);
	return type == PACKET_TYPE_IP || type == PACKET_TYPE_IP6 || type == PACKET_TYPE_ARP ||
	       type == PACKET_TYPE_MPLS || packet_is_tag(type);
}

/*
 * Nothing in a label stack says what it carries (RFC 4928, section 2): 4 and 6 in the first
 * nibble are taken for IP; 0 may be a control word (RFC 4385, section 3) or the start of a MAC
 * address. Any other guess is believed only if an EtherType confirms it.
 */
static uint32_t payload(struct packet_walk *w)
{
	unsigned nibble;

	if (!packet_has(w, 1))
		return PACKET_NEXT_NONE;
	nibble = packet_here(w)[0] >> 4;
	if (nibble == 4)
		return PACKET_TYPE_IP;
	if (nibble == 6)
		return PACKET_TYPE_IP6;
	if (nibble == 0 && like_ethernet(w, CONTROL_WORD))
		w->at += CONTROL_WORD;
	else if (!like_ethernet(w, 0))
		return PACKET_NEXT_NONE;
	return PACKET_NEXT_ETHERNET;
}

uint32_t packet_mpls_step(struct packet_walk *w)
{
	struct packet *p = w->p;

	if (!packet_has(w, 1) || p->depth == PACKET_STACK)
		return PACKET_NEXT_NONE;
	p->stack[p->depth++] = PACKET_MPLS;
	for (unsigned n = 0; n < PACKET_LABELS; n++) {
		bool bottom;

		packet_note(p, PACKET_MPLS, w->at);
		if (!packet_has(w, LABEL))
			return PACKET_NEXT_NONE;
		bottom = packet_here(w)[2] & 1;
		w->at += LABEL;
		if (bottom)
			return payload(w);
	}
	return PACKET_NEXT_NONE;
}
