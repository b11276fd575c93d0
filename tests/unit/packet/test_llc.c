/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

static void ethertypes(void **state)
{
	(void)state;
	/* RFC 1042, and 802.1H, tagged. */
	expect(ETH "0064 AAAA03 000000 0800" IP("06") TCP, "stack", 0, "eth.ip.tcp");
	expect(ETH "8100 0007 0064 AAAA03 0000F8 86DD" IP6("06") TCP, "stack", 0, "eth.ip6.tcp");
	expect(ETH "0064 AAAA03 000000 0800" IP("06") TCP, "ethernetprotocol", 0, "2048");
	/* ARPA's own access point. */
	expect(ETH "0064 060603" IP("06") TCP, "stack", 0, "eth.ip.tcp");
	expect(ETH "0064 060603" IP("06") TCP, "ethernetprotocol", 0, "2048");
	/* Network layer identifiers, and a bridged frame behind two bytes of padding. */
	expect(ETH "0064 FEFE03 CC" IP("06") TCP, "stack", 0, "eth.ip.tcp");
	expect(ETH "0064 FEFE03 8E" IP6("06") TCP, "stack", 0, "eth.ip6.tcp");
	expect(ETH "0064 FEFE03 CF 0021" IP("06") TCP, "stack", 0, "eth.ppp.ip.tcp");
	expect(ETH "0064 FEFE03 CF 0021" IP("06") TCP, "ethernetprotocol", 0, NULL);
	expect(ETH "0064 AAAA03 0080C2 0007 0000 020000000004 020000000003 0806", "macsource", 1,
		"020000000003");
	expect(ETH "0064 AAAA03 0080C2 0001 0000 020000000004 020000000003 0806", "stack", 0,
		"eth.eth");
}

/* What leads to nothing that is known is in the stack as LLC. */
static void others(void **state)
{
	static const char *const hex[] = {ETH "0064 AAAA03 00000C 2000 0000",
		ETH "0064 AAAA03 0080C2 000E 0000", ETH "0026 424203 0000000000",
		ETH "0026 FEFE03 83 1B01", ETH "0026 AAAA13 000000 0800", ETH "0026 F0F0 0102"};

	(void)state;
	for (unsigned i = 0; i < sizeof(hex) / sizeof(hex[0]); i++) {
		expect(hex[i], "ethernetprotocol", 0, NULL);
		expect(hex[i], "stack", 0, "eth.llc");
	}
	/* Novell's raw IPX has none. */
	expect(ETH "0026 FFFF 0022", "llcdsap", 0, NULL);
	expect(ETH "0026 FFFF 0022", "stack", 0, "eth");
	expect(ETH "0026 FF0003", "llcdsap", 0, "255");
}

static void fields(void **state)
{
	(void)state;
	expect(ETH "0026 424303", "llcdsap", 0, "66");
	expect(ETH "0026 424303", "llcssap", 0, "67");
	expect(ETH "0026 424303", "llccontrol", 0, "3");
	expect(ETH "0026 42437F", "llccontrol", 0, "127");
	/* Information and supervisory frames have two bytes of control. */
	expect(ETH "0026 F0F1 0102", "llccontrol", 0, "258");
	expect(ETH "0026 F0F1 01", "llccontrol", 0, NULL);
	expect(ETH "0064 AAAA03 000000 0800", "llcssap", 0, "170");
	expect(ETH "0064 AAAA03 000000 0800", "snapoui", 0, "0");
	expect(ETH "0064 AAAA03 000000 0800", "snapprotocol", 0, "2048");
	expect(ETH "0064 AAAA03 00000C 2000", "snapoui", 0, "12");
	expect(ETH "0064 AAAA03 00000C 2000", "snapprotocol", 0, "8192");
	expect(ETH "0026 424303 00000C 2000", "snapoui", 0, NULL);
	expect(ETH "0026 424303 00000C 2000", "snapprotocol", 0, NULL);
}

/* Where the cut hides what follows, the stack says nothing about it. */
static void cut(void **state)
{
	(void)state;
	expect(ETH "0064 AAAA03 000000 08", "ethernetprotocol", 0, NULL);
	expect(ETH "0064 AAAA03 000000 08", "stack", 0, "eth");
	expect(ETH "0064 AAAA03 000000 08", "snapoui", 0, "0");
	expect(ETH "0064 AAAA03 000000 08", "snapprotocol", 0, NULL);
	expect(ETH "0064 FEFE03", "stack", 0, "eth");
	expect(ETH "0064 4242", "stack", 0, "eth");
	expect(ETH "0064 42", "llcdsap", 0, "66");
	expect(ETH "0064 42", "llcssap", 0, NULL);
	expect(ETH "0064", "llcdsap", 0, NULL);
}

TEST_MAIN(cmocka_unit_test(ethertypes), cmocka_unit_test(others), cmocka_unit_test(fields),
	cmocka_unit_test(cut))
