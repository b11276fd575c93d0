/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "print.h"

#define CAPTURED(size)                                                                             \
	"startDatagram =================================\n"                                        \
	"datagramSourceIP -\n"                                                                     \
	"datagramSize " size "\n"                                                                  \
	"unixSecondsUTC 0\n"                                                                       \
	"unixSecondsUTC_uS 0\n"                                                                    \
	"localtime 1970-01-01T00:00:00+0000\n"                                                     \
	"pcapTimestamp 2023-11-14T22:13:20+0000\n"                                                 \
	"pcapTimestamp_uS 123456\n"
#define END "endDatagram   =================================\n"
#define START_SAMPLE "startSample ----------------------\n"
#define END_SAMPLE "endSample   ----------------------\n"

static void test_no_samples(void **state)
{
	struct wire w = wire_hex(V1);

	assert_string_equal(print_wire(DECODE_TEXT, &w),
		CAPTURED("28") "datagramVersion 5\nagentSubId 1\nagent 192.0.2.10\n"
			       "packetSequenceNo 2\nsysUpTime 3\nsamplesInPacket 0\n" END);
}

/* What came over the network says when and from whom. */
static void test_live(void **state)
{
	struct wire w = wire_hex(V1);
	struct decode_datagram g = {.time_ns = PRINT_TIME,
		.live = true,
		.source = {.family = 4, .bytes = {192, 0, 2, 1}},
		.source_port = 8888};

	assert_string_equal(print_datagram(DECODE_TEXT, &g, &w),
		"startDatagram =================================\n"
		"datagramSourceIP 192.0.2.1\n"
		"datagramSize 28\n"
		"unixSecondsUTC 1700000000\n"
		"unixSecondsUTC_uS 123456\n"
		"localtime 2023-11-14T22:13:20+0000\n"
		"datagramVersion 5\nagentSubId 1\nagent 192.0.2.10\n"
		"packetSequenceNo 2\nsysUpTime 3\nsamplesInPacket 0\n" END);
	/* A capture without a time has no line for it. */
	g = (struct decode_datagram){0};
	assert_null(strstr(print_datagram(DECODE_TEXT, &g, &w), "pcapTimestamp"));
}

static void test_flow_sample(void **state)
{
	struct wire w = wire_hex(V2);

	assert_string_equal(print_wire(DECODE_TEXT, &w),
		CAPTURED("108") "datagramVersion 5\nagentSubId 1\nagent 192.0.2.10\n"
				"packetSequenceNo 2\nsysUpTime 3\nsamplesInPacket 1\n" START_SAMPLE
				"sampleType_tag 0:1\nsampleType FLOWSAMPLE\nsampleSequenceNo 9\n"
				"sourceId 1:100\nmeanSkipCount 512\nsamplePool 5120\n"
				"dropEvents 1\ninputPort 7\noutputPort multiple 3\n"
				"flowBlock_tag 0:1001\nextendedType SWITCH\nin_vlan 100\n"
				"in_priority 1\nout_vlan 4294967295\nout_priority 0\n"
				"flowBlock_tag 0:999\n"
				"skipping unknown flow_sample_element: 0:999 len=6\n" END_SAMPLE
					END);
}

static void test_expanded(void **state)
{
	struct wire w = wire_hex(V4);

	assert_non_null(strstr(print_wire(DECODE_TEXT, &w),
		"sampleType_tag 0:3\nsampleType FLOWSAMPLE\nsampleSequenceNo 3\n"
		"sourceId 0:16777217\nmeanSkipCount 1000\nsamplePool 3000\ndropEvents 0\n"
		"inputPort 1073741823\noutputPort dropCode 258\n"
		"flowBlock_tag 0:1003\nextendedType GATEWAY\nbgp_nexthop 198.51.100.1\n"
		"my_as 64500\nsrc_as 64501\nsrc_peer_as 64502\n"
		"dst_as_path 64510-64511(64520-64521)\ndst_as 64521\ndst_peer_as 64510\n"
		"BGP_communities 4227072007\nBGP_localpref 150\n" END_SAMPLE END));
}

