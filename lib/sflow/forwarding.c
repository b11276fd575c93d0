/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* What a device did to forward the packet: sFlow v5, flow structures 0:1001 to 0:1012, with sFlow
 * OpenFlow, Fibre Channel and Port-NAT Structures. */

/* clang-format off */

STRUCTURE(extended_switch, "extended_switch", 0, 1001, 16,
	FIELDS(
		PLAIN("src_vlan", U32, .line = "in_vlan"),
		PLAIN("src_priority", U32, .line = "in_priority"),
		PLAIN("dst_vlan", U32, .line = "out_vlan"),
		PLAIN("dst_priority", U32, .line = "out_priority")),
	.head = "extendedType SWITCH");

STRUCTURE(extended_router, "extended_router", 0, 1002, 12,
	FIELDS(
		PLAIN("nexthop", ADDR, .line = "nextHop"),
		PLAIN("src_mask_len", U32, .unit = "bits", .line = "srcSubnetMask"),
		PLAIN("dst_mask_len", U32, .unit = "bits", .line = "dstSubnetMask")),
	.head = "extendedType ROUTER");

WORDS(path_types, {1, "as_set"}, {2, "as_sequence"});
ELEMENT(number_element, PLAIN("", U32));
ELEMENT(path_element,
	PLAIN("type", U32, .words = &path_types),
	PLAIN("asns", LIST, .of = &number_element));

STRUCTURE(extended_gateway, "extended_gateway", 0, 1003, 28,
	FIELDS(
		PLAIN("nexthop", ADDR, .line = "bgp_nexthop"),
		PLAIN("as", U32, .line = "my_as"),
		PLAIN("src_as", U32),
		PLAIN("src_peer_as", U32),
		PLAIN("dst_as_path", LIST, .of = &path_element, .show = SFLOW_SHOW_PATH),
		PLAIN("communities", LIST, .of = &number_element, .show = SFLOW_SHOW_LIST,
			.line = "BGP_communities"),
		PLAIN("localpref", U32, .line = "BGP_localpref")),
	.head = "extendedType GATEWAY");

/* IANA character sets, by MIBenum. */
WORDS(charsets, {0, "unknown"}, {3, "US-ASCII"}, {4, "ISO-8859-1"}, {106, "UTF-8"},
	{1015, "UTF-16"});

STRUCTURE(extended_user, "extended_user", 0, 1004, 16,
	FIELDS(
		PLAIN("src_charset", U32, .words = &charsets, .line = "src_user_charset"),
		TEXT("src_user", 0, 199, .show = SFLOW_SHOW_ALWAYS),
		PLAIN("dst_charset", U32, .words = &charsets, .line = "dst_user_charset"),
		TEXT("dst_user", 0, 199, .show = SFLOW_SHOW_ALWAYS)),
	.layout = SFLOW_LAYOUT_USER, .head = "extendedType USER");

WORDS(url_directions, {1, "source_is_server"}, {2, "destination_is_server"});

STRUCTURE(extended_url, "extended_url", 0, 1005, 12,
	FIELDS(
		PLAIN("direction", U32, .words = &url_directions, .line = "url_direction"),
		TEXT("url", 0, 199, .show = SFLOW_SHOW_ALWAYS),
		TEXT("host", 0, 199, .show = SFLOW_SHOW_ALWAYS)),
	.head = "extendedType URL");

STRUCTURE(extended_mpls, "extended_mpls", 0, 1006, 12,
	FIELDS(
		PLAIN("nexthop", ADDR, .line = "mpls_nexthop"),
		PLAIN("in_stack", LIST, .of = &number_element, .show = SFLOW_SHOW_LABELS,
			.line = "mpls_input_stack"),
		PLAIN("out_stack", LIST, .of = &number_element, .show = SFLOW_SHOW_LABELS,
			.line = "mpls_output_stack")),
	.head = "extendedType MPLS");

STRUCTURE(extended_nat, "extended_nat", 0, 1007, 8,
	FIELDS(
		PLAIN("src_address", ADDR, .line = "nat_src"),
		PLAIN("dst_address", ADDR, .line = "nat_dst")),
	.head = "extendedType NAT");

STRUCTURE(extended_mpls_tunnel, "extended_mpls_tunnel", 0, 1008, 12,
	FIELDS(
		TEXT("tunnel_lsp_name", 0, 99, .line = "mpls_tunnel_lsp_name"),
		PLAIN("tunnel_id", U32, .line = "mpls_tunnel_id"),
		PLAIN("tunnel_cos", U32, .line = "mpls_tunnel_cos")));

STRUCTURE(extended_mpls_vc, "extended_mpls_vc", 0, 1009, 12,
	FIELDS(
		TEXT("vc_instance_name", 0, 99, .line = "mpls_vc_name"),
		PLAIN("vll_vc_id", U32, .line = "mpls_vll_vc_id"),
		PLAIN("vc_label_cos", U32, .line = "mpls_vc_cos")));

STRUCTURE(extended_mpls_ftn, "extended_mpls_FTN", 0, 1010, 8,
	FIELDS(
		TEXT("mplsFTNDescr", 0, 99, .line = "mpls_ftn_descr"),
		PLAIN("mplsFTNMask", U32, .line = "mpls_ftn_mask")));

STRUCTURE(extended_mpls_ldp_fec, "extended_mpls_LDP_FEC", 0, 1011, 4,
	FIELDS(PLAIN("mplsFecAddrPrefixLength", U32, .unit = "bits",
		.line = "mpls_fec_addr_prefix_len")));

STRUCTURE(extended_vlantunnel, "extended_vlantunnel", 0, 1012, 4,
	FIELDS(PLAIN("stack", LIST, .of = &number_element, .show = SFLOW_SHOW_TAGS,
		.line = "vlan_tunnel")));

STRUCTURE(extended_openflow_v1, "extended_openflow_v1", 0, 1017, 16,
	FIELDS(
		PLAIN("flow_cookie", U64),
		PLAIN("flow_match", U32),
		PLAIN("flow_actions", U32)),
	SKIPPED);

STRUCTURE(extended_fc, "extended_fc", 0, 1018, 16,
	FIELDS(
		PLAIN("src_mask_len", U32, .unit = "bits"),
		PLAIN("dst_mask_len", U32, .unit = "bits"),
		PLAIN("next_hop", U32),
		PLAIN("metric", U32)),
	SKIPPED);

STRUCTURE(extended_nat_port, "extended_nat_port", 0, 1020, 8,
	FIELDS(
		PLAIN("src_port", U32, .line = "nat_src_port"),
		PLAIN("dst_port", U32, .line = "nat_dst_port")),
	.head = "extendedType NAT PORT");

STRUCTURE(extended_vlanin, "extended_vlanin", 0, 1034, 4,
	FIELDS(PLAIN("stack", LIST, .of = &number_element)), SKIPPED);
STRUCTURE(extended_vlanout, "extended_vlanout", 0, 1035, 4,
	FIELDS(PLAIN("stack", LIST, .of = &number_element)), SKIPPED);
