/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

enum {
	ADDRESSES = 12, /* two MAC addresses stand before the type */
	TYPE = 2,
	TCI = 2, /* tag control information */
	LENGTH_MAX = 1500,
};

/* Step over the VLAN tags (IEEE 802.1Q, 9.3); the EtherType behind them, or 0. */
static inline __attribute__((always_inline)) uint32_t tags(struct packet_walk *w, uint32_t type)
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

/* The type that is here, of the n-th Ethernet header, and its tags. */
static inline uint32_t type_step(struct packet_walk *w, unsigned n)
{
	uint32_t type = base_get_u16(packet_here(w));

	w->at += TYPE;
	if (packet_is_tag(type))
		type = tags(w, type);
	/* IEEE 802.3, 3.2.6: at most 1500 is a length, and an LLC header follows. */
	if (type != 0 && type <= LENGTH_MAX)
		return packet_mac_llc_step(w, n);
	w->p->eth_type[n] = (uint16_t)type;
	return type;
}

uint32_t packet_ethernet_step(struct packet_walk *w)
{
	unsigned n = w->p->count[PACKET_ETH];

	if (!packet_push_eth(w) || !packet_has(w, ADDRESSES + TYPE))
		return PACKET_NEXT_NONE;
	w->at += ADDRESSES;
	return type_step(w, n);
}

uint32_t packet_tag_step(struct packet_walk *w, unsigned len)
{
	struct packet *p = w->p;
	unsigned n = p->count[PACKET_ETH] - 1u;

	if (p->depth == 0 || p->stack[p->depth - 1] != PACKET_ETH)
		return PACKET_NEXT_NONE;
	p->eth_type[n] = 0;
	if (!packet_has(w, len + TYPE))
		return PACKET_NEXT_NONE;
	w->at += len;
	return type_step(w, n);
}

/* IEEE 802.1Q, 9.7: the service instance, then the frame of the customer. */
uint32_t packet_pbb_step(struct packet_walk *w)
{
	enum { INSTANCE = 4 };

	w->at += INSTANCE;
	return PACKET_NEXT_ETHERNET;
}

/* A MAC frame with addresses at other places is no Ethernet header. */
bool packet_eth_offset(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return p->mac[instance].source == PACKET_ETH_SOURCE &&
	       packet_put(v, p->at[PACKET_ETH][instance], 2);
}

/* Of a token ring, token bus or FDDI frame, which is the outermost. */
static bool is_ring(const struct packet *p, unsigned instance)
{
	return instance == 0 && p->count[PACKET_RING] != 0;
}

bool packet_mac_destination(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return packet_point(
		v, packet_bytes(p, PACKET_ETH, instance, p->mac[instance].destination, 6), 6);
}

bool packet_mac_source(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *mac = packet_bytes(p, PACKET_ETH, instance, p->mac[instance].source, 6);

	if (!mac || !is_ring(p, instance))
		return packet_point(v, mac, 6);
	/* IEEE 802.1D, C.3.3.2: the first bit says that routing information follows. */
	memcpy(v->own, mac, 6);
	v->own[0] &= 0x7F;
	return packet_point(v, v->own, 6);
}

bool packet_eth_protocol(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return p->eth_type[instance] != 0 && packet_put(v, p->eth_type[instance], 2);
}

enum cast { CUT, UNICAST, MULTICAST, BROADCAST };

/*
 * IEEE 802.3, 3.2.3: the first bit of the address is the group bit. Broadcast is no multicast.
 * Which bit of the byte is first on a ring depends on who captured it.
 */
static enum cast cast(const struct packet *p, unsigned instance)
{
	static const uint8_t all[6] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
	const uint8_t *mac = packet_bytes(p, PACKET_ETH, instance, p->mac[instance].destination, 6);

	if (!mac || is_ring(p, instance))
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
