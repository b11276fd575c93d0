/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>

#include "packet/packet_pvt.h"

static bool offset_of(
	const struct packet *p, enum packet_layer layer, unsigned instance, struct packet_value *v)
{
	return packet_put(v, p->at[layer][instance], 2);
}

static bool eth_offset(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return offset_of(p, PACKET_ETH, instance, v);
}

static bool vlan_offset(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return offset_of(p, PACKET_VLAN, instance, v);
}

static bool ip_offset(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return offset_of(p, PACKET_IP, instance, v);
}

static bool ip6_offset(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return offset_of(p, PACKET_IP6, instance, v);
}

/* Names of layers as `stack` shows them; those that are not in p->stack have none. */
static const char tokens[PACKET_LAYERS][8] = {
	[PACKET_ETH] = "eth",
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
};

static_assert(PACKET_STACK * sizeof(tokens[0]) <= PACKET_VALUE_MAX, "the longest stack has room");

static bool stack(const struct packet *p, unsigned instance, struct packet_value *v)
{
	size_t len = 0;

	(void)instance;
	for (unsigned i = 0; i < p->depth; i++) {
		const char *token = tokens[p->stack[i]];
		size_t n = strlen(token);

		if (i > 0)
			v->own[len++] = '.';
		memcpy(v->own + len, token, n);
		len += n;
	}
	return len > 0 && packet_point(v, v->own, (unsigned)len);
}

enum { SAMPLED = true, NUMBER = true };

