/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

/* ---- frame relay ---- */

enum { ADDRESS_MAX = 4, LAST = 1 }; /* Q.922, 3.3: each byte but the last has a low bit of 0 */

/* Bytes of the address, 2 to 4; 0 where it is cut off or longer. */
static unsigned fr_address(const uint8_t *h, uint32_t left)
{
	for (unsigned i = 1; i < ADDRESS_MAX && i < left; i++)
		if (h[i] & LAST)
			return i + 1;
	return 0;
}

/*
 * RFC 2427, section 3: unnumbered information, a byte of padding or none, NLPID. Cisco's
 * encapsulation has an EtherType instead, of which none starts with 03.
 */
uint32_t packet_fr_step(struct packet_walk *w)
{
	enum { UNNUMBERED = 0x03, PAD = 0x00 };
	unsigned len;

	if (!packet_push(w, PACKET_FR))
		return PACKET_NEXT_NONE;
	len = packet_here(w)[0] & LAST ? 0 : fr_address(packet_here(w), w->p->len - w->at);
	w->at += len;
	if (len == 0 || !packet_has(w, 2))
		return PACKET_NEXT_NONE;
	if (packet_here(w)[0] != UNNUMBERED) {
		w->at += 2;
		return base_get_u16(w->p->data + w->at - 2);
	}
	w->at += packet_here(w)[1] == PAD ? 2 : 1;
	return packet_nlpid_step(w);
}

/* Q.922, 3.3.6: six bits, four, and seven or (in the last byte, beside the D/C bit) six. */
bool packet_fr_dlci(const struct packet *p, unsigned instance, struct packet_value *v)
{
	uint32_t at = p->at[PACKET_FR][instance];
	const uint8_t *h = p->data + at;
	uint32_t dlci;
	unsigned len;

	if (h[0] & LAST)
		return false;
	len = fr_address(h, p->len - at);
	if (len == 0)
		return false;
	dlci = (uint32_t)(h[0] >> 2) << 4 | h[1] >> 4;
	if (len == 3)
		dlci = dlci << 6 | h[2] >> 2;
	if (len == 4)
		dlci = dlci << 13 | (uint32_t)(h[2] >> 1) << 6 | h[3] >> 2;
	return packet_put(v, dlci, 4);
}

/* ---- X.25 ---- */

/* Whether this is an NLPID that RFC 1356, section 3.2 puts in front of each packet. */
static uint32_t x25_payload(struct packet_walk *w)
{
	uint32_t next = packet_ip_any_step(w);

	return next == PACKET_NEXT_NONE ? packet_nlpid_step(w) : next;
}

/*
 * ISO/IEC 8208, 12.1 and 12.3: format and channel (2 bytes), packet type, which is even for data;
 * with sequence numbers modulo 128 these take one byte more. What a circuit carries was said in
 * its call, which is not here: IP is taken for IP.
 */
uint32_t packet_x25_step(struct packet_walk *w)
{
	enum { HEADER = 3, EXTENDED = 0x20, NOT_DATA = 1 };
	const uint8_t *h;

	if (!packet_push(w, PACKET_X25) || !packet_has(w, HEADER))
		return PACKET_NEXT_NONE;
	h = packet_here(w);
	w->at += HEADER + (h[0] & EXTENDED ? 1 : 0);
	return h[2] & NOT_DATA ? PACKET_NEXT_NONE : x25_payload(w);
}

/* ---- SMDS ---- */

enum { SMDS_DESTINATION = 4, SMDS_SOURCE = 12, SMDS_ADDRESS = 8 };

/* Bellcore TR-TSV-000772, 3.3 (of the level 3 PDU): 36 bytes, then LLC (RFC 1209). */
uint32_t packet_smds_step(struct packet_walk *w)
{
	enum { HEADER = 36 };

	if (!packet_push(w, PACKET_SMDS))
		return PACKET_NEXT_NONE;
	w->at += HEADER;
	return packet_llc_step(w);
}

/* Four bits of type, then decimal digits, filled up with ones. */
static bool smds_address(
	const struct packet *p, unsigned instance, struct packet_value *v, unsigned offset)
{
	enum { NIBBLES = 2 * SMDS_ADDRESS, FILL = 15 };
	const uint8_t *h = packet_bytes(p, PACKET_SMDS, instance, offset, SMDS_ADDRESS);
	unsigned len = 0;

	for (unsigned i = 1; h && i < NIBBLES; i++) {
		unsigned nibble = i % 2 ? h[i / 2] & 15 : h[i / 2] >> 4;

		if (nibble == FILL)
			break;
		if (nibble > 9)
			return false;
		v->own[len++] = (uint8_t)('0' + nibble);
	}
	return len > 0 && packet_point(v, v->own, len);
}

bool packet_smds_source(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return smds_address(p, instance, v, SMDS_SOURCE);
}

bool packet_smds_destination(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return smds_address(p, instance, v, SMDS_DESTINATION);
}

/* ---- AAL5 ---- */

/* RFC 2684, sections 5 and 6: LLC, or what the circuit was set up for, of which IP shows itself. */
uint32_t packet_aal5_step(struct packet_walk *w)
{
	enum { SNAP = 0xAA, ROUTED = 0xFE };

	if (!packet_has(w, 1))
		return PACKET_NEXT_NONE;
	if (packet_here(w)[0] == SNAP || packet_here(w)[0] == ROUTED)
		return packet_llc_step(w);
	return packet_ip_any_step(w);
}
