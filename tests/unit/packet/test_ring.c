/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#define SNAP "AAAA03 000000 0800"

static void token_ring(void **state)
{
	static const char hex[] = "10 40 " ETH SNAP IP("06") TCP;
	uint32_t p = PACKET_PROTOCOL_TOKEN_RING;

	(void)state;
	expect_protocol(hex, p, "stack", "ring.ip.tcp");
	expect_protocol(hex, p, "macdestination", "020000000002");
	expect_protocol(hex, p, "macsource", "020000000001");
	expect_protocol(hex, p, "ethernetprotocol", "2048");
	expect_protocol(hex, p, "ringcontrol", "64");
	expect_protocol(hex, p, "llcdsap", "170");
	expect_protocol(hex, p, "ip_offset", "22");
	/* No Ethernet header, and no saying which bit is the first. */
	expect_protocol(hex, p, "eth_offset", NULL);
	expect_protocol(hex, p, "isunicast", NULL);
	expect_protocol(hex, p, "ismulticast", NULL);
	expect_protocol(hex, p, "isbroadcast", NULL);
}

/* Routing information, whose presence is a bit of the source address. */
static void source_route(void **state)
{
	uint32_t p = PACKET_PROTOCOL_TOKEN_RING;

	(void)state;
	expect_protocol("10 40 020000000002 820000000001 0630 0011 0020" SNAP IP("06") TCP, p,
		"stack", "ring.ip.tcp");
	expect_protocol("10 40 020000000002 820000000001 0630 0011 0020" SNAP IP("06") TCP, p,
		"macsource", "020000000001");
	expect_protocol("10 40 020000000002 820000000001 C270" SNAP IP("06") TCP, p, "stack",
		"ring.ip.tcp");
	expect_protocol(
		"10 40 020000000002 820000000001 0030" SNAP IP("06") TCP, p, "stack", "ring");
	expect_protocol("10 40 020000000002 820000000001 1F", p, "stack", "ring");
}

static void mac_frames(void **state)
{
	(void)state;
	expect_protocol("10 05 " ETH SNAP IP("06"), PACKET_PROTOCOL_TOKEN_RING, "stack", "ring");
	expect_protocol("10 05 " ETH SNAP, PACKET_PROTOCOL_TOKEN_RING, "macsource", "020000000001");
	expect_protocol("08 " ETH SNAP IP("06"), PACKET_PROTOCOL_TOKEN_BUS, "stack", "ring");
	expect_protocol("C3 " ETH SNAP IP("06"), PACKET_PROTOCOL_FDDI, "stack", "ring");
	expect_protocol("10 " ETH SNAP IP("06"), PACKET_PROTOCOL_FDDI, "stack", "ring");
}

static void bus_and_fddi(void **state)
{
	(void)state;
	expect_protocol("50 " ETH SNAP IP("06") TCP, PACKET_PROTOCOL_FDDI, "stack", "ring.ip.tcp");
	expect_protocol("57 " ETH SNAP IP("06"), PACKET_PROTOCOL_FDDI, "ringcontrol", "87");
	expect_protocol("D0 " ETH SNAP IP("06"), PACKET_PROTOCOL_FDDI, "macsource", "020000000001");
	expect_protocol(
		"40 " ETH SNAP IP("06") TCP, PACKET_PROTOCOL_TOKEN_BUS, "stack", "ring.ip.tcp");
	expect_protocol("02 " ETH SNAP IP("06") TCP, PACKET_PROTOCOL_TOKEN_BUS, "macdestination",
		"020000000002");
	expect_protocol("02 " ETH "424203", PACKET_PROTOCOL_TOKEN_BUS, "stack", "ring.llc");
}

static void cut(void **state)
{
	uint32_t p = PACKET_PROTOCOL_TOKEN_RING;

	(void)state;
	expect_protocol("10", p, "stack", NULL);
	expect_protocol("10 40 020000000002 02", p, "stack", "ring");
	expect_protocol("10 40 020000000002 02", p, "macdestination", "020000000002");
	expect_protocol("10 40 020000000002 02", p, "macsource", NULL);
}

TEST_MAIN(cmocka_unit_test(token_ring), cmocka_unit_test(source_route),
	cmocka_unit_test(mac_frames), cmocka_unit_test(bus_and_fddi), cmocka_unit_test(cut))