static void test_counter_sample(void **state)
{
	struct wire w = wire_hex(V3);

	assert_non_null(strstr(
		print_wire(DECODE_TEXT, &w), "agent 2001:0db8:0000:0000:0000:0000:0000:0010\n"));
	assert_non_null(strstr(print_text, START_SAMPLE
		"sampleType_tag 0:2\nsampleType COUNTERSSAMPLE\nsampleSequenceNo 1\n"
		"sourceId 2:10\ncounterBlock_tag 0:1005\nifName eth0/1\n"
		"counterBlock_tag 0:1001\n5s_cpu 12.34\n1m_cpu unknown\n"
		"5m_cpu 100.00\ntotal_memory_bytes 8\nfree_memory_bytes 4\n" END_SAMPLE END));
}

/* The names of all records in a discarded packet have a prefix. */
static void test_discard(void **state)
{
	struct wire w = wire_hex(V5);

	assert_non_null(strstr(print_wire(DECODE_TEXT, &w),
		"sampleType_tag 0:5\nsampleType DISCARD\nsampleSequenceNo 5\nsourceId 0:2\n"
		"dropEvents 4\ninputPort 2\noutputPort 0\ndiscardCode 289\n"
		"discardReason unknown_l4\ndiscarded_flowBlock_tag 0:1030\n"
		"discarded_extendedType in_VNI\ndiscarded_in_VNI 5001\n"
		"discarded_flowBlock_tag 0:1038\ndiscarded_extendedType function\n"
		"discarded_symbol tcp_v4_rcv\n" END_SAMPLE END));
	base_put_u32(w.bytes + 36 + 24, 9999);
	assert_non_null(strstr(print_wire(DECODE_TEXT, &w), "discardReason NotFound\n"));
}

/* With its context in front, each line is the same. */
static void test_grep(void **state)
{
	static const struct {
		const char *context, *line;
	} rows[] = {
		{"2023-11-14T22:13:20+0000 - 0 0 0:0 0:0 0:0 ", "startDatagram ===="},
		{"2023-11-14T22:13:20+0000 192.0.2.10 1 2 0:0 0:0 0:0 ", "samplesInPacket 1\n"},
		{"2023-11-14T22:13:20+0000 192.0.2.10 1 2 0:0 0:1 0:0 ", "startSample ----"},
		{"2023-11-14T22:13:20+0000 192.0.2.10 1 2 1:100 0:1 0:0 ", "inputPort 7\n"},
		{"2023-11-14T22:13:20+0000 192.0.2.10 1 2 1:100 0:1 0:1001 ", "in_vlan 100\n"},
		{"2023-11-14T22:13:20+0000 192.0.2.10 1 2 1:100 0:1 0:999 ", "skipping unknown "},
	};
	struct wire w = wire_hex(V2);

	print_wire(DECODE_GREP, &w);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), "%s%s", rows[i].context, rows[i].line);
		assert_non_null(strstr(print_text, text));
	}
}

static void test_unknown_sample(void **state)
{
	struct wire w = wire_hex(V2);

	base_put_u32(w.bytes + 28, SFLOW_TAG(1991, 9));
	assert_non_null(strstr(print_wire(DECODE_TEXT, &w), START_SAMPLE
		"sampleType_tag 1991:9\nskipping unknown sample: 1991:9 len=72\n" END_SAMPLE END));
}

