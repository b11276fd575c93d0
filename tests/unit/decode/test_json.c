/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <jansson.h>

#include "print.h"

#define CAPTURED(size)                                                                             \
	"{\"time\":\"2023-11-14T22:13:20.123456Z\",\"source\":null,\"source_port\":null,"          \
	"\"size\":" size
#define AGENT                                                                                      \
	",\"version\":5,\"agent_address\":\"192.0.2.10\",\"sub_agent_id\":1,\"sequence_number\":"  \
	"2,\"uptime\":3"

static void test_no_samples(void **state)
{
	struct wire w = wire_hex(V1);

	assert_string_equal(print_wire(DECODE_JSON, &w),
		CAPTURED("28") AGENT ",\"sample_count\":0,\"samples\":[]}\n");
}

static void test_arrival(void **state)
{
	struct wire w = wire_hex(V1);
	struct decode_datagram g = {.time_ns = 1,
		.live = true,
		.source = {.family = 6, .bytes = {0x20, 1, 0xD, 0xB8, [15] = 1}},
		.source_port = 8888};

	assert_non_null(strstr(print_datagram(DECODE_JSON, &g, &w),
		"{\"time\":\"1970-01-01T00:00:00.000000Z\",\"source\":\"2001:DB8::1\","
		"\"source_port\":8888,\"size\":28,"));
	g = (struct decode_datagram){0};
	assert_non_null(
		strstr(print_datagram(DECODE_JSON, &g, &w), "{\"time\":null,\"source\":null,"
							    "\"source_port\":null,"));
	/* The last moment that fits. */
	g.time_ns = UINT64_MAX;
	assert_non_null(strstr(
		print_datagram(DECODE_JSON, &g, &w), "{\"time\":\"2554-07-21T23:34:33.709551Z\","));
}

static void test_flow_sample(void **state)
{
	struct wire w = wire_hex(V2);

	assert_string_equal(print_wire(DECODE_JSON, &w), CAPTURED("108") AGENT
		",\"sample_count\":1,\"samples\":[{\"tag\":\"0:1\",\"type\":\"flow_sample\","
		"\"length\":72,\"sequence_number\":9,\"source_id\":{\"class\":1,\"index\":100},"
		"\"sampling_rate\":512,\"sample_pool\":5120,\"drops\":1,"
		"\"input\":{\"format\":0,\"value\":7},\"output\":{\"format\":2,\"value\":3},"
		"\"records\":[{\"tag\":\"0:1001\",\"type\":\"extended_switch\",\"length\":16,"
		"\"fields\":{\"src_vlan\":100,\"src_priority\":1,\"dst_vlan\":4294967295,"
		"\"dst_priority\":0}},{\"tag\":\"0:999\",\"type\":null,\"length\":6,"
		"\"data\":\"010203040506\"}]}]}\n");
}

static void test_counter_sample(void **state)
{
	struct wire w = wire_hex(V3);

	assert_non_null(strstr(print_wire(DECODE_JSON, &w),
		"\"agent_address\":\"2001:DB8::10\",\"sub_agent_id\":0,\"sequence_number\":1,"
		"\"uptime\":1000,\"sample_count\":1,\"samples\":[{\"tag\":\"0:2\","
		"\"type\":\"counters_sample\",\"length\":68,\"sequence_number\":1,"
		"\"source_id\":{\"class\":2,\"index\":10},\"records\":[{\"tag\":\"0:1005\","
		"\"type\":\"port_name\",\"length\":12,\"fields\":{\"name\":\"eth0/1\"}},"
		"{\"tag\":\"0:1001\",\"type\":\"processor\",\"length\":28,\"fields\":"
		"{\"5s_cpu\":12.34,\"1m_cpu\":null,\"5m_cpu\":100.00,\"total_memory\":8,"
		"\"free_memory\":4}}]}]}\n"));
}

