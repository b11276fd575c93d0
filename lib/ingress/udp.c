/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/cursor.h"
#include "ingress/ingress_pvt.h"

/* The checksum covers the pseudo-header and `len` bytes (RFC 768; RFC 8200, 8.1). */
static bool checksum_bad(const struct ingress *in, const struct ingress_frame *f,
	const uint8_t *udp, uint32_t len, uint32_t pseudo, bool v6)
{
	if (in->checksum == INGRESS_CHECKSUM_OFF || f->truncated)
		return false;
	if (in->checksum == INGRESS_CHECKSUM_NIC)
		return !f->whole &&
		       (f->m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_BAD;
	if (base_get_u16(udp + 6) == 0)
		return v6; /* none was sent, which IPv6 forbids */
	return ingress_fold(ingress_sum(udp, len, pseudo + INGRESS_PROTO_UDP + len)) != 0xFFFF;
}

int ingress_udp(struct ingress *in, struct ingress_frame *f, uint32_t pseudo, bool v6,
	struct ingress_datagram *d, uint64_t *stats)
{
	const uint8_t *udp = f->p + f->at;
	uint32_t left = f->len - f->at;
	uint32_t len;

	(void)stats;
	/* DROP_SHORT: no UDP header (RFC 768). */
	if (left < INGRESS_UDP_HEADER)
		return INGRESS_DROP_SHORT;
	/* DROP_PORT. */
	if (base_get_u16(udp + 2) != in->udp_port)
		return INGRESS_DROP_PORT;
	len = base_get_u16(udp + 4);
	/* 0 means "to the end of the packet" to those who send it (RFC 2675, 4). */
	if (len == 0)
		len = left;
	/* DROP_UDP_LENGTH: the header counts (RFC 768). */
	if (len < INGRESS_UDP_HEADER)
		return INGRESS_DROP_UDP_LENGTH;
	/* More than there is: the decoder makes the best of it, and says which sample it broke. */
	if (len > left) {
		f->truncated = true;
		len = left;
	}
	/* DROP_UDP_CHECKSUM. */
	if (checksum_bad(in, f, udp, len, pseudo, v6))
		return INGRESS_DROP_UDP_CHECKSUM;
	d->payload = udp + INGRESS_UDP_HEADER;
	d->len = len - INGRESS_UDP_HEADER;
	return 0;
}
