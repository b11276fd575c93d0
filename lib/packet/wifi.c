/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

/* IEEE 802.11-2020, 9.2.4.1: frame control, as a big-endian number of its two bytes. */
enum {
	VERSION = 0x0300,
	TYPE = 0x0C00,
	TYPE_MANAGEMENT = 0x0000,
	TYPE_CONTROL = 0x0400,
	TYPE_DATA = 0x0800,
	NO_DATA = 0x4000, /* of a data frame's subtype */
	QOS = 0x8000,     /* the same */
	TO_DS = 0x0001,
	FROM_DS = 0x0002,
	PROTECTED = 0x0040,
	ORDER = 0x0080, /* of a QoS data frame: has an HT control field */
};

/* 9.2.3: where the fields are. */
enum {
	ADDRESS_1 = 4,
	ADDRESS_2 = 10,
	ADDRESS_3 = 16,
	SEQUENCE = 22,
	ADDRESS_4 = 24,
	HEADER = 24,
	ADDRESS = 6,
	QOS_CONTROL = 2,
	HT_CONTROL = 4,
	QOS_AMSDU = 0x80,
};

/* 9.2.4.1.4, Table 9-26: what the addresses of a data frame are. Management frames: as of 0, 0. */
static const struct {
	uint8_t destination, source, bssid;
} roles[4] = {
	{ADDRESS_1, ADDRESS_2, ADDRESS_3},
	[TO_DS] = {ADDRESS_3, ADDRESS_2, ADDRESS_1},
	[FROM_DS] = {ADDRESS_1, ADDRESS_3, ADDRESS_2},
	[TO_DS | FROM_DS] = {ADDRESS_3, ADDRESS_4, 0},
};

static unsigned role_of(uint16_t control)
{
	return (control & TYPE) == TYPE_DATA ? control & (TO_DS | FROM_DS) : 0;
}

/* Where the body of a data frame starts. */
static unsigned header_length(uint16_t control)
{
	unsigned len = HEADER;

	if ((control & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS))
		len += ADDRESS;
	if (control & QOS)
		len += QOS_CONTROL + (control & ORDER ? HT_CONTROL : 0);
	return len;
}

/* 9.3.2.2: whether the body is an A-MSDU, which has the addresses in its subframes; -1: cut off. */
static int is_amsdu(const struct packet_walk *w, uint16_t control)
{
	unsigned at = HEADER;

	if ((control & (TYPE | QOS)) != (TYPE_DATA | QOS))
		return 0;
	if ((control & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS))
		at += ADDRESS;
	if (!packet_has(w, at + 1))
		return -1;
	return packet_here(w)[at] & QOS_AMSDU ? 1 : 0;
}

/* Whether the body is LLC: not encrypted, and not of a later fragment. */
static bool is_readable(const struct packet_walk *w, uint16_t control)
{
	if ((control & TYPE) != TYPE_DATA || control & (NO_DATA | PROTECTED))
		return false;
	return packet_has(w, header_length(control)) && (packet_here(w)[SEQUENCE] & 15) == 0;
}

uint32_t packet_dot11_step(struct packet_walk *w)
{
	unsigned n = PACKET_INSTANCES;
	uint16_t control;
	int amsdu;

	if (!packet_push(w, PACKET_DOT11) || !packet_has(w, 2))
		return PACKET_NEXT_NONE;
	control = base_get_u16(packet_here(w));
	if (control & VERSION || (control & TYPE) > TYPE_DATA || (control & TYPE) == TYPE_CONTROL)
		return PACKET_NEXT_NONE;
	amsdu = is_amsdu(w, control);
	if (amsdu == 0)
		n = packet_note_mac(
			w, roles[role_of(control)].destination, roles[role_of(control)].source);
	if (!is_readable(w, control))
		return PACKET_NEXT_NONE;
	w->at += header_length(control);
	return amsdu ? packet_amsdu_step(w) : packet_mac_llc_step(w, n);
}

/*
 * 9.7.1: a delimiter stands before each MPDU: reserved and length (2 bytes, low byte first),
 * CRC, and the signature 'N'. Delimiters without an MPDU are padding.
 */
uint32_t packet_ampdu_step(struct packet_walk *w)
{
	enum { DELIMITER = 4, DELIMITERS = 8, SIGNATURE = 'N' };

	for (unsigned i = 0; i < DELIMITERS && packet_has(w, DELIMITER); i++) {
		const uint8_t *h = packet_here(w);

		if (h[3] != SIGNATURE)
			return PACKET_NEXT_NONE;
		w->at += DELIMITER;
		if (h[0] >> 4 || h[1])
			return packet_dot11_step(w);
	}
	return PACKET_NEXT_NONE;
}

/* 9.3.2.2.2: destination, source, length (which may be above 1500, unlike Ethernet's), LLC. */
uint32_t packet_amsdu_step(struct packet_walk *w)
{
	enum { SUBFRAME = 14 };
	unsigned n = w->p->count[PACKET_ETH];

	if (!packet_push_eth(w))
		return PACKET_NEXT_NONE;
	w->at += SUBFRAME;
	return packet_mac_llc_step(w, n);
}

static int control_of(const struct packet *p, unsigned instance)
{
	const uint8_t *h = packet_bytes(p, PACKET_DOT11, instance, 0, 2);

	return h && !(base_get_u16(h) & VERSION) ? base_get_u16(h) : -1;
}

/* All but extension frames have a receiver. */
bool packet_dot11_receiver(const struct packet *p, unsigned instance, struct packet_value *v)
{
	int control = control_of(p, instance);

	if (control < 0 || (control & TYPE) > TYPE_DATA)
		return false;
	return packet_point(v, packet_bytes(p, PACKET_DOT11, instance, ADDRESS_1, ADDRESS), 6);
}

/* 9.3.1: control frames that have one, by subtype; CTS and ACK do not. */
static const uint16_t with_transmitter = 1 << 2 | 1 << 4 | 1 << 5 | 0xF << 8 | 3 << 14;

bool packet_dot11_transmitter(const struct packet *p, unsigned instance, struct packet_value *v)
{
	int control = control_of(p, instance);

	if (control < 0 || (control & TYPE) > TYPE_DATA)
		return false;
	if ((control & TYPE) == TYPE_CONTROL && !(with_transmitter >> (control >> 12) & 1))
		return false;
	return packet_point(v, packet_bytes(p, PACKET_DOT11, instance, ADDRESS_2, ADDRESS), 6);
}

bool packet_dot11_bssid(const struct packet *p, unsigned instance, struct packet_value *v)
{
	int control = control_of(p, instance);
	unsigned at;

	if (control < 0 || (control & TYPE) > TYPE_DATA || (control & TYPE) == TYPE_CONTROL)
		return false;
	at = roles[role_of((uint16_t)control)].bssid;
	return at && packet_point(v, packet_bytes(p, PACKET_DOT11, instance, at, ADDRESS), 6);
}
