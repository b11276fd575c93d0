/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/form.h"

/*
 * The sampled header of a packet as a list of protocol layers. packet_decode() walks
 * the layers and notes where each starts; fields are read only when asked for. Pure:
 * no state, no allocation; any thread.
 */

/* header_protocol of record 0:1 (sFlow version 5, section 5.3, enum header_protocol). */
enum packet_protocol {
	PACKET_PROTOCOL_ETHERNET = 1,
	PACKET_PROTOCOL_TOKEN_BUS = 2,
	PACKET_PROTOCOL_TOKEN_RING = 3,
	PACKET_PROTOCOL_FDDI = 4,
	PACKET_PROTOCOL_FRAME_RELAY = 5,
	PACKET_PROTOCOL_X25 = 6,
	PACKET_PROTOCOL_PPP = 7,
	PACKET_PROTOCOL_SMDS = 8,
	PACKET_PROTOCOL_AAL5 = 9,
	PACKET_PROTOCOL_AAL5_IP = 10,
	PACKET_PROTOCOL_IPV4 = 11,
	PACKET_PROTOCOL_IPV6 = 12,
	PACKET_PROTOCOL_MPLS = 13,
	PACKET_PROTOCOL_POS = 14,
	PACKET_PROTOCOL_DOT11 = 15,
	PACKET_PROTOCOL_AMPDU = 16,
	PACKET_PROTOCOL_AMSDU = 17,
	PACKET_PROTOCOL_INFINIBAND = 18,
};

enum packet_layer {
	PACKET_ETH, /* also the pair of addresses of an 802.11, token ring, token bus or FDDI frame */
	PACKET_VLAN, /* one instance per tag; starts at the tag control information */
	PACKET_ARP,
	PACKET_MPLS, /* one instance per label */
	PACKET_IP,
	PACKET_IP6,
	PACKET_ICMP,
	PACKET_ICMP6,
	PACKET_TCP,
	PACKET_UDP,
	PACKET_GRE,
	PACKET_VXLAN,
	PACKET_GENEVE,
	PACKET_LLC,
	PACKET_PPPOE,
	PACKET_PPP, /* starts at the protocol field */
	PACKET_SCTP,
	PACKET_DNS, /* over TCP: starts behind the length */
	PACKET_ERSPAN,
	PACKET_GTPU,
	PACKET_BTH,   /* InfiniBand base transport header, also of RoCE */
	PACKET_GRH,   /* InfiniBand global route header, also of RoCE version 1 */
	PACKET_LRH,   /* InfiniBand local route header */
	PACKET_DOT11, /* 802.11 MAC header */
	PACKET_RING,  /* token ring, token bus or FDDI; starts at the frame control */
	PACKET_FR,
	PACKET_X25,
	PACKET_SMDS,
	PACKET_VNI,    /* not a layer: the 3 bytes of any virtual network identifier */
	PACKET_ANY,    /* not a layer: the whole packet, always one instance */
	PACKET_LAYERS, /* how many */
};

enum {
	PACKET_INSTANCES = 4, /* of one layer: tags, labels, or tunnels within tunnels */
	PACKET_STACK = 16,    /* layers of one packet */
	/* PACKET_LAYERS, rounded up so that whole vectors are stored where counts are cleared */
	PACKET_COUNTS = (PACKET_LAYERS + 15) / 16 * 16,
};

struct packet {
	const uint8_t *data;          /* the sampled header; the caller's */
	uint16_t len;                 /* bytes captured */
	uint8_t count[PACKET_COUNTS]; /* instances found of each layer, at most PACKET_INSTANCES */
	uint8_t depth;                /* layers in `stack` */
	uint8_t omitted; /* instances beyond those, which are not noted; 255: or more */
	uint16_t at[PACKET_LAYERS][PACKET_INSTANCES]; /* where they start; valid below count[] */
	/*
	 * enum packet_layer, outermost first; one for a whole label stack; without VLAN tags, and
	 * without LLC where it leads to an EtherType.
	 */
	uint8_t stack[PACKET_STACK];
	/* Of each Ethernet header: EtherType behind its tags; 0 cut off, or LLC without one. */
	uint16_t eth_type[PACKET_INSTANCES];
	/* Of each Ethernet header: where its addresses are, from its start. */
	struct {
		uint8_t destination, source;
	} mac[PACKET_INSTANCES];
	/* Of each IPv6 header: upper-layer protocol behind its extension headers. */
	uint8_t ip6_next[PACKET_INSTANCES];
	bool ip6_next_known[PACKET_INSTANCES]; /* false: the header is cut before it */
};

