/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

static void addresses(void **state)
{
	(void)state;
	expect(ETH "0800" IP("06") TCP, "macsource", 0, "020000000001");
	expect(ETH "0800" IP("06") TCP, "macdestination", 0, "020000000002");
	expect(ETH "0800" IP("06") TCP, "ethernetprotocol", 0, "2048");
	expect(ETH "88CC", "ethernetprotocol", 0, "35020");
	expect(ETH "88CC", "stack", 0, "eth");
	expect(ETH "08", "ethernetprotocol", 0, NULL);
	expect("0200000000", "macdestination", 0, NULL);
	expect("0200000000", "stack", 0, "eth");
}

static void casts(void **state)
{
	(void)state;
	expect("020000000002", "isunicast", 0, "true");
	expect("020000000002", "ismulticast", 0, "false");
	expect("020000000002", "isbroadcast", 0, "false");
	expect("01005E000001", "isunicast", 0, "false");
	expect("01005E000001", "ismulticast", 0, "true");
	expect("01005E000001", "isbroadcast", 0, "false");
	expect("FFFFFFFFFFFF", "isunicast", 0, "false");
	expect("FFFFFFFFFFFF", "ismulticast", 0, "false");
	expect("FFFFFFFFFFFF", "isbroadcast", 0, "true");
	expect("FFFFFFFFFF", "isbroadcast", 0, NULL);
}

static void one_tag(void **state)
{
	static const char *const tpids[] = {"8100", "88A8", "9100", "9200", "9300"};

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		char hex[PACKET_ROOM];

		snprintf(hex, sizeof(hex), ETH "%s A064 0800" IP("06") TCP, tpids[i]);
		expect(hex, "vlan", 0, "100");
		expect(hex, "priority", 0, "5");
		expect(hex, "vlan_offset", 0, "14");
		expect(hex, "vlan", 1, NULL);
		expect(hex, "ethernetprotocol", 0, "2048");
		expect(hex, "ip_offset", 0, "18");
		expect(hex, "stack", 0, "eth.ip.tcp");
	}
}

#define TAGS_4 "8100 0001 88A8 0002 8100 0003 9100 0004 "

static void stacks_of_tags(void **state)
{
	(void)state;
	expect(ETH TAGS_4 "0800" IP("06") TCP, "vlan", 0, "1");
	expect(ETH TAGS_4 "0800" IP("06") TCP, "vlan", 3, "4");
	expect(ETH TAGS_4 "0800" IP("06") TCP, "tcpdestinationport", 0, "80");
	/* More tags than are noted are still walked, up to eight. */
	expect(ETH TAGS_4 TAGS_4 "0800" IP("06") TCP, "vlan", 3, "4");
	expect(ETH TAGS_4 TAGS_4 "0800" IP("06") TCP, "vlan", 4, NULL);
	expect(ETH TAGS_4 TAGS_4 "0800" IP("06") TCP, "stack", 0, "eth.ip.tcp");
	expect(ETH TAGS_4 TAGS_4 "8100 0009 0800" IP("06") TCP, "stack", 0, "eth");
	expect(ETH TAGS_4 TAGS_4 "8100 0009 0800" IP("06") TCP, "ethernetprotocol", 0, NULL);
}

static void cut_tags(void **state)
{
	(void)state;
	expect(ETH "8100 E0", "priority", 0, "7");
	expect(ETH "8100 E0", "vlan", 0, NULL);
	expect(ETH "8100 E001", "vlan", 0, "1");
	expect(ETH "8100 E001 08", "ethernetprotocol", 0, NULL);
	expect(ETH "8100", "vlan_offset", 0, NULL);
}

/* Tags that are not of a VLAN are stepped over, before one of a VLAN and behind it. */
static void other_tags(void **state)
{
	static const char *const tags[] = {
		"893F 0000 0123 0000 ", "8926 80010002 ", "8909 0101 0001 0064 "};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		unsigned len = (unsigned)strlen(tags[i]) - 1;
		char hex[PACKET_ROOM];

		snprintf(hex, sizeof(hex), ETH "%s 8100 0007 0800" IP("06") TCP, tags[i]);
		expect(hex, "stack", 0, "eth.ip.tcp");
		expect(hex, "vlan", 0, "7");
		expect(hex, "vlan", 1, NULL);
		expect(hex, "ethernetprotocol", 0, "2048");
		snprintf(hex, sizeof(hex), ETH "8100 0007 %s 86DD" IP6("06") TCP, tags[i]);
		expect(hex, "stack", 0, "eth.ip6.tcp");
		expect(hex, "ethernetprotocol", 0, "34525");
		snprintf(hex, sizeof(hex), ETH "%.*s 08", (int)len, tags[i]);
		expect(hex, "stack", 0, "eth");
		expect(hex, "ethernetprotocol", 0, NULL);
	}
	expect(ETH "893F 0000 0123 0000 0026 424203", "stack", 0, "eth.llc");
	/* Only behind Ethernet. */
	expect(ETH "0800" IP("2F") "0000 8926 80010002 0800" IP("06") TCP, "stack", 0,
		"eth.ip.gre");
	expect(ETH "0800" IP("2F") "0000 8926 80010002 0800" IP("06") TCP, "ethernetprotocol", 0,
		"2048");
}

/* IEEE 802.1ah: the frame of the customer behind the tag of the service instance. */
static void backbone(void **state)
{
	static const char hex[] = ETH "88A8 0064 88E7 00012345 020000000004 020000000003 8100 0007"
				      "0800" IP("06") TCP;

	(void)state;
	expect(hex, "stack", 0, "eth.eth.ip.tcp");
	expect(hex, "macsource", 1, "020000000003");
	expect(hex, "ethernetprotocol", 0, "35047");
	expect(hex, "ethernetprotocol", 1, "2048");
	expect(hex, "vlan", 0, "100");
	expect(hex, "vlan", 1, "7");
	expect(ETH "88E7 0001", "stack", 0, "eth");
	expect(ETH "88E7 00012345", "stack", 0, "eth");
}

/* Neither a length nor an EtherType. */
static void odd_type(void **state)
{
	(void)state;
	expect(ETH "05FF 0000", "ethernetprotocol", 0, "1535");
	expect(ETH "05FF 424203", "stack", 0, "eth");
	expect(ETH "05DC 424203", "stack", 0, "eth.llc");
}

TEST_MAIN(cmocka_unit_test(addresses), cmocka_unit_test(casts), cmocka_unit_test(one_tag),
	cmocka_unit_test(stacks_of_tags), cmocka_unit_test(cut_tags), cmocka_unit_test(other_tags),
	cmocka_unit_test(backbone), cmocka_unit_test(odd_type))