static void test_custom(void **state)
{
	struct wire w = {.len = 0};
	uint32_t start;

	wire_datagram(&w, 3, 2);
	start = wire_open(&w, SFLOW_RTMETRIC);
	wire_string(&w, "host\n");
	wire_u32(&w, 3);
	wire_string(&w, "name");
	wire_u32(&w, 0);
	wire_string(&w, "a\x1B[31m");
	wire_string(&w, "n");
	wire_u32(&w, 2);
	wire_u64(&w, UINT64_MAX);
	wire_string(&w, "load");
	wire_u32(&w, 5);
	wire_f32(&w, 0.5f);
	wire_close(&w, start);
	start = wire_open(&w, SFLOW_RTFLOW);
	wire_string(&w, "");
	wire_u32(&w, 400);
	wire_u32(&w, 8000);
	wire_u32(&w, 2);
	wire_string(&w, "m");
	wire_u32(&w, 1);
	wire_u64(&w, 0x0102030405060000);
	wire_string(&w, "a");
	wire_u32(&w, 2);
	wire_u32(&w, 0xC0000201);
	wire_close(&w, start);
	assert_non_null(strstr(print_wire(DECODE_TEXT, &w),
		"sampleType RTMETRIC\nrtmetric_datasource_name host\\x0a\n"
		"rtmetric_string_name a\\x1b[31m\nrtmetric_counter64_n 18446744073709551615\n"
		"rtmetric_gaugeFloat_load 0.500\n" END_SAMPLE START_SAMPLE
		"sampleType_tag 4300:1003\nsampleType RTFLOW\nrtflow_sampling_rate 400\n"
		"rtflow_sample_pool 8000\nrtflow_mac_m 010203040506\nrtflow_ip_a "
		"192.0.2.1\n" END_SAMPLE END));
}

/* ---- Records ---- */

/* The lines of one record in a sample of its kind, behind its tag. */
static const char *lines_of(uint32_t sample, uint32_t tag, const char *hex)
{
	static char lines[8192];
	struct wire w = print_record(sample, tag, hex);
	const char *start, *end;

	print_wire(DECODE_TEXT, &w);
	start = strstr(print_text, "Block_tag ");
	assert_non_null(start);
	start = strchr(start, '\n') + 1;
	end = strstr(start, "endSample");
	if (!end)
		end = strstr(start, "endDatagram");
	assert_non_null(end);
	snprintf(lines, sizeof(lines), "%.*s", (int)(end - start), start);
	return lines;
}

static const char *flow(uint32_t tag, const char *hex)
{
	return lines_of(SFLOW_FLOW_SAMPLE, tag, hex);
}

static const char *counters(uint32_t tag, const char *hex)
{
	return lines_of(SFLOW_COUNTER_SAMPLE, tag, hex);
}

#define ETHERNET "02000000000b 02000000000a "
#define TCP "d431 01bb 00000001 00000002 5018 0400 0000 0000"
#define IPV4_TCP "4500 0028 6baa 0000 4006 0000 c0000201 c6336401" TCP

static void test_header(void **state)
{
	assert_string_equal(flow(1, "00000001 00000040 00000004 00000036" ETHERNET "0800" IPV4_TCP),
		"flowSampleType HEADER\nheaderProtocol 1\nsampledPacketSize 64\nstrippedBytes 4\n"
		"headerLen 54\nheaderBytes 02-00-00-00-00-0B-02-00-00-00-00-0A-08-00-45-00-00-28-"
		"6B-AA-00-00-40-06-00-00-C0-00-02-01-C6-33-64-01-D4-31-01-BB-00-00-00-01-00-00-00-"
		"02-50-18-04-00-00-00-00-00\n"
		"dstMAC 02000000000b\nsrcMAC 02000000000a\nethernet_type 2048\nIPSize 46\n"
		"ip.tot_len 40\nsrcIP 192.0.2.1\ndstIP 198.51.100.1\nIPProtocol 6\nIPTOS 0\n"
		"IPTTL 64\nIPID 27562\nTCPSrcPort 54321\nTCPDstPort 443\nTCPFlags 24\n");
}

static void test_header_tags(void **state)
{
	const char *lines = flow(1, "00000001 00000040 00000004 00000020" ETHERNET
				    "8100 a064 88a8 0065 0806 00010800 0604 0001");

	assert_non_null(strstr(lines, "srcMAC 02000000000a\ndecodedVLAN 100\ndecodedPriority 5\n"
				      "decodedVLAN.1 101\ndecodedPriority.1 0\n"
				      "ethernet_type 2054\n"));
	assert_null(strstr(lines, "IPSize"));
}

