/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

/* PPP DLL protocol numbers (IANA registry). */
enum {
	PPP_IP = 0x0021,
	PPP_IP6 = 0x0057,
	PPP_MPLS = 0x0281,
	PPP_MPLS_UPSTREAM = 0x0283,
};

/*
 * RFC 1661, section 2: the protocol is two bytes, the last of which is odd; a first one that is
 * odd is alone (section 6.5). 0 where it is cut off, else how many bytes.
 */
static unsigned protocol_length(const uint8_t *h, uint32_t left)
{
	if (left > 0 && h[0] & 1)
		return 1;
	return left > 1 ? 2 : 0;
}

static uint32_t payload(uint16_t protocol)
{
	switch (protocol) {
	case PPP_IP:
		return PACKET_TYPE_IP;
	case PPP_IP6:
		return PACKET_TYPE_IP6;
	case PPP_MPLS:
		return PACKET_TYPE_MPLS;
	case PPP_MPLS_UPSTREAM:
		return PACKET_TYPE_MPLS_UPSTREAM;
	default:
		return PACKET_NEXT_NONE;
	}
}

/*
 * With or without address and control (RFC 1662, section 3.1: FF 03; they may be left out, 3.2).
 * POS (RFC 2615, section 4) has them.
 */
uint32_t packet_ppp_step(struct packet_walk *w)
{
	enum { ADDRESS = 0xFF, CONTROL = 0x03 };
	const uint8_t *h;
	unsigned len;

	if (!packet_has(w, 1))
		return PACKET_NEXT_NONE;
	if (packet_here(w)[0] == ADDRESS) {
		if (!packet_has(w, 2) || packet_here(w)[1] != CONTROL)
			return PACKET_NEXT_NONE;
		w->at += 2;
	}
	if (!packet_push(w, PACKET_PPP))
		return PACKET_NEXT_NONE;
	h = packet_here(w);
	len = protocol_length(h, w->p->len - w->at);
	w->at += len;
	if (len == 0)
		return PACKET_NEXT_NONE;
	return payload(len == 1 ? h[0] : base_get_u16(h));
}

/*
 * PPP, or Cisco HDLC (RFC 1547, section 4.3.1): the address of a station or of all, 0, EtherType.
 * In PPP the first byte would be the protocol 000F or 008F, which there is not.
 */
uint32_t packet_pos_step(struct packet_walk *w)
{
	enum { STATION = 0x0F00, ALL = 0x8F00, HEADER = 4 };
	uint16_t head = packet_has(w, HEADER) ? base_get_u16(packet_here(w)) : 0;

	if (head != STATION && head != ALL)
		return packet_ppp_step(w);
	w->at += HEADER;
	return base_get_u16(w->p->data + w->at - 2);
}

/* RFC 2516, section 4: version and type 1; code 0 in the session stage. */
uint32_t packet_pppoe_step(struct packet_walk *w, bool session)
{
	enum { HEADER = 6, VERSION_TYPE = 0x11, SESSION = 0 };
	const uint8_t *h;

	if (!packet_has(w, 1) || packet_here(w)[0] != VERSION_TYPE ||
		!packet_push(w, PACKET_PPPOE) || !packet_has(w, HEADER))
		return PACKET_NEXT_NONE;
	h = packet_here(w);
	w->at += HEADER;
	return session && h[1] == SESSION ? PACKET_NEXT_PPP : PACKET_NEXT_NONE;
}

bool packet_ppp_protocol(const struct packet *p, unsigned instance, struct packet_value *v)
{
	uint32_t at = p->at[PACKET_PPP][instance];
	const uint8_t *h = p->data + at;

	switch (protocol_length(h, p->len - at)) {
	case 1:
		return packet_put(v, h[0], 2);
	case 2:
		return packet_point(v, h, 2);
	default:
		return false;
	}
}
