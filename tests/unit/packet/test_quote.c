/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#define ERROR(type, code) ETH "0800" IP("01") type " " code " 0000 00000000 "
#define ERROR6(type) ETH "86DD" IP6("3A") type " 00 0000 00000000 "

static void ip(void **state)
{
	static const char *const types[] = {"03", "04", "05", "0B", "0C"};

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		char hex[PACKET_ROOM];

		snprintf(hex, sizeof(hex), ERROR("%s", "00") IP_INNER("11") UDP("0035"), types[i]);
		expect(hex, "icmpquotesource", 0, "192.168.0.1");
		expect(hex, "icmpquotedestination", 0, "192.168.0.2");
		expect(hex, "icmpquoteprotocol", 0, "17");
		expect(hex, "icmpquotesourceport", 0, "49152");
		expect(hex, "icmpquotedestinationport", 0, "53");
		expect(hex, "stack", 0, "eth.ip.icmp");
		expect(hex, "udpdestinationport", 0, NULL);
	}
	expect(ERROR("03", "01") IP_INNER("84") TCP, "icmpquotesourceport", 0, "1234");
	/* Options, up to where the ports are. */
	expect(ERROR("0B", "00") "46 00 0040 0001 0000 3F 06 0000 C0A80001 C0A80002 01010101 "
				 "04D2 0050",
		"icmpquotedestinationport", 0, "80");
}

static void ip_absent(void **state)
{
	static const char *const hex[] = {ERROR("08", "00") IP_INNER("11") UDP("0035"),
		ERROR("43", "00") IP_INNER("11") UDP("0035"),
		ERROR("03", "00") IP6("11") UDP("0035"), ERROR("03", "00")};
	static const char *const names[] = {"icmpquotesource", "icmpquotedestination",
		"icmpquoteprotocol", "icmpquotesourceport", "icmpquotedestinationport"};

	(void)state;
	for (unsigned i = 0; i < sizeof(hex) / sizeof(hex[0]); i++)
		for (unsigned k = 0; k < 5; k++)
			expect(hex[i], names[k], 0, NULL);
	/* A later fragment, a protocol without ports, a header that is too short, cuts. */
	expect(ERROR("03", "00") "45 00 0040 0001 0001 3F 11 0000 C0A80001 C0A80002" UDP("0035"),
		"icmpquotesourceport", 0, NULL);
	expect(ERROR("03", "00") IP_INNER("01") UDP("0035"), "icmpquotesourceport", 0, NULL);
	expect(ERROR("03", "00") "44 00 0040 0001 0000 3F 11 0000 C0A80001 C0A80002" UDP("0035"),
		"icmpquotesourceport", 0, NULL);
	expect(ERROR("03", "00") IP_INNER("11") "C000 00", "icmpquotesourceport", 0, "49152");
	expect(ERROR("03", "00") IP_INNER("11") "C000 00", "icmpquotedestinationport", 0, NULL);
	expect(ERROR("03", "00") "45 00 0040 0001 0000 3F 11 0000 C0A800", "icmpquotesource", 0,
		NULL);
	expect(ERROR("03", "00") "45 00 0040 0001 0000 3F 11 0000 C0A800", "icmpquoteprotocol", 0,
		"17");
}

static void ip6(void **state)
{
	static const char *const types[] = {"01", "02", "03", "04"};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		char hex[PACKET_ROOM];

		snprintf(hex, sizeof(hex), ERROR6("%s") IP6("06") TCP, types[i]);
		expect(hex, "icmp6quotesource", 0, "2001:DB8::1");
		expect(hex, "icmp6quotedestination", 0, "2001:DB8::2");
		expect(hex, "icmp6quoteprotocol", 0, "6");
		expect(hex, "icmp6quotesourceport", 0, "1234");
		expect(hex, "icmp6quotedestinationport", 0, "80");
		expect(hex, "stack", 0, "eth.ip6.icmp6");
	}
	/* Behind extension headers, and a later fragment. */
	expect(ERROR6("01") IP6("00") "2C00010400000000 1100000100000007" UDP("0035"),
		"icmp6quotedestinationport", 0, "53");
	expect(ERROR6("01") IP6("2C") "1100000900000007" UDP("0035"), "icmp6quoteprotocol", 0,
		"17");
	expect(ERROR6("01") IP6("2C") "1100000900000007" UDP("0035"), "icmp6quotesourceport", 0,
		NULL);
}

static void ip6_absent(void **state)
{
	static const char *const hex[] = {ERROR6("00") IP6("06") TCP, ERROR6("05") IP6("06") TCP,
		ERROR6("80") IP6("06") TCP, ERROR6("01") IP_INNER("06") TCP, ERROR6("01")};
	static const char *const names[] = {"icmp6quotesource", "icmp6quotedestination",
		"icmp6quoteprotocol", "icmp6quotesourceport", "icmp6quotedestinationport"};

	(void)state;
	for (unsigned i = 0; i < sizeof(hex) / sizeof(hex[0]); i++)
		for (unsigned k = 0; k < 5; k++)
			expect(hex[i], names[k], 0, NULL);
	expect(ERROR6("01") IP6("3A") TCP, "icmp6quotesourceport", 0, NULL);
	expect(ERROR6("01") IP6("00") "2C", "icmp6quoteprotocol", 0, NULL);
	expect(ERROR6("01") IP6("06") "04D2 00", "icmp6quotesourceport", 0, "1234");
	expect(ERROR6("01") IP6("06") "04D2 00", "icmp6quotedestinationport", 0, NULL);
}

TEST_MAIN(cmocka_unit_test(ip), cmocka_unit_test(ip_absent), cmocka_unit_test(ip6),
	cmocka_unit_test(ip6_absent))
