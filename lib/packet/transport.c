/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

/* Protocol numbers (IANA registry). */
enum {
	ICMP = 1,
	IP_IN_IP = 4,
	TCP = 6,
	UDP = 17,
	IP6_IN_IP = 41,
	GRE = 47,
	ICMP6 = 58,
	MPLS_IN_IP = 137,
};

enum {
	UDP_HEADER = 8,
	PORT_VXLAN = 4789,       /* RFC 7348, section 5 */
	PORT_VXLAN_LINUX = 8472, /* of Linux from before the assignment, still a default */
	PORT_GENEVE = 6081,      /* RFC 8926, section 3.3 */
};

static uint32_t udp_step(struct packet_walk *w)
{
	uint16_t port;

	if (!packet_push(w, PACKET_UDP) || !packet_has(w, UDP_HEADER))
		return PACKET_NEXT_NONE;
	port = base_get_u16(packet_here(w) + 2);
	w->at += UDP_HEADER;
	if (port == PORT_VXLAN || port == PORT_VXLAN_LINUX)
		return packet_vxlan_step(w);
	if (port == PORT_GENEVE)
		return packet_geneve_step(w);
	return PACKET_NEXT_NONE;
}

uint32_t packet_transport_step(struct packet_walk *w, uint8_t protocol)
{
	switch (protocol) {
	case TCP:
		packet_push(w, PACKET_TCP);
		return PACKET_NEXT_NONE;
	case UDP:
		return udp_step(w);
	case ICMP:
		packet_push(w, PACKET_ICMP);
		return PACKET_NEXT_NONE;
	case ICMP6:
		packet_push(w, PACKET_ICMP6);
		return PACKET_NEXT_NONE;
	case GRE:
		return packet_gre_step(w);
	case IP_IN_IP:
		return packet_enter(w, PACKET_TYPE_IP);
	case IP6_IN_IP:
		return packet_enter(w, PACKET_TYPE_IP6);
	case MPLS_IN_IP:
		return packet_enter(w, PACKET_TYPE_MPLS);
	default:
		return PACKET_NEXT_NONE;
	}
}

/* RFC 9293, section 3.1, with the NS bit of RFC 3540: nine bits, NS first and FIN last. */
bool packet_tcp_flags(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *h = packet_bytes(p, PACKET_TCP, instance, 12, 2);

	return h && packet_put(v, base_get_u16(h) & 0x1FF, 2);
}
