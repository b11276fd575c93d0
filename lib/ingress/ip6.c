/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/cursor.h"
#include "ingress/ingress_pvt.h"

enum {
	IP6_HEADER = 40,
	/* Next headers (IANA "Protocol Numbers") that lead on to another. */
	NEXT_HOP_BY_HOP = 0,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_AUTHENTICATION = 51,
	NEXT_DESTINATION = 60,
	NEXT_MOBILITY = 135,
	NEXT_HIP = 139,
	NEXT_SHIM6 = 140,
};

/* Length of the extension header at `p` (8 bytes are there), 0 if `next` is not one. */
static uint32_t extension(uint8_t next, const uint8_t *p)
{
	switch (next) {
	case NEXT_HOP_BY_HOP:
	case NEXT_ROUTING:
	case NEXT_DESTINATION:
	case NEXT_MOBILITY:
	case NEXT_HIP:
	case NEXT_SHIM6:
		return (p[1] + 1u) * 8; /* RFC 8200, 4.3; RFC 6564 */
	case NEXT_FRAGMENT:
		return 8; /* RFC 8200, 4.5 */
	case NEXT_AUTHENTICATION:
		return (p[1] + 2u) * 4; /* RFC 4302, 2.2 */
	default:
		return 0;
	}
}

/*
 * Walk from the fixed header to UDP. Gives 0 with f->at on UDP; 0 with `fragment`, where that
 * header stands; or a reason.
 */
static int extensions(struct ingress_frame *f, uint8_t next, uint32_t *fragment)
{
	uint32_t at = f->at + IP6_HEADER;
	uint32_t len;

	for (unsigned i = 0; i <= INGRESS_EXTENSIONS; i++) {
		if (next == INGRESS_PROTO_UDP) {
			f->at = at;
			return 0;
		}
		/* DROP_NOT_UDP: another upper layer, ESP, or "no next header". */
		if (f->len - at < 8)
			return extension(next, (const uint8_t[8]){0}) ? INGRESS_DROP_SHORT
								      : INGRESS_DROP_NOT_UDP;
		len = extension(next, f->p + at);
		if (!len)
			return INGRESS_DROP_NOT_UDP;
		/* A fragment with offset 0 and no more is a whole packet (RFC 6946). */
		if (next == NEXT_FRAGMENT && (base_get_u16(f->p + at + 2) & 0xFFF9)) {
			*fragment = at;
			return 0;
		}
		/* DROP_SHORT: the packet ends within the extension header (RFC 8200, 4). */
		if (f->len - at < len)
			return INGRESS_DROP_SHORT;
		next = f->p[at];
		at += len;
	}
	/* DROP_EXTENSIONS: so that nobody makes us walk for ever. */
	return INGRESS_DROP_EXTENSIONS;
}

/* Can a fragment whose first header is `next` belong to UDP? */
static bool may_be_udp(uint8_t next)
{
	return next == INGRESS_PROTO_UDP || extension(next, (const uint8_t[8]){0});
}

int ingress_ip6(
	struct ingress *in, struct ingress_frame *f, struct ingress_datagram *d, uint64_t *stats)
{
	const uint8_t *ip = f->p + f->at;
	uint32_t left = f->len - f->at;
	uint32_t total, fragment = 0;
	int rc;

	/* DROP_SHORT: not even the fixed header (RFC 8200, 3). */
	if (left < IP6_HEADER)
		return INGRESS_DROP_SHORT;
	/* DROP_IP_HEADER: version (RFC 8200, 3). */
	if (ip[0] >> 4 != 6)
		return INGRESS_DROP_IP_HEADER;
	/* A jumbogram (RFC 2675) has length 0 here: no link of ours carries one; it ends SHORT. */
	total = IP6_HEADER + base_get_u16(ip + 4);
	if (total < left)
		f->len = f->at + total;
	f->truncated = total > left;
	rc = extensions(f, ip[6], &fragment);
	if (rc)
		return rc;
	if (fragment) {
		/* DROP_IP_HEADER: fragments within what was put together from fragments. */
		if (f->whole)
			return INGRESS_DROP_IP_HEADER;
		/* DROP_NOT_UDP: the type of what was cut up (RFC 8200, 4.5). */
		if (!may_be_udp(f->p[fragment]))
			return INGRESS_DROP_NOT_UDP;
		return ingress_fragment6(in, f, fragment, d, stats);
	}
	d->source = base_addr_from(ip + 8, 16);
	return ingress_udp(in, f, ingress_sum(ip + 8, 32, 0), true, d, stats);
}
