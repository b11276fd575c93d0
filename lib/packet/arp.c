/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

/*
 * RFC 826: the lengths of both kinds of address stand in the packet; only MAC (6) with IPv4 (4)
 * is read: sender MAC at 8, sender IP at 14, target MAC at 18, target IP at 24.
 */
static bool address(const struct packet *p, unsigned instance, struct packet_value *v,
	unsigned offset, unsigned width)
{
	const uint8_t *h = packet_bytes(p, PACKET_ARP, instance, 0, 6);

	if (!h || base_get_u16(h + 2) != PACKET_TYPE_IP || h[4] != 6 || h[5] != 4)
		return false;
	return packet_point(v, packet_bytes(p, PACKET_ARP, instance, offset, width), width);
}

bool packet_arp_mac_sender(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return address(p, instance, v, 8, 6);
}

bool packet_arp_ip_sender(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return address(p, instance, v, 14, 4);
}

bool packet_arp_mac_target(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return address(p, instance, v, 18, 6);
}

bool packet_arp_ip_target(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return address(p, instance, v, 24, 4);
}
