/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#define PPPOE ETH "8864 11 00 000A 0040 "

static void ppp(void **state)
{
	static const uint32_t protocols[] = {PACKET_PROTOCOL_PPP, PACKET_PROTOCOL_POS};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		uint32_t p = protocols[i];

		expect_protocol("FF03 0021" IP("06") TCP, p, "stack", "ppp.ip.tcp");
		expect_protocol("FF03 0021" IP("06") TCP, p, "pppprotocol", "33");
		expect_protocol("FF03 0057" IP6("06") TCP, p, "stack", "ppp.ip6.tcp");
		expect_protocol("FF03 0057" IP6("06") TCP, p, "pppprotocol", "87");
		/* Both fields compressed, and each of them. */
		expect_protocol("21" IP("06") TCP, p, "stack", "ppp.ip.tcp");
		expect_protocol("21" IP("06") TCP, p, "pppprotocol", "33");
		expect_protocol("FF03 21" IP("06") TCP, p, "stack", "ppp.ip.tcp");
		expect_protocol("0021" IP("06") TCP, p, "stack", "ppp.ip.tcp");
		expect_protocol("0281 000C813F" IP("06"), p, "stack", "ppp.mpls.ip");
		expect_protocol("0283 000C813F" IP("06"), p, "stack", "ppp.mpls.ip");
		/* LCP. */
		expect_protocol("FF03 C021 0101", p, "stack", "ppp");
		expect_protocol("FF03 C021 0101", p, "pppprotocol", "49185");
	}
}

static void ppp_cut(void **state)
{
	(void)state;
	expect_protocol("FF03 00", PACKET_PROTOCOL_PPP, "pppprotocol", NULL);
	expect_protocol("FF03 00", PACKET_PROTOCOL_PPP, "stack", "ppp");
	expect_protocol("FF03", PACKET_PROTOCOL_PPP, "stack", NULL);
	expect_protocol("FF", PACKET_PROTOCOL_PPP, "stack", NULL);
	expect_protocol("FF00 0021" IP("06"), PACKET_PROTOCOL_PPP, "stack", NULL);
	expect_protocol("", PACKET_PROTOCOL_PPP, "stack", NULL);
}

/* Cisco HDLC on POS: no layer of its own. */
static void hdlc(void **state)
{
	(void)state;
	expect_protocol("0F00 0800" IP("06") TCP, PACKET_PROTOCOL_POS, "stack", "ip.tcp");
	expect_protocol("0F00 0800" IP("06") TCP, PACKET_PROTOCOL_POS, "ip_offset", "4");
	expect_protocol("0F00 0800" IP("06") TCP, PACKET_PROTOCOL_POS, "pppprotocol", NULL);
	expect_protocol("8F00 86DD" IP6("06") TCP, PACKET_PROTOCOL_POS, "stack", "ip6.tcp");
	expect_protocol(
		"0F00 8847 000C813F" IP("06") TCP, PACKET_PROTOCOL_POS, "stack", "mpls.ip.tcp");
	expect_protocol("8F00 8035 00000002", PACKET_PROTOCOL_POS, "stack", NULL);
	expect_protocol("0F00 0800", PACKET_PROTOCOL_POS, "stack", NULL);
}

static void pppoe(void **state)
{
	(void)state;
	expect(PPPOE "0021" IP("06") TCP, "stack", 0, "eth.pppoe.ppp.ip.tcp");
	expect(PPPOE "0021" IP("06") TCP, "pppoesession", 0, "10");
	expect(PPPOE "0021" IP("06") TCP, "pppoecode", 0, "0");
	expect(PPPOE "0021" IP("06") TCP, "pppprotocol", 0, "33");
	expect(PPPOE "0021" IP("06") TCP, "ethernetprotocol", 0, "34916");
	expect(PPPOE "0021" IP("06") TCP, "ip_offset", 0, "22");
	expect(ETH "8100 0007 8864 11 00 FFFF 0040 0057" IP6("06") TCP, "stack", 0,
		"eth.pppoe.ppp.ip6.tcp");
	/* Discovery, a termination, and another version. */
	expect(ETH "8863 11 09 0000 0004 0101 0000", "stack", 0, "eth.pppoe");
	expect(ETH "8863 11 09 0000 0004 0101 0000", "pppoecode", 0, "9");
	expect(ETH "8863 11 00 0000 0004 0021" IP("06"), "stack", 0, "eth.pppoe");
	expect(ETH "8864 11 A7 000A 0000 0021" IP("06"), "stack", 0, "eth.pppoe");
	expect(ETH "8864 21 00 000A 0040 0021" IP("06"), "stack", 0, "eth");
	expect(ETH "8864 11 00 00", "pppoesession", 0, NULL);
	expect(ETH "8864 11 00 00", "pppoecode", 0, "0");
	expect(ETH "8864", "stack", 0, "eth");
}

TEST_MAIN(cmocka_unit_test(ppp), cmocka_unit_test(ppp_cut), cmocka_unit_test(hdlc),
	cmocka_unit_test(pppoe))
