/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>

#include "expect.h"

#define ARP "0001 0800 06 04 0001 020000000001 0A000001 000000000000 0A000002"
#define INNER ETH "0800" IP_INNER("06") TCP
#define P_TCP ETH "8100 6064 0800" IP("06") TCP
/* A scientific network tag: community 2, activity 8. */
#define LABELLED(next)                                                                             \
	"60010020 0040 " next " 40 20010DB8000000000000000000000001 "                              \
	"20010DB8000000000000000000000002 "
#define P_UDP ETH "86DD" LABELLED("00") "2C000104 00000000 11000001 00000007" UDP("0035")
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

#define P_SNAP ETH "0064 AAAA03 00000C 2000 0000"
#define P_STP ETH "0026 424203 0000"
#define P_PPPOE ETH "8864 11 00 000A 0040 0021" IP("06") TCP
#define P_ECHO6 ETH "86DD" IP6("3A") "80 00 0000 0001 002A"
#define P_QUOTE6 ETH "86DD" IP6("3A") "01 00 0000 00000000" IP6("06") TCP
#define P_SYN ETH "0800" IP("06") "04D2 0050 00000001 00000000 6002 2000 0000 0000 0204 05B4"
#define P_SCTP ETH "0800" IP("84") "8E3C 0B59 01020304 00000000 0300 0010"
#define P_ERSPAN ETH "0800" IP("2F") "1000 88BE 00000001 1064EC0100000000" INNER
#define P_GTPU ETH "0800" IP("11") UDP("0868") "30 FF 0040 01020304" IP_INNER("06") TCP
#define P_DNS                                                                                      \
	ETH "0800" IP("11") UDP("0035") "1234 8183 0001 0002 0003 0004 03 777777 "                 \
					"07 6578616D706C65 03 636F6D 00 001C 0001"
#define P_QUERY ETH "0800" IP("11") UDP("0035") "1234 0100 0000 0000 0000 0000"
#define BTH(opcode) opcode " D2 8001 40 00ABCD 80 012345 "
#define ROCE ETH "0800" IP("11") UDP("12B7")
#define P_WRITE ROCE BTH("0A") "0102030405060708 0A0B0C0D 00100000"
#define P_UD ROCE BTH("64") "11223344 00 000007"
#define P_ACK ROCE BTH("11") "09 000102"
#define GRH "60000000 0040 1B 40 FE800000000000000000000000000001 FE800000000000000000000000000002 "
#define P_IB "20 33 0102 0010 0304" GRH BTH("04")
#define P_LOCAL "20 32 0102 0010 0304" BTH("04")
#define P_DOT11                                                                                    \
	"0802 0000 020000000011 020000000022 020000000033 1000 AAAA03 000000 0800" IP("06") TCP
#define P_RING "10 40 " ETH "AAAA03 000000 0800" IP("06") TCP
#define P_FR "1845 03 CC" IP("06") TCP
#define P_X25 "1123 00 CC" IP("06") TCP
#define P_SMDS                                                                                     \
	"0001 0064 C15551234567FFFF E18005550100FFFF 04000000 000000000000000000000000 424203"

