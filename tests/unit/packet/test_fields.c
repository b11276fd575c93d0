/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>

#include "expect.h"

#define ARP "0001 0800 06 04 0001 020000000001 0A000001 000000000000 0A000002"
#define INNER ETH "0800" IP_INNER("06") TCP
#define P_TCP ETH "8100 6064 0800" IP("06") TCP
#define P_UDP ETH "86DD" IP6("00") "2C000104 00000000 11000001 00000007" UDP("0035")
#define P_ARP ETH "0806" ARP
#define P_ECHO ETH "0800" IP("01") "08 00 0000 0001 002A"
#define P_NET ETH "0800" IP("01") "03 00 0000 00000000" IP_INNER("06") TCP
#define P_HOST ETH "0800" IP("01") "03 01 0000 00000000" IP_INNER("06") TCP
#define P_PROTOCOL ETH "0800" IP("01") "03 02 0000 00000000" IP_INNER("06") TCP
#define P_PORT ETH "0800" IP("01") "03 03 0000 00000000" IP_INNER("06") TCP
#define P_ICMP6 ETH "86DD" IP6("3A") "87 01 0000"
#define P_MPLS ETH "8847 000C8B3F" IP("06") TCP
#define P_NVGRE ETH "0800" IP("2F") "2000 6558 00012C07" INNER
#define P_VXLAN ETH "0800" IP("11") UDP("12B5") "08000000 00012C00" INNER
#define P_GENEVE ETH "0800" IP("11") UDP("17C1") "00006558 00012C00" INNER

/* For each field: a packet that has it, its text, and a packet that lacks it. */
static const struct {
	const char *name, *has, *text, *lacks;
} cases[] = {
	{"macsource", P_TCP, "020000000001", "020000000002 0200000000"},
	{"macdestination", P_TCP, "020000000002", "0200000000"},
	{"ethernetprotocol", P_TCP, "2048", ETH},
	{"isunicast", P_TCP, "true", "0200000000"},
	{"ismulticast", P_TCP, "false", "0200000000"},
	{"isbroadcast", P_TCP, "false", "0200000000"},
	{"eth_offset", P_TCP, "0", ""},
	{"vlan", P_TCP, "100", P_UDP},
	{"priority", P_TCP, "3", P_UDP},
	{"vlan_offset", P_TCP, "14", P_UDP},
	{"arpoperation", P_ARP, "1", P_TCP},
	{"arpipsender", P_ARP, "10.0.0.1", P_TCP},
	{"arpiptarget", P_ARP, "10.0.0.2", P_TCP},
	{"arpmacsender", P_ARP, "020000000001", P_TCP},
	{"arpmactarget", P_ARP, "000000000000", P_TCP},
	{"mplslabel", P_MPLS, "200", P_TCP},
	{"mplsexp", P_MPLS, "5", P_TCP},
	{"mplsttl", P_MPLS, "63", P_TCP},
	{"ip_offset", P_TCP, "18", P_UDP},
	{"ipsource", P_TCP, "10.0.0.1", P_UDP},
	{"ipdestination", P_TCP, "10.0.0.2", P_UDP},
	{"ipprotocol", P_TCP, "6", P_UDP},
	{"ipbytes", P_TCP, "84", P_UDP},
	{"ipttl", P_TCP, "64", P_UDP},
	{"iptos", P_TCP, "00000000", P_UDP},
	{"ipdscp", P_TCP, "0", P_UDP},
	{"ipdscpname", P_TCP, "be(0)", P_UDP},
	{"ipecn", P_TCP, "00", P_UDP},
	{"ipflags", P_TCP, "010", P_UDP},
	{"ipfragoffset", P_TCP, "0", P_UDP},
	{"ipid", P_TCP, "4660", P_UDP},
	{"ip6_offset", P_UDP, "14", P_TCP},
	{"ip6source", P_UDP, "2001:DB8::1", P_TCP},
	{"ip6destination", P_UDP, "2001:DB8::2", P_TCP},
	{"ip6nexthdr", P_UDP, "17", P_TCP},
	{"ip6ttl", P_UDP, "64", P_TCP},
	{"ip6tos", P_UDP, "00000000", P_TCP},
	{"ip6ecn", P_UDP, "00", P_TCP},
	{"ip6dscp", P_UDP, "0", P_TCP},
	{"ip6dscpname", P_UDP, "be(0)", P_TCP},
	{"ip6flowlabel", P_UDP, "0", P_TCP},
	{"ip6bytes", P_UDP, "64", P_TCP},
	{"ip6extensions", P_UDP, "0-44", P_ICMP6},
	{"ip6fragoffset", P_UDP, "0", P_ICMP6},
	{"ip6fragm", P_UDP, "true", P_ICMP6},
	{"icmptype", P_ECHO, "8", P_TCP},
	{"icmpcode", P_ECHO, "0", P_TCP},
	{"icmpseqno", P_ECHO, "42", P_NET},
	{"icmpunreachablenet", P_NET, "192.168.0.2", P_HOST},
	{"icmpunreachablehost", P_HOST, "192.168.0.2", P_NET},
	{"icmpunreachableprotocol", P_PROTOCOL, "6", P_NET},
	{"icmpunreachableport", P_PORT, "80", P_NET},
	{"icmp6type", P_ICMP6, "135", P_ECHO},
	{"icmp6code", P_ICMP6, "1", P_ECHO},
	{"tcpsourceport", P_TCP, "1234", P_UDP},
	{"tcpdestinationport", P_TCP, "80", P_UDP},
	{"tcpflags", P_TCP, "000010010", P_UDP},
	{"tcpseqno", P_TCP, "1", P_UDP},
	{"tcpackno", P_TCP, "2", P_UDP},
	{"tcpwindow", P_TCP, "8192", P_UDP},
	{"udpsourceport", P_UDP, "49152", P_TCP},
	{"udpdestinationport", P_UDP, "53", P_TCP},
	{"udpbytes", P_UDP, "64", P_TCP},
	{"greprotocol", P_NVGRE, "25944", P_TCP},
	{"grevsid", P_NVGRE, "300", P_VXLAN},
	{"vxlanvni", P_VXLAN, "300", P_GENEVE},
	{"genevevni", P_GENEVE, "300", P_VXLAN},
	{"vni", P_GENEVE, "300", P_TCP},
	{"stack", P_VXLAN, "eth.ip.udp.vxlan.eth.ip.tcp", ""},
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static void every_field(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		expect(cases[i].has, cases[i].name, 0, cases[i].text);
		expect(cases[i].lacks, cases[i].name, 0, NULL);
	}
}