static void test_header_ipv6(void **state)
{
	const char *lines =
		flow(1, "0000000c 00000050 00000000 00000038"
			"6ab12345 0010 00 40 20010db8000000000000000000000001"
			"20010db8000000000000000000000002 1100000000000000 04d2 0035 0008 0000");

	assert_non_null(strstr(lines,
		"IPSize 80\nIPTOS 171\nIP6_label 0x12345\nIPV6_payloadLen 16\nIPTTL 64\n"
		"srcIP6 2001:0db8:0000:0000:0000:0000:0000:0001\n"
		"dstIP6 2001:0db8:0000:0000:0000:0000:0000:0002\nIP6HeaderExtension 0\n"
		"IPProtocol 17\nUDPSrcPort 1234\nUDPDstPort 53\nUDPBytes 8\n"));
}

static void test_header_others(void **state)
{
	assert_non_null(strstr(flow(1, "0000000d 00000050 00000000 00000004 00010140"),
		"headerBytes 00-01-01-40\nNO_DECODE headerProtocol=13\n"));
	assert_non_null(strstr(flow(1, "00000000 00000050 00000000 00000000"),
		"headerLen 0\nheaderBytes \nUNKNOWN headerProtocol=0\n"));
	assert_non_null(strstr(flow(1, "0000000c 00000050 00000000 00000028"
				       "45000000 00000000 00000000 00000000 00000000"
				       "00000000 00000000 00000000 00000000 00000000"),
		"header decode error: unexpected IP version: 4\n"));
}

/* No more than the buffer of sflowtool has. */
static void test_header_long(void **state)
{
	struct wire w = {.len = 0};
	uint32_t sample, start;
	const char *line;

	wire_datagram(&w, 3, 1);
	sample = wire_open(&w, SFLOW_FLOW_SAMPLE);
	for (unsigned i = 0; i < 7; i++)
		wire_u32(&w, i);
	wire_u32(&w, 1);
	start = wire_open(&w, SFLOW_TAG(0, 1));
	wire_u32(&w, 13);
	wire_u64(&w, 0);
	wire_u32(&w, 1000);
	for (unsigned i = 0; i < 250; i++)
		wire_u32(&w, 0xABABABAB);
	wire_close(&w, start);
	wire_close(&w, sample);
	line = strstr(print_wire(DECODE_TEXT, &w), "headerBytes ");
	assert_non_null(line);
	assert_int_equal(strcspn(line, "\n"), 12 + 682 * 3 - 1);
}

static void test_ethernet(void **state)
{
	static const char expected[] =
		"flowSampleType ETHERNET\nethernet_type 2048\nethernet_len 1000\n"
		"ethernet_src 010203040506\nethernet_dst 0708090a0b0c\n";

	assert_string_equal(
		flow(2, "000003e8 0102030405060000 0708090a0b0c0000 00000800"), expected);
	assert_string_equal(flow(2, "000003e8 010203040506 0708090a0b0c 00000800"), expected);
	assert_string_equal(flow(1022, "000003e8 0102030405060000 0708090a0b0c0000 00000800"),
		"flowSampleType tunnel_l2_in_ETHERNET\ntunnel_l2_in_ethernet_type 2048\n"
		"tunnel_l2_in_ethernet_len 1000\ntunnel_l2_in_ethernet_src 010203040506\n"
		"tunnel_l2_in_ethernet_dst 0708090a0b0c\n");
}

static void test_sampled_ip(void **state)
{
	assert_string_equal(flow(3, "000005dc 00000006 c0000201 c6336401 0000d431 000001bb"
				    "00000018 000000b8"),
		"flowSampleType IPV4\nsampledPacketSize 1500\nIPSize 1500\nsrcIP 192.0.2.1\n"
		"dstIP 198.51.100.1\nIPProtocol 6\nIPTOS 184\nTCPSrcPort 54321\nTCPDstPort 443\n"
		"TCPFlags 24\n");
	assert_string_equal(flow(1023, "000005dc 00000001 c0000201 c6336401 00000000 00000008"
				       "00000000 00000000"),
		"flowSampleType tunnel_ipv4_out_IPV4\ntunnel_ipv4_out_sampledPacketSize 1500\n"
		"tunnel_ipv4_out_IPSize 1500\ntunnel_ipv4_out_srcIP 192.0.2.1\n"
		"tunnel_ipv4_out_dstIP 198.51.100.1\ntunnel_ipv4_out_IPProtocol 1\n"
		"tunnel_ipv4_out_IPTOS 0\ntunnel_ipv4_out_ICMPType 8\n");
	assert_string_equal(flow(4, "000005dc 00000011 20010db8000000000000000000000001"
				    "20010db8000000000000000000000002 000004d2 00000035"
				    "00000000 00000007"),
		"flowSampleType IPV6\nsampledPacketSize 1500\nIPSize 1500\n"
		"srcIP6 2001:0db8:0000:0000:0000:0000:0000:0001\n"
		"dstIP6 2001:0db8:0000:0000:0000:0000:0000:0002\nIPProtocol 17\npriority 7\n"
		"UDPSrcPort 1234\nUDPDstPort 53\n");
}