/**
 * Find the layers of a sampled header.
 * @param p         what was found; need not be initialised
 * @param data      the bytes captured; hostile; kept by reference in `p`; NULL where `len` is 0
 * @param len       how many; what is beyond 65,535 is not looked at
 * @param protocol  header_protocol of the record; an unknown one gives no layers
 * @param tunnels   how many encapsulations (GRE, VXLAN, Geneve, GTP-U; IP, MPLS or Ethernet in IP;
 *                  MPLS in UDP) to look into: 0 stops behind the first tunnel header, which is
 *                  cheaper
 * A header that is cut off gives the layers of which at least the first byte is there; fields
 * that are beyond the cut are absent.
 */
void packet_decode(
	struct packet *p, const uint8_t *data, uint32_t len, uint32_t protocol, unsigned tunnels);

/**
 * What `stack` calls a layer; also "vlan".
 * @return NULL for PACKET_VNI and PACKET_ANY, which are not layers, and for any other number
 */
const char *packet_layer_name(enum packet_layer layer);

enum { PACKET_VALUE_MAX = 255 }; /* longest computed field, `dnsqname` */

/* Where the bytes of a field are: in the packet, or in `own` if they had to be computed. */
struct packet_value {
	const uint8_t *p;
	uint8_t len;
	uint8_t own[PACKET_VALUE_MAX];
};

/*
 * One row per field. A plain field is `width` bytes at `offset` into its layer, or the bits of
 * these (at most 3) that `mask` says; any other has `get`, which returns false where the packet
 * does not hold the field.
 */
struct packet_field {
	const char *name;        /* flow key name, lower case */
	enum packet_layer layer; /* which `.N` counts instances of */
	uint8_t offset;          /* plain field: bytes into the layer */
	uint8_t width;           /* bytes of the value; 0 if it varies */
	bool (*get)(const struct packet *p, unsigned instance, struct packet_value *v);
	enum base_form form;
	uint8_t bits; /* of BASE_FORM_BITS */
	bool sampled; /* also carried by records 0:2, 0:3 and 0:4 */
	bool number;  /* usable as a numeric value */
	const char *help;
	uint32_t mask; /* plain field: one run of bits, which are shifted down; 0 all */
};

extern const struct packet_field packet_fields[];
extern const unsigned packet_fields_count;

/** The masked bits of a plain field whose bytes are there. Inline, since it costs no more then. */
static inline void packet_field_bits(
	const struct packet_field *f, const uint8_t *bytes, struct packet_value *v)
{
	unsigned shift = (unsigned)__builtin_ctz(f->mask);
	uint32_t number;

	v->p = v->own;
	v->len = f->width;
	if (f->width == 1) {
		v->own[0] = (uint8_t)((bytes[0] & f->mask) >> shift);
	} else if (f->width == 2) {
		base_put_u16(v->own, (uint16_t)((base_get_u16(bytes) & f->mask) >> shift));
	} else {
		number = (uint32_t)base_get_u16(bytes) << 8 | bytes[2];
		number = (number & f->mask) >> shift;
		v->own[0] = (uint8_t)(number >> 16);
		base_put_u16(v->own + 1, (uint16_t)number);
	}
}

/**
 * Read one field of the `instance`-th (0 outermost) layer of its kind.
 * @return false where the packet does not hold it, wholly; else `v`, big-endian, which may point
 * into the packet and is valid as long as that
 */
static inline bool packet_field_get(const struct packet *p, const struct packet_field *f,
	unsigned instance, struct packet_value *v)
{
	uint32_t at;

	if (instance >= p->count[f->layer])
		return false;
	if (f->get)
		return f->get(p, instance, v);
	at = (uint32_t)p->at[f->layer][instance] + f->offset;
	if (at + f->width > p->len)
		return false;
	if (f->mask) {
		packet_field_bits(f, p->data + at, v);
		return true;
	}
	v->p = p->data + at;
	v->len = f->width;
	return true;
}
