/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#define GTPU ETH "0800" IP("11") UDP("0868")

static void user_packets(void **state)
{
	static const struct {
		const char *hex, *stack;
	} cases[] = {
		{GTPU "30 FF 0040 01020304" IP_INNER("06") TCP, "eth.ip.udp.gtpu.ip.tcp"},
		{GTPU "30 FF 0040 01020304" IP6("06") TCP, "eth.ip.udp.gtpu.ip6.tcp"},
		/* Sequence number; N-PDU number, beside which the type of an extension is nothing. */
		{GTPU "32 FF 0040 01020304 0001 00 00" IP_INNER("06") TCP,
			"eth.ip.udp.gtpu.ip.tcp"},
		{GTPU "31 FF 0040 01020304 0001 00 85" IP_INNER("06") TCP,
			"eth.ip.udp.gtpu.ip.tcp"},
		/* One extension of 4 bytes (of a PDU session), and one of 8 behind it. */
		{GTPU "34 FF 0040 01020304 0000 00 85 01 00 09 00" IP_INNER("06") TCP,
			"eth.ip.udp.gtpu.ip.tcp"},
		{GTPU "34 FF 0040 01020304 0000 00 85 01 00 09 C0 02 0000 00000000 00" IP_INNER(
			 "06") TCP,
			"eth.ip.udp.gtpu.ip.tcp"},
		/* Neither IP; an extension of no length; more extensions than are walked. */
		{GTPU "30 FF 0040 01020304 0000", "eth.ip.udp.gtpu"},
		{GTPU "34 FF 0040 01020304 0000 00 85 00 00 09 00" IP_INNER("06"),
			"eth.ip.udp.gtpu"},
		{GTPU "34 FF 0040 01020304 0000 00 85 01000085 01000085 01000085 01000085"
		      "01000085 01000085 01000085 01000085 01000000" IP_INNER("06"),
			"eth.ip.udp.gtpu"},
		{GTPU "34 FF 0040 01020304 0000 00 85 01000085 01000085 01000085 01000085"
		      "01000085 01000085 01000085 01000000" IP_INNER("06"),
			"eth.ip.udp.gtpu.ip"},
		/* An echo request, GTP', version 2. */
		{GTPU "32 01 0004 00000000 0001 00 00" IP_INNER("06"), "eth.ip.udp.gtpu"},
		{GTPU "20 FF 0040 01020304" IP_INNER("06"), "eth.ip.udp"},
		{GTPU "50 FF 0040 01020304" IP_INNER("06"), "eth.ip.udp"},
		{GTPU "30", "eth.ip.udp.gtpu"},
		{GTPU "34 FF 0040 01020304 0000 00", "eth.ip.udp.gtpu"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(cases[i].hex, "stack", 0, cases[i].stack);
}

static void fields(void **state)
{
	static const char hex[] = GTPU "30 FF 0040 01020304" IP_INNER("06") TCP;

	(void)state;
	expect(hex, "gtputeid", 0, "16909060");
	expect(hex, "gtpumessagetype", 0, "255");
	expect(hex, "ipsource", 1, "192.168.0.1");
	expect(hex, "tcpdestinationport", 0, "80");
	expect(GTPU "30 FE 0000 010203", "gtputeid", 0, NULL);
	expect(GTPU "30 FE 0000 010203", "gtpumessagetype", 0, "254");
}

/* Entering it is one of the tunnels that may be entered. */
static void not_entered(void **state)
{
	struct bytes b = bytes_of(GTPU "30 FF 0040 01020304" IP_INNER("06") TCP);
	struct packet p;
	char buf[PACKET_ROOM];

	(void)state;
	packet_decode(&p, b.p, b.len, PACKET_PROTOCOL_ETHERNET, 0);
	assert_string_equal(text_of(&p, field_of("stack"), 0, buf, sizeof(buf)), "eth.ip.udp.gtpu");
	free(b.p);
}

TEST_MAIN(cmocka_unit_test(user_packets), cmocka_unit_test(fields), cmocka_unit_test(not_entered))
