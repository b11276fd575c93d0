/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/cursor.h"
#include "packet/packet.h"

enum {
	PACKET_TAGS = 8,       /* VLAN tags that are walked; the outer PACKET_INSTANCES are noted */
	PACKET_LABELS = 16,    /* labels that are walked; the same */
	PACKET_EXTENSIONS = 8, /* extension headers of one IPv6 header, or of one GTP-U header */
};

/* EtherTypes that the walk follows (IEEE registry). */
enum {
	PACKET_TYPE_IP = 0x0800,
	PACKET_TYPE_ARP = 0x0806,
	PACKET_TYPE_ERSPAN3 = 0x22EB,
	PACKET_TYPE_BRIDGE = 0x6558, /* Ethernet inside GRE or Geneve */
	PACKET_TYPE_VLAN = 0x8100,
	PACKET_TYPE_IP6 = 0x86DD,
	PACKET_TYPE_MPLS = 0x8847,
	PACKET_TYPE_MPLS_UPSTREAM = 0x8848,
	PACKET_TYPE_PPPOE_DISCOVERY = 0x8863,
	PACKET_TYPE_PPPOE = 0x8864,
	PACKET_TYPE_QINQ = 0x88A8,
	PACKET_TYPE_ERSPAN = 0x88BE,
	PACKET_TYPE_PBB = 0x88E7,
	PACKET_TYPE_CISCO_META = 0x8909, /* with a security group tag */
	PACKET_TYPE_ROCE = 0x8915,       /* version 1 */
	PACKET_TYPE_VN_TAG = 0x8926,     /* Cisco's, from before 802.1BR */
	PACKET_TYPE_E_TAG = 0x893F,
	PACKET_TYPE_VLAN_9100 = 0x9100, /* stacked tags from before 802.1ad */
	PACKET_TYPE_VLAN_9200 = 0x9200,
	PACKET_TYPE_VLAN_9300 = 0x9300,
};

/*
 * What a step of the walk says comes next: an EtherType, or one of these: above the EtherTypes
 * there is one for each header_protocol.
 */
enum {
	PACKET_NEXT_NONE = 0,
	PACKET_NEXT = 0x10000,
	PACKET_NEXT_ETHERNET = PACKET_NEXT + PACKET_PROTOCOL_ETHERNET,
	PACKET_NEXT_TOKEN_BUS = PACKET_NEXT + PACKET_PROTOCOL_TOKEN_BUS,
	PACKET_NEXT_TOKEN_RING = PACKET_NEXT + PACKET_PROTOCOL_TOKEN_RING,
	PACKET_NEXT_FDDI = PACKET_NEXT + PACKET_PROTOCOL_FDDI,
	PACKET_NEXT_FRAME_RELAY = PACKET_NEXT + PACKET_PROTOCOL_FRAME_RELAY,
	PACKET_NEXT_X25 = PACKET_NEXT + PACKET_PROTOCOL_X25,
	PACKET_NEXT_PPP = PACKET_NEXT + PACKET_PROTOCOL_PPP,
	PACKET_NEXT_SMDS = PACKET_NEXT + PACKET_PROTOCOL_SMDS,
	PACKET_NEXT_AAL5 = PACKET_NEXT + PACKET_PROTOCOL_AAL5,
	PACKET_NEXT_AAL5_IP = PACKET_NEXT + PACKET_PROTOCOL_AAL5_IP,
	PACKET_NEXT_IP = PACKET_NEXT + PACKET_PROTOCOL_IPV4,
	PACKET_NEXT_IP6 = PACKET_NEXT + PACKET_PROTOCOL_IPV6,
	PACKET_NEXT_MPLS = PACKET_NEXT + PACKET_PROTOCOL_MPLS,
	PACKET_NEXT_POS = PACKET_NEXT + PACKET_PROTOCOL_POS,
	PACKET_NEXT_DOT11 = PACKET_NEXT + PACKET_PROTOCOL_DOT11,
	PACKET_NEXT_AMPDU = PACKET_NEXT + PACKET_PROTOCOL_AMPDU,
	PACKET_NEXT_AMSDU = PACKET_NEXT + PACKET_PROTOCOL_AMSDU,
	PACKET_NEXT_INFINIBAND = PACKET_NEXT + PACKET_PROTOCOL_INFINIBAND,
};

/* Protocol numbers (IANA registry) that the walk follows. */
enum {
	PACKET_PROTO_ICMP = 1,
	PACKET_PROTO_IP = 4,
	PACKET_PROTO_TCP = 6,
	PACKET_PROTO_UDP = 17,
	PACKET_PROTO_IP6 = 41,
	PACKET_PROTO_GRE = 47,
	PACKET_PROTO_AUTH = 51,
	PACKET_PROTO_ICMP6 = 58,
	PACKET_PROTO_SCTP = 132,
	PACKET_PROTO_MPLS = 137,
	PACKET_PROTO_ETHERNET = 143,
};

/* Where the walk stands. */
struct packet_walk {
	struct packet *p;
	uint32_t at;      /* start of the next header; may lie beyond the bytes captured */
	unsigned tunnels; /* encapsulations that may still be entered */
};