static void test_expanded(void **state)
{
	struct wire w = wire_hex(V4);

	assert_non_null(strstr(print_wire(DECODE_JSON, &w),
		"\"input\":{\"format\":0,\"value\":1073741823},"
		"\"output\":{\"format\":1,\"value\":258,\"reason_name\":\"acl\"},"
		"\"records\":[{\"tag\":\"0:1003\",\"type\":\"extended_gateway\",\"length\":68,"
		"\"fields\":{\"nexthop\":\"198.51.100.1\",\"as\":64500,\"src_as\":64501,"
		"\"src_peer_as\":64502,\"dst_as_path\":[{\"type\":2,\"type_name\":\"as_sequence\","
		"\"asns\":[64510,64511]},{\"type\":1,\"type_name\":\"as_set\","
		"\"asns\":[64520,64521]}],\"communities\":[4227072007],\"localpref\":150}}]}]}\n"));
}

static void test_discard(void **state)
{
	struct wire w = wire_hex(V5);

	assert_non_null(strstr(print_wire(DECODE_JSON, &w),
		"{\"tag\":\"0:5\",\"type\":\"discarded_packet\",\"length\":68,\"sequence_number\":"
		"5,"
		"\"source_id\":{\"class\":0,\"index\":2},\"drops\":4,\"input\":{\"format\":0,"
		"\"value\":2},\"output\":{\"format\":0,\"value\":0},\"reason\":289,"
		"\"reason_name\":\"unknown_l4\",\"records\":[{\"tag\":\"0:1030\","
		"\"type\":\"extended_vni_ingress\",\"length\":4,\"fields\":{\"vni\":5001}},"
		"{\"tag\":\"0:1038\",\"type\":\"extended_function\",\"length\":16,"
		"\"fields\":{\"symbol\":\"tcp_v4_rcv\"}}]}]}\n"));
}

static void test_unknown_sample(void **state)
{
	struct wire w = wire_hex(V1);

	base_put_u32(w.bytes + 24, 2);
	wire_u32(&w, SFLOW_TAG(1991, 9));
	wire_u32(&w, 6);
	wire_opaque(&w, "\1\2\3\4\5\6", 6);
	wire_u32(&w, 6);
	wire_u32(&w, 0);
	assert_non_null(strstr(print_wire(DECODE_JSON, &w),
		"\"samples\":[{\"tag\":\"1991:9\",\"type\":null,\"length\":6,"
		"\"data\":\"010203040506\"},{\"tag\":\"0:6\",\"type\":null,\"length\":0,"
		"\"data\":\"\"}]}\n"));
}

static void test_wrapper(void **state)
{
	struct wire w = {.len = 0}, v2 = wire_hex(V2);

	wire_datagram(&w, 3, 1);
	wire_u32(&w, SFLOW_FOUNDRY_WRAPPER);
	wire_u32(&w, 8);
	wire_u32(&w, 11);
	wire_u32(&w, 12);
	wire_opaque(&w, v2.bytes + 28, v2.len - 28);
	assert_non_null(strstr(print_wire(DECODE_JSON, &w),
		"\"length\":72,\"wrapper\":{\"tag\":\"1991:1\",\"flags\":11,\"group\":12},"
		"\"sequence_number\":9,"));
	assert_non_null(strstr(print_text, "],\"deviations\":{\"sample_wrapped\":1}}\n"));
}

static void test_custom(void **state)
{
	struct wire w = {.len = 0};
	uint32_t start;

	wire_datagram(&w, 3, 2);
	start = wire_open(&w, SFLOW_RTMETRIC);
	wire_string(&w, "host");
	wire_u32(&w, 2);
	wire_string(&w, "\xFF");
	wire_u32(&w, 4);
	wire_u64(&w, UINT64_MAX);
	wire_string(&w, "f");
	wire_u32(&w, 5);
	wire_f32(&w, 0.1f);
	wire_close(&w, start);
	start = wire_open(&w, SFLOW_RTFLOW);
	wire_string(&w, "");
	wire_u32(&w, 400);
	wire_u32(&w, 8000);
	wire_u32(&w, 2);
	wire_string(&w, "m");
	wire_u32(&w, 1);
	wire_u64(&w, 0x01020304050A0000);
	wire_string(&w, "s");
	wire_u32(&w, 0);
	wire_string(&w, "\"q\"");
	wire_close(&w, start);
	assert_non_null(strstr(print_wire(DECODE_JSON, &w),
		"\"type\":\"rtmetric\",\"length\":48,\"datasource\":\"host\",\"metrics\":["
		"{\"name\":{\"hex\":\"ff\"},\"type\":\"gauge64\",\"value\":18446744073709551615},"
		"{\"name\":\"f\",\"type\":\"gaugeFloat\",\"value\":0.100000001}]},"
		"{\"tag\":\"4300:1003\",\"type\":\"rtflow\",\"length\":56,\"datasource\":\"\","
		"\"sampling_rate\":400,\"sample_pool\":8000,\"fields\":["
		"{\"name\":\"m\",\"type\":\"mac\",\"value\":\"01020304050A\"},"
		"{\"name\":\"s\",\"type\":\"string\",\"value\":\"\\\"q\\\"\"}]}]}\n"));
}

