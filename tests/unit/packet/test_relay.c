/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

static void frame_relay(void **state)
{
	uint32_t p = PACKET_PROTOCOL_FRAME_RELAY;

	(void)state;
	expect_protocol("1841 03 CC" IP("06") TCP, p, "stack", "fr.ip.tcp");
	expect_protocol("1841 03 8E" IP6("06") TCP, p, "stack", "fr.ip6.tcp");
	expect_protocol("1841 03 CF 0021" IP("06") TCP, p, "stack", "fr.ppp.ip.tcp");
	expect_protocol("1841 03 00 80 000000 0800" IP("06") TCP, p, "stack", "fr.ip.tcp");
	expect_protocol(
		"1841 03 80 0080C2 0007" ETH "0800" IP("06") TCP, p, "stack", "fr.eth.ip.tcp");
	/* Cisco's encapsulation; one that is not known. */
	expect_protocol("1841 0800" IP("06") TCP, p, "stack", "fr.ip.tcp");
	expect_protocol("1841 03 81" IP("06") TCP, p, "stack", "fr");
	expect_protocol("1841 03 80 00000C 2000", p, "stack", "fr");
}

static void frame_relay_address(void **state)
{
	uint32_t p = PACKET_PROTOCOL_FRAME_RELAY;

	(void)state;
	expect_protocol("1841 03 CC" IP("06"), p, "frdlci", "100");
	expect_protocol("1841", p, "frfecn", "false");
	expect_protocol("1849", p, "frfecn", "true");
	expect_protocol("1849", p, "frbecn", "false");
	expect_protocol("1845", p, "frbecn", "true");
	expect_protocol("1843", p, "frde", "true");
	expect_protocol("1845", p, "frde", "false");
	/* Three and four bytes. */
	expect_protocol("FCF0FD 03 CC" IP("06") TCP, p, "frdlci", "65535");
	expect_protocol("FCF0FD 03 CC" IP("06") TCP, p, "stack", "fr.ip.tcp");
	expect_protocol("FCF0FEFD 03 CC" IP("06") TCP, p, "frdlci", "8388607");
	expect_protocol("04100405 03 CC" IP("06") TCP, p, "frdlci", "139393");
	expect_protocol("04100405 03 CC" IP("06") TCP, p, "stack", "fr.ip.tcp");
	/* Too short, too long, cut. */
	expect_protocol("19 03 CC", p, "frdlci", NULL);
	expect_protocol("19 03 CC" IP("06"), p, "stack", "fr");
	expect_protocol("18404040 41 03 CC", p, "frdlci", NULL);
	expect_protocol("1840", p, "frdlci", NULL);
	expect_protocol("18", p, "frdlci", NULL);
	expect_protocol("", p, "stack", NULL);
}

static void x25(void **state)
{
	uint32_t p = PACKET_PROTOCOL_X25;

	(void)state;
	expect_protocol("1123 00 CC" IP("06") TCP, p, "stack", "x25.ip.tcp");
	expect_protocol("1123 02" IP("06") TCP, p, "stack", "x25.ip.tcp");
	expect_protocol("1123 02" IP6("06") TCP, p, "stack", "x25.ip6.tcp");
	expect_protocol("2123 00 02 CC" IP("06") TCP, p, "stack", "x25.ip.tcp");
	expect_protocol("1123 00 CC", p, "x25channel", "291");
	expect_protocol("1123 0B CC" IP("06"), p, "x25type", "11");
	expect_protocol("1123 0B CC" IP("06"), p, "stack", "x25");
	expect_protocol("1123", p, "x25channel", "291");
	expect_protocol("1123", p, "x25type", NULL);
	expect_protocol("11", p, "x25channel", NULL);
	expect_protocol("", p, "stack", NULL);
}

#define SMDS "0001 0064 C15551234567FFFF E18005550100FFFF 04000000 000000000000000000000000 "

static void smds(void **state)
{
	uint32_t p = PACKET_PROTOCOL_SMDS;

	(void)state;
	expect_protocol(SMDS "AAAA03 000000 0800" IP("06") TCP, p, "stack", "smds.ip.tcp");
	expect_protocol(
		SMDS "AAAA03 000000 0800" IP("06") TCP, p, "smdsdestination", "15551234567");
	expect_protocol(SMDS "AAAA03 000000 0800" IP("06") TCP, p, "smdssource", "18005550100");
	expect_protocol(SMDS "424203", p, "stack", "smds.llc");
	/* All digits, none, and something else. */
	expect_protocol("0001 0064 C123456789012345", p, "smdsdestination", "123456789012345");
	expect_protocol("0001 0064 CFFFFFFFFFFFFFFF", p, "smdsdestination", NULL);
	expect_protocol("0001 0064 C1A2345678901234", p, "smdsdestination", NULL);
	expect_protocol("0001 0064 C1234567890123", p, "smdsdestination", NULL);
	expect_protocol("0001 0064 C1234567890123", p, "stack", "smds");
	expect_protocol("", p, "stack", NULL);
}

static void aal5(void **state)
{
	uint32_t p = PACKET_PROTOCOL_AAL5;

	(void)state;
	expect_protocol("AAAA03 000000 0800" IP("06") TCP, p, "stack", "ip.tcp");
	expect_protocol("AAAA03 000000 0800" IP("06") TCP, p, "snapprotocol", "2048");
	expect_protocol(
		"AAAA03 0080C2 0007 0000" ETH "0800" IP("06") TCP, p, "stack", "eth.ip.tcp");
	expect_protocol("FEFE03 CF 0021" IP("06") TCP, p, "stack", "ppp.ip.tcp");
	expect_protocol("FEFE03 83", p, "stack", "llc");
	/* Circuits of one protocol. */
	expect_protocol(IP("06") TCP, p, "stack", "ip.tcp");
	expect_protocol(IP6("06") TCP, p, "stack", "ip6.tcp");
	expect_protocol("0000 0000", p, "stack", NULL);
	expect_protocol("", p, "stack", NULL);
	expect_protocol(IP("06") TCP, PACKET_PROTOCOL_AAL5_IP, "stack", "ip.tcp");
	expect_protocol(IP6("06") TCP, PACKET_PROTOCOL_AAL5_IP, "stack", "ip6.tcp");
	expect_protocol("AAAA03 000000 0800", PACKET_PROTOCOL_AAL5_IP, "stack", NULL);
	expect_protocol("", PACKET_PROTOCOL_AAL5_IP, "stack", NULL);
}

TEST_MAIN(cmocka_unit_test(frame_relay), cmocka_unit_test(frame_relay_address),
	cmocka_unit_test(x25), cmocka_unit_test(smds), cmocka_unit_test(aal5))
