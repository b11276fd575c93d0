/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

enum { QUOTE = 8 }; /* where the packet that caused an error is quoted */

/* RFC 792: echo, timestamp and information messages have a sequence number; RFC 950: masks too. */
bool packet_icmp_seq(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *h = packet_bytes(p, PACKET_ICMP, instance, 0, 8);

	if (!h || !(h[0] == 0 || h[0] == 8 || (h[0] >= 13 && h[0] <= 18)))
		return false;
	return packet_point(v, h + 6, 2);
}

/*
 * Destination unreachable (type 3) with a code of the set `codes`: `width` bytes at `offset`
 * into the IPv4 header that is quoted. Codes: RFC 792 and RFC 1122, section 3.2.2.1.
 */
static bool unreachable(const struct packet *p, unsigned instance, struct packet_value *v,
	uint32_t codes, unsigned offset, unsigned width)
{
	const uint8_t *h = packet_bytes(p, PACKET_ICMP, instance, 0, QUOTE + 1);

	if (!h || h[0] != 3 || h[1] > 15 || !(codes >> h[1] & 1) || h[QUOTE] >> 4 != 4)
		return false;
	return packet_point(
		v, packet_bytes(p, PACKET_ICMP, instance, QUOTE + offset, width), width);
}

bool packet_icmp_net(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return unreachable(p, instance, v, 1 << 0 | 1 << 6 | 1 << 9 | 1 << 11, 16, 4);
}

bool packet_icmp_host(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return unreachable(p, instance, v, 1 << 1 | 1 << 7 | 1 << 10 | 1 << 12, 16, 4);
}

bool packet_icmp_protocol(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return unreachable(p, instance, v, 1 << 2, 9, 1);
}

bool packet_icmp_port(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *h = packet_bytes(p, PACKET_ICMP, instance, QUOTE, 10);

	if (!h || (h[9] != PACKET_PROTO_TCP && h[9] != PACKET_PROTO_UDP))
		return false;
	return unreachable(p, instance, v, 1 << 3, (h[0] & 15) * 4 + 2, 2);
}

/* RFC 4443, section 4: echo request and reply. */
bool packet_icmp6_seq(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *h = packet_bytes(p, PACKET_ICMP6, instance, 0, 8);

	return h && (h[0] == 128 || h[0] == 129) && packet_point(v, h + 6, 2);
}
