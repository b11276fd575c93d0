/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

/* GRE flags (RFC 2784, RFC 2890; routing: RFC 1701). */
enum {
	GRE_HEADER = 4,
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_VERSION = 0x0007,
};

enum {
	ERSPAN2_HEADER = 8,
	ERSPAN3_HEADER = 12,
	ERSPAN3_SUBHEADER = 8,
	VXLAN_HEADER = 8,
	VXLAN_VNI_VALID = 0x08,
	GENEVE_HEADER = 8,
	VNI = 4, /* where VXLAN and Geneve have their identifier */
};

/* RFC 7637, section 3.2: NVGRE has a key, and neither checksum nor sequence number. */
static bool is_nvgre(uint16_t flags, uint16_t type)
{
	return type == PACKET_TYPE_BRIDGE &&
	       (flags & (GRE_CHECKSUM | GRE_KEY | GRE_SEQUENCE)) == GRE_KEY;
}

/* ERSPAN type I has no header of its own, and no GRE sequence number; type II has both. */
static uint32_t erspan_step(struct packet_walk *w, uint16_t flags)
{
	if (flags & GRE_SEQUENCE)
		w->at += ERSPAN2_HEADER;
	return packet_enter(w, PACKET_NEXT_ETHERNET);
}

/* Type III: the last byte but one has the frame type (0 Ethernet), the last bit a subheader. */
static uint32_t erspan3_step(struct packet_walk *w)
{
	uint16_t word;

	if (!packet_has(w, ERSPAN3_HEADER))
		return PACKET_NEXT_NONE;
	word = base_get_u16(packet_here(w) + ERSPAN3_HEADER - 2);
	w->at += ERSPAN3_HEADER + (word & 1 ? ERSPAN3_SUBHEADER : 0);
	return word >> 10 & 31 ? PACKET_NEXT_NONE : packet_enter(w, PACKET_NEXT_ETHERNET);
}

uint32_t packet_gre_step(struct packet_walk *w)
{
	uint16_t flags, type;

	if (!packet_push(w, PACKET_GRE) || !packet_has(w, GRE_HEADER))
		return PACKET_NEXT_NONE;
	flags = base_get_u16(packet_here(w));
	type = base_get_u16(packet_here(w) + 2);
	if (flags & (GRE_ROUTING | GRE_VERSION))
		return PACKET_NEXT_NONE;
	if (is_nvgre(flags, type))
		packet_note(w->p, PACKET_VNI, w->at + GRE_HEADER);
	w->at += GRE_HEADER;
	w->at += (flags & GRE_CHECKSUM ? 4 : 0) + (flags & GRE_KEY ? 4 : 0);
	w->at += flags & GRE_SEQUENCE ? 4 : 0;
	if (type == PACKET_TYPE_ERSPAN)
		return erspan_step(w, flags);
	if (type == PACKET_TYPE_ERSPAN3)
		return erspan3_step(w);
	return packet_enter(w, type == PACKET_TYPE_BRIDGE ? PACKET_NEXT_ETHERNET : type);
}

/* RFC 7348, section 5: without the I flag the identifier is not valid, and this is not VXLAN. */
uint32_t packet_vxlan_step(struct packet_walk *w)
{
	if (!packet_has(w, 1) || !(packet_here(w)[0] & VXLAN_VNI_VALID) ||
		!packet_push(w, PACKET_VXLAN))
		return PACKET_NEXT_NONE;
	packet_note(w->p, PACKET_VNI, w->at + VNI);
	w->at += VXLAN_HEADER;
	return packet_enter(w, PACKET_NEXT_ETHERNET);
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

bool packet_gre_vsid(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *h = packet_bytes(p, PACKET_GRE, instance, 0, GRE_HEADER + 3);

	if (!h || !is_nvgre(base_get_u16(h), base_get_u16(h + 2)))
		return false;
	return packet_point(v, h + GRE_HEADER, 3);
}