/* ---- Records ---- */

/* The one record of a sample as it is printed, without its tag, type and length. */
static const char *record(uint32_t sample, uint32_t tag, const char *hex)
{
	static char text[8192];
	struct wire w = print_record(sample, tag, hex);
	const char *start, *end;

	print_wire(DECODE_JSON, &w);
	start = strstr(print_text, "\"records\":[{");
	assert_non_null(start);
	start = strstr(start, "\"length\":");
	start = strchr(start, ',') + 1;
	end = NULL;
	for (const char *p = start; (p = strstr(p, "}]}]")); p++)
		end = p;
	assert_non_null(end);
	snprintf(text, sizeof(text), "%.*s", (int)(end - start), start);
	return text;
}

static const char *flow(uint32_t tag, const char *hex)
{
	return record(SFLOW_FLOW_SAMPLE, tag, hex);
}

static const char *counters(uint32_t tag, const char *hex)
{
	return record(SFLOW_COUNTER_SAMPLE, tag, hex);
}

static void test_header(void **state)
{
	const char *text = flow(1, "0000000c 00000050 00000000 00000008 6000000000000640");

	assert_non_null(strstr(text,
		"\"fields\":{\"header_protocol\":12,\"header_protocol_name\":\"ipv6\","
		"\"frame_length\":80,\"stripped\":0,\"header\":\"6000000000000640\"},"
		"\"stack\":\"ip6\",\"layers\":[{\"layer\":\"ip6\",\"offset\":0,\"fields\":{"));
	assert_non_null(strstr(text, "\"ip6nexthdr\":6,"));
	assert_non_null(strstr(text, "\"ip6ttl\":64,"));
	assert_string_equal(text + strlen(text) - 3, "}}]");
}

#define LABELS_3 "00064a40 00064a40 00064a40"

/* Of more than four of a kind the rest is counted. */
static void test_omitted(void **state)
{
	const char *text =
		flow(1, "0000000d 00000050 00000000 0000001c" LABELS_3 LABELS_3 "000c813f");

	assert_non_null(strstr(text, "\"mplsbottom\":false"));
	assert_null(strstr(text, "\"mplsbottom\":true"));
	assert_non_null(strstr(text, "}}],\"layers_omitted\":3"));
	text = flow(1, "0000000d 00000050 00000000 00000010" LABELS_3 "000c813f");
	assert_null(strstr(text, "layers_omitted"));
}

/* What it says to have and has not; what is behind it. */
static void test_header_length(void **state)
{
	assert_string_equal(flow(1, "00000000 00000050 00000000 00000008 01020304"),
		"\"fields\":{\"header_protocol\":0,\"frame_length\":80,\"stripped\":0,"
		"\"header\":\"01020304\"},\"header_length\":8,\"layers\":[]");
	assert_non_null(
		strstr(print_text, "\"deviations\":{\"header_cut\":1,\"header_protocol\":1}}\n"));
	assert_string_equal(flow(1, "00000000 00000050 00000000 00000001 01020304 05060708"),
		"\"fields\":{\"header_protocol\":0,\"frame_length\":80,\"stripped\":0,"
		"\"header\":\"01\"},\"extra\":\"05060708\",\"layers\":[]");
}

static void test_ethernet(void **state)
{
	static const char expected[] = "\"fields\":{\"length\":1000,\"src_mac\":\"010203040506\","
				       "\"dst_mac\":\"0708090A0B0C\",\"type\":2048}";

	assert_string_equal(
		flow(2, "000003e8 0102030405060000 0708090a0b0c0000 00000800"), expected);
	assert_string_equal(flow(2, "000003e8 010203040506 0708090a0b0c 00000800"), expected);
	assert_non_null(strstr(print_text, "\"deviations\":{\"mac_unpadded\":1}}\n"));
}

