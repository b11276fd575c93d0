/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#define INNER "020000000004 020000000003 0800" IP_INNER("06") TCP

static void gre(void **state)
{
	(void)state;
	expect(ETH "0800" IP("2F") "0000 0800" IP_INNER("06") TCP, "stack", 0, "eth.ip.gre.ip.tcp");
	expect(ETH "0800" IP("2F") "0000 0800" IP_INNER("06") TCP, "greprotocol", 0, "2048");
	expect(ETH "0800" IP("2F") "B000 86DD 00000000 00000001 00000002" IP6("11") UDP("0035"),
		"udpdestinationport", 0, "53");
	expect(ETH "0800" IP("2F") "0000 6558" INNER, "stack", 0, "eth.ip.gre.eth.ip.tcp");
	expect(ETH "0800" IP("2F") "0000 8847 000C813F" IP_INNER("06"), "stack", 0,
		"eth.ip.gre.mpls.ip");
	/* Routing, version 1, an unknown protocol, cuts. */
	expect(ETH "0800" IP("2F") "4000 0800" IP_INNER("06"), "stack", 0, "eth.ip.gre");
	expect(ETH "0800" IP("2F") "3001 880B 00000001" IP_INNER("06"), "stack", 0, "eth.ip.gre");
	expect(ETH "0800" IP("2F") "0000 1234" IP_INNER("06"), "stack", 0, "eth.ip.gre");
	expect(ETH "0800" IP("2F") "0000 0000" IP_INNER("06"), "stack", 0, "eth.ip.gre");
	expect(ETH "0800" IP("2F") "0000 08", "greprotocol", 0, NULL);
	expect(ETH "0800" IP("2F") "0000 0800", "stack", 0, "eth.ip.gre");
}

static void nvgre(void **state)
{
	(void)state;
	expect(ETH "0800" IP("2F") "2000 6558 00012C07" INNER, "grevsid", 0, "300");
	expect(ETH "0800" IP("2F") "2000 6558 00012C07" INNER, "vni", 0, "300");
	expect(ETH "0800" IP("2F") "2000 6558 00012C07" INNER, "ipsource", 1, "192.168.0.1");
	expect(ETH "0800" IP("2F") "2000 0800 00012C07" IP_INNER("06"), "grevsid", 0, NULL);
	expect(ETH "0800" IP("2F") "3000 6558 00012C07 00000001" INNER, "vni", 0, NULL);
	expect(ETH "0800" IP("2F") "2000 6558 0001", "grevsid", 0, NULL);
}

static void key(void **state)
{
	(void)state;
	expect(ETH "0800" IP("2F") "2000 0800 01020304" IP_INNER("06"), "grekey", 0, "16909060");
	expect(ETH "0800" IP("2F") "A000 0800 FFFF0000 01020304", "grekey", 0, "16909060");
	expect(ETH "0800" IP("2F") "B000 0800 FFFF0000 01020304 00000007", "grekey", 0, "16909060");
	expect(ETH "0800" IP("2F") "1000 0800 01020304" IP_INNER("06"), "grekey", 0, NULL);
	expect(ETH "0800" IP("2F") "2000 0800 010203", "grekey", 0, NULL);
	/* PPTP has a length and a call there, and source routes may be anywhere. */
	expect(ETH "0800" IP("2F") "2001 880B 01020304", "grekey", 0, NULL);
	expect(ETH "0800" IP("2F") "6000 0800 01020304", "grekey", 0, NULL);
}

/* Type I has no header, II and III have the session and the VLAN at the same places. */
static void erspan(void **state)
{
	static const char stack[] = "eth.ip.gre.erspan.eth.ip.tcp";

	(void)state;
	expect(ETH "0800" IP("2F") "0000 88BE" INNER, "stack", 0, "eth.ip.gre.eth.ip.tcp");
	expect(ETH "0800" IP("2F") "0000 88BE" INNER, "erspansession", 0, NULL);
	expect(ETH "0800" IP("2F") "1000 88BE 00000001 1064EC0100000000" INNER, "stack", 0, stack);
	expect(ETH "0800" IP("2F") "1000 88BE 00000001 1064EC0100000000" INNER, "erspansession", 0,
		"1");
	expect(ETH "0800" IP("2F") "1000 88BE 00000001 1064FFFF00000000" INNER, "erspansession", 0,
		"1023");
	expect(ETH "0800" IP("2F") "1000 88BE 00000001 1064EC0100000000" INNER, "erspanvlan", 0,
		"100");
	expect(ETH "0800" IP("2F") "1000 22EB 00000001 206400020000000000000000" INNER, "stack", 0,
		stack);
	expect(ETH "0800" IP("2F") "1000 22EB 00000001 206400020000000000000000" INNER,
		"erspansession", 0, "2");
	expect(ETH "0800" IP("2F") "1000 22EB 00000001 206400010000000000000001"
				   "0000000000000000" INNER,
		"stack", 0, stack);
	/* Another kind of frame, and cuts. */
	expect(ETH "0800" IP("2F") "1000 22EB 00000001 206400010000000000000800" INNER, "stack", 0,
		"eth.ip.gre.erspan");
	expect(ETH "0800" IP("2F") "1000 22EB 00000001 2064", "stack", 0, "eth.ip.gre.erspan");
	expect(ETH "0800" IP("2F") "1000 22EB 00000001 2064", "erspanvlan", 0, "100");
	expect(ETH "0800" IP("2F") "1000 22EB 00000001 2064", "erspansession", 0, NULL);
	expect(ETH "0800" IP("2F") "1000 88BE 00000001", "stack", 0, "eth.ip.gre");
}

TEST_MAIN(cmocka_unit_test(gre), cmocka_unit_test(nvgre), cmocka_unit_test(key),
	cmocka_unit_test(erspan))
