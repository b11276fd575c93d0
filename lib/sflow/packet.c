/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* Sampled packets: sFlow v5, flow structures 0:1 to 0:4; and the tunnels that repeat their form:
 * sFlow Tunnel Structures, 0:1021 to 0:1030. */

/* clang-format off */

STRUCTURE(sampled_header, "sampled_header", 0, 1, 16,
	FIELDS(
		PLAIN("header_protocol", U32, .words = &sflow_header_protocols,
			.line = "headerProtocol"),
		PLAIN("frame_length", U32, .unit = "bytes", .line = "sampledPacketSize"),
		PLAIN("stripped", U32, .unit = "bytes", .line = "strippedBytes"),
		PLAIN("header", BYTES, .line = "headerBytes")),
	.layout = SFLOW_LAYOUT_HEADER, .head = "flowSampleType HEADER");

#define ETHERNET_FIELDS                                                                            \
	FIELDS(PLAIN("length", U32, .unit = "bytes", .line = "ethernet_len"),                      \
		PLAIN("src_mac", MAC, .line = "ethernet_src"),                                     \
		PLAIN("dst_mac", MAC, .line = "ethernet_dst"),                                     \
		PLAIN("type", U32, .line = "ethernet_type"))

#define IPV4_FIELDS                                                                                \
	FIELDS(PLAIN("length", U32, .unit = "bytes", .line = "sampledPacketSize"),                 \
		PLAIN("protocol", U32, .line = "IPProtocol"),                                      \
		PLAIN("src_ip", IPV4, .line = "srcIP"), PLAIN("dst_ip", IPV4, .line = "dstIP"),    \
		PLAIN("src_port", U32), PLAIN("dst_port", U32), PLAIN("tcp_flags", U32),           \
		PLAIN("tos", U32, .line = "IPTOS"))

#define IPV6_FIELDS                                                                                \
	FIELDS(PLAIN("length", U32, .unit = "bytes", .line = "sampledPacketSize"),                 \
		PLAIN("protocol", U32, .line = "IPProtocol"),                                      \
		PLAIN("src_ip", IPV6, .line = "srcIP6"), PLAIN("dst_ip", IPV6, .line = "dstIP6"),  \
		PLAIN("src_port", U32), PLAIN("dst_port", U32), PLAIN("tcp_flags", U32),           \
		PLAIN("priority", U32))

STRUCTURE(sampled_ethernet, "sampled_ethernet", 0, 2, 24, ETHERNET_FIELDS, .macs = 2,
	.layout = SFLOW_LAYOUT_ETHERNET);
STRUCTURE(sampled_ipv4, "sampled_ipv4", 0, 3, 32, IPV4_FIELDS, .layout = SFLOW_LAYOUT_IPV4);
STRUCTURE(sampled_ipv6, "sampled_ipv6", 0, 4, 56, IPV6_FIELDS, .layout = SFLOW_LAYOUT_IPV6);

STRUCTURE(extended_l2_tunnel_egress, "extended_L2_tunnel_egress", 0, 1021, 24, ETHERNET_FIELDS,
	.macs = 2, .layout = SFLOW_LAYOUT_ETHERNET, .prefix = "tunnel_l2_out_");
STRUCTURE(extended_l2_tunnel_ingress, "extended_L2_tunnel_ingress", 0, 1022, 24, ETHERNET_FIELDS,
	.macs = 2, .layout = SFLOW_LAYOUT_ETHERNET, .prefix = "tunnel_l2_in_");
STRUCTURE(extended_ipv4_tunnel_egress, "extended_ipv4_tunnel_egress", 0, 1023, 32, IPV4_FIELDS,
	.layout = SFLOW_LAYOUT_IPV4, .prefix = "tunnel_ipv4_out_");
STRUCTURE(extended_ipv4_tunnel_ingress, "extended_ipv4_tunnel_ingress", 0, 1024, 32, IPV4_FIELDS,
	.layout = SFLOW_LAYOUT_IPV4, .prefix = "tunnel_ipv4_in_");
STRUCTURE(extended_ipv6_tunnel_egress, "extended_ipv6_tunnel_egress", 0, 1025, 56, IPV6_FIELDS,
	.layout = SFLOW_LAYOUT_IPV6, .prefix = "tunnel_ipv6_out_");
STRUCTURE(extended_ipv6_tunnel_ingress, "extended_ipv6_tunnel_ingress", 0, 1026, 56, IPV6_FIELDS,
	.layout = SFLOW_LAYOUT_IPV6, .prefix = "tunnel_ipv6_in_");

STRUCTURE(extended_decapsulate_egress, "extended_decapsulate_egress", 0, 1027, 4,
	FIELDS(PLAIN("inner_header_offset", U32, .unit = "bytes",
		.line = "out_decap_inner_header_offset")),
	.head = "extendedType out_decap");
STRUCTURE(extended_decapsulate_ingress, "extended_decapsulate_ingress", 0, 1028, 4,
	FIELDS(PLAIN("inner_header_offset", U32, .unit = "bytes",
		.line = "in_decap_inner_header_offset")),
	.head = "extendedType in_decap");
STRUCTURE(extended_vni_egress, "extended_vni_egress", 0, 1029, 4,
	FIELDS(PLAIN("vni", U32, .line = "out_VNI")), .head = "extendedType out_VNI");
STRUCTURE(extended_vni_ingress, "extended_vni_ingress", 0, 1030, 4,
	FIELDS(PLAIN("vni", U32, .line = "in_VNI")), .head = "extendedType in_VNI");
