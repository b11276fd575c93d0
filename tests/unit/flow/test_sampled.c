/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../dice.h"
#include "sampled_packet.h"

/* Samples without a header: keys come from records 0:2, 0:3 and 0:4. */

static const uint8_t mac_source[6] = {2, 0, 0, 0, 0, 1}, mac_destination[6] = {2, 0, 0, 0, 0, 2};

enum { ICMP = 1, TCP = 6, UDP = 17, ICMP6 = 58 };

/* What the sampled header of a plain packet would say; the rest of the fields are absent. */
struct expected {
	const char *name, *text;
};

static const char *expected_text(const struct expected *e, const char *name)
{
	for (; e->name; e++) {
		if (strcmp(e->name, name) == 0)
			return e->text;
	}
	return NULL;
}

/* Every field of the header: as expected, or absent; never from a second layer. */
static void expect_fields(struct sampled *s, const struct expected *expected)
{
	char name[64];

	sampled_read(s);
	for (const struct expected *e = expected; e->name; e++) {
		struct flow_key key;

		assert_int_equal(flow_key_find(e->name, strlen(e->name), &key), 0);
		assert_true(key.field->sampled);
	}
	for (unsigned i = 0; i < packet_fields_count; i++) {
		expect_key(
			s, packet_fields[i].name, expected_text(expected, packet_fields[i].name));
		snprintf(name, sizeof(name), "%s.1", packet_fields[i].name);
		expect_key(s, name, NULL);
	}
}

static struct bytes_ip ip4(uint32_t protocol)
{
	return (struct bytes_ip){.length = 1000,
		.protocol = protocol,
		.source = bytes_parse_addr("10.0.0.1"),
		.destination = bytes_parse_addr("10.0.0.2"),
		.source_port = 1234,
		.destination_port = 443,
		.flags = 0x112,
		.tos = 0xB8};
}

static struct bytes_ip ip6(uint32_t protocol)
{
	struct bytes_ip ip = ip4(protocol);

	ip.source = bytes_parse_addr("2001:db8::1");
	ip.destination = bytes_parse_addr("2001:db8::2");
	return ip;
}

static void test_nothing(void **state)
{
	static const struct expected expected[] = {{0}};
	struct sampled s;

	sampled_open(&s);
	expect_fields(&s, expected);
	sampled_close(&s);
}

static void test_ethernet(void **state)
{
	static const struct expected expected[] = {{"macsource", "020000000001"},
		{"macdestination", "020000000002"}, {"ethernetprotocol", "2054"}, {0}};
	struct sampled s;

	sampled_open(&s);
	sampled_add(&s, bytes_ethernet(&s.records, 64, mac_source, mac_destination, 0x0806));
	expect_fields(&s, expected);
	sampled_close(&s);
}

/* The type says IP, but there is no record of it. */
static void test_ethernet_of_ip(void **state)
{
	static const struct expected expected[] = {{"macsource", "020000000001"},
		{"macdestination", "020000000002"}, {"ethernetprotocol", "2048"}, {0}};
	struct sampled s;

	sampled_open(&s);
	sampled_add(&s, bytes_ethernet(&s.records, 64, mac_source, mac_destination, 0x0800));
	expect_fields(&s, expected);
	sampled_close(&s);
}

static void test_ipv4_tcp(void **state)
{
	static const struct expected expected[] = {{"ipsource", "10.0.0.1"},
		{"ipdestination", "10.0.0.2"}, {"ipprotocol", "6"}, {"iptos", "10111000"},
		{"tcpsourceport", "1234"}, {"tcpdestinationport", "443"}, {"tcpflags", "100010010"},
		{0}};
	const struct bytes_ip ip = ip4(TCP);
	struct sampled s;

	sampled_open(&s);
	sampled_add(&s, bytes_ip(&s.records, &ip));
	expect_fields(&s, expected);
	sampled_close(&s);
}

static void test_ipv4_udp(void **state)
{
	static const struct expected expected[] = {{"ipsource", "10.0.0.1"},
		{"ipdestination", "10.0.0.2"}, {"ipprotocol", "17"}, {"iptos", "10111000"},
		{"udpsourceport", "1234"}, {"udpdestinationport", "443"}, {0}};
	const struct bytes_ip ip = ip4(UDP);
	struct sampled s;

	sampled_open(&s);
	sampled_add(&s, bytes_ip(&s.records, &ip));
	expect_fields(&s, expected);
	sampled_close(&s);
}

static void test_ipv4_icmp(void **state)
{
	static const struct expected expected[] = {{"ipsource", "10.0.0.1"},
		{"ipdestination", "10.0.0.2"}, {"ipprotocol", "1"}, {"iptos", "10111000"},
		{"icmptype", "8"}, {0}};
	struct bytes_ip ip = ip4(ICMP);
	struct sampled s;

	ip.destination_port = 8;
	sampled_open(&s);
	sampled_add(&s, bytes_ip(&s.records, &ip));
	expect_fields(&s, expected);
	sampled_close(&s);
}

static void test_ipv6_tcp(void **state)
{
	static const struct expected expected[] = {{"ip6source", "2001:DB8::1"},
		{"ip6destination", "2001:DB8::2"}, {"ip6nexthdr", "6"}, {"ip6tos", "10111000"},
		{"tcpsourceport", "1234"}, {"tcpdestinationport", "443"}, {"tcpflags", "100010010"},
		{0}};
	const struct bytes_ip ip = ip6(TCP);
	struct sampled s;

	sampled_open(&s);
	sampled_add(&s, bytes_ip(&s.records, &ip));
	expect_fields(&s, expected);
	sampled_close(&s);
}