static void test_addresses(void **state)
{
	assert_string_equal(flow(1002, "00000000 00000018 00000010"),
		"\"fields\":{\"nexthop\":null,\"src_mask_len\":24,\"dst_mask_len\":16}");
	assert_string_equal(
		flow(1007, "00000002 20010db8000000000000000000000001 00000001 c0000201"),
		"\"fields\":{\"src_address\":\"2001:DB8::1\",\"dst_address\":\"192.0.2.1\"}");
	assert_string_equal(flow(1032, "00000001 00000002 000102030405060708090a0b0c0d0e0f"
				       "101112131415161718191a1b1c1d1e1f 00000003 00000004"),
		"\"fields\":{\"flow_label\":1,\"tc\":2,"
		"\"s_gid\":\"000102030405060708090a0b0c0d0e0f\","
		"\"d_gid\":\"101112131415161718191a1b1c1d1e1f\",\"next_header\":3,\"length\":4}");
}

static void test_lists(void **state)
{
	assert_string_equal(counters(2001, "00000002 00000002 00000001 0011223344ff0000"
					   "00000003 00000000"),
		"\"fields\":{\"adapters\":[{\"ifIndex\":2,\"mac_address\":[\"0011223344FF\"]},"
		"{\"ifIndex\":3,\"mac_address\":[]}]}");
	assert_string_equal(counters(SFLOW_TAG(4413, 2), "00000064 ffffffff ffffff38 00002710"
							 "00000002 00000001 ffffffff 00000000"),
		"\"fields\":{\"ingress_uc_pc\":1.00,\"ingress_mc_pc\":null,\"egress_uc_pc\":-2.00,"
		"\"egress_mc_pc\":100.00,\"egress_queue_uc_pc\":[0.01,null],"
		"\"egress_queue_mc_pc\":[]}");
	assert_string_equal(flow(1012, "00000002 8100a064 88a80fff"),
		"\"fields\":{\"stack\":[2164301924,2292715519]}");
}

/* Records within 0:1016; an aggregation in one is not taken apart. */
static void test_nested(void **state)
{
	assert_string_equal(
		flow(1016, "00000002 00000002 00000407 00000008 0000000000000001"
			   "000003f8 00000004 00000000 00000001 000003e7 00000003 01020300"),
		"\"fields\":{\"pdus\":[{\"records\":[{\"tag\":\"0:1031\","
		"\"type\":\"extended_ib_lrh\",\"length\":8,\"fields\":{\"src_vl\":0,\"src_sl\":1}},"
		"{\"tag\":\"0:1016\",\"type\":\"extended_80211_aggregation\",\"length\":4,"
		"\"data\":\"00000000\"}]},{\"records\":[{\"tag\":\"0:999\",\"type\":null,"
		"\"length\":3,\"data\":\"010203\"}]}]}");
}

static void test_words(void **state)
{
	assert_string_equal(flow(1037, "00000007 00000001 61000000 00000002"),
		"\"fields\":{\"number\":7,\"name\":\"a\",\"direction\":2,"
		"\"direction_name\":\"egress\"}");
	assert_string_equal(flow(1037, "00000007 00000001 61000000 00000009"),
		"\"fields\":{\"number\":7,\"name\":\"a\",\"direction\":9}");
}

static void test_signed(void **state)
{
	assert_string_equal(counters(3001, "80000000 ffffffff 00000001"),
		"\"fields\":{\"minimum\":-2147483648,\"maximum\":-1,\"errors\":1}");
	assert_string_equal(counters(2102, "8000000000000000 ffffffffffffffff"),
		"\"fields\":{\"memory\":9223372036854775808,\"maxMemory\":18446744073709551615}");
}

/* JSON has no infinity. */
static void test_floats(void **state)
{
	assert_string_equal(counters(2003, "3f333333 bf800000 7f800000"),
		"\"fields\":{\"load_one\":0.699999988,\"load_five\":-1,\"load_fifteen\":null}");
	assert_string_equal(counters(2003, "7fc00000 00000001 ff7fffff"),
		"\"fields\":{\"load_one\":null,\"load_five\":1.40129846e-45,"
		"\"load_fifteen\":-3.40282347e+38}");
}

