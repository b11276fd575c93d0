/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/cursor.h"
#include "ingress/ingress_pvt.h"

/* Link headers and VLAN tags: everything in front of IP. */

enum { LINKTYPE_RAW = 101 };

static bool is_tag(uint16_t ether)
{
	return ether == 0x8100 || ether == 0x88A8 ||
	       ether == 0x9100; /* 802.1Q, 802.1ad, QinQ of old */
}

/* An EtherType at `type` within a header of `header` bytes, then up to INGRESS_TAGS tags. */
static int typed(struct ingress_frame *f, uint32_t type, uint32_t header, uint16_t *ether)
{
	/* DROP_SHORT: the link header is not there as a whole. */
	if (f->len < header)
		return INGRESS_DROP_SHORT;
	*ether = base_get_u16(f->p + type);
	f->at = header;
	for (unsigned i = 0; is_tag(*ether); i++) {
		/* DROP_NOT_IP: more tags than any network stacks. */
		if (i == INGRESS_TAGS)
			return INGRESS_DROP_NOT_IP;
		/* DROP_SHORT: a tag is 4 bytes, the EtherType its last two (IEEE 802.1Q, 9.3). */
		if (f->len - f->at < 4)
			return INGRESS_DROP_SHORT;
		*ether = base_get_u16(f->p + f->at + 2);
		f->at += 4;
	}
	return 0;
}

/* IP at `at`, told by its version: where the link header is only an address family, or nothing. */
static int bare(struct ingress_frame *f, uint32_t at, uint16_t *ether)
{
	/* DROP_SHORT: no byte of IP. */
	if (f->len <= at)
		return INGRESS_DROP_SHORT;
	f->at = at;
	switch (f->p[at] >> 4) {
	case 4:
		*ether = INGRESS_ETHER_IP4;
		return 0;
	case 6:
		*ether = INGRESS_ETHER_IP6;
		return 0;
	default:
		/* DROP_IP_HEADER: neither version (RFC 791, 3.1; RFC 8200, 3). */
		return INGRESS_DROP_IP_HEADER;
	}
}

/* A u32 address family: 2 is IPv4 everywhere, IPv6 has another number on each system. */
static int family(struct ingress_frame *f, bool host_order, uint16_t *ether)
{
	uint32_t v;

	/* DROP_SHORT: the family is not there as a whole. */
	if (f->len < 4)
		return INGRESS_DROP_SHORT;
	v = base_get_u32(f->p);
	if (host_order && v > 0xFFFF)
		v = __builtin_bswap32(v);
	switch (v) {
	case 2:
	case 10: /* Linux */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		return bare(f, 4, ether);
	default:
		/* DROP_NOT_IP: another family. */
		return INGRESS_DROP_NOT_IP;
	}
}

int ingress_link(enum ingress_link link, struct ingress_frame *f, uint16_t *ether)
{
	switch ((int)link) {
	case INGRESS_LINK_ETHERNET:
		return typed(f, 12, 14, ether);
	case INGRESS_LINK_SLL:
		return typed(f, 14, 16, ether);
	case INGRESS_LINK_SLL2:
		return typed(f, 0, 20, ether);
	case INGRESS_LINK_NULL:
		return family(f, true, ether);
	case INGRESS_LINK_LOOP:
		return family(f, false, ether);
	case INGRESS_LINK_RAW:
	case LINKTYPE_RAW:
		return bare(f, 0, ether);
	default:
		return INGRESS_DROP_NOT_IP;
	}
}
