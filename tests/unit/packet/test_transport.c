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
	expect(ETH "0800" IP("84") "04D20050", "stack", 0, "eth.ip");
	expect(ETH "0800" IP("84") "04D20050", "ipprotocol", 0, "132");
}

TEST_MAIN(cmocka_unit_test(tcp), cmocka_unit_test(tcp_flags), cmocka_unit_test(tcp_cut),
	cmocka_unit_test(udp), cmocka_unit_test(others))
