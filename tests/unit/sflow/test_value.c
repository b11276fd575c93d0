/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "wire.h"

/* Read one field from hex, in a buffer of exactly that size. @return bytes left, or -1 */
static int read_hex(const char *hex, enum sflow_type type, struct sflow_value *v, uint8_t out[64])
{
	struct wire w = wire_hex(hex);
	uint8_t *bytes = wire_copy(&w);
	struct base_cursor c = base_cursor(bytes, w.len);
	bool good = sflow_value_read(&c, type, v);
	int left = (int)base_cursor_left(&c);

	assert_int_equal(good, !c.bad);
	if (good && v->bytes)
		memcpy(out, v->bytes, v->len);
	free(bytes);
	return good ? left : -1;
}

static void test_numbers(void **state)
{
	struct sflow_value v;
	uint8_t out[64];

	assert_int_equal(read_hex("ffffffff 00", SFLOW_U32, &v, out), 1);
	assert_int_equal(v.u, UINT32_MAX);
	assert_int_equal(read_hex("0000000100000002", SFLOW_U64, &v, out), 0);
	assert_int_equal(v.u, 0x100000002);
	assert_int_equal(read_hex("3fc00000", SFLOW_F32, &v, out), 0);
	assert_true(v.f > 1.49 && v.f < 1.51);
	assert_int_equal(read_hex("ffffffff", SFLOW_PCT, &v, out), 0);
	assert_true(v.u == UINT64_MAX);
	assert_int_equal(read_hex("000004d2", SFLOW_PCT, &v, out), 0);
	assert_int_equal(v.u, 1234);
	assert_int_equal(read_hex("000000", SFLOW_U32, &v, out), -1);
	assert_int_equal(read_hex("00000000000000", SFLOW_U64, &v, out), -1);
}

static void test_bytes(void **state)
{
	struct sflow_value v;
	uint8_t out[64];

	assert_int_equal(read_hex("010203040506ffff", SFLOW_MAC, &v, out), 0);
	assert_int_equal(v.len, 6);
	assert_memory_equal(out, "\1\2\3\4\5\6", 6);
	assert_int_equal(read_hex("010203040506", SFLOW_MAC, &v, out), -1);
	assert_int_equal(read_hex("0102030405060708090a0b0c0d0e0f1000", SFLOW_UUID, &v, out), 1);
	assert_int_equal(v.len, 16);
	assert_int_equal(read_hex("01020304", SFLOW_IPV4, &v, out), 0);
	assert_int_equal(v.len, 4);
	assert_int_equal(read_hex("01020304", SFLOW_IPV6, &v, out), -1);
	assert_int_equal(read_hex("0102030405", SFLOW_OPAQUE, &v, out), 0);
	assert_int_equal(v.len, 5);
}

static void test_string(void **state)
{
	struct sflow_value v;
	uint8_t out[64];

	assert_int_equal(read_hex("00000005 6162636465000000 11", SFLOW_STRING, &v, out), 1);
	assert_int_equal(v.len, 5);
	assert_memory_equal(out, "abcde", 5);
	assert_int_equal(read_hex("00000000", SFLOW_STRING, &v, out), 0);
	assert_int_equal(v.len, 0);
	/* The last padding may be missing, whole or in part. */
	assert_int_equal(read_hex("00000005 6162636465", SFLOW_STRING, &v, out), 0);
	assert_int_equal(v.len, 5);
	assert_int_equal(read_hex("00000005 616263646500", SFLOW_STRING, &v, out), 0);
	assert_int_equal(v.len, 5);
	assert_int_equal(read_hex("00000005 61626364", SFLOW_STRING, &v, out), -1);
	assert_int_equal(read_hex("fffffffe 61626364", SFLOW_STRING, &v, out), -1);
	assert_int_equal(read_hex("ffffffff", SFLOW_STRING, &v, out), -1);
	assert_int_equal(read_hex("0000", SFLOW_STRING, &v, out), -1);
	assert_int_equal(v.len, 0);
}

static void test_addr(void **state)
{
	struct sflow_value v;
	uint8_t out[64];

	assert_int_equal(read_hex("00000000 11", SFLOW_ADDR, &v, out), 1);
	assert_int_equal(v.len, 0);
	assert_int_equal(read_hex("00000001 c000020a", SFLOW_ADDR, &v, out), 0);
	assert_int_equal(v.len, 4);
	assert_int_equal(read_hex("00000002 c000020a", SFLOW_ADDR, &v, out), -1);
	assert_int_equal(read_hex("00000003 c000020a", SFLOW_ADDR, &v, out), -1);
	assert_int_equal(read_hex("ffffffff c000020a", SFLOW_ADDR, &v, out), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_string),
		cmocka_unit_test(test_addr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