static void test_forwarding(void **state)
{
	assert_string_equal(flow(1002, "00000001 c0000201 00000018 00000010"),
		"extendedType ROUTER\nnextHop 192.0.2.1\nsrcSubnetMask 24\ndstSubnetMask 16\n");
	assert_string_equal(flow(1002, "00000000 00000018 00000010"),
		"extendedType ROUTER\nnextHop -\nsrcSubnetMask 24\ndstSubnetMask 16\n");
	assert_string_equal(flow(1006, "00000001 c0000201 00000002 00064140 000c8140 00000000"),
		"extendedType MPLS\nmpls_nexthop 192.0.2.1\n"
		"mpls_input_stack 100.0.1.64-200.0.1.64\n");
	assert_string_equal(flow(1012, "00000002 8100a064 88a80fff"),
		"vlan_tunnel 0x81005.0.100-0x88a80.0.4095\n");
	assert_string_equal(flow(1012, "00000000"), "");
	assert_string_equal(
		flow(1007, "00000001 c0000201 00000002 20010db8000000000000000000000001"),
		"extendedType NAT\nnat_src 192.0.2.1\n"
		"nat_dst 2001:0db8:0000:0000:0000:0000:0000:0001\n");
	assert_string_equal(flow(1008, "00000003 6c737000 00000007 00000001"),
		"mpls_tunnel_lsp_name lsp\nmpls_tunnel_id 7\nmpls_tunnel_cos 1\n");
	assert_string_equal(
		flow(1008, "00000000 00000007 00000001"), "mpls_tunnel_id 7\nmpls_tunnel_cos 1\n");
}

/* An empty path has no line; an empty last segment has no destination. */
static void test_path(void **state)
{
	assert_string_equal(flow(1003, "00000000 00000001 00000002 00000003 00000000 00000000"
				       "00000064"),
		"extendedType GATEWAY\nbgp_nexthop -\nmy_as 1\nsrc_as 2\nsrc_peer_as 3\n"
		"dst_as 0\ndst_peer_as 0\nBGP_localpref 100\n");
	assert_non_null(strstr(flow(1003, "00000000 00000001 00000002 00000003 00000003"
					  "00000002 00000001 0000fbfe 00000001 00000001 0000fbff"
					  "00000002 00000000 00000002 00000001 00000002 00000064"),
		"dst_as_path 64510(64511)\ndst_as 0\ndst_peer_as 64510\nBGP_communities 1-2\n"));
}

/* Character sets in front of both texts, which have lines also where they are empty. */
static void test_user(void **state)
{
	assert_string_equal(flow(1004, "0000006a 00000003 616c6900 00000000 00000000"),
		"extendedType USER\nsrc_user_charset 106\ndst_user_charset 0\nsrc_user ali\n"
		"dst_user \n");
	assert_string_equal(flow(1005, "00000001 00000001 2f000000 00000000"),
		"extendedType URL\nurl_direction 1\nurl /\nhost \n");
}

static void test_payload(void **state)
{
	assert_string_equal(flow(1013, "000fac04 00000003 aaaa0300"),
		"cipher_suite 1027076\npayloadLen 3\npayloadBytes AA-AA-03\n");
	assert_string_equal(flow(1013, "000fac04 00000005 00000064 00000000 00000004 00010140"),
		"cipher_suite 1027076\nflowSampleType HEADER\nheaderProtocol 5\n"
		"sampledPacketSize 100\nstrippedBytes 0\nheaderLen 4\nheaderBytes 00-01-01-40\n"
		"NO_DECODE headerProtocol=5\n");
}

