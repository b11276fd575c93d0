/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/shape.h"

#include "packet/packet_pvt.h"

enum {
	MACS = 12, /* bytes of the two addresses, before the type */
	ETHERNET = MACS + 2,
	TAG = 4,
	IP = 20,
	IP6 = 40,
	IP6_NEXT = 6, /* offset of the next header */
	TCP = PACKET_SHAPE_TCP_BYTES,
	UDP = PACKET_SHAPE_UDP_BYTES,
	LONGEST = ETHERNET + TAG + IP6 + TCP,
};

static inline unsigned with(unsigned shape, unsigned bits)
{
	return shape ? shape + bits : PACKET_SHAPE_NONE;
}

/* Behind the EtherType. The shortest shape is longer than all that is read here. */
static inline unsigned network(const uint8_t *data, uint32_t len, uint32_t at, uint32_t type)
{
	const uint8_t *h = data + at;

	if (type == PACKET_TYPE_IP && h[0] == (4 << 4 | IP / 4) && !(base_get_u16(h + 6) & 0x1FFF))
		return packet_shape_behind(data, len, at + IP, h[9]);
	if (type == PACKET_TYPE_IP6 && h[0] >> 4 == 6)
		return with(
			packet_shape_behind(data, len, at + IP6, h[IP6_NEXT]), PACKET_SHAPE_IP6);
	return PACKET_SHAPE_NONE;
}

unsigned packet_shape_any(const uint8_t *data, uint32_t len)
{
	uint32_t type;

	if (len < PACKET_SHAPE_LEAST)
		return PACKET_SHAPE_NONE;
	type = base_get_u16(data + MACS);
	if (type != PACKET_TYPE_VLAN)
		return network(data, len, ETHERNET, type);
	return with(network(data, len, ETHERNET + TAG, base_get_u16(data + MACS + TAG)),
		PACKET_SHAPE_VLAN);
}

/* A header of that shape, its numbers zero. @return its length */
static uint32_t make(unsigned bits, uint8_t data[LONGEST])
{
	uint8_t protocol = bits & PACKET_SHAPE_UDP ? PACKET_PROTO_UDP : PACKET_PROTO_TCP;
	uint32_t at = MACS;

	memset(data, 0, LONGEST);
	if (bits & PACKET_SHAPE_VLAN) {
		base_put_u16(data + at, PACKET_TYPE_VLAN);
		at += TAG;
	}
	base_put_u16(data + at, bits & PACKET_SHAPE_IP6 ? PACKET_TYPE_IP6 : PACKET_TYPE_IP);
	at += 2;
	if (bits & PACKET_SHAPE_IP6) {
		data[at] = 6 << 4;
		data[at + IP6_NEXT] = protocol;
		at += IP6;
	} else {
		data[at] = 4 << 4 | IP / 4;
		data[at + 9] = protocol;
		at += IP;
	}
	return at + (bits & PACKET_SHAPE_UDP ? UDP : TCP);
}

uint32_t packet_shape_length(unsigned shape)
{
	uint8_t data[LONGEST];

	return shape == PACKET_SHAPE_NONE ? 0 : make(shape - 1, data);
}

/* Of the fields that have a getter, those that are always at one place here. */
static struct packet_place computed(const struct packet *p, const struct packet_field *f)
{
	const struct {
		packet_getter *get;
		unsigned at;
	} places[] = {
		{packet_mac_source, PACKET_ETH_SOURCE},
		{packet_mac_destination, 0},
		{packet_eth_protocol, MACS + (p->count[PACKET_VLAN] ? TAG : 0)},
		{packet_ip6_next_header, p->at[PACKET_IP6][0] + (unsigned)IP6_NEXT},
	};

	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (f->get == places[i].get)
			return (struct packet_place){PACKET_PLACE_AT, (uint16_t)places[i].at};
	}
	return (struct packet_place){.kind = PACKET_PLACE_READ};
}

struct packet_place packet_shape_place(
	unsigned shape, const struct packet_field *f, unsigned instance)
{
	uint8_t data[LONGEST];
	struct packet p;

	if (shape == PACKET_SHAPE_NONE)
		return (struct packet_place){.kind = PACKET_PLACE_READ};
	packet_decode(&p, data, make(shape - 1, data), PACKET_PROTOCOL_ETHERNET, 0);
	if (instance >= p.count[f->layer])
		return (struct packet_place){.kind = PACKET_PLACE_ABSENT};
	if (f->get)
		return computed(&p, f);
	return (struct packet_place){
		PACKET_PLACE_AT, (uint16_t)(p.at[f->layer][instance] + f->offset)};
}