/* For each field: a packet that has it, its text, and a packet that lacks it. */
static const struct {
	const char *name, *has, *text, *lacks;
	uint32_t protocol; /* 0: Ethernet */
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
	{"llcdsap", P_SNAP, "170", P_TCP},
	{"llcssap", P_SNAP, "170", P_TCP},
	{"llccontrol", P_SNAP, "3", P_TCP},
	{"snapoui", P_SNAP, "12", P_STP},
	{"snapprotocol", P_SNAP, "8192", P_STP},
	{"pppoesession", P_PPPOE, "10", P_TCP},
	{"pppoecode", P_PPPOE, "0", P_TCP},
	{"pppprotocol", P_PPPOE, "33", P_TCP},
	{"arpoperation", P_ARP, "1", P_TCP},
	{"arpipsender", P_ARP, "10.0.0.1", P_TCP},
	{"arpiptarget", P_ARP, "10.0.0.2", P_TCP},
	{"arpmacsender", P_ARP, "020000000001", P_TCP},
	{"arpmactarget", P_ARP, "000000000000", P_TCP},
	{"mplslabel", P_MPLS, "200", P_TCP},
	{"mplsexp", P_MPLS, "5", P_TCP},
	{"mplsttl", P_MPLS, "63", P_TCP},
	{"mplsbottom", P_MPLS, "true", P_TCP},
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
	{"ip6flowlabel", P_UDP, "65568", P_TCP},
	{"ip6bytes", P_UDP, "64", P_TCP},
	{"ip6extensions", P_UDP, "0-44", P_ICMP6},
	{"ip6fragoffset", P_UDP, "0", P_ICMP6},
	{"ip6fragm", P_UDP, "true", P_ICMP6},
	{"ip6scitag", P_UDP, "2.8", P_ICMP6},
	{"icmptype", P_ECHO, "8", P_TCP},
	{"icmpcode", P_ECHO, "0", P_TCP},
	{"icmpseqno", P_ECHO, "42", P_NET},
	{"icmpunreachablenet", P_NET, "192.168.0.2", P_HOST},
	{"icmpunreachablehost", P_HOST, "192.168.0.2", P_NET},
	{"icmpunreachableprotocol", P_PROTOCOL, "6", P_NET},
	{"icmpunreachableport", P_PORT, "80", P_NET},
	{"icmpquotesource", P_HOST, "192.168.0.1", P_ECHO},
	{"icmpquotedestination", P_HOST, "192.168.0.2", P_ECHO},
	{"icmpquoteprotocol", P_HOST, "6", P_ECHO},
	{"icmpquotesourceport", P_HOST, "1234", P_ECHO},
	{"icmpquotedestinationport", P_HOST, "80", P_ECHO},
	{"icmp6type", P_ICMP6, "135", P_ECHO},
	{"icmp6code", P_ICMP6, "1", P_ECHO},
	{"icmp6seqno", P_ECHO6, "42", P_ICMP6},
	{"icmp6quotesource", P_QUOTE6, "2001:DB8::1", P_ECHO6},
	{"icmp6quotedestination", P_QUOTE6, "2001:DB8::2", P_ECHO6},
	{"icmp6quoteprotocol", P_QUOTE6, "6", P_ECHO6},
	{"icmp6quotesourceport", P_QUOTE6, "1234", P_ECHO6},
	{"icmp6quotedestinationport", P_QUOTE6, "80", P_ECHO6},
	{"tcpsourceport", P_TCP, "1234", P_UDP},
	{"tcpdestinationport", P_TCP, "80", P_UDP},
	{"tcpflags", P_TCP, "000010010", P_UDP},
	{"tcpseqno", P_TCP, "1", P_UDP},
	{"tcpackno", P_TCP, "2", P_UDP},
	{"tcpwindow", P_TCP, "8192", P_UDP},
	{"tcpmss", P_SYN, "1460", P_TCP},
	{"tcp_offset", P_TCP, "38", P_UDP},
	{"udpsourceport", P_UDP, "49152", P_TCP},
	{"udpdestinationport", P_UDP, "53", P_TCP},
	{"udpbytes", P_UDP, "64", P_TCP},
	{"udp_offset", P_UDP, "70", P_TCP},
	{"sctpsourceport", P_SCTP, "36412", P_TCP},
	{"sctpdestinationport", P_SCTP, "2905", P_TCP},
	{"sctpvtag", P_SCTP, "16909060", P_TCP},
	{"sctpchunktype", P_SCTP, "3", P_TCP},
	{"greprotocol", P_NVGRE, "25944", P_TCP},
	{"grekey", P_NVGRE, "76807", P_ERSPAN},
	{"grevsid", P_NVGRE, "300", P_VXLAN},
	{"erspansession", P_ERSPAN, "1", P_NVGRE},
	{"erspanvlan", P_ERSPAN, "100", P_NVGRE},
	{"vxlanvni", P_VXLAN, "300", P_GENEVE},
	{"genevevni", P_GENEVE, "300", P_VXLAN},
	{"gtputeid", P_GTPU, "16909060", P_VXLAN},
	{"gtpumessagetype", P_GTPU, "255", P_VXLAN},
	{"vni", P_GENEVE, "300", P_TCP},
	{"dns_offset", P_DNS, "42", P_TCP},
	{"dnsid", P_DNS, "4660", P_TCP},
	{"dnsqr", P_DNS, "true", P_TCP},
	{"dnsopcode", P_DNS, "0", P_TCP},
	{"dnsaa", P_DNS, "false", P_TCP},
	{"dnstc", P_DNS, "false", P_TCP},
	{"dnsrd", P_DNS, "true", P_TCP},
	{"dnsra", P_DNS, "true", P_TCP},
	{"dnsrcode", P_DNS, "3", P_QUERY},
	{"dnsrcodename", P_DNS, "NXDomain", P_QUERY},
	{"dnsqdcount", P_DNS, "1", P_TCP},
	{"dnsancount", P_DNS, "2", P_TCP},
	{"dnsnscount", P_DNS, "3", P_TCP},
	{"dnsarcount", P_DNS, "4", P_TCP},
	{"dnsqname", P_DNS, "www.example.com.", P_QUERY},
	{"dnsqtype", P_DNS, "28", P_QUERY},
	{"dnsqtypename", P_DNS, "AAAA", P_QUERY},
	{"dnsqclass", P_DNS, "1", P_QUERY},
	{"ibbt_offset", P_WRITE, "42", P_TCP},
	{"ibbtopcode", P_WRITE, "10", P_TCP},
	{"ibbtopname", P_WRITE, "RDMA_WRITE_ONLY", P_TCP},
	{"ibbtoptransport", P_WRITE, "RC", P_TCP},
	{"ibbtse", P_WRITE, "true", P_TCP},
	{"ibbtm", P_WRITE, "true", P_TCP},
	{"ibbtpad", P_WRITE, "1", P_TCP},
	{"ibbttver", P_WRITE, "2", P_TCP},
	{"ibbtpkey", P_WRITE, "32769", P_TCP},
	{"ibbtfecn", P_WRITE, "false", P_TCP},
	{"ibbtbecn", P_WRITE, "true", P_TCP},
	{"ibbtdestinationqp", P_WRITE, "43981", P_TCP},
	{"ibbtack", P_WRITE, "true", P_TCP},
	{"ibbtpsn", P_WRITE, "74565", P_TCP},
	{"ibbtdethqkey", P_UD, "287454020", P_WRITE},
	{"ibbtdethsourceqp", P_UD, "7", P_WRITE},
	{"ibbtrdmava", P_WRITE, "72623859790382856", P_UD},
	{"ibbtrdmarkey", P_WRITE, "168496141", P_UD},
	{"ibbtrdmalen", P_WRITE, "1048576", P_UD},
	{"ibbtaethsyndrome", P_ACK, "9", P_WRITE},
	{"ibbtaethack", P_ACK, "9", P_WRITE},
	{"ibbtaethcredits", P_ACK, "24", P_WRITE},
	{"ibbtaethmsn", P_ACK, "258", P_WRITE},
	{"ibgrhsourcegid", P_IB, "FE80::1", P_LOCAL, PACKET_PROTOCOL_INFINIBAND},
	{"ibgrhdestinationgid", P_IB, "FE80::2", P_LOCAL, PACKET_PROTOCOL_INFINIBAND},
	{"iblrhsourcelid", P_IB, "772", "", PACKET_PROTOCOL_INFINIBAND},
	{"iblrhdestinationlid", P_IB, "258", "", PACKET_PROTOCOL_INFINIBAND},
	{"iblrhvl", P_IB, "2", "", PACKET_PROTOCOL_INFINIBAND},
	{"iblrhsl", P_IB, "3", "", PACKET_PROTOCOL_INFINIBAND},
	{"dot11type", P_DOT11, "2", "", PACKET_PROTOCOL_DOT11},
	{"dot11subtype", P_DOT11, "0", "", PACKET_PROTOCOL_DOT11},
	{"dot11tods", P_DOT11, "false", "", PACKET_PROTOCOL_DOT11},
	{"dot11fromds", P_DOT11, "true", "", PACKET_PROTOCOL_DOT11},
	{"dot11retry", P_DOT11, "false", "", PACKET_PROTOCOL_DOT11},
	{"dot11protected", P_DOT11, "false", "", PACKET_PROTOCOL_DOT11},
	{"dot11receiver", P_DOT11, "020000000011", "", PACKET_PROTOCOL_DOT11},
	{"dot11transmitter", P_DOT11, "020000000022", "", PACKET_PROTOCOL_DOT11},
	{"dot11bssid", P_DOT11, "020000000022", "", PACKET_PROTOCOL_DOT11},
	{"ringcontrol", P_RING, "64", "", PACKET_PROTOCOL_TOKEN_RING},
	{"frdlci", P_FR, "100", "18", PACKET_PROTOCOL_FRAME_RELAY},
	{"frfecn", P_FR, "false", "18", PACKET_PROTOCOL_FRAME_RELAY},
	{"frbecn", P_FR, "true", "18", PACKET_PROTOCOL_FRAME_RELAY},
	{"frde", P_FR, "false", "18", PACKET_PROTOCOL_FRAME_RELAY},
	{"x25channel", P_X25, "291", "11", PACKET_PROTOCOL_X25},
	{"x25type", P_X25, "0", "1123", PACKET_PROTOCOL_X25},
	{"smdssource", P_SMDS, "18005550100", "0001 0064", PACKET_PROTOCOL_SMDS},
	{"smdsdestination", P_SMDS, "15551234567", "0001 0064", PACKET_PROTOCOL_SMDS},
	{"stack", P_VXLAN, "eth.ip.udp.vxlan.eth.ip.tcp", ""},
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static void every_field(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		uint32_t protocol = cases[i].protocol ? cases[i].protocol : 1;

		expect_protocol(cases[i].has, protocol, cases[i].name, cases[i].text);
		expect_protocol(cases[i].lacks, protocol, cases[i].name, NULL);
	}
}

/* A mask is one run of bits of a plain field, and says how many bits there are. */
static void check_mask(const struct packet_field *f)
{
	if (f->mask == 0)
		return;
	assert_null(f->get);
	assert_true(f->width <= 3 && f->mask >> (8 * f->width) == 0);
	assert_int_equal(f->mask & (f->mask + (f->mask & -f->mask)), 0);
	if (f->form == BASE_FORM_BITS)
		assert_int_equal(__builtin_popcount(f->mask), f->bits);
	if (f->form == BASE_FORM_BOOL)
		assert_int_equal(__builtin_popcount(f->mask), 1);
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
		assert_int_equal(
			f->width == 0, f->form == BASE_FORM_TEXT || f->form == BASE_FORM_NAME);
		check_mask(f);
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