static void test_skipped(void **state)
{
	assert_string_equal(flow(1037, "00000001 00000001 61000000 00000001"),
		"skipping unknown flow_sample_element: 0:1037 len=16\n");
	assert_string_equal(counters(3002, "00000001"),
		"skipping unknown counters_sample_element: 0:3002 len=4\n");
}

static void test_words(void **state)
{
	assert_non_null(strstr(flow(2209, "00000002 00000000"), "tcpinfo_direction sent\n"));
	assert_non_null(strstr(flow(2209, "00000003"), "tcpinfo_direction <bad value>\n"));
	assert_non_null(strstr(flow(2202, "00000000 00000000 00000000 00000000 0000000000000001"
					  "0000000000000002 00000003 0000000a"),
		"request_bytes 1\nresponse_bytes 2\nduration_uS 3\nstatus UNATHORIZED\n"));
	assert_non_null(strstr(flow(2202, "00000000 00000000 00000000 00000000 0000000000000001"
					  "0000000000000002 00000003 0000000b"),
		"status <out-of-range=11>\n"));
}

static void test_key(void **state)
{
	assert_non_null(strstr(flow(2200, "00000001 00000007 00000007 61 2f 20 09 80 c3 5a 00"
					  "00000001 00000002 00000003 00000001"),
		"memcache_op_key a%2F++%80%C3Z\n"));
}

static void test_adapters(void **state)
{
	assert_string_equal(counters(2001, "00000002 00000002 00000002 0011223344550000"
					   "0011223344560000 00000003 00000000"),
		"adaptor_0_ifIndex 2\nadaptor_0_MACs 2\nadaptor_0_MAC_0 001122334455\n"
		"adaptor_0_MAC_1 001122334456\nadaptor_1_ifIndex 3\nadaptor_1_MACs 0\n");
	assert_string_equal(counters(2001, "00000000"), "");
	/* Cut: what is there. */
	assert_string_equal(counters(2001, "ffffffff 00000002 ffffffff 0011223344550000 00112233"),
		"adaptor_0_ifIndex 2\nadaptor_0_MACs 4294967295\nadaptor_0_MAC_0 001122334455\n");
}

static void test_lanes(void **state)
{
	assert_string_equal(counters(10, "00000007 00000001 00000ce4 ffffd8f0 00000001"
					 "00000001 00000002 00000003 00000004 00000005 00000006"
					 "00000007 00000008 00000009 0000000a"),
		"sfp_module_id 7\nsfp_module_total_lanes 1\nsfp_module_supply_voltage 3300\n"
		"sfp_module_temperature -10000\nsfp_module_active_lanes 1\nsfp_lane_index.0 1\n"
		"sfp_lane_tx_bias_current_uA.0 2\nsfp_lane_tx_power_uW.%u.0 3\n"
		"sfp_lane_tx_power_min_uW.%u.0 4\nsfp_lane_tx_power_max_uW.%u.0 5\n"
		"sfp_lane_tx_wavelength_nM.%u.0 6\nsfp_lane_rx_power_uW.%u.0 7\n"
		"sfp_lane_rx_power_min_uW.%u.0 8\nsfp_lane_rx_power_max_uW.%u.0 9\n"
		"sfp_lane_rx_wavelength_nM.%u.0 10\n");
}

static void test_host(void **state)
{
	assert_string_equal(counters(2000, "00000005 6c656166310a0000"
					   "0102030405060708090a0b0c0d0e0f10 00000003 00000002"
					   "00000000"),
		"hostname leaf1\nUUID 01020304-0506-0708-090a-0b0c0d0e0f10\nmachine_type 3\n"
		"os_name 2\n");
	assert_string_equal(counters(1004, "00000000abcdef01 fffffffe"),
		"openflow_datapath_id 00000000abcdef01\nopenflow_port 4294967294\n");
	assert_non_null(strstr(counters(2003, "3f333333 bf800000 00000000"),
		"cpu_load_one 0.700\ncpu_load_five -1.000\ncpu_load_fifteen 0.000\n"));
}

/* ---- Texts of the wire ---- */

