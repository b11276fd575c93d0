/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/cursor.h"
#include "ingress/ingress_pvt.h"

enum { IP4_HEADER = 20, MORE_OR_OFFSET = 0x3FFF };

/* The device's word or our own; options are covered (RFC 791, 3.1). */
static bool checksum_bad(
	const struct ingress *in, const struct ingress_frame *f, const uint8_t *ip, uint32_t header)
{
	if (f->whole || in->checksum == INGRESS_CHECKSUM_OFF)
		return false;
	if (in->checksum == INGRESS_CHECKSUM_SOFTWARE)
		return ingress_fold(ingress_sum(ip, header, 0)) != 0xFFFF;
	return (f->m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_BAD;
}

int ingress_ip4(
	struct ingress *in, struct ingress_frame *f, struct ingress_datagram *d, uint64_t *stats)
{
	const uint8_t *ip = f->p + f->at;
	uint32_t left = f->len - f->at;
	uint32_t header, total;

	/* DROP_SHORT: not even the fixed header (RFC 791, 3.1). */
	if (left < IP4_HEADER)
		return INGRESS_DROP_SHORT;
	header = (ip[0] & 15) * 4u;
	total = base_get_u16(ip + 2);
	/* DROP_IP_HEADER: version, header length of 5 words, total length (RFC 791, 3.1). */
	if (ip[0] >> 4 != 4 || header < IP4_HEADER || total < header)
		return INGRESS_DROP_IP_HEADER;
	/* DROP_SHORT: options are cut. */
	if (left < header)
		return INGRESS_DROP_SHORT;
	/* DROP_IP_CHECKSUM (RFC 1122, 3.2.1.2). */
	if (checksum_bad(in, f, ip, header))
		return INGRESS_DROP_IP_CHECKSUM;
	/* DROP_NOT_UDP. */
	if (ip[9] != INGRESS_PROTO_UDP)
		return INGRESS_DROP_NOT_UDP;
	/* Ethernet pads short frames; a capture may have cut long ones. */
	if (total < left)
		f->len = f->at + total;
	f->truncated = total > left;
	if (base_get_u16(ip + 6) & MORE_OR_OFFSET)
		return ingress_fragment4(in, f, header, d, stats);
	d->source = base_addr_from(ip + 12, 4);
	f->at += header;
	return ingress_udp(in, f, ingress_sum(ip + 12, 8, 0), false, d, stats);
}
