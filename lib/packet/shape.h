/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

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
};

/**
 * The shape of a sampled header.
 * @param data, len, protocol  as of packet_decode(); hostile
 */
unsigned packet_shape(const uint8_t *data, uint32_t len, uint32_t protocol);

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
