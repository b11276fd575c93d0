/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sflow/entry.h"
#include "wire.h"

static uint8_t *bytes;

static int teardown(void **state)
{
	free(bytes);
	bytes = NULL;
	return 0;
}

/* What came of reading an entry from a buffer of exactly its size. */
struct result {
	bool good, bad;
	struct sflow_entry e;
	const char *field; /* where it was not good */
	uint32_t at;
	uint32_t left;
};

static struct result read_wire(const struct wire *w, enum sflow_kind kind)
{
	struct result r = {0};
	struct sflow_entry_cut cut;
	struct base_cursor c;

	free(bytes);
	bytes = wire_copy(w);
	c = base_cursor(bytes, w->len);
	r.good = sflow_entry_read(&c, kind, &r.e, &cut);
	r.bad = c.bad;
	r.field = cut.field;
	r.at = (uint32_t)(cut.at - bytes);
	r.left = (uint32_t)base_cursor_left(&c);
	return r;
}

/* An entry "ab" of this type, with a value from hex. */
static struct wire entry(uint32_t type, const char *hex)
{
	struct wire w = {.len = 0}, value = wire_hex(hex);

	wire_string(&w, "ab");
	wire_u32(&w, type);
	memcpy(w.bytes + w.len, value.bytes, value.len);
	w.len += value.len;
	return w;
}

static void check_entry(enum sflow_kind kind, uint32_t type, const char *name, const char *hex,
	enum sflow_type value)
{
	struct wire w = entry(type, hex);
	struct result r = read_wire(&w, kind);

	assert_true(r.good && !r.bad);
	assert_int_equal(r.e.name_len, 2);
	assert_memory_equal(r.e.name, "ab", 2);
	assert_int_equal(r.e.type, type);
	assert_int_equal(r.e.value.type, value);
	assert_int_equal(r.left, 0);
	assert_string_equal(sflow_entry_type(kind, type), name);
	/* Cut at every byte: what is cut is said, and where it starts. */
	for (uint32_t len = 0; len < w.len; len++) {
		struct wire shorter = w;

		/* Of a text the last padding may be missing. */
		if (value == SFLOW_STRING && len + 3 >= w.len)
			break;
		shorter.len = len;
		r = read_wire(&shorter, kind);
		assert_true(!r.good && r.bad);
		assert_string_equal(r.field, len < 8    ? (len < 6 ? "name" : "type")
					     : len < 12 ? "type"
							: "value");
		assert_int_equal(r.at, len < 6 ? 0 : len < 8 ? len : len < 12 ? 8 : 12);
	}
}

static void test_rtmetric(void **state)
{
	enum sflow_kind kind = SFLOW_KIND_RTMETRIC;

	check_entry(kind, 0, "string", "00000003 78797a00", SFLOW_STRING);
	check_entry(kind, 1, "counter32", "00000007", SFLOW_U32);
	check_entry(kind, 2, "counter64", "0000000100000002", SFLOW_U64);
	check_entry(kind, 3, "gauge32", "ffffffff", SFLOW_U32);
	check_entry(kind, 4, "gauge64", "ffffffffffffffff", SFLOW_U64);
	check_entry(kind, 5, "gaugeFloat", "3fc00000", SFLOW_F32);
	check_entry(kind, 6, "gaugeDouble", "3ff8000000000000", SFLOW_F64);
}

static void test_rtflow(void **state)
{
	enum sflow_kind kind = SFLOW_KIND_RTFLOW;

	check_entry(kind, 0, "string", "00000003 78797a00", SFLOW_STRING);
	check_entry(kind, 1, "mac", "0102030405060000", SFLOW_MAC);
	check_entry(kind, 2, "ip", "c0000201", SFLOW_IPV4);
	check_entry(kind, 3, "ip6", "20010db8000000000000000000000001", SFLOW_IPV6);
	check_entry(kind, 4, "int32", "00000007", SFLOW_U32);
	check_entry(kind, 5, "int64", "0000000000000007", SFLOW_U64);
	check_entry(kind, 6, "float", "7f800000", SFLOW_F32);
	check_entry(kind, 7, "double", "7ff8000000000000", SFLOW_F64);
}

/* A type that is not known has no length: not the end of the bytes. */
static void test_unknown(void **state)
{
	static const uint32_t types[] = {8, 255, 0x7FFFFFFF, UINT32_MAX};

	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct wire w = entry(types[i], "00000000");

		for (unsigned kind = SFLOW_KIND_RTMETRIC; kind <= SFLOW_KIND_RTFLOW; kind++) {
			struct result r = read_wire(&w, kind);

			assert_true(!r.good && !r.bad);
			assert_string_equal(r.field, "type");
			assert_int_equal(r.at, 8);
			assert_null(sflow_entry_type(kind, types[i]));
		}
	}
	assert_null(sflow_entry_type(SFLOW_KIND_RTMETRIC, 7));
	assert_non_null(sflow_entry_type(SFLOW_KIND_RTFLOW, 7));
}

/* Lengths of names and texts that cannot be. */
static void test_lengths(void **state)
{
	static const uint32_t lengths[] = {5, 0x7FFFFFFF, 0xFFFFFFFC, 0xFFFFFFFE, UINT32_MAX};

	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct wire w = entry(0, "00000000 61626364");
		struct result r;

		base_put_u32(w.bytes + 12, lengths[i]);
		r = read_wire(&w, SFLOW_KIND_RTMETRIC);
		assert_true(!r.good && r.bad);
		assert_string_equal(r.field, "value");
		if (lengths[i] == 5)
			continue;
		base_put_u32(w.bytes, lengths[i]);
		r = read_wire(&w, SFLOW_KIND_RTMETRIC);
		assert_true(!r.good && r.bad);
		assert_string_equal(r.field, "name");
		assert_int_equal(r.at, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_rtmetric, teardown),
		cmocka_unit_test_teardown(test_rtflow, teardown),
		cmocka_unit_test_teardown(test_unknown, teardown),
		cmocka_unit_test_teardown(test_lengths, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