/*
 * The steps: each takes the header at `w->at`, moves behind it and returns what comes next.
 * Every step that returns something adds to the stack of layers, which bounds the walk; but for
 * packet_tag_step(), which is for tags behind Ethernet that are not of a VLAN: `len` bytes between
 * their EtherType and the next.
 */
uint32_t packet_ethernet_step(struct packet_walk *w);
uint32_t packet_tag_step(struct packet_walk *w, unsigned len);
uint32_t packet_pbb_step(struct packet_walk *w);
uint32_t packet_mpls_step(struct packet_walk *w);
uint32_t packet_ip_step(struct packet_walk *w);
uint32_t packet_ip6_step(struct packet_walk *w);
uint32_t packet_transport_step(struct packet_walk *w, uint8_t protocol);
uint32_t packet_gre_step(struct packet_walk *w);
uint32_t packet_vxlan_step(struct packet_walk *w);
uint32_t packet_vxlan_gpe_step(struct packet_walk *w);
uint32_t packet_geneve_step(struct packet_walk *w);
uint32_t packet_gtpu_step(struct packet_walk *w);
uint32_t packet_llc_step(struct packet_walk *w);
uint32_t packet_mac_llc_step(struct packet_walk *w, unsigned n); /* of the n-th Ethernet header */
uint32_t packet_nlpid_step(struct packet_walk *w);
uint32_t packet_ip_any_step(struct packet_walk *w);
uint32_t packet_pppoe_step(struct packet_walk *w, bool session);
uint32_t packet_ppp_step(struct packet_walk *w);
uint32_t packet_pos_step(struct packet_walk *w);
uint32_t packet_lrh_step(struct packet_walk *w);
uint32_t packet_grh_step(struct packet_walk *w);
uint32_t packet_token_bus_step(struct packet_walk *w);
uint32_t packet_token_ring_step(struct packet_walk *w);
uint32_t packet_fddi_step(struct packet_walk *w);
uint32_t packet_dot11_step(struct packet_walk *w);
uint32_t packet_ampdu_step(struct packet_walk *w);
uint32_t packet_amsdu_step(struct packet_walk *w);
uint32_t packet_fr_step(struct packet_walk *w);
uint32_t packet_x25_step(struct packet_walk *w);
uint32_t packet_smds_step(struct packet_walk *w);
uint32_t packet_aal5_step(struct packet_walk *w);

/** Note a DNS message in the TCP segment that starts here, if one starts in it. */
void packet_dns_segment(struct packet_walk *w);

/** Whether `len` bytes are there. */
static inline bool packet_has(const struct packet_walk *w, uint32_t len)
{
	return w->at + len <= w->p->len;
}

/** The next header; the caller knows that a byte of it is there. */
static inline const uint8_t *packet_here(const struct packet_walk *w)
{
	return w->p->data + w->at;
}

/**
 * Note an instance that starts at `at`, if a byte of it is there and a place is left for it; without
 * a place it is counted.
 */
static inline bool packet_note(struct packet *p, enum packet_layer layer, uint32_t at)
{
	unsigned n = p->count[layer];

	if (at >= p->len)
		return false;
	if (n == PACKET_INSTANCES) {
		p->omitted += p->omitted < UINT8_MAX;
		return false;
	}
	p->at[layer][n] = (uint16_t)at;
	p->count[layer] = (uint8_t)(n + 1);
	return true;
}

/** Note a layer here, and add it to the stack. */
static inline bool packet_push(struct packet_walk *w, enum packet_layer layer)
{
	struct packet *p = w->p;

	if (p->depth == PACKET_STACK || !packet_note(p, layer, w->at))
		return false;
	p->stack[p->depth++] = (uint8_t)layer;
	return true;
}

enum { PACKET_ETH_SOURCE = 6 }; /* where the source address of Ethernet is (IEEE 802.3, 3.2.3) */

/** Note an Ethernet header here, and add it to the stack. */
static inline bool packet_push_eth(struct packet_walk *w)
{
	struct packet *p = w->p;
	unsigned n = p->count[PACKET_ETH];

	if (!packet_push(w, PACKET_ETH))
		return false;
	p->eth_type[n] = 0;
	p->mac[n].destination = 0;
	p->mac[n].source = PACKET_ETH_SOURCE;
	return true;
}

/**
 * Note the addresses of a MAC frame that starts here, at these places of it.
 * @return the instance of PACKET_ETH; PACKET_INSTANCES where there is no byte or no place
 */
static inline unsigned packet_note_mac(struct packet_walk *w, unsigned destination, unsigned source)
{
	struct packet *p = w->p;
	unsigned n = p->count[PACKET_ETH];

	if (!packet_note(p, PACKET_ETH, w->at))
		return PACKET_INSTANCES;
	p->eth_type[n] = 0;
	p->mac[n].destination = (uint8_t)destination;
	p->mac[n].source = (uint8_t)source;
	return n;
}

