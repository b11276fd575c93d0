/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"
#include "packet/shape.h"

enum {
	UDP_HEADER = 8,
	UDP_LENGTH = 4,
	DNS_HEADER = 12, /* a shorter message is none (RFC 1035, section 4.1.1) */
};

/* Ports (IANA registry). */
enum {
	PORT_DNS = 53,
	PORT_MDNS = 5353,        /* RFC 6762, section 1 */
	PORT_GTPU = 2152,        /* 3GPP TS 29.281, section 4.4.2 */
	PORT_VXLAN = 4789,       /* RFC 7348, section 5 */
	PORT_VXLAN_GPE = 4790,   /* draft-ietf-nvo3-vxlan-gpe, section 3.1 */
	PORT_VXLAN_LINUX = 8472, /* of Linux from before the assignment, still a default */
	PORT_ROCE = 4791,        /* version 2: InfiniBand Architecture Specification, A17.3.1 */
	PORT_GENEVE = 6081,      /* RFC 8926, section 3.3 */
	PORT_MPLS = 6635,        /* RFC 7510, section 3 */
};

static bool is_dns(uint16_t port)
{
	return port == PORT_DNS || port == PORT_MDNS;
}

bool packet_udp_is_plain(const uint8_t *h)
{
	switch (base_get_u16(h + 2)) {
	case PORT_VXLAN:
	case PORT_VXLAN_LINUX:
	case PORT_VXLAN_GPE:
	case PORT_GENEVE:
	case PORT_GTPU:
	case PORT_ROCE:
	case PORT_MPLS:
		return false;
	default:
		return !is_dns(base_get_u16(h)) && !is_dns(base_get_u16(h + 2));
	}
}

bool packet_tcp_is_plain(const uint8_t *h)
{
	/* Two jumps that are not taken, in place of a number made of both. */
	return __builtin_expect(base_get_u16(h) != PORT_DNS, 1) &&
	       __builtin_expect(base_get_u16(h + 2) != PORT_DNS, 1);
}

/* What a UDP datagram carries, by its destination port; DNS, by either. */
static uint32_t udp_payload(struct packet_walk *w, const uint8_t *h)
{
	switch (base_get_u16(h + 2)) {
	case PORT_VXLAN:
	case PORT_VXLAN_LINUX:
		return packet_vxlan_step(w);
	case PORT_VXLAN_GPE:
		return packet_vxlan_gpe_step(w);
	case PORT_GENEVE:
		return packet_geneve_step(w);
	case PORT_GTPU:
		return packet_gtpu_step(w);
	case PORT_ROCE:
		packet_push(w, PACKET_BTH);
		return PACKET_NEXT_NONE;
	case PORT_MPLS:
		return packet_enter(w, PACKET_TYPE_MPLS);
	default:
		if (base_get_u16(h + UDP_LENGTH) >= UDP_HEADER + DNS_HEADER)
			packet_push(w, PACKET_DNS);
		return PACKET_NEXT_NONE;
	}
}

static uint32_t udp_step(struct packet_walk *w)
{
	const uint8_t *h;

	if (!packet_push(w, PACKET_UDP) || !packet_has(w, UDP_HEADER))
		return PACKET_NEXT_NONE;
	h = packet_here(w);
	w->at += UDP_HEADER;
	return packet_udp_is_plain(h) ? PACKET_NEXT_NONE : udp_payload(w, h);
}

static uint32_t tcp_step(struct packet_walk *w)
{
	const uint8_t *h;

	if (!packet_push(w, PACKET_TCP) || !packet_has(w, 4))
		return PACKET_NEXT_NONE;
	h = packet_here(w);
	if (!packet_tcp_is_plain(h))
		packet_dns_segment(w);
	return PACKET_NEXT_NONE;
}

/*
 * RFC 4302, section 2: next header, then the length in units of 4 bytes minus 2. Behind IPv6 it is
 * one of the extension headers and does not come here. One behind the other is not looked into.
 */
static uint32_t auth_step(struct packet_walk *w)
{
	const uint8_t *h;

	if (!packet_has(w, 2))
		return PACKET_NEXT_NONE;
	h = packet_here(w);
	w->at += (h[1] + 2) * 4u;
	return h[0] == PACKET_PROTO_AUTH ? PACKET_NEXT_NONE : packet_transport_step(w, h[0]);
}

static uint32_t other_step(struct packet_walk *w, uint8_t protocol)
{
	switch (protocol) {
	case PACKET_PROTO_ICMP:
		packet_push(w, PACKET_ICMP);
		return PACKET_NEXT_NONE;
	case PACKET_PROTO_ICMP6:
		packet_push(w, PACKET_ICMP6);
		return PACKET_NEXT_NONE;
	case PACKET_PROTO_SCTP:
		packet_push(w, PACKET_SCTP);
		return PACKET_NEXT_NONE;
	case PACKET_PROTO_GRE:
		return packet_gre_step(w);
	case PACKET_PROTO_AUTH:
		return auth_step(w);
	case PACKET_PROTO_IP:
		return packet_enter(w, PACKET_TYPE_IP);
	case PACKET_PROTO_IP6:
		return packet_enter(w, PACKET_TYPE_IP6);
	case PACKET_PROTO_MPLS:
		return packet_enter(w, PACKET_TYPE_MPLS);
	case PACKET_PROTO_ETHERNET: /* RFC 8986, section 9.1 */
		return packet_enter(w, PACKET_NEXT_ETHERNET);
	default:
		return PACKET_NEXT_NONE;
	}
}

/* Nearly all packets are TCP or UDP, and need no table of jumps. */
uint32_t packet_transport_step(struct packet_walk *w, uint8_t protocol)
{
	if (protocol == PACKET_PROTO_TCP)
		return tcp_step(w);
	if (protocol == PACKET_PROTO_UDP)
		return udp_step(w);
	return other_step(w, protocol);
}

/* Where the options end: the data offset is in units of 4 bytes (RFC 9293, section 3.1). */
static uint32_t options_end(const struct packet *p, unsigned instance)
{
	const uint8_t *h = packet_bytes(p, PACKET_TCP, instance, 12, 1);
	uint32_t end = h ? p->at[PACKET_TCP][instance] + (h[0] >> 4) * 4u : 0;

	return end < p->len ? end : p->len;
}

/* Section 3.2: kind, then, except for 0 (the end) and 1 (padding), the length of all of it. */
bool packet_tcp_mss(const struct packet *p, unsigned instance, struct packet_value *v)
{
	enum { FIXED = 20, END = 0, PADDING = 1, MSS = 2, MSS_LENGTH = 4 };
	uint32_t at = p->at[PACKET_TCP][instance] + FIXED, end = options_end(p, instance);

	while (at < end && p->data[at] != END) {
		const uint8_t *option = p->data + at;

		if (option[0] == PADDING) {
			at++;
			continue;
		}
		if (at + 2 > end || option[1] < 2)
			return false;
		if (option[0] == MSS)
			return option[1] == MSS_LENGTH && at + MSS_LENGTH <= end &&
			       packet_point(v, option + 2, 2);
		at += option[1];
	}
	return false;
}