static void test_bytes(void **state)
{
	assert_string_equal(flow(1013, "000fac04 00000003 aaaa03ee"),
		"\"fields\":{\"cipher_suite\":1027076,\"cipher_suite_name\":\"CCMP\","
		"\"data\":\"aaaa03\"}");
	assert_string_equal(
		counters(SFLOW_TAG(4300, 2), "01020304"), "\"fields\":{\"data\":\"01020304\"}");
	assert_string_equal(counters(2000, "00000000 0102030405060708090a0b0c0d0e0fff"
					   "00000003 00000002 00000000"),
		"\"fields\":{\"hostname\":\"\",\"uuid\":\"01020304-0506-0708-090a-0b0c0d0e0fff\","
		"\"machine_type\":3,\"machine_type_name\":\"x86_64\",\"os_name\":2,"
		"\"os_name_name\":\"linux\",\"os_release\":\"\"}");
}

/* A record that grew: what is known, and the rest as bytes. */
static void test_extra(void **state)
{
	assert_string_equal(
		flow(1039, "00000001 deadbeef"), "\"fields\":{\"delay\":1},\"extra\":\"deadbeef\"");
	assert_null(strstr(print_text, "errors"));
}

/* Fields that an older agent does not have are absent. */
static void test_absent(void **state)
{
	const char *text = counters(2106,
		"0000000000000001 0000000000000002 0000000000000003 0000000000000004"
		"0000000000000005 0000000000000006 0000000000000007 0000000000000008"
		"00000009 0000000a 0000000b 0000000c 0000000d 0000000e 0000000f 00000010 00000011");

	assert_non_null(strstr(text, "\"thread_num_started\":17}"));
	assert_null(strstr(print_text, "errors"));
}

/* ---- Texts of the wire ---- */

#define CHECK_TEXT(bytes, expected) check_text(bytes, sizeof(bytes) - 1, expected)

static void check_text(const char *bytes, uint32_t len, const char *expected)
{
	char hex[512], field[512];
	size_t at = (size_t)snprintf(hex, sizeof(hex), "%08x", len);

	for (uint32_t i = 0; i < (len + 3) / 4 * 4; i++)
		at += (size_t)snprintf(
			hex + at, sizeof(hex) - at, "%02x", i < len ? (uint8_t)bytes[i] : 0xEE);
	snprintf(field, sizeof(field), "\"fields\":{\"reason\":%s}", expected);
	assert_string_equal(flow(1042, hex), field);
}

static void test_escapes(void **state)
{
	CHECK_TEXT("", "\"\"");
	CHECK_TEXT("plain / text", "\"plain / text\"");
	CHECK_TEXT("\"\\", "\"\\\"\\\\\"");
	CHECK_TEXT("\n\0\x1F\x7F", "\"\\u000a\\u0000\\u001f\\u007f\"");
	CHECK_TEXT("\xC2\x80-\xC2\x9B\xC2\x9F\xC2\xA0", "\"\\u0080-\\u009b\\u009f\xC2\xA0\"");
	CHECK_TEXT("\xE2\x82\xAC\xF0\x9F\x98\x80", "\"\xE2\x82\xAC\xF0\x9F\x98\x80\"");
	CHECK_TEXT("a\xFF", "{\"hex\":\"61ff\"}");
	CHECK_TEXT("\xE2\x82", "{\"hex\":\"e282\"}");
	CHECK_TEXT("\xED\xA0\x80", "{\"hex\":\"eda080\"}");
	CHECK_TEXT("\xC0\x80", "{\"hex\":\"c080\"}");
}

