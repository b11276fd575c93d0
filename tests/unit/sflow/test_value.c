/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sflow/structure.h"
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
	assert_int_equal(read_hex("fffffffe", SFLOW_I32, &v, out), 0);
	assert_true((int64_t)v.u == -2);
	assert_int_equal(read_hex("80000000", SFLOW_PCT, &v, out), 0);
	assert_true((int64_t)v.u == INT32_MIN);
	assert_int_equal(read_hex("3ff8000000000000", SFLOW_F64, &v, out), 0);
	assert_true(v.f > 1.49 && v.f < 1.51);
	assert_int_equal(read_hex("ff01", SFLOW_U8, &v, out), 1);
	assert_int_equal(v.u, 255);
	assert_int_equal(read_hex("", SFLOW_U8, &v, out), -1);
	assert_int_equal(read_hex("3ff80000", SFLOW_F64, &v, out), -1);
	assert_int_equal(read_hex("ffff", SFLOW_I32, &v, out), -1);
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
	assert_int_equal(read_hex("0102030405060708090a0b0c0d0e0f10", SFLOW_GID, &v, out), 0);
	assert_int_equal(v.len, 16);
	assert_int_equal(read_hex("0102030405060708090a0b0c0d0e0f", SFLOW_GID, &v, out), -1);
	assert_int_equal(read_hex("00000003 010203", SFLOW_BYTES, &v, out), 0);
	assert_int_equal(v.len, 3);
	assert_int_equal(read_hex("", SFLOW_OPAQUE, &v, out), 0);
	assert_int_equal(v.len, 0);
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

/* A count, then records: the count may be anything, the records are what is there. */
static void test_records(void **state)
{
	struct sflow_value v;
	uint8_t out[64];

	assert_int_equal(read_hex("00000000 11", SFLOW_RECORDS, &v, out), 1);
	assert_int_equal(v.u, 0);
	assert_int_equal(v.len, 0);
	assert_int_equal(read_hex("00000002 000003e7 00000000 000003e7 00000003 01020300 ff",
				 SFLOW_RECORDS, &v, out),
		1);
	assert_int_equal(v.u, 2);
	assert_int_equal(v.len, 20);
	assert_int_equal(read_hex("00000002 000003e7 00000000", SFLOW_RECORDS, &v, out), -1);
	assert_int_equal(read_hex("00000001 000003e7 00000005 0102", SFLOW_RECORDS, &v, out), -1);
	assert_int_equal(read_hex("ffffffff 000003e7 00000000", SFLOW_RECORDS, &v, out), -1);
	assert_int_equal(read_hex("40000001 000003e7 fffffffe", SFLOW_RECORDS, &v, out), -1);
	assert_int_equal(read_hex("ffffff", SFLOW_RECORDS, &v, out), -1);
}

/* The list of a structure, by its name. */
static const struct sflow_field *list_of(const struct sflow_structure *st, const char *name)
{
	for (unsigned i = 0; i < st->field_count; i++)
		if (strcmp(st->fields[i].name, name) == 0)
			return &st->fields[i];
	fail();
	return NULL;
}

/* Read a list from hex, then each of its elements: that cannot fail. @return bytes left, or -1 */
static int read_list(const char *hex, const struct sflow_field *f, struct sflow_value *v)
{
	struct wire w = wire_hex(hex);
	uint8_t *bytes = wire_copy(&w);
	struct base_cursor c = base_cursor(bytes, w.len), elements;
	bool good = sflow_field_read(&c, f, v);
	int left = (int)base_cursor_left(&c);
	struct sflow_value element;

	assert_int_equal(good, !c.bad);
	assert_true(v->bytes == NULL || v->bytes + v->len <= bytes + w.len);
	elements = base_cursor(v->bytes, good ? v->len : 0);
	for (uint64_t i = 0; good && i < v->u; i++)
		for (unsigned j = 0; j < f->of->count; j++)
			assert_true(sflow_field_read(&elements, &f->of->list[j], &element));
	assert_int_equal(base_cursor_left(&elements), 0);
	free(bytes);
	return good ? left : -1;
}

static void test_list(void **state)
{
	const struct sflow_field *numbers =
		list_of(sflow_flow_structure(SFLOW_TAG(0, 1003)), "communities");
	const struct sflow_field *path =
		list_of(sflow_flow_structure(SFLOW_TAG(0, 1003)), "dst_as_path");
	struct sflow_value v;

	assert_int_equal(read_list("00000000 01", numbers, &v), 1);
	assert_int_equal(v.u, 0);
	assert_int_equal(read_list("00000002 00000001 00000002 01", numbers, &v), 1);
	assert_int_equal(v.u, 2);
	assert_int_equal(v.len, 8);
	assert_int_equal(read_list("00000002 00000001 000002", numbers, &v), -1);
	assert_int_equal(read_list("40000001 00000001", numbers, &v), -1);
	assert_int_equal(read_list("ffffffff", numbers, &v), -1);
	assert_int_equal(read_list("0000", numbers, &v), -1);
	assert_int_equal(
		read_list("00000002 00000002 00000001 0000fbfe 00000001 00000000", path, &v), 0);
	assert_int_equal(v.u, 2);
	assert_int_equal(v.len, 20);
	assert_int_equal(read_list("00000002 00000002 00000001 0000fbfe 00000001", path, &v), -1);
	assert_int_equal(read_list("00000001 00000002 40000001 0000fbfe", path, &v), -1);
	assert_int_equal(read_list("00000001 00000002 ffffffff", path, &v), -1);
	assert_int_equal(read_list("ffffffff 00000002 00000000", path, &v), -1);
}

static void test_list_nested(void **state)
{
	const struct sflow_field *adapters =
		list_of(sflow_counter_structure(SFLOW_TAG(0, 2001)), "adapters");
	const struct sflow_field *pdus = list_of(sflow_flow_structure(SFLOW_TAG(0, 1016)), "pdus");
	struct sflow_value v;

	assert_int_equal(read_list("00000002 00000007 00000001 0102030405060000 00000008 00000000",
				 adapters, &v),
		0);
	assert_int_equal(v.u, 2);
	assert_int_equal(v.len, 24);
	assert_int_equal(read_list("00000001 00000007 00000001 010203040506", adapters, &v), -1);
	assert_int_equal(
		read_list("00000001 00000007 20000001 0102030405060000", adapters, &v), -1);
	assert_int_equal(read_list("00000001 00000007 ffffffff", adapters, &v), -1);
	assert_int_equal(
		read_list("00000002 00000001 000003f8 00000004 00000000 00000000", pdus, &v), 0);
	assert_int_equal(v.u, 2);
	assert_int_equal(read_list("00000001 00000001 000003f8 fffffffe 00000000", pdus, &v), -1);
	assert_int_equal(read_list("00000001 ffffffff", pdus, &v), -1);
	assert_int_equal(read_list("ffffffff ffffffff", pdus, &v), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_string),
		cmocka_unit_test(test_addr),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_list_nested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
