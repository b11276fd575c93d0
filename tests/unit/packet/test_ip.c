/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#define IP_ETH_51 ETH "0800 4500 0054 1234 0000 40 33 0000 0A000001 0A000002 "
#define FIELDS "45 B9 0054 1234 2003 40 06 0000 0A000001 0A000002 "

static void header(void **state)
{
	(void)state;
	expect(ETH "0800" FIELDS, "ip_offset", 0, "14");
	expect(ETH "0800" FIELDS, "ipsource", 0, "10.0.0.1");
	expect(ETH "0800" FIELDS, "ipdestination", 0, "10.0.0.2");
	expect(ETH "0800" FIELDS, "ipprotocol", 0, "6");
	expect(ETH "0800" FIELDS, "ipbytes", 0, "84");
	expect(ETH "0800" FIELDS, "ipttl", 0, "64");
	expect(ETH "0800" FIELDS, "ipid", 0, "4660");
	expect(ETH "0800" FIELDS, "iptos", 0, "10111001");
	expect(ETH "0800" FIELDS, "ipdscp", 0, "46");
	expect(ETH "0800" FIELDS, "ipdscpname", 0, "ef(46)");
	expect(ETH "0800" FIELDS, "ipecn", 0, "01");
	expect(ETH "0800" FIELDS, "ipflags", 0, "001");
	expect(ETH "0800" FIELDS, "ipfragoffset", 0, "3");
	expect_protocol(IP("06") TCP, PACKET_PROTOCOL_IPV4, "stack", "ip.tcp");
	expect_protocol(IP("06") TCP, PACKET_PROTOCOL_IPV4, "ip_offset", "0");
}

/* An authentication header stands between IPv4 and what it carries. */
static void authentication(void **state)
{
	(void)state;
	expect(IP_ETH_51 "06 04 0000 00000001 00000002 0A0B0C0D 11223344 55667788" TCP, "stack", 0,
		"eth.ip.tcp");
	expect(IP_ETH_51 "06 04 0000 00000001 00000002 0A0B0C0D 11223344 55667788" TCP,
		"tcp_offset", 0, "58");
	expect(IP_ETH_51 "33 01 0000 00000001 06 01 0000 00000002" TCP, "stack", 0, "eth.ip");
	expect(IP_ETH_51 "06", "stack", 0, "eth.ip");
	expect(IP_ETH_51 "06 FF", "stack", 0, "eth.ip");
}

static void names_of_code_points(void **state)
{
	(void)state;
	expect(ETH "0800 4500", "ipdscpname", 0, "be(0)");
	expect(ETH "0800 4504", "ipdscpname", 0, "le(1)");
	expect(ETH "0800 4528", "ipdscpname", 0, "af11(10)");
	expect(ETH "0800 45E0", "ipdscpname", 0, "cs7(56)");
	expect(ETH "0800 45FC", "ipdscpname", 0, "unknown(63)");
}

static void options(void **state)
{
	static const char hex[] = ETH "0800 4F 00 0054 1234 4000 40 06 0000 0A000001 0A000002"
				      "0101010101010101 0101010101010101 0101010101010101 "
				      "0101010101010101 0101010101010101" TCP;

	(void)state;
	expect(hex, "tcpdestinationport", 0, "80");
	expect(ETH "0800 44 00 0054 1234 4000 40 06 0000 0A000001 0A000002" TCP, "stack", 0,
		"eth.ip");
}

static void fragments(void **state)
{
	(void)state;
	expect(ETH "0800 45 00 0054 1234 2000 40 06 0000 0A000001 0A000002" TCP, "stack", 0,
		"eth.ip.tcp");
	expect(ETH "0800 45 00 0054 1234 0001 40 06 0000 0A000001 0A000002" TCP, "stack", 0,
		"eth.ip");
	expect(ETH "0800 45 00 0054 1234 1000 40 06 0000 0A000001 0A000002" TCP, "stack", 0,
		"eth.ip");
	expect(ETH "0800 45 00 0054 1234 1FFF 40 06 0000 0A000001 0A000002", "ipfragoffset", 0,
		"8191");
	expect(ETH "0800" FIELDS TCP, "tcpsourceport", 0, NULL);
	expect(ETH "0800" FIELDS TCP, "ipprotocol", 0, "6");
}

static void not_version_4(void **state)
{
	(void)state;
	expect(ETH "0800" IP6("06") TCP, "stack", 0, "eth");
	expect_protocol(IP6("06") TCP, PACKET_PROTOCOL_IPV4, "stack", NULL);
}

TEST_MAIN(cmocka_unit_test(header), cmocka_unit_test(authentication),
	cmocka_unit_test(names_of_code_points), cmocka_unit_test(options),
	cmocka_unit_test(fragments), cmocka_unit_test(not_version_4))