/* A text of `len` bytes: what is printed of it. */
static void check_text(const char *bytes, uint32_t len, const char *expected)
{
	char hex[2048], line[2048];
	size_t at = (size_t)snprintf(hex, sizeof(hex), "%08x", len);

	for (uint32_t i = 0; i < (len + 3) / 4 * 4; i++)
		at += (size_t)snprintf(
			hex + at, sizeof(hex) - at, "%02x", i < len ? (uint8_t)bytes[i] : 0xEE);
	snprintf(line, sizeof(line), "extendedType linux_reason\nlinux_drop_reason %s\n", expected);
	assert_string_equal(flow(1042, hex), line);
}

#define CHECK_TEXT(bytes, expected) check_text(bytes, sizeof(bytes) - 1, expected)

static void test_escapes(void **state)
{
	char bytes[256], expected[256];

	CHECK_TEXT("plain ~ text\\", "plain ~ text\\");
	CHECK_TEXT("C:\\x\\y\x1B\\", "C:\\x5cx\\y\\x1b\\"); /* what looks like an escape */
	CHECK_TEXT("a\nb\r\t\x1B[0m\x7F", "a\\x0ab\\x0d\\x09\\x1b[0m\\x7f");
	CHECK_TEXT("gr\xC3\xBC\xC3\x9F"
		   "e \xE2\x82\xAC \xF0\x9F\x98\x80",
		"gr\xC3\xBC\xC3\x9F"
		"e \xE2\x82\xAC \xF0\x9F\x98\x80");
	CHECK_TEXT("\x80\xFF\xC3(\xE2\x82", "\\x80\\xff\\xc3(\\xe2\\x82");
	CHECK_TEXT("\xED\xA0\x80\xC0\xAF", "\\xed\\xa0\\x80\\xc0\\xaf");
	CHECK_TEXT("\xC2\x9B"
		   "31m",
		"\\xc2\\x9b31m"); /* CSI as one character */
	CHECK_TEXT("ab\0cd", "ab");
	CHECK_TEXT("\0cd", "");
	/* Cut at the size of sflowtool's buffer. */
	memset(bytes, 'x', 100);
	memset(expected, 'x', 63);
	expected[63] = '\0';
	check_text(bytes, 100, expected);
	check_text(bytes, 63, expected);
}

/* ---- Damage ---- */

/* What is there is printed; the sample does not end. */
static void test_cut(void **state)
{
	struct wire w = wire_hex(V2);

	w.len = 36 + 32 + 8 + 8;
	print_wire(DECODE_TEXT, &w);
	assert_non_null(
		strstr(print_text, "outputPort multiple 3\nflowBlock_tag 0:1001\n"
				   "extendedType SWITCH\nin_vlan 100\nin_priority 1\n" END));
	assert_null(strstr(print_text, "endSample"));
	assert_string_equal(print_damages, "sample_overrun@84 ");
	w.len = 36 + 16;
	print_wire(DECODE_TEXT, &w);
	assert_non_null(strstr(print_text,
		"samplesInPacket 1\n" START_SAMPLE "sampleType_tag 0:1\nsampleType FLOWSAMPLE\n"
		"sampleSequenceNo 9\nsourceId 1:100\n"));
	w.len = 3;
	assert_string_equal(print_wire(DECODE_TEXT, &w), CAPTURED("3") END);
	w.len = 0;
	assert_string_equal(print_wire(DECODE_TEXT, &w), CAPTURED("0") END);
	assert_string_equal(print_damages, "short@0 ");
}

/* A record of MACs of 24 bytes, cut after 20. */
static void test_cut_ethernet(void **state)
{
	struct wire w = print_record(
		SFLOW_FLOW_SAMPLE, 2, "000003e8 0102030405060000 0708090a0b0c0000 00000800");

	w.len -= 4;
	assert_non_null(strstr(print_wire(DECODE_TEXT, &w),
		"flowSampleType ETHERNET\nethernet_len 1000\nethernet_src 010203040506\n"
		"ethernet_dst 0708090a0b0c\n" END));
}

/* ---- The decoder itself ---- */

static int refuse(void *ctx, const char *bytes, size_t len)
{
	unsigned *calls = ctx;

	++*calls;
	return -ENOSPC;
}

