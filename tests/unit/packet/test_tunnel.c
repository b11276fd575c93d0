/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#define INNER "020000000004 020000000003 0800" IP_INNER("06") TCP
#define VXLAN "08000000 00012C00 " /* network 300 */

static void vxlan(void **state)
{
	static const char hex[] = ETH "0800" IP("11") UDP("12B5") VXLAN INNER;

	(void)state;
	expect(hex, "stack", 0, "eth.ip.udp.vxlan.eth.ip.tcp");
	expect(hex, "vxlanvni", 0, "300");
	expect(hex, "vni", 0, "300");
	expect(hex, "genevevni", 0, NULL);
	expect(hex, "macsource", 1, "020000000003");
	expect(hex, "ipsource", 0, "10.0.0.1");
	expect(hex, "ipsource", 1, "192.168.0.1");
	expect(hex, "ipsource", 2, NULL);
	expect(hex, "ip_offset", 1, "64");
	expect(hex, "tcpdestinationport", 0, "80");
	expect(ETH "0800" IP("11") UDP("2118") VXLAN INNER, "vxlanvni", 0, "300");
	/* The flag that says that the identifier is valid, and a cut. */
	expect(ETH "0800" IP("11") UDP("12B5") "00000000 00012C00" INNER, "stack", 0, "eth.ip.udp");
	expect(ETH "0800" IP("11") UDP("12B5") "08000000 0001", "vni", 0, NULL);
	expect(ETH "0800" IP("11") UDP("12B5"), "stack", 0, "eth.ip.udp");
}

static void geneve(void **state)
{
	(void)state;
	expect(ETH "0800" IP("11") UDP("17C1") "00006558 00012C00" INNER, "stack", 0,
		"eth.ip.udp.geneve.eth.ip.tcp");
	expect(ETH "86DD" IP6("11") UDP("17C1") "0200 6558 00012C00 0102800100000000" INNER,
		"ipsource", 0, "192.168.0.1");
	expect(ETH "86DD" IP6("11") UDP("17C1") "0200 6558 00012C00 0102800100000000" INNER,
		"genevevni", 0, "300");
	expect(ETH "0800" IP("11") UDP("17C1") "00000800 00012C00" IP_INNER("06") TCP, "vni", 0,
		"300");
	expect(ETH "0800" IP("11") UDP("17C1") "000086DD 00012C00" IP6("06") TCP, "stack", 0,
		"eth.ip.udp.geneve.ip6.tcp");
	expect(ETH "0800" IP("11") UDP("17C1") "40006558 00012C00" INNER, "stack", 0, "eth.ip.udp");
	expect(ETH "0800" IP("11") UDP("17C1") "0000", "stack", 0, "eth.ip.udp.geneve");
}

