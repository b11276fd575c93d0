/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/cursor.h"
#include "packet/packet.h"

enum {
	PACKET_TAGS = 8,       /* VLAN tags that are walked; the outer PACKET_INSTANCES are noted */
	PACKET_LABELS = 16,    /* labels that are walked; the same */
	PACKET_EXTENSIONS = 8, /* extension headers of one IPv6 header */
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
	PACKET_TYPE_QINQ = 0x88A8,
	PACKET_TYPE_ERSPAN = 0x88BE,
	PACKET_TYPE_VLAN_9100 = 0x9100, /* stacked tags from before 802.1ad */
	PACKET_TYPE_VLAN_9200 = 0x9200,
	PACKET_TYPE_VLAN_9300 = 0x9300,
};

/* What a step of the walk says comes next: an EtherType, or one of these. */
enum {
	PACKET_NEXT_NONE = 0,
	PACKET_NEXT_ETHERNET = 0x10000,
};

/* Where the walk stands. */
struct packet_walk {
	struct packet *p;
	uint32_t at;      /* start of the next header; may lie beyond the bytes captured */
	unsigned tunnels; /* encapsulations that may still be entered */
};

/*
 * The steps: each takes the header at `w->at`, moves behind it and returns what comes next.
 * Every step that returns something adds to the stack of layers, which bounds the walk.
 */
uint32_t packet_ethernet_step(struct packet_walk *w);
uint32_t packet_mpls_step(struct packet_walk *w);
uint32_t packet_ip_step(struct packet_walk *w);
uint32_t packet_ip6_step(struct packet_walk *w);
uint32_t packet_transport_step(struct packet_walk *w, uint8_t protocol);
uint32_t packet_gre_step(struct packet_walk *w);
uint32_t packet_vxlan_step(struct packet_walk *w);
uint32_t packet_geneve_step(struct packet_walk *w);

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

/** Note an instance that starts at `at`, if a byte of it is there and a place is left for it. */
static inline bool packet_note(struct packet *p, enum packet_layer layer, uint32_t at)
{
	unsigned n = p->count[layer];

	if (at >= p->len || n == PACKET_INSTANCES)
		return false;
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

bool packet_dscp_name(struct packet_value *v, unsigned dscp);

/* Getters of packet_fields[], by protocol. */
typedef bool packet_getter(const struct packet *p, unsigned instance, struct packet_value *v);

packet_getter packet_eth_protocol, packet_eth_unicast, packet_eth_multicast, packet_eth_broadcast;
packet_getter packet_vlan_id, packet_vlan_priority;
packet_getter packet_arp_mac_sender, packet_arp_ip_sender;
packet_getter packet_arp_mac_target, packet_arp_ip_target;
packet_getter packet_mpls_label, packet_mpls_exp;
packet_getter packet_ip_dscp, packet_ip_dscp_name, packet_ip_ecn, packet_ip_flags;
packet_getter packet_ip_frag_offset;
packet_getter packet_ip6_tos, packet_ip6_dscp, packet_ip6_dscp_name, packet_ip6_ecn;
packet_getter packet_ip6_flow_label, packet_ip6_next_header, packet_ip6_extensions;
packet_getter packet_ip6_frag_offset, packet_ip6_frag_more;
packet_getter packet_icmp_seq, packet_icmp_net, packet_icmp_host, packet_icmp_protocol;
packet_getter packet_icmp_port;
packet_getter packet_tcp_flags;
packet_getter packet_gre_vsid;