static void test_ipv6_icmp(void **state)
{
	static const struct expected expected[] = {{"ip6source", "2001:DB8::1"},
		{"ip6destination", "2001:DB8::2"}, {"ip6nexthdr", "58"}, {"ip6tos", "10111000"},
		{0}};
	const struct bytes_ip ip = ip6(ICMP6);
	struct sampled s;

	sampled_open(&s);
	sampled_add(&s, bytes_ip(&s.records, &ip));
	expect_fields(&s, expected);
	sampled_close(&s);
}

/* The type of Ethernet follows from the IP record. */
static void test_ethernet_and_ip(void **state)
{
	static const struct expected four[] = {{"macsource", "020000000001"},
		{"macdestination", "020000000002"}, {"ethernetprotocol", "2048"},
		{"ipsource", "10.0.0.1"}, {"ipdestination", "10.0.0.2"}, {"ipprotocol", "17"},
		{"iptos", "10111000"}, {"udpsourceport", "1234"}, {"udpdestinationport", "443"},
		{0}};
	static const struct expected six[] = {{"macsource", "020000000001"},
		{"macdestination", "020000000002"}, {"ethernetprotocol", "34525"},
		{"ip6source", "2001:DB8::1"}, {"ip6destination", "2001:DB8::2"},
		{"ip6nexthdr", "17"}, {"ip6tos", "10111000"}, {"udpsourceport", "1234"},
		{"udpdestinationport", "443"}, {0}};
	const struct bytes_ip ip[] = {ip4(UDP), ip6(UDP)};

	for (unsigned i = 0; i < 2; i++) {
		struct sampled s;

		sampled_open(&s);
		sampled_add(&s, bytes_ip(&s.records, &ip[i]));
		sampled_add(
			&s, bytes_ethernet(&s.records, 64, mac_source, mac_destination, 0x8100));
		expect_fields(&s, i ? six : four);
		sampled_close(&s);
	}
}

/* With a header, the other records say nothing to keys, even where it is cut off. */
static void test_header_wins(void **state)
{
	const struct bytes_ip ip = ip4(TCP);
	struct sampled s;

	sampled_open(&s);
	sampled_add(&s, bytes_ip(&s.records, &ip));
	sampled_add(&s, bytes_ethernet(&s.records, 64, mac_source, mac_destination, 0x0800));
	sampled_add(&s, bytes_header(&s.records, 1, 1000, 0, mac_destination, 6));
	sampled_read(&s);
	expect_key(&s, "macdestination", "020000000002");
	expect_key(&s, "macsource", NULL);
	expect_key(&s, "ipsource", NULL);
	sampled_close(&s);
}

/* Tunnels and other protocols end at the IP header, whatever the ports look like. */
static void test_other_protocols(void **state)
{
	static const uint8_t protocols[] = {2, 4, 41, 47, 50, 89, 137, 255};

	for (unsigned i = 0; i < 2 * sizeof(protocols); i++) {
		const uint8_t protocol = protocols[i / 2];
		const struct bytes_ip ip = i % 2 ? ip4(protocol) : ip6(protocol);
		struct sampled s;
		char text[8];

		snprintf(text, sizeof(text), "%u", protocol);
		sampled_open(&s);
		sampled_add(&s, bytes_ip(&s.records, &ip));
		sampled_read(&s);
		expect_key(&s, i % 2 ? "ipprotocol" : "ip6nexthdr", text);
		expect_key(&s, i % 2 ? "ipsource.1" : "ip6source.1", NULL);
		expect_key(&s, "tcpsourceport", NULL);
		expect_key(&s, "udpsourceport", NULL);
		sampled_close(&s);
	}
}

/* Bodies of random bytes: whatever they say, a key is built or not, and no byte is read amiss. */
static void test_random_bodies(void **state)
{
	struct dice d = {.state = 1};
	char text[2048];

	for (unsigned round = 0; round < 300; round++) {
		struct sampled s;

		sampled_open(&s);
		for (uint32_t tag = 2; tag <= 4; tag++) {
			uint32_t start, len = tag == 2 ? 24 : tag == 3 ? 32 : 56;

			if (dice_below(&d, 3) == 0)
				continue;
			start = wire_open(&s.records, SFLOW_TAG(0, tag));
			dice_bytes(&d, s.records.bytes + s.records.len, len);
			s.records.len += len;
			wire_close(&s.records, start);
			s.record_count++;
		}
		sampled_read(&s);
		for (unsigned i = 0; i < packet_fields_count; i++) {
			bool there = sampled_key(&s, packet_fields[i].name, text, sizeof(text));

			assert_true(!there || packet_fields[i].sampled);
		}
		sampled_close(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_ethernet),
		cmocka_unit_test(test_ethernet_of_ip),
		cmocka_unit_test(test_ipv4_tcp),
		cmocka_unit_test(test_ipv4_udp),
		cmocka_unit_test(test_ipv4_icmp),
		cmocka_unit_test(test_ipv6_tcp),
		cmocka_unit_test(test_ipv6_icmp),
		cmocka_unit_test(test_ethernet_and_ip),
		cmocka_unit_test(test_header_wins),
		cmocka_unit_test(test_other_protocols),
		cmocka_unit_test(test_random_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
