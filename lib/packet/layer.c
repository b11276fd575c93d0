/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>

#include "packet/packet_pvt.h"

static const char names[PACKET_LAYERS][8] = {
	[PACKET_ETH] = "eth",
	[PACKET_VLAN] = "vlan",
	[PACKET_ARP] = "arp",
	[PACKET_MPLS] = "mpls",
	[PACKET_IP] = "ip",
	[PACKET_IP6] = "ip6",
	[PACKET_ICMP] = "icmp",
	[PACKET_ICMP6] = "icmp6",
	[PACKET_TCP] = "tcp",
	[PACKET_UDP] = "udp",
	[PACKET_GRE] = "gre",
	[PACKET_VXLAN] = "vxlan",
	[PACKET_GENEVE] = "geneve",
	[PACKET_LLC] = "llc",
	[PACKET_PPPOE] = "pppoe",
	[PACKET_PPP] = "ppp",
	[PACKET_SCTP] = "sctp",
	[PACKET_DNS] = "dns",
	[PACKET_ERSPAN] = "erspan",
	[PACKET_GTPU] = "gtpu",
	[PACKET_BTH] = "ibbt",
	[PACKET_GRH] = "ibgrh",
	[PACKET_LRH] = "iblrh",
	[PACKET_DOT11] = "dot11",
	[PACKET_RING] = "ring",
	[PACKET_FR] = "fr",
	[PACKET_X25] = "x25",
	[PACKET_SMDS] = "smds",
};

static_assert(PACKET_STACK * sizeof(names[0]) <= PACKET_VALUE_MAX, "the longest stack has room");

const char *packet_layer_name(enum packet_layer layer)
{
	return (unsigned)layer < PACKET_LAYERS && names[layer][0] ? names[layer] : NULL;
}

bool packet_stack(const struct packet *p, unsigned instance, struct packet_value *v)
{
	size_t len = 0;

	(void)instance;
	for (unsigned i = 0; i < p->depth; i++) {
		const char *name = names[p->stack[i]];
		size_t n = strlen(name);

		if (i > 0)
			v->own[len++] = '.';
		memcpy(v->own + len, name, n);
		len += n;
	}
	return len > 0 && packet_point(v, v->own, (unsigned)len);
}

static bool offset_of(
	const struct packet *p, enum packet_layer layer, unsigned instance, struct packet_value *v)
{
	return packet_put(v, p->at[layer][instance], 2);
}

bool packet_vlan_offset(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return offset_of(p, PACKET_VLAN, instance, v);
}

bool packet_ip_offset(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return offset_of(p, PACKET_IP, instance, v);
}

bool packet_ip6_offset(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return offset_of(p, PACKET_IP6, instance, v);
}

bool packet_tcp_offset(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return offset_of(p, PACKET_TCP, instance, v);
}

bool packet_udp_offset(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return offset_of(p, PACKET_UDP, instance, v);
}

bool packet_dns_offset(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return offset_of(p, PACKET_DNS, instance, v);
}

bool packet_bth_offset(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return offset_of(p, PACKET_BTH, instance, v);
}
