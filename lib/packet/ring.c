/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

enum {
	ADDRESSES = 12, /* two MAC addresses stand behind the frame control */
	ROUTED = 0x80,  /* first bit of the source address: routing information follows */
	ROUTING_MIN = 2,
};

/*
 * A MAC frame whose frame control is `control` bytes from here: destination, source, routing
 * information (IEEE 802.1D, C.3.3.2: its length is the low five bits of its first byte), LLC.
 */
static uint32_t frame(struct packet_walk *w, unsigned control, bool (*is_llc)(uint8_t))
{
	unsigned n = packet_note_mac(w, control + 1, control + 7);
	uint8_t type, first;

	w->at += control;
	if (!packet_push(w, PACKET_RING) || !packet_has(w, 1 + ADDRESSES + 1))
		return PACKET_NEXT_NONE;
	type = packet_here(w)[0];
	first = packet_here(w)[7];
	w->at += 1 + ADDRESSES;
	if (!is_llc(type))
		return PACKET_NEXT_NONE;
	if (first & ROUTED) {
		unsigned len = packet_here(w)[0] & 0x1F;

		if (len < ROUTING_MIN)
			return PACKET_NEXT_NONE;
		w->at += len;
	}
	return packet_mac_llc_step(w, n);
}

/* IEEE 802.5, 3.2.3: the frame type is in the two high bits; 01 is LLC. */
static bool token_ring_llc(uint8_t control)
{
	return control >> 6 == 1;
}

/* IEEE 802.5, 3.2: access control, frame control. */
uint32_t packet_token_ring_step(struct packet_walk *w)
{
	return frame(w, 1, token_ring_llc);
}

/* IEEE 802.4, 4.1.3: the frame type is in the first two bits, whichever these are; 01 is LLC. */
static bool token_bus_llc(uint8_t control)
{
	return control >> 6 == 1 || (control & 3) == 2;
}

uint32_t packet_token_bus_step(struct packet_walk *w)
{
	return frame(w, 0, token_bus_llc);
}

/* ISO 9314-2, 7.3.3: class, length of addresses (1: six bytes), format (01 LLC), control. */
static bool fddi_llc(uint8_t control)
{
	return (control & 0x70) == 0x50;
}

uint32_t packet_fddi_step(struct packet_walk *w)
{
	return frame(w, 0, fddi_llc);
}
