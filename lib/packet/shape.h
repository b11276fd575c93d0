/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/cursor.h"
#include "packet/packet.h"

/*
 * The layers that nearly all sampled headers have: Ethernet, perhaps one 802.1Q tag, IPv4 without
 * options or IPv6 without extension headers, and a TCP or UDP header that is there as a whole and
 * carries nothing that packet_decode() would look into. Of these it is known where each field is
 * without a walk. Pure; any thread.
 */

/* Bits of a shape's number, which is one more. */
enum {
	PACKET_SHAPE_UDP = 1 << 0,
	PACKET_SHAPE_IP6 = 1 << 1,
	PACKET_SHAPE_VLAN = 1 << 2,
	PACKET_SHAPE_NONE = 0,                     /* anything else: packet_decode() tells */
	PACKET_SHAPES = 1 + 2 * PACKET_SHAPE_VLAN, /* how many, PACKET_SHAPE_NONE included */
	PACKET_SHAPES_ANY = PACKET_SHAPES,         /* packet_shape_any() tells */
};

enum {
	PACKET_SHAPE_LEAST = 14 + 20 + 8, /* bytes of the shortest */
	PACKET_SHAPE_TCP_BYTES = 20,
	PACKET_SHAPE_UDP_BYTES = 8,
};

/** Whether nothing is looked for behind a TCP or UDP header, of which at least the ports are there. */
bool packet_tcp_is_plain(const uint8_t *h);
bool packet_udp_is_plain(const uint8_t *h);

/* Behind the addresses of IP, where a header of that protocol starts. */
static inline unsigned packet_shape_behind(
	const uint8_t *data, uint32_t len, uint32_t at, uint8_t protocol)
{
	enum { TCP = 6, UDP = 17 };

	if (protocol == TCP && at + PACKET_SHAPE_TCP_BYTES <= len)
		return packet_tcp_is_plain(data + at) ? 1 : PACKET_SHAPE_NONE;
	if (protocol == UDP && at + PACKET_SHAPE_UDP_BYTES <= len)
		return packet_udp_is_plain(data + at) ? 1 + PACKET_SHAPE_UDP : PACKET_SHAPE_NONE;
	return PACKET_SHAPE_NONE;
}

/**
 * The shape of what nearly all headers of Ethernet are: IPv4 right behind it, without options, no fragment but a first
 * one, with TCP or UDP and room for a TCP header, and nothing in it that packet_decode() would look into.
 * @param data, len  as of packet_decode(); hostile
 * @return PACKET_SHAPES_ANY where it is none of these
 */
static inline __attribute__((always_inline)) unsigned packet_shape_quick(
	const uint8_t *data, uint32_t len)
{
	enum { TYPE = 12, FRAGMENT = 20, PORTS = 34, TCP = 6, UDP = 17 };
	uint32_t rest;

	/* EtherType 0x0800, then version and length of the header. */
	if (__builtin_expect(len < PORTS + PACKET_SHAPE_TCP_BYTES, 0) ||
		__builtin_expect((base_get_u32(data + TYPE) & 0xFFFFFF00) != 0x08004500, 0))
		return PACKET_SHAPES_ANY;
	rest = base_get_u32(data + FRAGMENT) & 0x1FFF00FF; /* and, behind the TTL, the protocol */
	if (__builtin_expect(rest == TCP && packet_tcp_is_plain(data + PORTS), 1))
		return 1;
	if (rest == UDP && packet_udp_is_plain(data + PORTS))
		return 1 + PACKET_SHAPE_UDP;
	return PACKET_SHAPES_ANY;
}

/** packet_shape() of any header of Ethernet. */
unsigned packet_shape_any(const uint8_t *data, uint32_t len);

/**
 * The shape of a sampled header.
 * @param data, len, protocol  as of packet_decode(); hostile
 */
static inline unsigned packet_shape(const uint8_t *data, uint32_t len, uint32_t protocol)
{
	return protocol == PACKET_PROTOCOL_ETHERNET ? packet_shape_any(data, len)
						    : PACKET_SHAPE_NONE;
}

/** Bytes that each header of a shape has at least; that is more than 16. PACKET_SHAPE_NONE: 0. */
uint32_t packet_shape_length(unsigned shape);

enum packet_place_kind {
	PACKET_PLACE_AT, /* its bytes are at an offset; those that its mask says, if it has one */
	PACKET_PLACE_ABSENT, /* no header of that shape has it */
	PACKET_PLACE_READ,   /* packet_decode() and packet_field_get() tell */
};

struct packet_place {
	enum packet_place_kind kind;
	uint16_t at; /* PACKET_PLACE_AT: bytes from the start of the header */
};

/** Where the `instance`-th field `f` is in headers of a shape, what packet_field_get() would give. */
struct packet_place packet_shape_place(
	unsigned shape, const struct packet_field *f, unsigned instance);
