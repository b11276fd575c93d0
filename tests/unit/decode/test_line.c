/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "print.h"

/* What is printed of a datagram. */
static const char *line_of(const char *hex)
{
	struct wire w = wire_hex(hex);

	return print_wire(DECODE_LINE, &w);
}

static void test_vectors(void **state)
{
	assert_string_equal(line_of(V1), "");
	assert_string_equal(line_of(V2), "FLOW,192.0.2.10,7,3,000000000000,000000000000,0x0000,100,"
					 "-1,-,-,0,0x00,0,0,0,0x00,0,"
					 "0,512\n");
	assert_string_equal(line_of(V3), "CNTR,2001:0db8:0000:0000:0000:0000:0000:0010"
					 ",0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n");
	assert_string_equal(line_of(V4), "FLOW,192.0.2.10,1073741823,258,000000000000,000000000000,"
					 "0x0000,0,0,-,-,0,0x00,0,0,"
					 "0,0x00,0,0,1000\n");
	assert_string_equal(line_of(V5), "");
}

/* A flow sample 7 to 8, one in 512, with records from hex; how many. */
static const char *flow(uint32_t count, const char *hex)
{
	struct wire w = {.len = 0}, records = wire_hex(hex);
	uint32_t start;

	wire_datagram(&w, 3, 1);
	start = wire_open(&w, SFLOW_FLOW_SAMPLE);
	wire_u32(&w, 1);
	wire_u32(&w, 7);
	wire_u32(&w, 512);
	wire_u32(&w, 0);
	wire_u32(&w, 0);
	wire_u32(&w, 7);
	wire_u32(&w, 8);
	wire_u32(&w, count);
	wire_opaque(&w, records.bytes, records.len);
	wire_close(&w, start);
	return print_wire(DECODE_LINE, &w);
}

#define HEADER                                                                                     \
	"00000001 00000048 00000001 000005ee 00000004 00000036"                                    \
	"b8ca3a6fbed8 b8ca3a6f1128 0800"                                                           \
	"4500 05dc 6baa 4000 4006 0000 0a010e11 0a010e10 2384 fa29 00000001 00000002 5010 0400"    \
	"0000 0000 0000"
#define SWITCH "000003e9 00000010 00000202 00000000 00000203 00000000"

static void test_header(void **state)
{
	assert_string_equal(flow(1, HEADER),
		"FLOW,192.0.2.10,7,8,b8ca3a6f1128,b8ca3a6fbed8,0x0800,0,0,10.1.14.17,10.1.14.16,6,"
		"0x00,64,9092,64041,0x10,1518,1500,512\n");
	assert_string_equal(flow(2, HEADER SWITCH), "FLOW,192.0.2.10,7,8,b8ca3a6f1128,b8ca3a6fbed8,"
						    "0x0800,514,515,10.1.14.17,10.1.14.16,"
						    "6,0x00,64,9092,64041,0x10,1518,1500,512\n");
	assert_string_equal(flow(2, SWITCH HEADER), "FLOW,192.0.2.10,7,8,b8ca3a6f1128,b8ca3a6fbed8,"
						    "0x0800,514,515,10.1.14.17,10.1.14.16,"
						    "6,0x00,64,9092,64041,0x10,1518,1500,512\n");
}

/* In whatever order: the newest record that says it counts. */
static void test_last_counts(void **state)
{
	assert_string_equal(flow(2, HEADER "00000003 00000020 000000c8 00000011 c0000201 c0000202"
					   "00000035 00001000 00000000 00000004"),
		"FLOW,192.0.2.10,7,8,b8ca3a6f1128,b8ca3a6fbed8,0x0800,0,0,192.0.2.1,192.0.2.2,17,"
		"0x04,64,53,4096,0x10,200,182,512\n");
	assert_string_equal(flow(1, "00000002 00000018 000003e8 0102030405060000"
				    "0708090a0b0c0000 000086dd"),
		"FLOW,192.0.2.10,7,8,010203040506,0708090a0b0c,0x86dd,0,0,-,-,0,0x00,0,0,0,0x00,0,"
		"0,512\n");
}

/* The ends of a socket are those of the flow. */
static void test_socket(void **state)
{
	assert_string_equal(
		flow(1, "00000834 00000014 00000006 c0000201 c0000202 00000050 00001000"),
		"FLOW,192.0.2.10,7,8,000000000000,000000000000,0x0000,0,0,192.0.2.1,192.0.2.2,0,"
		"0x00,"
		"0,0,0,0x00,0,0,512\n");
}

/* Numbers are signed in this form, and of more digits where they are larger. */
static void test_limits(void **state)
{
	assert_string_equal(flow(1, "00000003 00000020 ffffffff ffffffff c0000201 c0000202"
				    "ffffffff 80000000 00000118 00000fff"),
		"FLOW,192.0.2.10,7,8,000000000000,000000000000,0x0000,0,0,192.0.2.1,192.0.2.2,-1,"
		"0xfff,0,-1,-2147483648,0x00,-1,-1,512\n");
}

static void test_counters(void **state)
{
	struct wire w = {.len = 0};
	uint32_t start, record;

	wire_datagram(&w, 3, 1);
	start = wire_open(&w, SFLOW_COUNTER_SAMPLE);
	wire_u32(&w, 1);
	wire_u32(&w, 522);
	wire_u32(&w, 2);
	wire_record(&w, SFLOW_TAG(0, 2), 13);
	record = wire_open(&w, SFLOW_TAG(0, 1));
	wire_u32(&w, 522);
	wire_u32(&w, 6);
	wire_u64(&w, 10000000000);
	wire_u32(&w, 1);
	wire_u32(&w, 3);
	wire_u64(&w, UINT64_MAX);
	for (uint32_t i = 1; i <= 6; i++)
		wire_u32(&w, i);
	wire_u64(&w, 57184089570462);
	for (uint32_t i = 7; i <= 11; i++)
		wire_u32(&w, i);
	wire_u32(&w, UINT32_MAX);
	wire_close(&w, record);
	wire_close(&w, start);
	assert_string_equal(print_wire(DECODE_LINE, &w),
		"CNTR,192.0.2.10,522,6,10000000000,1,3,18446744073709551615,1,2,3,4,5,6,"
		"57184089570462,7,8,9,10,11,4294967295\n");
}

/* No line of what is not whole. */
static void test_damaged(void **state)
{
	struct wire w = wire_hex(V2);

	for (uint32_t len = 0; len < w.len - 2; len++) {
		struct wire shorter = w;

		shorter.len = len;
		assert_string_equal(print_wire(DECODE_LINE, &shorter), "");
	}
	base_put_u32(w.bytes + 36 + 28, 3);
	assert_string_equal(print_wire(DECODE_LINE, &w), "");
	base_put_u32(w.bytes + 4, 3);
	assert_string_equal(print_wire(DECODE_LINE, &w), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_vectors, print_teardown),
		cmocka_unit_test_teardown(test_header, print_teardown),
		cmocka_unit_test_teardown(test_last_counts, print_teardown),
		cmocka_unit_test_teardown(test_socket, print_teardown),
		cmocka_unit_test_teardown(test_limits, print_teardown),
		cmocka_unit_test_teardown(test_counters, print_teardown),
		cmocka_unit_test_teardown(test_damaged, print_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
