/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

static void tcp(void **state)
{
	(void)state;
	expect(ETH "0800" IP("06") TCP, "stack", 0, "eth.ip.tcp");
	expect(ETH "0800" IP("06") TCP, "tcpsourceport", 0, "1234");
	expect(ETH "0800" IP("06") TCP, "tcpdestinationport", 0, "80");
	expect(ETH "0800" IP("06") TCP, "tcpseqno", 0, "1");
	expect(ETH "0800" IP("06") TCP, "tcpackno", 0, "2");
	expect(ETH "0800" IP("06") TCP, "tcpwindow", 0, "8192");
}

/* The header length and the reserved bits are not part of the value either. */
static void tcp_flags(void **state)
{
	struct bytes b = bytes_of(ETH "0800" IP("06") "04D2 0050 00000001 00000002 FFFF");
	struct packet p;
	struct packet_value v;

	(void)state;
	expect(ETH "0800" IP("06") TCP, "tcpflags", 0, "000010010");
	expect(ETH "0800" IP("06") "04D2 0050 00000001 00000002 5100", "tcpflags", 0, "100000000");
	expect(ETH "0800" IP("06") "04D2 0050 00000001 00000002 5001", "tcpflags", 0, "000000001");
	packet_decode(&p, b.p, b.len, PACKET_PROTOCOL_ETHERNET, 0);
	assert_true(packet_field_get(&p, field_of("tcpflags"), 0, &v));
	assert_memory_equal(v.p, "\x01\xFF", 2);
	free(b.p);
}

/* Headers are often cut within TCP: each field counts by itself. */
static void tcp_cut(void **state)
{
	(void)state;
	expect(ETH "0800" IP("06") "04D2 0050 0000", "tcpdestinationport", 0, "80");
	expect(ETH "0800" IP("06") "04D2 0050 0000", "tcpseqno", 0, NULL);
	expect(ETH "0800" IP("06") "04D2 00", "tcpsourceport", 0, "1234");
	expect(ETH "0800" IP("06") "04D2 00", "tcpdestinationport", 0, NULL);
	expect(ETH "0800" IP("06") "04D2 0050 00000001 00000002 50", "tcpflags", 0, NULL);
	expect(ETH "0800" IP("06"), "stack", 0, "eth.ip");
}

static void udp(void **state)
{
	(void)state;
	expect(ETH "86DD" IP6("11") UDP("0035"), "stack", 0, "eth.ip6.udp");
	expect(ETH "86DD" IP6("11") UDP("0035"), "udpsourceport", 0, "49152");
	expect(ETH "86DD" IP6("11") UDP("0035"), "udpdestinationport", 0, "53");
	expect(ETH "86DD" IP6("11") UDP("0035"), "udpbytes", 0, "64");
	expect(ETH "86DD" IP6("11") "C000 0035 00", "udpbytes", 0, NULL);
}

static void others(void **state)
{
	(void)state;
	expect(ETH "0800" IP("59") "02010030", "stack", 0, "eth.ip");
	expect(ETH "0800" IP("59") "02010030", "ipprotocol", 0, "89");
}

static void sctp(void **state)
{
	static const char hex[] = ETH "0800" IP("84") "8E3C 0B59 01020304 00000000 0003 0010";

	(void)state;
	expect(hex, "stack", 0, "eth.ip.sctp");
	expect(hex, "sctpsourceport", 0, "36412");
	expect(hex, "sctpdestinationport", 0, "2905");
	expect(hex, "sctpvtag", 0, "16909060");
	expect(hex, "sctpchunktype", 0, "0");
	expect(ETH "86DD" IP6("84") "8E3C 0B59 01020304 00000000 01", "sctpchunktype", 0, "1");
	expect(ETH "86DD" IP6("84") "8E3C 0B59 01020304 00000000", "sctpchunktype", 0, NULL);
	expect(ETH "86DD" IP6("84") "8E3C 0B59 010203", "sctpvtag", 0, NULL);
}

#define SYN "04D2 0050 00000001 00000002 %X002 2000 0000 0000 %s"

static void expect_mss(unsigned words, const char *options, const char *text)
{
	char hex[PACKET_ROOM];

	snprintf(hex, sizeof(hex), ETH "0800" IP("06") SYN, words, options);
	expect(hex, "tcpmss", 0, text);
}

static void tcp_mss(void **state)
{
	(void)state;
	expect_mss(6, "02 04 05B4", "1460");
	expect_mss(8, "01 01 08 0A 00000001 00000002", NULL);
	expect_mss(10, "01 01 08 0A 00000001 00000002 01 02 04 2300 01 01 01", "8960");
	/* None, behind the end, behind the header, and of a wrong length. */
	expect_mss(5, "02 04 05B4", NULL);
	expect_mss(7, "00 01 01 01 02 04 05B4", NULL);
	expect_mss(6, "01 01 01 01 02 04 05B4", NULL);
	expect_mss(6, "02 03 05 01", NULL);
	expect_mss(6, "08 00 02 04", NULL);
	expect_mss(7, "08 01 02 04 05B4 0000", NULL);
	expect_mss(6, "01 02 04 05B4", NULL);
	expect_mss(6, "01 01 01 08", NULL);
	/* The cut. */
	expect_mss(6, "02 04 05", NULL);
	expect_mss(6, "02", NULL);
	expect_mss(0, "02 04 05B4", NULL);
}

static void offsets(void **state)
{
	(void)state;
	expect(ETH "0800" IP("06") TCP, "tcp_offset", 0, "34");
	expect(ETH "0800" IP("11") UDP("0035"), "udp_offset", 0, "34");
	expect(ETH "0800" IP("06"), "tcp_offset", 0, NULL);
}

TEST_MAIN(cmocka_unit_test(tcp), cmocka_unit_test(sctp), cmocka_unit_test(tcp_mss),
	cmocka_unit_test(offsets), cmocka_unit_test(tcp_flags), cmocka_unit_test(tcp_cut),
	cmocka_unit_test(udp), cmocka_unit_test(others))