/* name, layer, offset, width, get, form, bits, sampled, number, help */
/* clang-format off */
const struct packet_field packet_fields[] = {
	{"macsource", PACKET_ETH, 6, 6, NULL, BASE_FORM_MAC, 0, SAMPLED, 0,
		"source MAC address"},
	{"macdestination", PACKET_ETH, 0, 6, NULL, BASE_FORM_MAC, 0, SAMPLED, 0,
		"destination MAC address"},
	{"ethernetprotocol", PACKET_ETH, 0, 2, packet_eth_protocol,
		BASE_FORM_UINT, 0, SAMPLED, NUMBER,
		"EtherType behind VLAN tags and SNAP"},
	{"isunicast", PACKET_ETH, 0, 1, packet_eth_unicast, BASE_FORM_BOOL, 0, 0, 0,
		"whether the destination MAC address is of one station"},
	{"ismulticast", PACKET_ETH, 0, 1, packet_eth_multicast, BASE_FORM_BOOL, 0, 0, 0,
		"whether the destination MAC address is a group, broadcast excepted"},
	{"isbroadcast", PACKET_ETH, 0, 1, packet_eth_broadcast, BASE_FORM_BOOL, 0, 0, 0,
		"whether the destination MAC address is broadcast"},
	{"eth_offset", PACKET_ETH, 0, 2, eth_offset, BASE_FORM_UINT, 0, 0, NUMBER,
		"bytes before the Ethernet header"},
	{"vlan", PACKET_VLAN, 0, 2, packet_vlan_id, BASE_FORM_UINT, 0, 0, NUMBER,
		"VLAN identifier of the tag in the header"},
	{"priority", PACKET_VLAN, 0, 1, packet_vlan_priority, BASE_FORM_UINT, 0, 0, NUMBER,
		"802.1p priority of the tag in the header"},
	{"vlan_offset", PACKET_VLAN, 0, 2, vlan_offset, BASE_FORM_UINT, 0, 0, NUMBER,
		"bytes before the tag control information"},
	{"arpoperation", PACKET_ARP, 6, 2, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"ARP operation: 1 request, 2 reply"},
	{"arpipsender", PACKET_ARP, 0, 4, packet_arp_ip_sender, BASE_FORM_ADDR, 0, 0, 0,
		"IP address of the ARP sender"},
	{"arpiptarget", PACKET_ARP, 0, 4, packet_arp_ip_target, BASE_FORM_ADDR, 0, 0, 0,
		"IP address of the ARP target"},
	{"arpmacsender", PACKET_ARP, 0, 6, packet_arp_mac_sender, BASE_FORM_MAC, 0, 0, 0,
		"MAC address of the ARP sender"},
	{"arpmactarget", PACKET_ARP, 0, 6, packet_arp_mac_target, BASE_FORM_MAC, 0, 0, 0,
		"MAC address of the ARP target"},
	{"mplslabel", PACKET_MPLS, 0, 3, packet_mpls_label, BASE_FORM_UINT, 0, 0, NUMBER,
		"MPLS label, outermost first"},
	{"mplsexp", PACKET_MPLS, 0, 1, packet_mpls_exp, BASE_FORM_UINT, 0, 0, NUMBER,
		"MPLS traffic class"},
	{"mplsttl", PACKET_MPLS, 3, 1, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"MPLS time to live"},
	{"ip_offset", PACKET_IP, 0, 2, ip_offset, BASE_FORM_UINT, 0, 0, NUMBER,
		"bytes before the IPv4 header"},
	{"ipsource", PACKET_IP, 12, 4, NULL, BASE_FORM_ADDR, 0, SAMPLED, 0,
		"IPv4 source address"},
	{"ipdestination", PACKET_IP, 16, 4, NULL, BASE_FORM_ADDR, 0, SAMPLED, 0,
		"IPv4 destination address"},
	{"ipprotocol", PACKET_IP, 9, 1, NULL, BASE_FORM_UINT, 0, SAMPLED, NUMBER,
		"IPv4 protocol"},
	{"ipbytes", PACKET_IP, 2, 2, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"IPv4 total length, header included"},
	{"ipttl", PACKET_IP, 8, 1, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"IPv4 time to live"},
	{"iptos", PACKET_IP, 1, 1, NULL, BASE_FORM_BITS, 8, SAMPLED, 0,
		"IPv4 type of service"},
	{"ipdscp", PACKET_IP, 0, 1, packet_ip_dscp, BASE_FORM_UINT, 0, 0, NUMBER,
		"IPv4 differentiated services code point"},
	{"ipdscpname", PACKET_IP, 0, 0, packet_ip_dscp_name, BASE_FORM_TEXT, 0, 0, 0,
		"name of the IPv4 code point, like be(0)"},
	{"ipecn", PACKET_IP, 0, 1, packet_ip_ecn, BASE_FORM_BITS, 2, 0, 0,
		"IPv4 explicit congestion notification"},
	{"ipflags", PACKET_IP, 0, 1, packet_ip_flags, BASE_FORM_BITS, 3, 0, 0,
		"IPv4 flags: reserved, don't fragment, more fragments"},
	{"ipfragoffset", PACKET_IP, 0, 2, packet_ip_frag_offset, BASE_FORM_UINT, 0, 0, NUMBER,
		"IPv4 fragment offset in units of 8 bytes"},
	{"ipid", PACKET_IP, 4, 2, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"IPv4 identification"},
	{"ip6_offset", PACKET_IP6, 0, 2, ip6_offset, BASE_FORM_UINT, 0, 0, NUMBER,
		"bytes before the IPv6 header"},
	{"ip6source", PACKET_IP6, 8, 16, NULL, BASE_FORM_ADDR, 0, SAMPLED, 0,
		"IPv6 source address"},
	{"ip6destination", PACKET_IP6, 24, 16, NULL, BASE_FORM_ADDR, 0, SAMPLED, 0,
		"IPv6 destination address"},
	{"ip6nexthdr", PACKET_IP6, 0, 1, packet_ip6_next_header, BASE_FORM_UINT, 0, SAMPLED, NUMBER,
		"protocol behind the IPv6 extension headers"},
	{"ip6ttl", PACKET_IP6, 7, 1, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"IPv6 hop limit"},
	{"ip6tos", PACKET_IP6, 0, 1, packet_ip6_tos, BASE_FORM_BITS, 8, SAMPLED, 0,
		"IPv6 traffic class"},
	{"ip6ecn", PACKET_IP6, 0, 1, packet_ip6_ecn, BASE_FORM_BITS, 2, 0, 0,
		"IPv6 explicit congestion notification"},
	{"ip6dscp", PACKET_IP6, 0, 1, packet_ip6_dscp, BASE_FORM_UINT, 0, 0, NUMBER,
		"IPv6 differentiated services code point"},
	{"ip6dscpname", PACKET_IP6, 0, 0, packet_ip6_dscp_name, BASE_FORM_TEXT, 0, 0, 0,
		"name of the IPv6 code point, like be(0)"},
	{"ip6flowlabel", PACKET_IP6, 0, 3, packet_ip6_flow_label, BASE_FORM_UINT, 0, 0, NUMBER,
		"IPv6 flow label"},
	{"ip6bytes", PACKET_IP6, 4, 2, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"IPv6 payload length, extension headers included"},
	{"ip6extensions", PACKET_IP6, 0, 0, packet_ip6_extensions, BASE_FORM_TEXT, 0, 0, 0,
		"next header values of the IPv6 extension headers, like 0-44"},
	{"ip6fragoffset", PACKET_IP6, 0, 2, packet_ip6_frag_offset, BASE_FORM_UINT, 0, 0, NUMBER,
		"IPv6 fragment offset in units of 8 bytes"},
	{"ip6fragm", PACKET_IP6, 0, 1, packet_ip6_frag_more, BASE_FORM_BOOL, 0, 0, 0,
		"whether more IPv6 fragments follow"},
	{"icmptype", PACKET_ICMP, 0, 1, NULL, BASE_FORM_UINT, 0, SAMPLED, NUMBER,
		"ICMP type"},
	{"icmpcode", PACKET_ICMP, 1, 1, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"ICMP code"},
	{"icmpseqno", PACKET_ICMP, 6, 2, packet_icmp_seq, BASE_FORM_UINT, 0, 0, NUMBER,
		"sequence number of an ICMP query"},
	{"icmpunreachablenet", PACKET_ICMP, 0, 4, packet_icmp_net, BASE_FORM_ADDR, 0, 0, 0,
		"IPv4 address whose network ICMP says is unreachable"},
	{"icmpunreachablehost", PACKET_ICMP, 0, 4, packet_icmp_host, BASE_FORM_ADDR, 0, 0, 0,
		"IPv4 address that ICMP says is unreachable"},
	{"icmpunreachableprotocol", PACKET_ICMP, 0, 1, packet_icmp_protocol,
		BASE_FORM_UINT, 0, 0, NUMBER,
		"protocol that ICMP says is unreachable"},
	{"icmpunreachableport", PACKET_ICMP, 0, 2, packet_icmp_port, BASE_FORM_UINT, 0, 0, NUMBER,
		"TCP or UDP port that ICMP says is unreachable"},
	{"icmp6type", PACKET_ICMP6, 0, 1, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"ICMPv6 type"},
	{"icmp6code", PACKET_ICMP6, 1, 1, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"ICMPv6 code"},
	{"tcpsourceport", PACKET_TCP, 0, 2, NULL, BASE_FORM_UINT, 0, SAMPLED, NUMBER,
		"TCP source port"},
	{"tcpdestinationport", PACKET_TCP, 2, 2, NULL, BASE_FORM_UINT, 0, SAMPLED, NUMBER,
		"TCP destination port"},
	{"tcpflags", PACKET_TCP, 0, 2, packet_tcp_flags, BASE_FORM_BITS, 9, SAMPLED, 0,
		"TCP flags: NS, CWR, ECE, URG, ACK, PSH, RST, SYN, FIN"},
	{"tcpseqno", PACKET_TCP, 4, 4, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"TCP sequence number"},
	{"tcpackno", PACKET_TCP, 8, 4, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"TCP acknowledgement number"},
	{"tcpwindow", PACKET_TCP, 14, 2, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"TCP window, not scaled"},
	{"udpsourceport", PACKET_UDP, 0, 2, NULL, BASE_FORM_UINT, 0, SAMPLED, NUMBER,
		"UDP source port"},
	{"udpdestinationport", PACKET_UDP, 2, 2, NULL, BASE_FORM_UINT, 0, SAMPLED, NUMBER,
		"UDP destination port"},
	{"udpbytes", PACKET_UDP, 4, 2, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"UDP length, header included"},
	{"greprotocol", PACKET_GRE, 2, 2, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"EtherType of what GRE carries"},
	{"grevsid", PACKET_GRE, 0, 3, packet_gre_vsid, BASE_FORM_UINT, 0, 0, NUMBER,
		"NVGRE virtual subnet identifier"},
	{"vxlanvni", PACKET_VXLAN, 4, 3, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"VXLAN network identifier"},
	{"genevevni", PACKET_GENEVE, 4, 3, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"Geneve network identifier"},
	{"vni", PACKET_VNI, 0, 3, NULL, BASE_FORM_UINT, 0, 0, NUMBER,
		"network identifier of VXLAN, Geneve or NVGRE"},
	{"stack", PACKET_ANY, 0, 0, stack, BASE_FORM_TEXT, 0, 0, 0,
		"layers joined by dots, like eth.ip.tcp"},
};
/* clang-format on */

const unsigned packet_fields_count = sizeof(packet_fields) / sizeof(packet_fields[0]);
