/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

/* Extension headers: what comes next, then the rest. */
#define OPTIONS(next) next "00 0104 00000000 "
#define OPTIONS_16(next) next "01 010C 00000000 0000000000000000 "
#define AUTH(next) next "04 0000 00000001 00000001 0000000000000000 00000000 "
#define FIRST(next) next "00 0001 00000007 "
#define LATER(next) next "00 0051 00000007 "
#define LAST(next) next "00 0050 00000007 "

static void header(void **state)
{
	static const char hex[] = ETH "86DD 6B97A5FC 003C 06 3F FE80000000000000104C51DF4458E00A"
				      "FE800000000000000A0027FFFEB8326D" TCP;

	(void)state;
	expect(hex, "stack", 0, "eth.ip6.tcp");
	expect(hex, "ip6_offset", 0, "14");
	expect(hex, "ip6source", 0, "FE80::104C:51DF:4458:E00A");
	expect(hex, "ip6destination", 0, "FE80::A00:27FF:FEB8:326D");
	expect(hex, "ip6tos", 0, "10111001");
	expect(hex, "ip6dscp", 0, "46");
	expect(hex, "ip6dscpname", 0, "ef(46)");
	expect(hex, "ip6ecn", 0, "01");
	expect(hex, "ip6flowlabel", 0, "501244");
	expect(hex, "ip6ttl", 0, "63");
	expect(hex, "ip6bytes", 0, "60");
	expect(hex, "ip6nexthdr", 0, "6");
	expect(hex, "ip6extensions", 0, NULL);
	expect(hex, "ip6fragoffset", 0, NULL);
	expect(hex, "ip6fragm", 0, NULL);
	expect_protocol(IP6("3A") "8000", PACKET_PROTOCOL_IPV6, "stack", "ip6.icmp6");
}

static void extension_headers(void **state)
{
	static const char hex[] = ETH "86DD" IP6("00") OPTIONS("2B") OPTIONS_16("3C") OPTIONS("33")
		AUTH("87") OPTIONS("11") UDP("0035");

	(void)state;
	expect(hex, "stack", 0, "eth.ip6.udp");
	expect(hex, "ip6nexthdr", 0, "17");
	expect(hex, "ip6extensions", 0, "0-43-60-51-135");
	expect(hex, "udpdestinationport", 0, "53");
	expect(hex, "ip6fragm", 0, NULL);
	/* What cannot be looked behind. */
	expect(ETH "86DD" IP6("32") "0000", "ip6nexthdr", 0, "50");
	expect(ETH "86DD" IP6("00") OPTIONS("3B"), "ip6nexthdr", 0, "59");
	expect(ETH "86DD" IP6("00") OPTIONS("3B"), "stack", 0, "eth.ip6");
}

static void fragments(void **state)
{
	(void)state;
	expect(ETH "86DD" IP6("2C") FIRST("06") TCP, "stack", 0, "eth.ip6.tcp");
	expect(ETH "86DD" IP6("2C") FIRST("06") TCP, "ip6fragoffset", 0, "0");
	expect(ETH "86DD" IP6("2C") FIRST("06") TCP, "ip6fragm", 0, "true");
	expect(ETH "86DD" IP6("2C") FIRST("3C") OPTIONS("06") TCP, "ip6extensions", 0, "44-60");
	expect(ETH "86DD" IP6("2C") LATER("06") TCP, "stack", 0, "eth.ip6");
	expect(ETH "86DD" IP6("2C") LATER("06") TCP, "ip6nexthdr", 0, "6");
	expect(ETH "86DD" IP6("2C") LATER("06") TCP, "ip6fragoffset", 0, "10");
	expect(ETH "86DD" IP6("2C") LATER("06") TCP, "ip6fragm", 0, "true");
	expect(ETH "86DD" IP6("2C") LATER("06") TCP, "ip6extensions", 0, "44");
	expect(ETH "86DD" IP6("00") OPTIONS("2C") LAST("06") TCP, "ip6fragm", 0, "false");
	/* The upper layer of this fragment is behind a header that is in the first one. */
	expect(ETH "86DD" IP6("2C") LATER("3C") OPTIONS("06"), "ip6nexthdr", 0, NULL);
	expect(ETH "86DD" IP6("2C") LATER("3C") OPTIONS("06"), "ip6extensions", 0, NULL);
}

#define OPTIONS_4 OPTIONS("3C") OPTIONS("3C") OPTIONS("3C") OPTIONS("3C")

static void too_many_extensions(void **state)
{
	(void)state;
	expect(ETH "86DD" IP6("3C") OPTIONS_4 OPTIONS("3C") OPTIONS("3C") OPTIONS("3C")
			OPTIONS("06") TCP,
		"stack", 0, "eth.ip6.tcp");
	expect(ETH "86DD" IP6("3C") OPTIONS_4 OPTIONS_4 OPTIONS("06") TCP, "stack", 0, "eth.ip6");
	expect(ETH "86DD" IP6("3C") OPTIONS_4 OPTIONS_4 OPTIONS("06") TCP, "ip6nexthdr", 0, NULL);
	expect(ETH "86DD" IP6("3C") OPTIONS_4 OPTIONS_4 OPTIONS("06") TCP, "ip6extensions", 0,
		NULL);
	expect(ETH "86DD" IP6("3C") OPTIONS_4 OPTIONS("3C") OPTIONS("3C") OPTIONS("3C")
			OPTIONS("2C") FIRST("06"),
		"ip6fragm", 0, NULL);
}

static void cuts(void **state)
{
	(void)state;
	expect(ETH "86DD 60", "stack", 0, "eth.ip6");
	expect(ETH "86DD 60", "ip6tos", 0, NULL);
	expect(ETH "86DD 60000000 0040", "ip6nexthdr", 0, NULL);
	expect(ETH "86DD 60000000 0040 06", "ip6nexthdr", 0, "6");
	expect(ETH "86DD" IP6("00"), "ip6nexthdr", 0, NULL);
	/* The next header is there, the length of this one is not. */
	expect(ETH "86DD" IP6("00") "11", "ip6nexthdr", 0, "17");
	expect(ETH "86DD" IP6("00") "11", "stack", 0, "eth.ip6");
	expect(ETH "86DD" IP6("2C") "11 00 00", "ip6fragoffset", 0, NULL);
	expect(ETH "86DD" IP6("00") "11FF 0000", "stack", 0, "eth.ip6");
	expect(ETH "86DD" IP("06") TCP, "stack", 0, "eth");
}

/* Community 2 and 511, activity 8 and 63: the bits of the community are in reverse order. */
static void scitag(void **state)
{
	(void)state;
	expect(ETH "86DD 60010020", "ip6scitag", 0, "2.8");
	expect(ETH "86DD 600D0123", "ip6scitag", 0, "2.8");
	expect(ETH "86DD 6003FEFC", "ip6scitag", 0, "511.63");
	expect(ETH "86DD 60020000", "ip6scitag", 0, "1.0");
	expect(ETH "86DD 60000200", "ip6scitag", 0, "256.0");
	/* No community, and a cut. */
	expect(ETH "86DD 600C01FF", "ip6scitag", 0, NULL);
	expect(ETH "86DD 600100", "ip6scitag", 0, NULL);
}

TEST_MAIN(cmocka_unit_test(scitag), cmocka_unit_test(header), cmocka_unit_test(extension_headers),
	cmocka_unit_test(fragments), cmocka_unit_test(too_many_extensions), cmocka_unit_test(cuts))