/* A text that is longer than what may be written at a time, all of it to be escaped. */
static void test_long_text(void **state)
{
	enum { LEN = 60000 };
	uint8_t *bytes = calloc(1, LEN + 80);
	struct wire head = {.len = 0};
	struct decode_datagram g = {0};
	json_t *document;
	const char *value;
	FILE *f;
	size_t len;
	struct decode_sink sink = {.write = print_write, .ctx = &f};
	struct decode *d = decode_create(DECODE_JSON, &sink);

	assert_non_null(bytes);
	assert_non_null(d);
	wire_datagram(&head, 3, 1);
	wire_u32(&head, SFLOW_RTMETRIC);
	wire_u32(&head, LEN + 8);
	wire_u32(&head, LEN);
	memcpy(bytes, head.bytes, head.len);
	memset(bytes + head.len, 1, LEN);
	g.payload = bytes;
	g.len = head.len + LEN + 4;
	f = open_memstream(&print_text, &len);
	assert_int_equal(decode_datagram(d, &g), 0);
	assert_int_equal(decode_flush(d), 0);
	fclose(f);
	decode_destroy(d);
	free(bytes);
	document = json_loads(print_text, 0, NULL);
	assert_non_null(document);
	value = json_string_value(json_object_get(
		json_array_get(json_object_get(document, "samples"), 0), "datasource"));
	assert_int_equal(strlen(value), LEN);
	json_decref(document);
}

/* ---- Damage ---- */

static void test_errors(void **state)
{
	struct wire w = wire_hex(V2);

	base_put_u32(w.bytes + 36 + 28, 3);
	assert_non_null(strstr(print_wire(DECODE_JSON, &w),
		"\"data\":\"010203040506\"}],\"complete\":false}],"
		"\"errors\":[{\"reason\":\"records_missing\",\"offset\":108,\"sample\":0,"
		"\"record\":2"));
	assert_string_equal(print_damages, "records_missing@108 ");
	w = wire_hex(V2);
	base_put_u32(w.bytes + 24, 2);
	assert_non_null(strstr(print_wire(DECODE_JSON, &w),
		"\"data\":\"010203040506\"}]}],\"errors\":[{\"reason\":\"samples_missing\","
		"\"offset\":108,\"sample\":1}]}\n"));
	w = wire_hex(V5);
	base_put_u32(w.bytes + w.len - 16, 0xFFFFFFFE);
	assert_non_null(strstr(print_wire(DECODE_JSON, &w),
		"\"length\":16,\"fields\":{}}]}],\"errors\":[{\"reason\":\"record_short\","
		"\"offset\":88,\"sample\":0,\"record\":1,\"field\":\"symbol\"}]}\n"));
}

/* Cut in the header: what there is. */
static void test_cut_header(void **state)
{
	static const char *const heads[] = {"", ",\"version\":5", ",\"version\":5",
		",\"version\":5,\"agent_address\":\"192.0.2.10\"",
		",\"version\":5,\"agent_address\":\"192.0.2.10\",\"sub_agent_id\":1"};
	static const char *const fields[] = {
		"version", "agent_address", "agent_address", "sub_agent_id", "sequence_number"};
	static const uint32_t offsets[] = {0, 4, 4, 12, 16};
	struct wire w = wire_hex(V1);

	for (w.len = 0; w.len < 20; w.len++) {
		char expected[512];
		unsigned i = w.len / 4;

		snprintf(expected, sizeof(expected),
			"\"size\":%u%s,\"samples\":[],\"errors\":[{\"reason\":\"short\","
			"\"offset\":%u,\"field\":\"%s\"}]}\n",
			w.len, heads[i], offsets[i], fields[i]);
		assert_non_null(strstr(print_wire(DECODE_JSON, &w), expected));
	}
}

/* Nothing is shown of a record that is cut; its sample is marked. */
static void test_cut_record(void **state)
{
	struct wire w = wire_hex(V2);

	w.len = 36 + 32 + 8 + 8;
	assert_non_null(strstr(print_wire(DECODE_JSON, &w),
		"\"records\":[],\"complete\":false}],\"errors\":[{\"reason\":\"sample_overrun\","
		"\"offset\":84,\"sample\":0,\"record\":0,\"field\":\"dst_vlan\"}]}\n"));
	w.len = 32;
	assert_non_null(strstr(print_wire(DECODE_JSON, &w),
		"\"samples\":[{\"tag\":\"0:1\",\"type\":\"flow_sample\",\"complete\":false}],"
		"\"errors\":[{\"reason\":\"sample_overrun\",\"offset\":32,\"sample\":0,"
		"\"field\":\"length\"}]}\n"));
}

