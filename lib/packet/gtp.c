/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

/* 3GPP TS 29.281, section 5.1. */
enum {
	HEADER = 8,
	OPTIONS = 4, /* sequence number (2 bytes), N-PDU number, type of the first extension */
	VERSION_TYPE = 0xF0,
	VERSION_1_GTP = 0x30, /* version 1, and not GTP' */
	HAS_OPTIONS = 0x07,   /* any of the flags E, S and PN */
	HAS_EXTENSION = 0x04,
	G_PDU = 255,
};

/* Section 5.2.1: length in units of 4 bytes, content, type of the next one; 0: no more. */
static bool extensions(struct packet_walk *w, uint8_t type)
{
	for (unsigned n = 0; type != 0; n++) {
		unsigned len;

		if (n == PACKET_EXTENSIONS || !packet_has(w, 1))
			return false;
		len = packet_here(w)[0] * 4u;
		if (len == 0 || !packet_has(w, len))
			return false;
		type = packet_here(w)[len - 1];
		w->at += len;
	}
	return true;
}

/* The payload of a G-PDU has no type; only IP is looked for. */
uint32_t packet_gtpu_step(struct packet_walk *w)
{
	const uint8_t *h;

	if (!packet_has(w, 1) || (packet_here(w)[0] & VERSION_TYPE) != VERSION_1_GTP ||
		!packet_push(w, PACKET_GTPU) || !packet_has(w, HEADER))
		return PACKET_NEXT_NONE;
	h = packet_here(w);
	w->at += HEADER;
	if (h[1] != G_PDU)
		return PACKET_NEXT_NONE;
	if (h[0] & HAS_OPTIONS) {
		if (!packet_has(w, OPTIONS))
			return PACKET_NEXT_NONE;
		w->at += OPTIONS;
		if (h[0] & HAS_EXTENSION && !extensions(w, h[HEADER + OPTIONS - 1]))
			return PACKET_NEXT_NONE;
	}
	return packet_enter(w, packet_ip_any_step(w));
}
