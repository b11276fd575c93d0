/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#define A1 "020000000011 "
#define A2 "020000000022 "
#define A3 "020000000033 "
#define A4 "020000000044 "
#define SNAP "AAAA03 000000 0800"
#define BODY SNAP IP("06") TCP
#define DOT11 PACKET_PROTOCOL_DOT11

/* Frame control, duration, three addresses, sequence control. */
#define HEADER(control) control " 0000 " A1 A2 A3 "1000 "

/* What each address is, by ToDS and FromDS. */
static void roles(void **state)
{
	static const struct {
		const char *hex, *destination, *source, *bssid, *to, *from;
	} cases[] = {
		{HEADER("0800") BODY, "020000000011", "020000000022", "020000000033", "false",
			"false"},
		{HEADER("0801") BODY, "020000000033", "020000000022", "020000000011", "true",
			"false"},
		{HEADER("0802") BODY, "020000000011", "020000000033", "020000000022", "false",
			"true"},
		{HEADER("0803") A4 BODY, "020000000033", "020000000044", NULL, "true", "true"},
		{HEADER("8803") A4 "0000" BODY, "020000000033", "020000000044", NULL, "true",
			"true"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *hex = cases[i].hex;

		expect_protocol(hex, DOT11, "stack", "dot11.ip.tcp");
		expect_protocol(hex, DOT11, "macdestination", cases[i].destination);
		expect_protocol(hex, DOT11, "macsource", cases[i].source);
		expect_protocol(hex, DOT11, "dot11bssid", cases[i].bssid);
		expect_protocol(hex, DOT11, "dot11tods", cases[i].to);
		expect_protocol(hex, DOT11, "dot11fromds", cases[i].from);
		expect_protocol(hex, DOT11, "dot11receiver", "020000000011");
		expect_protocol(hex, DOT11, "dot11transmitter", "020000000022");
		expect_protocol(hex, DOT11, "ethernetprotocol", "2048");
		expect_protocol(hex, DOT11, "isunicast", "true");
		expect_protocol(hex, DOT11, "eth_offset", NULL);
	}
}

static void qos(void **state)
{
	(void)state;
	expect_protocol(HEADER("8802") "0600" BODY, DOT11, "stack", "dot11.ip.tcp");
	expect_protocol(HEADER("8882") "0600 00000000" BODY, DOT11, "stack", "dot11.ip.tcp");
	expect_protocol(HEADER("8802") "0600" BODY, DOT11, "dot11type", "2");
	expect_protocol(HEADER("8802") "0600" BODY, DOT11, "dot11subtype", "8");
	expect_protocol(HEADER("8802") "0600" BODY, DOT11, "ip_offset", "34");
	/* Without the QoS control it is not known whose the addresses are. */
	expect_protocol(HEADER("8802"), DOT11, "macsource", NULL);
	expect_protocol(HEADER("8802"), DOT11, "dot11transmitter", "020000000022");
}

/* Frames whose body is not LLC, or not readable, still have addresses. */
static void no_body(void **state)
{
	static const char *const hex[] = {HEADER("0842") BODY, HEADER("0862") BODY,
		HEADER("4802") BODY, HEADER("C802") "0000" BODY, HEADER("8842") "0000" BODY,
		"0802 0000 " A1 A2 A3 "1100 " BODY};

	(void)state;
	for (unsigned i = 0; i < sizeof(hex) / sizeof(hex[0]); i++) {
		expect_protocol(hex[i], DOT11, "stack", "dot11");
		expect_protocol(hex[i], DOT11, "macsource", "020000000033");
		expect_protocol(hex[i], DOT11, "ethernetprotocol", NULL);
	}
	expect_protocol(HEADER("0842") BODY, DOT11, "dot11protected", "true");
	expect_protocol(HEADER("0802") BODY, DOT11, "dot11protected", "false");
	expect_protocol(HEADER("080A") BODY, DOT11, "dot11retry", "true");
	expect_protocol(HEADER("0802") BODY, DOT11, "dot11retry", "false");
}

static void management(void **state)
{
	static const char beacon[] = "8000 0000 FFFFFFFFFFFF " A2 A3 "1000 0000000000000000";

	(void)state;
	expect_protocol(beacon, DOT11, "stack", "dot11");
	expect_protocol(beacon, DOT11, "dot11type", "0");
	expect_protocol(beacon, DOT11, "dot11subtype", "8");
	expect_protocol(beacon, DOT11, "isbroadcast", "true");
	expect_protocol(beacon, DOT11, "macsource", "020000000022");
	expect_protocol(beacon, DOT11, "dot11bssid", "020000000033");
}

static void control(void **state)
{
	(void)state;
	/* RTS, CTS, ACK, block ack request. */
	expect_protocol("B400 0000 " A1 A2, DOT11, "dot11receiver", "020000000011");
	expect_protocol("B400 0000 " A1 A2, DOT11, "dot11transmitter", "020000000022");
	expect_protocol("B400 0000 " A1 A2, DOT11, "macsource", NULL);
	expect_protocol("B400 0000 " A1 A2, DOT11, "dot11bssid", NULL);
	expect_protocol("C400 0000 " A1 A2, DOT11, "dot11transmitter", NULL);
	expect_protocol("D400 0000 " A1 A2, DOT11, "dot11transmitter", NULL);
	expect_protocol("D400 0000 " A1 A2, DOT11, "dot11receiver", "020000000011");
	expect_protocol("8400 0000 " A1 A2, DOT11, "dot11transmitter", "020000000022");
	/* An extension frame, and another version. */
	expect_protocol("0C00 0000 " A1 A2 A3, DOT11, "dot11receiver", NULL);
	expect_protocol("0C00 0000 " A1 A2 A3, DOT11, "macsource", NULL);
	expect_protocol("0901 0000 " A1 A2 A3, DOT11, "macsource", NULL);
	expect_protocol("0901 0000 " A1 A2 A3, DOT11, "dot11bssid", NULL);
}

/* Subframes have the addresses; their length may be above that of Ethernet. */
static void amsdu(void **state)
{
	static const char hex[] = HEADER("8802") "8000" ETH "0700" BODY;

	(void)state;
	expect_protocol(hex, DOT11, "stack", "dot11.eth.ip.tcp");
	expect_protocol(hex, DOT11, "macsource", "020000000001");
	expect_protocol(hex, DOT11, "macdestination", "020000000002");
	expect_protocol(hex, DOT11, "ethernetprotocol", "2048");
	expect_protocol(hex, DOT11, "eth_offset", "26");
	expect_protocol(HEADER("8842") "8000" ETH "0700" BODY, DOT11, "macsource", NULL);
	expect_protocol(ETH "0700" BODY, PACKET_PROTOCOL_AMSDU, "stack", "eth.ip.tcp");
	expect_protocol(ETH "0700" BODY, PACKET_PROTOCOL_AMSDU, "macsource", "020000000001");
	expect_protocol(ETH "0026 424203", PACKET_PROTOCOL_AMSDU, "stack", "eth.llc");
	expect_protocol(ETH "07", PACKET_PROTOCOL_AMSDU, "stack", "eth");
	expect_protocol("", PACKET_PROTOCOL_AMSDU, "stack", NULL);
}

static void ampdu(void **state)
{
	uint32_t p = PACKET_PROTOCOL_AMPDU;

	(void)state;
	expect_protocol("0006 00 4E" HEADER("0802") BODY, p, "stack", "dot11.ip.tcp");
	expect_protocol("0006 00 4E" HEADER("0802") BODY, p, "macsource", "020000000033");
	/* Two delimiters of padding; more than are walked; no signature. */
	expect_protocol(
		"0000 00 4E 0100 00 4E 1006 00 4E" HEADER("0802") BODY, p, "stack", "dot11.ip.tcp");
	expect_protocol("0000004E 0000004E 0000004E 0000004E 0000004E 0000004E 0000004E 0000004E "
			"0006004E" HEADER("0802") BODY,
		p, "stack", NULL);
	expect_protocol("0006 00 4F" HEADER("0802") BODY, p, "stack", NULL);
	expect_protocol("0006 00", p, "stack", NULL);
}

static void cut(void **state)
{
	(void)state;
	expect_protocol("08", DOT11, "stack", "dot11");
	expect_protocol("08", DOT11, "dot11type", "2");
	expect_protocol("08", DOT11, "dot11tods", NULL);
	expect_protocol("0802 0000 0200000000", DOT11, "macdestination", NULL);
	expect_protocol("0802 0000 0200000000", DOT11, "dot11receiver", NULL);
	expect_protocol(HEADER("0802"), DOT11, "macsource", "020000000033");
	expect_protocol("", DOT11, "stack", NULL);
}

TEST_MAIN(cmocka_unit_test(roles), cmocka_unit_test(qos), cmocka_unit_test(no_body),
	cmocka_unit_test(management), cmocka_unit_test(control), cmocka_unit_test(amsdu),
	cmocka_unit_test(ampdu), cmocka_unit_test(cut))