static void test_sink_fails(void **state)
{
	unsigned calls = 0;
	const struct decode_sink sink = {.write = refuse, .ctx = &calls};
	struct decode *d = decode_create(DECODE_TEXT, &sink);
	struct wire w = wire_hex(V4);
	const struct decode_datagram g = {.payload = w.bytes, .len = w.len};
	int err = 0;

	assert_non_null(d);
	for (unsigned i = 0; i < 1000 && !err; i++)
		err = decode_datagram(d, &g);
	assert_int_equal(err, -ENOSPC);
	assert_int_equal(decode_datagram(d, &g), -ENOSPC);
	assert_int_equal(decode_flush(d), -ENOSPC);
	assert_int_equal(calls, 1);
	decode_destroy(d);
	decode_destroy(NULL);
}

static uint64_t last_number;

static void number_of(void *ctx, uint64_t number, const struct sflow_break *b)
{
	last_number = number;
}

static int ignore(void *ctx, const char *bytes, size_t len)
{
	return 0;
}

/* Damages are told with the number of their datagram; counters are of all of them. */
static void test_numbers(void **state)
{
	const struct decode_sink sink = {.write = ignore, .damage = number_of};
	struct wire good = wire_hex(V2), bad = good;
	const struct decode_datagram first = {.payload = good.bytes, .len = good.len};
	struct decode_datagram second = {.payload = bad.bytes, .len = bad.len - 1};
	struct decode *d = decode_create(DECODE_GREP, &sink);

	assert_int_equal(decode_datagram(d, &first), 0);
	assert_int_equal(last_number, 0);
	assert_int_equal(decode_datagram(d, &second), 0);
	assert_int_equal(last_number, 2);
	assert_int_equal(decode_stats(d)[SFLOW_DATAGRAMS], 2);
	assert_int_equal(decode_stats(d)[SFLOW_FLOW_SAMPLES], 1);
	assert_int_equal(decode_stats(d)[SFLOW_DROP_SAMPLE_OVERRUN], 1);
	decode_destroy(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_no_samples, print_teardown),
		cmocka_unit_test_teardown(test_live, print_teardown),
		cmocka_unit_test_teardown(test_flow_sample, print_teardown),
		cmocka_unit_test_teardown(test_expanded, print_teardown),
		cmocka_unit_test_teardown(test_counter_sample, print_teardown),
		cmocka_unit_test_teardown(test_discard, print_teardown),
		cmocka_unit_test_teardown(test_grep, print_teardown),
		cmocka_unit_test_teardown(test_unknown_sample, print_teardown),
		cmocka_unit_test_teardown(test_custom, print_teardown),
		cmocka_unit_test_teardown(test_header, print_teardown),
		cmocka_unit_test_teardown(test_header_tags, print_teardown),
		cmocka_unit_test_teardown(test_header_ipv6, print_teardown),
		cmocka_unit_test_teardown(test_header_others, print_teardown),
		cmocka_unit_test_teardown(test_header_long, print_teardown),
		cmocka_unit_test_teardown(test_ethernet, print_teardown),
		cmocka_unit_test_teardown(test_sampled_ip, print_teardown),
		cmocka_unit_test_teardown(test_forwarding, print_teardown),
		cmocka_unit_test_teardown(test_path, print_teardown),
		cmocka_unit_test_teardown(test_user, print_teardown),
		cmocka_unit_test_teardown(test_payload, print_teardown),
		cmocka_unit_test_teardown(test_skipped, print_teardown),
		cmocka_unit_test_teardown(test_words, print_teardown),
		cmocka_unit_test_teardown(test_key, print_teardown),
		cmocka_unit_test_teardown(test_adapters, print_teardown),
		cmocka_unit_test_teardown(test_lanes, print_teardown),
		cmocka_unit_test_teardown(test_host, print_teardown),
		cmocka_unit_test_teardown(test_escapes, print_teardown),
		cmocka_unit_test_teardown(test_cut, print_teardown),
		cmocka_unit_test_teardown(test_cut_ethernet, print_teardown),
		cmocka_unit_test(test_sink_fails),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
