/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#define TOP "00064A40 "    /* label 100, class 5, not the bottom */
#define BOTTOM "000C813F " /* label 200, the bottom */
#define CUSTOMER "020000000004 020000000003 "
#define OLD_OUI "001B21000004 001B21000003 " /* starts with a nibble 0, as a control word does */

static void labels(void **state)
{
	static const char hex[] = ETH "8847" TOP BOTTOM IP("06") TCP;

	(void)state;
	expect(hex, "stack", 0, "eth.mpls.ip.tcp");
	expect(hex, "mplslabel", 0, "100");
	expect(hex, "mplslabel", 1, "200");
	expect(hex, "mplslabel", 2, NULL);
	expect(hex, "mplsexp", 0, "5");
	expect(hex, "mplsexp", 1, "0");
	expect(hex, "mplsbottom", 0, "false");
	expect(hex, "mplsbottom", 1, "true");
	expect(hex, "mplsttl", 0, "64");
	expect(hex, "mplsttl", 1, "63");
	expect(hex, "ip_offset", 0, "22");
	expect(ETH "8848" BOTTOM IP6("11") UDP("0035"), "stack", 0, "eth.mpls.ip6.udp");
	expect_protocol(TOP BOTTOM IP("06") TCP, PACKET_PROTOCOL_MPLS, "stack", "mpls.ip.tcp");
	expect(ETH "8847 FFFFF1FF 00", "mplslabel", 0, "1048575");
}

#define TOP_4 TOP TOP TOP TOP

static void deep_stacks(void **state)
{
	(void)state;
	expect(ETH "8847" TOP_4 TOP_4 BOTTOM IP("06") TCP, "stack", 0, "eth.mpls.ip.tcp");
	expect(ETH "8847" TOP_4 TOP_4 BOTTOM IP("06") TCP, "mplslabel", 3, "100");
	expect(ETH "8847" TOP_4 TOP_4 TOP_4 TOP TOP TOP BOTTOM IP("06") TCP, "stack", 0,
		"eth.mpls.ip.tcp");
	expect(ETH "8847" TOP_4 TOP_4 TOP_4 TOP_4 BOTTOM IP("06") TCP, "stack", 0, "eth.mpls");
}

static void pseudowires(void **state)
{
	(void)state;
	expect(ETH "8847" BOTTOM CUSTOMER "0800" IP("06") TCP, "stack", 0, "eth.mpls.eth.ip.tcp");
	expect(ETH "8847" BOTTOM CUSTOMER "0800" IP("06") TCP, "macsource", 1, "020000000003");
	expect(ETH "8847" BOTTOM "00000000" CUSTOMER "8100 0005 0806 0001", "stack", 0,
		"eth.mpls.eth.arp");
	expect(ETH "8847" BOTTOM "00000000" CUSTOMER "8100 0005 0806 0001", "vlan", 0, "5");
	expect(ETH "8847" BOTTOM OLD_OUI "86DD" IP6("06") TCP, "stack", 0, "eth.mpls.eth.ip6.tcp");
	expect(ETH "8847" BOTTOM "00000007" OLD_OUI "0800" IP("06") TCP, "stack", 0,
		"eth.mpls.eth.ip.tcp");
	expect(ETH "8847" BOTTOM "00000007" OLD_OUI "0800" IP("06") TCP, "macdestination", 1,
		"001B21000004");
}

static void unknown_payloads(void **state)
{
	(void)state;
	expect(ETH "8847" BOTTOM CUSTOMER "1234 0000", "stack", 0, "eth.mpls");
	expect(ETH "8847" BOTTOM "10000021 000000000000000000000000", "stack", 0, "eth.mpls");
	expect(ETH "8847" BOTTOM CUSTOMER, "stack", 0, "eth.mpls");
	expect(ETH "8847" BOTTOM, "stack", 0, "eth.mpls");
	expect(ETH "8847", "stack", 0, "eth");
}

static void cut_labels(void **state)
{
	(void)state;
	expect(ETH "8847 0006", "mplslabel", 0, NULL);
	expect(ETH "8847 0006", "stack", 0, "eth.mpls");
	expect(ETH "8847 00064A", "mplslabel", 0, "100");
	expect(ETH "8847 00064A", "mplsexp", 0, "5");
	expect(ETH "8847 00064A", "mplsttl", 0, NULL);
}

TEST_MAIN(cmocka_unit_test(labels), cmocka_unit_test(deep_stacks), cmocka_unit_test(pseudowires),
	cmocka_unit_test(unknown_payloads), cmocka_unit_test(cut_labels))