/* So many that not all are shown: the rest is a number. */
static void test_many_errors(void **state)
{
	enum { RECORDS = 100, SHOWN = 64 };
	struct wire w = {.len = 0};
	json_t *document;
	uint32_t start;

	wire_datagram(&w, 3, 1);
	start = wire_open(&w, SFLOW_COUNTER_SAMPLE);
	wire_u64(&w, 1);
	wire_u32(&w, RECORDS);
	for (unsigned i = 0; i < RECORDS; i++)
		wire_record(&w, SFLOW_TAG(0, 2002), 1);
	wire_close(&w, start);
	document = json_loads(print_wire(DECODE_JSON, &w), 0, NULL);
	assert_non_null(document);
	assert_int_equal(json_array_size(json_object_get(document, "errors")), SHOWN);
	assert_int_equal(
		json_integer_value(json_object_get(document, "errors_omitted")), RECORDS - SHOWN);
	json_decref(document);
}

static void test_deviations(void **state)
{
	struct wire w = wire_hex(V2);

	base_put_u32(w.bytes + 36 + 8, 0);
	base_put_u32(w.bytes + 32, 0x4C);
	wire_u64(&w, 0);
	assert_non_null(strstr(print_wire(DECODE_JSON, &w), "\"sampling_rate\":0,"));
	assert_non_null(strstr(print_text, "}]}],\"deviations\":{\"sample_surplus\":1,"
					   "\"trailing_bytes\":1,\"rate_zero\":1}}\n"));
}

/* One datagram's are not the next one's. */
static void test_line_each(void **state)
{
	struct wire good = wire_hex(V1), bad = good;
	FILE *f;
	size_t len;
	struct decode_sink sink = {.write = print_write, .ctx = &f};
	struct decode *d = decode_create(DECODE_JSON, &sink);
	struct decode_datagram g = {.payload = bad.bytes, .len = 27};

	f = open_memstream(&print_text, &len);
	assert_int_equal(decode_datagram(d, &g), 0);
	g = (struct decode_datagram){.payload = good.bytes, .len = 28};
	assert_int_equal(decode_datagram(d, &g), 0);
	assert_int_equal(decode_flush(d), 0);
	fclose(f);
	decode_destroy(d);
	assert_non_null(strstr(print_text, "\"field\":\"samples\"}]}\n{\"time\":null,"));
	assert_null(strstr(strchr(print_text, '\n'), "errors"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_no_samples, print_teardown),
		cmocka_unit_test_teardown(test_arrival, print_teardown),
		cmocka_unit_test_teardown(test_flow_sample, print_teardown),
		cmocka_unit_test_teardown(test_counter_sample, print_teardown),
		cmocka_unit_test_teardown(test_expanded, print_teardown),
		cmocka_unit_test_teardown(test_discard, print_teardown),
		cmocka_unit_test_teardown(test_unknown_sample, print_teardown),
		cmocka_unit_test_teardown(test_wrapper, print_teardown),
		cmocka_unit_test_teardown(test_custom, print_teardown),
		cmocka_unit_test_teardown(test_header, print_teardown),
		cmocka_unit_test_teardown(test_omitted, print_teardown),
		cmocka_unit_test_teardown(test_header_length, print_teardown),
		cmocka_unit_test_teardown(test_ethernet, print_teardown),
		cmocka_unit_test_teardown(test_addresses, print_teardown),
		cmocka_unit_test_teardown(test_lists, print_teardown),
		cmocka_unit_test_teardown(test_nested, print_teardown),
		cmocka_unit_test_teardown(test_words, print_teardown),
		cmocka_unit_test_teardown(test_signed, print_teardown),
		cmocka_unit_test_teardown(test_floats, print_teardown),
		cmocka_unit_test_teardown(test_bytes, print_teardown),
		cmocka_unit_test_teardown(test_extra, print_teardown),
		cmocka_unit_test_teardown(test_absent, print_teardown),
		cmocka_unit_test_teardown(test_escapes, print_teardown),
		cmocka_unit_test_teardown(test_long_text, print_teardown),
		cmocka_unit_test_teardown(test_errors, print_teardown),
		cmocka_unit_test_teardown(test_cut_header, print_teardown),
		cmocka_unit_test_teardown(test_cut_record, print_teardown),
		cmocka_unit_test_teardown(test_many_errors, print_teardown),
		cmocka_unit_test_teardown(test_deviations, print_teardown),
		cmocka_unit_test_teardown(test_line_each, print_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