/* The rows are in the order of the cases, so that none is forgotten. */
static void rows(void **state)
{
	(void)state;
	assert_int_equal(packet_fields_count, CASES);
	for (unsigned i = 0; i < packet_fields_count; i++) {
		const struct packet_field *f = &packet_fields[i];

		assert_string_equal(f->name, cases[i].name);
		assert_true(f->layer < PACKET_LAYERS);
		assert_true(f->get || f->width > 0);
		assert_int_equal(f->bits != 0, f->form == BASE_FORM_BITS);
		assert_int_equal(f->width == 0, f->form == BASE_FORM_TEXT);
		assert_true(strlen(f->help) > 0 && strlen(f->name) > 0);
		for (const char *c = f->name; *c; c++)
			assert_true(islower(*c) || isdigit(*c) || *c == '_');
	}
}

/* Records of samples without a header carry these, and no others. */
static void sampled(void **state)
{
	static const char names[] = " macsource macdestination ethernetprotocol ipsource "
				    "ipdestination ipprotocol iptos ip6source ip6destination "
				    "ip6nexthdr ip6tos icmptype tcpsourceport tcpdestinationport "
				    "tcpflags udpsourceport udpdestinationport ";

	(void)state;
	for (unsigned i = 0; i < packet_fields_count; i++) {
		char name[64];

		snprintf(name, sizeof(name), " %s ", packet_fields[i].name);
		assert_int_equal(packet_fields[i].sampled, strstr(names, name) != NULL);
	}
}

TEST_MAIN(cmocka_unit_test(every_field), cmocka_unit_test(rows), cmocka_unit_test(sampled))