/* Next protocols, version and flags of the generic protocol extension; without P it is Ethernet. */
static void vxlan_gpe(void **state)
{
	static const char port[] = ETH "0800" IP("11") UDP("12B6");
	static const struct {
		const char *rest, *stack;
	} cases[] = {
		{"0C000001 00012C00" IP_INNER("06") TCP, "eth.ip.udp.vxlan.ip.tcp"},
		{"0C000002 00012C00" IP6("06") TCP, "eth.ip.udp.vxlan.ip6.tcp"},
		{"0C000003 00012C00" INNER, "eth.ip.udp.vxlan.eth.ip.tcp"},
		{"0C000005 00012C00 000C813F" IP_INNER("06") TCP, "eth.ip.udp.vxlan.mpls.ip.tcp"},
		{"08000000 00012C00" INNER, "eth.ip.udp.vxlan.eth.ip.tcp"},
		{"0C000004 00012C00" INNER, "eth.ip.udp.vxlan"},
		{"1C000003 00012C00" INNER, "eth.ip.udp.vxlan"},
		{"04000003 00012C00" INNER, "eth.ip.udp"},
		{"0C00", "eth.ip.udp.vxlan"},
		{"", "eth.ip.udp"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char hex[PACKET_ROOM];

		snprintf(hex, sizeof(hex), "%s%s", port, cases[i].rest);
		expect(hex, "stack", 0, cases[i].stack);
	}
	expect(ETH "0800" IP("11") UDP("12B6") "0C000001 00012C00", "vxlanvni", 0, "300");
	expect(ETH "0800" IP("11") UDP("12B6") "0C000001 00012C00", "vni", 0, "300");
}

static void ip_in_ip(void **state)
{
	(void)state;
	expect(ETH "0800" IP("04") IP_INNER("06") TCP, "stack", 0, "eth.ip.ip.tcp");
	expect(ETH "0800" IP("29") IP6("06") TCP, "stack", 0, "eth.ip.ip6.tcp");
	expect(ETH "86DD" IP6("04") IP_INNER("06") TCP, "stack", 0, "eth.ip6.ip.tcp");
	expect(ETH "86DD" IP6("29") IP6("06") TCP, "ip6source", 1, "2001:DB8::1");
	expect(ETH "0800" IP("89") "000C813F" IP_INNER("06") TCP, "stack", 0, "eth.ip.mpls.ip.tcp");
}

static void mpls_in_udp(void **state)
{
	static const char hex[] = ETH "0800" IP("11") UDP("19EB") "00064A40 000C813F" IP6("06") TCP;

	(void)state;
	expect(hex, "stack", 0, "eth.ip.udp.mpls.ip6.tcp");
	expect(hex, "mplslabel", 1, "200");
	expect(ETH "0800" IP("11") UDP("19EB"), "stack", 0, "eth.ip.udp");
}

/* SRv6: Ethernet behind IPv6, with a routing header or without. */
static void ethernet_in_ip(void **state)
{
	(void)state;
	expect(ETH "86DD" IP6("8F") ETH "0800" IP_INNER("06") TCP, "stack", 0,
		"eth.ip6.eth.ip.tcp");
	expect(ETH "86DD" IP6("2B") "8F02 0400 00000000 20010DB8000000000000000000000003" ETH
				    "8100 0005 86DD" IP6("06") TCP,
		"stack", 0, "eth.ip6.eth.ip6.tcp");
	expect(ETH "86DD" IP6("8F"), "stack", 0, "eth.ip6");
}

static void stack_at_depth(const char *hex, unsigned tunnels, const char *text)
{
	struct bytes b = bytes_of(hex);
	struct packet p;
	char buf[PACKET_ROOM];

	packet_decode(&p, b.p, b.len, PACKET_PROTOCOL_ETHERNET, tunnels);
	assert_string_equal(text_of(&p, field_of("stack"), 0, buf, sizeof(buf)), text);
	free(b.p);
}

/* What a tunnel header says of itself is there even if it is not entered. */
static void depth_is_bounded(void **state)
{
	static const char two[] = ETH "0800" IP("11") UDP("12B5") VXLAN ETH
		"0800" IP("2F") "0000 0800" IP_INNER("04") IP("06") TCP;

	(void)state;
	stack_at_depth(two, 0, "eth.ip.udp.vxlan");
	stack_at_depth(two, 1, "eth.ip.udp.vxlan.eth.ip.gre");
	stack_at_depth(two, 2, "eth.ip.udp.vxlan.eth.ip.gre.ip");
	stack_at_depth(two, 3, "eth.ip.udp.vxlan.eth.ip.gre.ip.ip.tcp");
	stack_at_depth(ETH "0800" IP("04") IP("06") TCP, 0, "eth.ip");
	stack_at_depth(ETH "0800" IP("11") UDP("19EB") "000C813F" IP("06") TCP, 0, "eth.ip.udp");
	stack_at_depth(ETH "86DD" IP6("8F") ETH "0800" IP("06") TCP, 0, "eth.ip6");
	/* No more headers of a kind than there are places. */
	stack_at_depth(ETH "0800" IP("04") IP("04") IP("04") IP("04") IP("06") TCP, 100,
		"eth.ip.ip.ip.ip");
}

TEST_MAIN(cmocka_unit_test(vxlan), cmocka_unit_test(geneve), cmocka_unit_test(vxlan_gpe),
	cmocka_unit_test(ip_in_ip), cmocka_unit_test(mpls_in_udp), cmocka_unit_test(ethernet_in_ip),
	cmocka_unit_test(depth_is_bounded))
