/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

enum {
	LLC = 3,  /* with a control field of one byte */
	SNAP = 8, /* with it */
	OUI_ETHERNET = 0x000000,
	OUI_BRIDGED = 0x0000F8, /* IEEE 802.1H */
	OUI_8021 = 0x0080C2,
	ATM_PAD = 2, /* RFC 2684, section 5.2: aligns the bridged frame */
};

/* The destination and source access points, and the control field of unnumbered information. */
enum {
	LLC_SNAP = 0xAAAA03,
	LLC_IP = 0x060603,
	LLC_NLPID = 0xFEFE03, /* RFC 2684, section 5.1 */
};

/* Network layer protocol identifiers (ISO/IEC TR 9577). */
enum {
	NLPID_SNAP = 0x80,
	NLPID_IP6 = 0x8E,
	NLPID_IP = 0xCC,
	NLPID_PPP = 0xCF, /* RFC 1973, RFC 2364 */
};

enum { BRIDGED_FCS = 0x0001, BRIDGED = 0x0007 }; /* RFC 2427, section 4.2: Ethernet frames */

/* Nothing but the version says what this is. */
uint32_t packet_ip_any_step(struct packet_walk *w)
{
	if (!packet_has(w, 1))
		return PACKET_NEXT_NONE;
	switch (packet_here(w)[0] >> 4) {
	case 4:
		return PACKET_TYPE_IP;
	case 6:
		return PACKET_TYPE_IP6;
	default:
		return PACKET_NEXT_NONE;
	}
}

/* Organisation and protocol (IEEE 802, 9.2), followed by `pad` where a bridged frame does. */
static uint32_t snap(struct packet_walk *w, unsigned pad)
{
	uint32_t oui, type;

	if (!packet_has(w, 5))
		return PACKET_NEXT_NONE;
	oui = base_get_u32(packet_here(w)) >> 8;
	type = base_get_u16(packet_here(w) + 3);
	w->at += 5;
	if (oui == OUI_ETHERNET || oui == OUI_BRIDGED)
		return type;
	if (oui != OUI_8021 || (type != BRIDGED && type != BRIDGED_FCS))
		return PACKET_NEXT_NONE;
	w->at += pad;
	return PACKET_NEXT_ETHERNET;
}

/* RFC 2427, section 3. */
uint32_t packet_nlpid_step(struct packet_walk *w)
{
	if (!packet_has(w, 1))
		return PACKET_NEXT_NONE;
	w->at++;
	switch (w->p->data[w->at - 1]) {
	case NLPID_IP:
		return PACKET_TYPE_IP;
	case NLPID_IP6:
		return PACKET_TYPE_IP6;
	case NLPID_PPP:
		return PACKET_NEXT_PPP;
	case NLPID_SNAP:
		return snap(w, 0);
	default:
		return PACKET_NEXT_NONE;
	}
}

/* What LLC leads to. `cut`: that cannot be told, since the header ends before. */
static uint32_t payload(struct packet_walk *w, bool *cut)
{
	uint32_t head;

	*cut = !packet_has(w, LLC);
	if (*cut)
		return PACKET_NEXT_NONE;
	head = (uint32_t)base_get_u16(packet_here(w)) << 8 | packet_here(w)[2];
	*cut = (head == LLC_SNAP && !packet_has(w, SNAP)) ||
	       (head == LLC_NLPID && !packet_has(w, LLC + 1));
	w->at += LLC;
	switch (head) {
	case LLC_SNAP:
		return snap(w, ATM_PAD);
	case LLC_IP:
		return PACKET_TYPE_IP;
	case LLC_NLPID:
		return packet_nlpid_step(w);
	default:
		return PACKET_NEXT_NONE;
	}
}

/* Novell's raw frames have no LLC: there stands the checksum of IPX, which is all ones. */
static bool is_raw_ipx(const struct packet_walk *w)
{
	return packet_here(w)[0] == 0xFF && (!packet_has(w, 2) || packet_here(w)[1] == 0xFF);
}

/*
 * IEEE 802.2, 3.2. In the stack only where it leads nowhere, since Ethernet over LLC is what
 * Ethernet is without it.
 */
uint32_t packet_llc_step(struct packet_walk *w)
{
	struct packet *p = w->p;
	uint32_t next;
	bool cut;

	if (!packet_has(w, 1) || is_raw_ipx(w))
		return PACKET_NEXT_NONE;
	packet_note(p, PACKET_LLC, w->at);
	next = payload(w, &cut);
	if (next == PACKET_NEXT_NONE && !cut && p->depth < PACKET_STACK)
		p->stack[p->depth++] = PACKET_LLC;
	return next;
}

uint32_t packet_mac_llc_step(struct packet_walk *w, unsigned n)
{
	uint32_t next = packet_llc_step(w);

	if (n < PACKET_INSTANCES && next < PACKET_NEXT)
		w->p->eth_type[n] = (uint16_t)next;
	return next;
}

/* IEEE 802.2, 3.3 and 5.2: two bytes unless unnumbered (its two low bits are set). */
bool packet_llc_control(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *h = packet_bytes(p, PACKET_LLC, instance, 2, 1);

	if (h && (h[0] & 3) == 3)
		return packet_put(v, h[0], 2);
	return packet_point(v, packet_bytes(p, PACKET_LLC, instance, 2, 2), 2);
}

static const uint8_t *snap_bytes(
	const struct packet *p, unsigned instance, unsigned offset, unsigned width)
{
	const uint8_t *h = packet_bytes(p, PACKET_LLC, instance, 0, LLC);

	if (!h || h[0] != 0xAA || h[1] != 0xAA || h[2] != 0x03)
		return NULL;
	return packet_bytes(p, PACKET_LLC, instance, LLC + offset, width);
}

bool packet_snap_oui(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return packet_point(v, snap_bytes(p, instance, 0, 3), 3);
}

bool packet_snap_protocol(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return packet_point(v, snap_bytes(p, instance, 3, 2), 2);
}
