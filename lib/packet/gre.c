/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

/* GRE flags (RFC 2784, RFC 2890; routing: RFC 1701). */
enum {
	HEADER = 4,
	CHECKSUM = 0x8000,
	ROUTING = 0x4000,
	KEY = 0x2000,
	SEQUENCE = 0x1000,
	VERSION = 0x0007,
};

enum {
	ERSPAN2_HEADER = 8,
	ERSPAN3_HEADER = 12,
	ERSPAN3_SUBHEADER = 8,
};

/* RFC 7637, section 3.2: NVGRE has a key, and neither checksum nor sequence number. */
static bool is_nvgre(uint16_t flags, uint16_t type)
{
	return type == PACKET_TYPE_BRIDGE && (flags & (CHECKSUM | KEY | SEQUENCE)) == KEY;
}

/* ERSPAN type I has no header of its own, and no GRE sequence number; type II has both. */
static uint32_t erspan_step(struct packet_walk *w, uint16_t flags)
{
	if (flags & SEQUENCE) {
		if (!packet_push(w, PACKET_ERSPAN))
			return PACKET_NEXT_NONE;
		w->at += ERSPAN2_HEADER;
	}
	return packet_enter(w, PACKET_NEXT_ETHERNET);
}

/* Type III: the last byte but one has the frame type (0 Ethernet), the last bit a subheader. */
static uint32_t erspan3_step(struct packet_walk *w)
{
	uint16_t word;

	if (!packet_push(w, PACKET_ERSPAN) || !packet_has(w, ERSPAN3_HEADER))
		return PACKET_NEXT_NONE;
	word = base_get_u16(packet_here(w) + ERSPAN3_HEADER - 2);
	w->at += ERSPAN3_HEADER + (word & 1 ? ERSPAN3_SUBHEADER : 0);
	return word >> 10 & 31 ? PACKET_NEXT_NONE : packet_enter(w, PACKET_NEXT_ETHERNET);
}

uint32_t packet_gre_step(struct packet_walk *w)
{
	uint16_t flags, type;

	if (!packet_push(w, PACKET_GRE) || !packet_has(w, HEADER))
		return PACKET_NEXT_NONE;
	flags = base_get_u16(packet_here(w));
	type = base_get_u16(packet_here(w) + 2);
	if (flags & (ROUTING | VERSION))
		return PACKET_NEXT_NONE;
	if (is_nvgre(flags, type))
		packet_note(w->p, PACKET_VNI, w->at + HEADER);
	w->at += HEADER;
	w->at += (flags & CHECKSUM ? 4 : 0) + (flags & KEY ? 4 : 0);
	w->at += flags & SEQUENCE ? 4 : 0;
	if (type == PACKET_TYPE_ERSPAN)
		return erspan_step(w, flags);
	if (type == PACKET_TYPE_ERSPAN3)
		return erspan3_step(w);
	return packet_enter(w, type == PACKET_TYPE_BRIDGE ? PACKET_NEXT_ETHERNET : type);
}

/* RFC 2890, section 2.1: behind the checksum. PPTP (version 1, RFC 2637) has other things there. */
bool packet_gre_key(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *h = packet_bytes(p, PACKET_GRE, instance, 0, HEADER);
	uint16_t flags = h ? base_get_u16(h) : 0;
	unsigned at = HEADER + (flags & CHECKSUM ? 4 : 0);

	if (!(flags & KEY) || flags & (ROUTING | VERSION))
		return false;
	return packet_point(v, packet_bytes(p, PACKET_GRE, instance, at, 4), 4);
}

bool packet_gre_vsid(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *h = packet_bytes(p, PACKET_GRE, instance, 0, HEADER + 3);

	if (!h || !is_nvgre(base_get_u16(h), base_get_u16(h + 2)))
		return false;
	return packet_point(v, h + HEADER, 3);
}
