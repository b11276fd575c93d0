/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

static void queries(void **state)
{
	(void)state;
	expect(ETH "0800" IP("01") "08 00 0000 0001 002A", "stack", 0, "eth.ip.icmp");
	expect(ETH "0800" IP("01") "08 00 0000 0001 002A", "icmptype", 0, "8");
	expect(ETH "0800" IP("01") "08 00 0000 0001 002A", "icmpcode", 0, "0");
	expect(ETH "0800" IP("01") "08 00 0000 0001 002A", "icmpseqno", 0, "42");
	expect(ETH "0800" IP("01") "00 00 0000 0001 002A", "icmpseqno", 0, "42");
	expect(ETH "0800" IP("01") "0D 00 0000 0001 002A", "icmpseqno", 0, "42");
	expect(ETH "0800" IP("01") "05 01 0000 0A000003", "icmpseqno", 0, NULL);
	expect(ETH "0800" IP("01") "08 00 0000 0001 00", "icmpseqno", 0, NULL);
}

static void unreachable(void **state)
{
	(void)state;
	expect(ETH "0800" IP("01") "03 00 0000 00000000" IP_INNER("06"), "icmpunreachablenet", 0,
		"192.168.0.2");
	expect(ETH "0800" IP("01") "03 01 0000 00000000" IP_INNER("06"), "icmpunreachablehost", 0,
		"192.168.0.2");
	expect(ETH "0800" IP("01") "03 02 0000 00000000" IP_INNER("84"), "icmpunreachableprotocol",
		0, "132");
	expect(ETH "0800" IP("01") "03 03 0000 00000000" IP_INNER("11") UDP("0035"),
		"icmpunreachableport", 0, "53");
	/* The quoted packet is not a layer. */
	expect(ETH "0800" IP("01") "03 03 0000 00000000" IP_INNER("11") UDP("0035"), "ipsource", 1,
		NULL);
}

static void not_unreachable(void **state)
{
	static const char *const names[] = {"icmpunreachablenet", "icmpunreachablehost",
		"icmpunreachableprotocol", "icmpunreachableport"};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		expect(ETH "0800" IP("01") "03 04 0000 00000000" IP_INNER("06") TCP, names[i], 0,
			NULL);
		expect(ETH "0800" IP("01") "0B 00 0000 00000000" IP_INNER("06") TCP, names[i], 0,
			NULL);
		expect(ETH "0800" IP("01") "03 FF 0000 00000000" IP_INNER("06") TCP, names[i], 0,
			NULL);
		expect(ETH "0800" IP("01") "03 03 0000 00000000" IP_INNER("01") TCP, names[i], 0,
			NULL);
		expect(ETH "0800" IP("01") "03 00 0000 00000000" IP6("06"), names[i], 0, NULL);
		expect(ETH "0800" IP("01") "03 01 0000 000000", names[i], 0, NULL);
	}
}

static void icmp6(void **state)
{
	(void)state;
	expect(ETH "86DD" IP6("3A") "87 03 0000", "stack", 0, "eth.ip6.icmp6");
	expect(ETH "86DD" IP6("3A") "87 03 0000", "icmp6type", 0, "135");
	expect(ETH "86DD" IP6("3A") "87 03 0000", "icmp6code", 0, "3");
	expect(ETH "86DD" IP6("3A") "87", "icmp6code", 0, NULL);
	expect(ETH "86DD" IP6("3A") "87", "icmptype", 0, NULL);
}

static void icmp6_queries(void **state)
{
	(void)state;
	expect(ETH "86DD" IP6("3A") "80 00 0000 0001 002A", "icmp6seqno", 0, "42");
	expect(ETH "86DD" IP6("3A") "81 00 0000 0001 002A", "icmp6seqno", 0, "42");
	expect(ETH "86DD" IP6("3A") "82 00 0000 0001 002A", "icmp6seqno", 0, NULL);
	expect(ETH "86DD" IP6("3A") "80 00 0000 0001 00", "icmp6seqno", 0, NULL);
}

TEST_MAIN(cmocka_unit_test(queries), cmocka_unit_test(unreachable),
	cmocka_unit_test(not_unreachable), cmocka_unit_test(icmp6), cmocka_unit_test(icmp6_queries))
