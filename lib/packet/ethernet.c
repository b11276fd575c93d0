/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

enum {
	ADDRESSES = 12, /* two MAC addresses stand before the type */
	TYPE = 2,
	TCI = 2, /* tag control information */
	LENGTH_MAX = 1500,
	SNAP = 8,
};

/*
 * IEEE 802.3, 3.2.6: a type field of at most 1500 is a length, and an LLC header follows.
 * SNAP (IEEE 802, 9.2) with the OUI of RFC 1042 or of bridged frames (802.1H) has an EtherType.
 */
static uint32_t llc(struct packet_walk *w)
{
	const uint8_t *h = packet_here(w);
	uint32_t oui;

	if (!packet_has(w, SNAP) || h[0] != 0xAA || h[1] != 0xAA || h[2] != 0x03)
		return 0;
	oui = base_get_u32(h + 2) & 0xFFFFFF;
	if (oui != 0x000000 && oui != 0x0000F8)
		return 0;
	w->at += SNAP;
	return base_get_u16(h + 6);
}

/* Step over the VLAN tags (IEEE 802.1Q, 9.3); the EtherType behind them, or 0. */
static uint32_t tags(struct packet_walk *w, uint32_t type)
{
	for (unsigned n = 0; packet_is_tag(type); n++) {
		packet_note(w->p, PACKET_VLAN, w->at);
		if (n == PACKET_TAGS || !packet_has(w, TCI + TYPE))
			return 0;
		type = base_get_u16(packet_here(w) + TCI);
		w->at += TCI + TYPE;
	}
	return type;
}

uint32_t packet_ethernet_step(struct packet_walk *w)
{
	struct packet *p = w->p;
	unsigned n = p->count[PACKET_ETH];
	uint32_t type;

	if (!packet_push(w, PACKET_ETH))
		return PACKET_NEXT_NONE;
	p->eth_type[n] = 0;
	if (!packet_has(w, ADDRESSES + TYPE))
		return PACKET_NEXT_NONE;
	type = base_get_u16(packet_here(w) + ADDRESSES);
	w->at += ADDRESSES + TYPE;
	if (packet_is_tag(type))
		type = tags(w, type);
	if (type != 0 && type <= LENGTH_MAX)
		type = llc(w);
	p->eth_type[n] = (uint16_t)type;
	return type;
}

bool packet_eth_protocol(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return p->eth_type[instance] != 0 && packet_put(v, p->eth_type[instance], 2);
}

enum cast { CUT, UNICAST, MULTICAST, BROADCAST };

/* IEEE 802.3, 3.2.3: the first bit of the address is the group bit. Broadcast is no multicast. */
static enum cast cast(const struct packet *p, unsigned instance)
{
	static const uint8_t all[6] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
	const uint8_t *mac = packet_bytes(p, PACKET_ETH, instance, 0, 6);

	if (!mac)
		return CUT;
	if (!(mac[0] & 1))
		return UNICAST;
	return memcmp(mac, all, 6) == 0 ? BROADCAST : MULTICAST;
}

static bool is_cast(
	const struct packet *p, unsigned instance, struct packet_value *v, enum cast which)
{
	enum cast c = cast(p, instance);

	return c != CUT && packet_put(v, c == which, 1);
}

bool packet_eth_unicast(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return is_cast(p, instance, v, UNICAST);
}

bool packet_eth_multicast(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return is_cast(p, instance, v, MULTICAST);
}

bool packet_eth_broadcast(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return is_cast(p, instance, v, BROADCAST);
}

/* IEEE 802.1Q, 9.6: priority (3 bits), drop eligible (1), VLAN identifier (12). */
bool packet_vlan_id(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *tci = packet_bytes(p, PACKET_VLAN, instance, 0, TCI);

	return tci && packet_put(v, base_get_u16(tci) & 0xFFF, 2);
}

bool packet_vlan_priority(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *tci = packet_bytes(p, PACKET_VLAN, instance, 0, 1);

	return tci && packet_put(v, tci[0] >> 5, 1);
}
