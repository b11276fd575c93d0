/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sampled_packet.h"

/* Two VLAN tags, IPv4, UDP, VXLAN, and in it Ethernet, IPv4, TCP. */
static const char tunnel_hex[] = "020000000002 020000000001 8100 a00a 8100 2014 0800 "
				 "4500 0080 1234 4000 4011 0000 0a000001 0a000002 "
				 "c000 12b5 006c 0000 "
				 "08000000 001234 00 "
				 "020000000004 020000000003 0800 "
				 "4500 0040 0001 0000 3f06 0000 c0a80001 c0a80002 "
				 "04d2 0050 00000001 00000002 5012 2000 0000 0000";

static const char ip6_hex[] = "020000000002 020000000001 86dd "
			      "60000000 0014 06 40 20010db8000000000000000000000001 "
			      "20010db8000000000000000000000002 "
			      "04d2 01bb 00000001 00000002 5010 2000 0000 0000";

static const char icmp6_hex[] = "020000000002 020000000001 86dd "
				"60000000 0008 3a 40 20010db8000000000000000000000001 "
				"20010db8000000000000000000000002 8000 0000 0001 0001";

static void add_header(struct sampled *s, const char *hex, uint32_t frame_length, uint32_t stripped)
{
	struct wire header = wire_hex(hex);

	sampled_add(
		s, bytes_header(&s->records, 1, frame_length, stripped, header.bytes, header.len));
}

/* ---- keys of the sample itself ---- */

static void test_context(void **state)
{
	struct sampled s;
	struct base_addr hop = bytes_parse_addr("198.51.100.1");

	sampled_open(&s);
	s.wanted.source = (struct sflow_source){.class = 2, .index = 1};
	s.wanted.output.format = 1;
	add_header(&s, ip6_hex, 100, 4);
	sampled_add(&s, bytes_switch(&s.records, 10, 1, 20, 2));
	sampled_add(&s, bytes_router(&s.records, &hop, 24, 16));
	sampled_read(&s);
	expect_key(&s, "agent", "192.0.2.10");
	expect_key(&s, "datasource", "2.1");
	expect_key(&s, "inputifindex", "3");
	expect_key(&s, "outputifindex", "discard");
	expect_key(&s, "stripped", "4");
	expect_key(&s, "bytes", "100");
	expect_key(&s, "frames", "1");
	expect_key(&s, "vlansource", "10");
	expect_key(&s, "prioritysource", "1");
	expect_key(&s, "vlandestination", "20");
	expect_key(&s, "prioritydestination", "2");
	expect_key(&s, "ipnexthoprouter", "198.51.100.1");
	expect_key(&s, "ipsourcemaskbits", "24");
	expect_key(&s, "ipdestinationmaskbits", "16");
	sampled_close(&s);
}