/** Look into an encapsulation whose payload is `next`, if that is still wanted. */
static inline uint32_t packet_enter(struct packet_walk *w, uint32_t next)
{
	if (w->tunnels == 0)
		return PACKET_NEXT_NONE;
	w->tunnels--;
	return next;
}

static inline bool packet_is_tag(uint32_t type)
{
	return type == PACKET_TYPE_VLAN || type == PACKET_TYPE_QINQ ||
	       type == PACKET_TYPE_VLAN_9100 || type == PACKET_TYPE_VLAN_9200 ||
	       type == PACKET_TYPE_VLAN_9300;
}

/** For getters: `width` bytes at `offset` into a layer that is there, or NULL if beyond the cut. */
static inline const uint8_t *packet_bytes(const struct packet *p, enum packet_layer layer,
	unsigned instance, uint32_t offset, uint32_t width)
{
	uint32_t at = p->at[layer][instance] + offset;

	return at + width <= p->len ? p->data + at : NULL;
}

/** For getters: the value is `width` (1 to 4) bytes of the packet. */
static inline bool packet_point(struct packet_value *v, const uint8_t *bytes, unsigned width)
{
	v->p = bytes;
	v->len = (uint8_t)width;
	return bytes;
}

/** For getters: the value is a computed number of `width` (1 to 4) bytes. */
static inline bool packet_put(struct packet_value *v, uint32_t number, unsigned width)
{
	for (unsigned i = width; i-- > 0; number >>= 8)
		v->own[i] = (uint8_t)number;
	return packet_point(v, v->own, width);
}

/** For getters: the value is this text, which stays the caller's. */
static inline bool packet_text(struct packet_value *v, const char *text)
{
	return text && packet_point(v, (const uint8_t *)text, (unsigned)strlen(text));
}

/** For getters: append a decimal number; the caller knows that it fits. */
static inline size_t packet_decimal(uint8_t *text, size_t len, unsigned number)
{
	uint8_t digits[10];
	unsigned n = 0;

	do
		digits[n++] = (uint8_t)('0' + number % 10);
	while (number /= 10);
	while (n > 0)
		text[len++] = digits[--n];
	return len;
}

/* What follows an IPv6 header. */
struct packet_upper {
	uint32_t at;      /* where the upper-layer header starts */
	uint8_t protocol; /* what it is */
	bool first;       /* false: a later fragment, which has none */
};

/** Behind the IPv6 header at `at`; false where the cut hides what it is. */
bool packet_ip6_upper(const struct packet *p, uint32_t at, struct packet_upper *upper);

bool packet_dscp_name(struct packet_value *v, unsigned dscp);
bool packet_dns_type_text(struct packet_value *v, uint16_t type);

/* Getters of packet_fields[], by protocol. */
typedef bool packet_getter(const struct packet *p, unsigned instance, struct packet_value *v);

packet_getter packet_mac_source, packet_mac_destination, packet_eth_offset;
packet_getter packet_eth_protocol, packet_eth_unicast, packet_eth_multicast, packet_eth_broadcast;
packet_getter packet_llc_control, packet_snap_oui, packet_snap_protocol;
packet_getter packet_ppp_protocol;
packet_getter packet_arp_mac_sender, packet_arp_ip_sender;
packet_getter packet_arp_mac_target, packet_arp_ip_target;
packet_getter packet_ip_dscp_name;
packet_getter packet_ip6_tos, packet_ip6_dscp, packet_ip6_dscp_name;
packet_getter packet_ip6_next_header, packet_ip6_extensions;
packet_getter packet_ip6_frag_offset, packet_ip6_frag_more, packet_ip6_scitag;
packet_getter packet_icmp_seq, packet_icmp_net, packet_icmp_host, packet_icmp_protocol;
packet_getter packet_icmp_port, packet_icmp6_seq;
packet_getter packet_quote_source, packet_quote_destination, packet_quote_protocol;
packet_getter packet_quote_source_port, packet_quote_destination_port;
packet_getter packet_quote6_source, packet_quote6_destination, packet_quote6_protocol;
packet_getter packet_quote6_source_port, packet_quote6_destination_port;
packet_getter packet_tcp_mss;
packet_getter packet_dns_rcode, packet_dns_rcode_name, packet_dns_name;
packet_getter packet_dns_type, packet_dns_type_name, packet_dns_class;
packet_getter packet_gre_key, packet_gre_vsid;
packet_getter packet_bth_name, packet_bth_transport;
packet_getter packet_deth_key, packet_deth_source;
packet_getter packet_reth_address, packet_reth_key, packet_reth_length;
packet_getter packet_aeth_syndrome, packet_aeth_ack, packet_aeth_credits, packet_aeth_sequence;
packet_getter packet_dot11_receiver, packet_dot11_transmitter, packet_dot11_bssid;
packet_getter packet_fr_dlci;
packet_getter packet_smds_source, packet_smds_destination;
packet_getter packet_stack;
packet_getter packet_vlan_offset, packet_ip_offset, packet_ip6_offset;
packet_getter packet_tcp_offset, packet_udp_offset, packet_dns_offset, packet_bth_offset;
