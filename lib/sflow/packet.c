/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structures_pvt.h"

/* Sampled packets and their way: sFlow v5, flow structures 0:1 to 0:4, 0:1001, 0:1002. */

const struct sflow_field sflow_sampled_header[] = {
	{"header_protocol", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
	{"frame_length", SFLOW_U32, SFLOW_PLAIN, "bytes", NULL},
	{"stripped", SFLOW_U32, SFLOW_PLAIN, "bytes", NULL},
	{"header", SFLOW_STRING, SFLOW_PLAIN, NULL, NULL},
};

const struct sflow_field sflow_sampled_ethernet[] = {
	{"length", SFLOW_U32, SFLOW_PLAIN, "bytes", NULL},
	{"src_mac", SFLOW_MAC, SFLOW_PLAIN, NULL, NULL},
	{"dst_mac", SFLOW_MAC, SFLOW_PLAIN, NULL, NULL},
	{"type", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
};

const struct sflow_field sflow_sampled_ipv4[] = {
	{"length", SFLOW_U32, SFLOW_PLAIN, "bytes", NULL},
	{"protocol", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
	{"src_ip", SFLOW_IPV4, SFLOW_PLAIN, NULL, NULL},
	{"dst_ip", SFLOW_IPV4, SFLOW_PLAIN, NULL, NULL},
	{"src_port", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
	{"dst_port", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
	{"tcp_flags", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
	{"tos", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
};

const struct sflow_field sflow_sampled_ipv6[] = {
	{"length", SFLOW_U32, SFLOW_PLAIN, "bytes", NULL},
	{"protocol", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
	{"src_ip", SFLOW_IPV6, SFLOW_PLAIN, NULL, NULL},
	{"dst_ip", SFLOW_IPV6, SFLOW_PLAIN, NULL, NULL},
	{"src_port", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
	{"dst_port", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
	{"tcp_flags", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
	{"priority", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
};

const struct sflow_field sflow_extended_switch[] = {
	{"src_vlan", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
	{"src_priority", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
	{"dst_vlan", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
	{"dst_priority", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
};

const struct sflow_field sflow_extended_router[] = {
	{"nexthop", SFLOW_ADDR, SFLOW_PLAIN, NULL, NULL},
	{"src_mask_len", SFLOW_U32, SFLOW_PLAIN, "bits", NULL},
	{"dst_mask_len", SFLOW_U32, SFLOW_PLAIN, "bits", NULL},
};