/* What a bare sample still says, and what it does not. */
static void test_context_bare(void **state)
{
	static const char *const absent[] = {"bytes", "requests", "stripped", "vlansource",
		"prioritysource", "vlandestination", "prioritydestination", "ipnexthoprouter",
		"ipsourcemaskbits", "ipdestinationmaskbits", "reason"};
	struct sampled s;

	sampled_open(&s);
	s.agent = bytes_parse_addr("2001:db8::1");
	sampled_read(&s);
	expect_key(&s, "agent", "2001:DB8::1");
	expect_key(&s, "datasource", "3");
	expect_key(&s, "inputifindex", "3");
	expect_key(&s, "outputifindex", "4");
	expect_key(&s, "direction", "ingress");
	for (unsigned i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		expect_key(&s, absent[i], NULL);
	sampled_close(&s);
}

/* Of an operation, of DNS and ARP packets, of nothing else. */
static void test_requests(void **state)
{
	static const char arp_hex[] = "ffffffffffff 020000000001 0806 0001 0800 06 04 0001 "
				      "020000000001 0a000001 000000000000 0a000002";
	static const char dns_hex[] = "020000000002 020000000001 0800 "
				      "4500 0030 1234 0000 4011 0000 0a000001 0a000002 "
				      "d431 0035 001c 0000 1234 0100 0001 0000 0000 0000 "
				      "016100 0001 0001";
	static const uint32_t operations[] = {2200, 2201, 2202, 2206};
	struct sampled s;

	for (unsigned i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		sampled_open(&s);
		s.record_count = 1;
		wire_close(&s.records, wire_open(&s.records, SFLOW_TAG(0, operations[i])));
		sampled_read(&s);
		expect_key(&s, "requests", "1");
		sampled_close(&s);
	}
	sampled_open(&s);
	add_header(&s, arp_hex, 64, 0);
	sampled_read(&s);
	expect_key(&s, "requests", "1");
	sampled_close(&s);
	sampled_open(&s);
	add_header(&s, dns_hex, 64, 0);
	sampled_read(&s);
	expect_key(&s, "requests", "1");
	sampled_close(&s);
	sampled_open(&s);
	add_header(&s, ip6_hex, 100, 0);
	sampled_read(&s);
	expect_key(&s, "requests", NULL);
	sampled_close(&s);
}

/* All names of the rows are in one of the tests above, in test_direction, or in test_custom.c. */
static void test_context_rows(void **state)
{
	assert_int_equal(flow_context_keys_count, 18);
}

static void test_switch_unknown(void **state)
{
	struct sampled s;

	sampled_open(&s);
	sampled_add(&s, bytes_switch(&s.records, UINT32_MAX, 0, 0, UINT32_MAX));
	sampled_read(&s);
	expect_key(&s, "vlansource", NULL);
	expect_key(&s, "prioritysource", "0");
	expect_key(&s, "vlandestination", "0");
	expect_key(&s, "prioritydestination", NULL);
	sampled_close(&s);
}

static void test_router_unknown(void **state)
{
	struct base_addr none = {0}, zero = bytes_parse_addr("0.0.0.0"),
			 six = bytes_parse_addr("2001:db8::2");
	struct sampled s;

	sampled_open(&s);
	sampled_add(&s, bytes_router(&s.records, &none, 24, 16));
	sampled_read(&s);
	expect_key(&s, "ipnexthoprouter", NULL);
	expect_key(&s, "ipsourcemaskbits", "24");
	s.records.len = 0;
	bytes_router(&s.records, &zero, 0, 16);
	sampled_read(&s);
	expect_key(&s, "ipnexthoprouter", NULL);
	expect_key(&s, "ipsourcemaskbits", "0");
	s.records.len = 0;
	bytes_router(&s.records, &six, 64, 48);
	sampled_read(&s);
	expect_key(&s, "ipnexthoprouter,ipsourcemaskbits", "2001:DB8::2,64");
	sampled_close(&s);
}

static void expect_direction(struct sflow_source source, struct sflow_interface input,
	struct sflow_interface output, const char *direction)
{
	struct sampled s;

	sampled_open(&s);
	s.wanted.source = source;
	s.wanted.input = input;
	s.wanted.output = output;
	sampled_read(&s);
	expect_key(&s, "direction", direction);
	sampled_close(&s);
}

static void test_direction(void **state)
{
	const struct sflow_source three = {.index = 3}, vm = {.class = 3, .index = 3}, zero = {0};
	const struct sflow_interface if3 = {.value = 3}, if4 = {.value = 4}, if0 = {0},
				     many = {.format = 2, .value = 3};

	expect_direction(three, if3, if4, "ingress");
	expect_direction(three, if4, if3, "egress");
	expect_direction(three, if3, if3, "ingress");
	expect_direction(three, if4, if4, NULL);
	expect_direction(three, many, if3, "egress");
	expect_direction(three, if4, many, NULL);
	expect_direction(vm, if3, if4, NULL);
	expect_direction(zero, if0, if4, NULL);
}

/* ---- keys of the header ---- */

static void test_header_fields(void **state)
{
	struct sampled s;

	sampled_open(&s);
	add_header(&s, ip6_hex, 100, 0);
	sampled_read(&s);
	expect_key(&s, "macsource,macdestination", "020000000001,020000000002");
	expect_key(&s, "ethernetprotocol", "34525");
	expect_key(&s, "ip6source,ip6destination,ip6nexthdr", "2001:DB8::1,2001:DB8::2,6");
	expect_key(&s, "tcpsourceport,tcpdestinationport,tcpflags", "1234,443,000010000");
	expect_key(&s, "stack", "eth.ip6.tcp");
	expect_key(&s, "ipsource", NULL);
	expect_key(&s, "vlan", NULL);
	expect_key(&s, "tcpdestinationport,udpdestinationport", NULL);
	sampled_close(&s);
}

static void test_instances(void **state)
{
	struct sampled s;

	sampled_open(&s);
	add_header(&s, tunnel_hex, 200, 0);
	sampled_read(&s);
	expect_key(&s, "vlan,vlan.1", "10,20");
	expect_key(&s, "priority.0,priority.1", "5,1");
	expect_key(&s, "vlan.2", NULL);
	expect_key(&s, "ipsource,ipsource.1", "10.0.0.1,192.168.0.1");
	expect_key(&s, "macsource.1,ipdestination.1,tcpdestinationport",
		"020000000003,192.168.0.2,80");
	expect_key(&s, "ipsource.2", NULL);
	expect_key(&s, "udpdestinationport,vni", "4789,4660");
	expect_key(&s, "tcpsourceport.1", NULL);
	expect_key(&s, "stack", "eth.ip.udp.vxlan.eth.ip.tcp");
	sampled_close(&s);
}

/* At each length of what was captured: the fields that are there, and nothing beyond its end. */
static void test_cut_header(void **state)
{
	struct wire header = wire_hex(tunnel_hex);
	char text[256];

	for (uint32_t len = 0; len <= header.len; len++) {
		struct sampled s;

		sampled_open(&s);
		sampled_add(&s, bytes_header(&s.records, 1, 200, 0, header.bytes, len));
		sampled_read(&s);
		assert_int_equal(sampled_key(&s, "macsource", text, sizeof(text)), len >= 12);
		assert_int_equal(sampled_key(&s, "ipdestination", text, sizeof(text)), len >= 42);
		assert_int_equal(sampled_key(&s, "ipsource.1", text, sizeof(text)), len >= 88);
		assert_int_equal(
			sampled_key(&s, "macsource,ipsource.1", text, sizeof(text)), len >= 88);
		sampled_close(&s);
	}
}

static void test_unknown_protocol(void **state)
{
	struct wire header = wire_hex(ip6_hex);
	struct sampled s;

	sampled_open(&s);
	sampled_add(&s, bytes_header(&s.records, 99, 200, 0, header.bytes, header.len));
	sampled_read(&s);
	expect_key(&s, "macsource", NULL);
	expect_key(&s, "stack", NULL);
	expect_key(&s, "agent,stripped", "192.0.2.10,0");
	sampled_close(&s);
}

/* ---- the bytes of keys ---- */

static int build(const struct sampled *s, const char *keys, uint8_t *key)
{
	struct flow_plan *plan = plan_of(keys, "bytes");
	struct flow_fields fields;
	int len;

	flow_extract(plan, &s->agent, &s->sample, &s->flow, &fields);
	len = flow_key_build(&plan->definitions[0], plan, &fields, key);
	flow_plan_free(plan);
	return len;
}

static void test_layouts(void **state)
{
	uint8_t key[FLOW_KEY_BYTES];
	struct sampled s;

	sampled_open(&s);
	add_header(&s, tunnel_hex, 200, 0);
	sampled_read(&s);
	assert_int_equal(build(&s, "", key), 0);
	assert_int_equal(build(&s, "ipprotocol,vlan,ipsource", key), 7);
	assert_memory_equal(key, "\x11\x00\x0A\x0A\x00\x00\x01", 7);
	assert_int_equal(build(&s, "vlan,agent,ipprotocol", key), 2 + 1 + 4 + 1);
	assert_memory_equal(key, "\x00\x0A\x04\xC0\x00\x02\x0A\x11", 8);
	assert_int_equal(build(&s, "agent", key), 5);
	assert_int_equal(build(&s, "datasource", key), 8);
	assert_memory_equal(key, "\0\0\0\0\0\0\0\x03", 8);
	sampled_close(&s);
}

/* A definition without keys: one flow, of no text. */
static void test_text_of_none(void **state)
{
	struct sampled s;

	sampled_open(&s);
	sampled_read(&s);
	expect_key(&s, "", "");
	sampled_close(&s);
}

/* Key of the output interface, as bytes. */
static void output_key(struct sflow_interface output, uint8_t key[FLOW_KEY_BYTES])
{
	struct flow_plan *plan = plan_of("outputifindex", "frames");
	const struct sflow_sample sample = {.output = output};
	const struct base_addr agent = {0};
	const struct sflow_flow flow = {0};
	struct flow_fields fields;

	flow_extract(plan, &agent, &sample, &flow, &fields);
	assert_int_equal(flow_key_build(&plan->definitions[0], plan, &fields, key), 8);
	flow_plan_free(plan);
}

/* What has one text is one key: else several flows would share a field of a hash. */
static void test_one_text_one_key(void **state)
{
	static const struct {
		struct sflow_interface a, b;
		bool same;
	} pairs[] = {
		{{1, 256}, {1, 258}, true},
		{{2, 2}, {2, 7}, true},
		{{3, 1}, {9, 5}, true},
		{{0, 0x3FFFFFFF}, {0, UINT32_MAX}, true},
		{{0, 1}, {0, 2}, false},
		{{0, 0}, {3, 0}, false},
		{{1, 0}, {2, 0}, false},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		uint8_t a[FLOW_KEY_BYTES], b[FLOW_KEY_BYTES];

		output_key(pairs[i].a, a);
		output_key(pairs[i].b, b);
		assert_int_equal(memcmp(a, b, 8) == 0, pairs[i].same);
	}
}

static void test_too_long(void **state)
{
	static const char ip6[] = "ip6source,ip6source,ip6source,ip6source,ip6source,"
				  "ip6source,ip6source,ip6source,ip6source,ip6source,"
				  "ip6source,ip6source,ip6source,ip6source,ip6source";
	uint8_t key[FLOW_KEY_BYTES + 64];
	char keys[400];
	struct sampled s;

	memset(key, 0xEE, sizeof(key));
	sampled_open(&s);
	add_header(&s, ip6_hex, 100, 0);
	sampled_read(&s);
	assert_int_equal(build(&s, ip6, key), 240);
	s.agent = bytes_parse_addr("2001:db8::1");
	snprintf(keys, sizeof(keys), "%s,agent", ip6);
	assert_int_equal(build(&s, keys, key), -1); /* 240 + 1 + 16 */
	s.records.len = 0;
	add_header(&s, icmp6_hex, 100, 0);
	s.record_count = 1;
	sampled_read(&s);
	snprintf(keys, sizeof(keys), "agent,stack%s", ip6 + strlen("ip6source"));
	assert_int_equal(build(&s, keys, key), FLOW_KEY_BYTES); /* 1 + 16, 1 + 13, 14 * 16 */
	for (unsigned i = FLOW_KEY_BYTES; i < sizeof(key); i++)
		assert_int_equal(key[i], 0xEE);
	sampled_close(&s);
}

/* ---- values ---- */

static bool value(const struct sampled *s, const char *name, uint64_t *v)
{
	struct flow_plan *plan = plan_of("", name);
	struct flow_fields fields;
	bool there;

	flow_extract(plan, &s->agent, &s->sample, &s->flow, &fields);
	there = flow_value_of(&plan->definitions[0].values[0], &s->sample, &s->flow, &fields, v);

	flow_plan_free(plan);
	return there;
}

static void expect_bytes(const struct sampled *s, uint64_t expected)
{
	uint64_t v = 0;

	assert_true(value(s, "bytes", &v));
	assert_int_equal(v, expected);
}

static void test_frames(void **state)
{
	struct sampled s;
	uint64_t v;

	sampled_open(&s);
	sampled_read(&s);
	assert_true(value(&s, "frames", &v));
	assert_int_equal(v, 1000);
	assert_false(value(&s, "bytes", &v));
	s.wanted.sampling_rate = 0;
	sampled_read(&s);
	assert_true(value(&s, "frames", &v));
	assert_int_equal(v, 1);
	sampled_close(&s);
}

/* 0:1 before 0:3 before 0:4 before 0:2, in whatever order they come. */
static void test_length_rule(void **state)
{
	static const uint8_t mac[6] = {2};
	const struct bytes_ip four = {.length = 300,
				      .source = bytes_parse_addr("10.0.0.1"),
				      .destination = bytes_parse_addr("10.0.0.2")},
			      six = {.length = 400,
				      .source = bytes_parse_addr("2001:db8::1"),
				      .destination = bytes_parse_addr("2001:db8::2")};
	struct sampled s;

	sampled_open(&s);
	sampled_add(&s, bytes_ethernet(&s.records, 200, mac, mac, 0x0800));
	sampled_read(&s);
	expect_bytes(&s, 200 * 1000);
	sampled_add(&s, bytes_ip(&s.records, &six));
	sampled_read(&s);
	expect_bytes(&s, 400 * 1000);
	sampled_add(&s, bytes_ip(&s.records, &four));
	sampled_read(&s);
	expect_bytes(&s, 300 * 1000);
	add_header(&s, ip6_hex, 100, 0);
	sampled_read(&s);
	expect_bytes(&s, 100 * 1000);
	sampled_close(&s);
}

static void test_largest_value(void **state)
{
	struct sampled s;

	sampled_open(&s);
	s.wanted.sampling_rate = UINT32_MAX;
	add_header(&s, ip6_hex, UINT32_MAX, 0);
	sampled_read(&s);
	expect_bytes(&s, (uint64_t)UINT32_MAX * UINT32_MAX);
	sampled_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_context),
		cmocka_unit_test(test_context_bare),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_context_rows),
		cmocka_unit_test(test_switch_unknown),
		cmocka_unit_test(test_router_unknown),
		cmocka_unit_test(test_direction),
		cmocka_unit_test(test_header_fields),
		cmocka_unit_test(test_instances),
		cmocka_unit_test(test_cut_header),
		cmocka_unit_test(test_unknown_protocol),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_text_of_none),
		cmocka_unit_test(test_one_text_one_key),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_length_rule),
		cmocka_unit_test(test_largest_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
