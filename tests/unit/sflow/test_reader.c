/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sflow/structure.h"
#include "wire.h"

/* What a walk over a record found. */
struct found {
	unsigned fields;
	bool cut, bare, complete;
	uint32_t at;   /* where it ended */
	uint32_t left; /* bytes behind the last field */
	uint64_t last; /* value of the last field */
};

/* Walk over a body in a buffer of exactly its size. */
static struct found read_body(const struct sflow_structure *st, const uint8_t *body, uint32_t len)
{
	uint8_t *bytes = malloc(len ? len : 1);
	struct found found = {0};
	struct sflow_reader r;
	struct sflow_value v;
	const struct sflow_field *f;

	assert_non_null(bytes);
	memcpy(bytes, body, len);
	sflow_reader_init(&r, st, bytes, len);
	while ((f = sflow_reader_next(&r, &v))) {
		assert_ptr_equal(f, &st->fields[found.fields]);
		assert_int_equal(v.type, f->type);
		assert_true(v.len == 0 || (v.bytes >= bytes && v.bytes + v.len <= bytes + len));
		found.last = v.u;
		found.fields++;
	}
	assert_null(sflow_reader_next(&r, &v));
	assert_int_equal(r.next, found.fields);
	found.cut = r.cut;
	found.bare = r.bare;
	found.complete = sflow_reader_complete(&r);
	found.at = (uint32_t)(r.at - bytes);
	found.left = (uint32_t)base_cursor_left(&r.cursor);
	free(bytes);
	return found;
}

static struct found read_wire(const struct sflow_structure *st, const struct wire *w)
{
	return read_body(st, w->bytes, w->len);
}

static struct found read_words(const struct sflow_structure *st, uint32_t words)
{
	struct wire w = {.len = 0};

	for (uint32_t i = 1; i <= words; i++)
		wire_u32(&w, i);
	return read_wire(st, &w);
}

/* Every structure of fixed size, of every length from nothing to more than it has. */
static void check_lengths(const struct sflow_structure *st)
{
	static const uint8_t zeros[256];
	struct found whole = read_body(st, zeros, sizeof(zeros));

	if (whole.fields != st->field_count)
		return;
	for (uint32_t len = 0; len < sizeof(zeros); len++) {
		struct found f = read_body(st, zeros, len);

		if (f.bare)
			continue;
		assert_true(len < st->min_len || f.complete || f.cut);
		assert_true(len >= st->min_len || !f.complete);
		assert_true(f.fields <= st->field_count);
		assert_true(f.left == 0 || f.fields == st->field_count);
	}
}

static void test_lengths(void **state)
{
	for (unsigned i = 0; i < sflow_flow_structures_count; i++)
		check_lengths(sflow_flow_structures[i]);
	for (unsigned i = 0; i < sflow_counter_structures_count; i++)
		check_lengths(sflow_counter_structures[i]);
}

/* 0:2 of 20 bytes, and tunnels of that form: MACs without padding. */
static void test_bare_ethernet(void **state)
{
	static const uint32_t tags[] = {2, 1021, 1022};
	struct wire w = wire_hex("000003e8 010203040506 0708090a0b0c 00000800");

	for (unsigned i = 0; i < 3; i++) {
		const struct sflow_structure *st = sflow_flow_structure(tags[i]);
		struct found f = read_wire(st, &w);
		struct sflow_reader r;
		struct sflow_value v;

		assert_true(f.bare && f.complete);
		assert_int_equal(f.fields, 4);
		assert_int_equal(f.last, 0x0800);
		assert_int_equal(f.left, 0);
		sflow_reader_init(&r, st, w.bytes, w.len);
		sflow_reader_next(&r, &v);
		sflow_reader_next(&r, &v);
		assert_memory_equal(v.bytes, "\1\2\3\4\5\6", 6);
		sflow_reader_next(&r, &v);
		assert_int_equal(v.len, 6);
		assert_memory_equal(v.bytes, "\7\10\11\12\13\14", 6);
	}
}

/* 0:7 of 52 bytes. */
static void test_bare_lag(void **state)
{
	const struct sflow_structure *st = sflow_counter_structure(SFLOW_TAG(0, 7));
	struct wire w = wire_hex("010203040506 0708090a0b0c 00000011 3d3e3f40");
	struct found f;

	for (uint32_t i = 0; i < 8; i++)
		wire_u32(&w, 100 + i);
	assert_int_equal(w.len, 52);
	f = read_wire(st, &w);
	assert_true(f.bare && f.complete);
	assert_int_equal(f.fields, 15);
	assert_int_equal(f.last, 107);
}

/* Any other length is not that form. */
static void test_not_bare(void **state)
{
	static const uint32_t lengths[] = {0, 16, 19, 21, 24, 28};
	static const uint8_t zeros[64];

	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		assert_false(read_body(sflow_flow_structure(2), zeros, lengths[i]).bare);
	assert_false(read_body(sflow_counter_structure(7), zeros, 56).bare);
	assert_false(read_body(sflow_counter_structure(7), zeros, 48).bare);
	/* 0:2003 has no MACs: 2 bytes less are just short. */
	assert_false(read_body(sflow_counter_structure(2002), zeros, 6).bare);
}

/* host_cpu of 68 and 80 bytes, jvm_statistics of 100 and 108. */
static void test_absent_tail(void **state)
{
	static const struct {
		uint32_t tag, bytes, fields;
		bool complete;
	} rows[] = {
		{2003, 80, 20, true},
		{2003, 76, 19, true},
		{2003, 68, 17, true},
		{2003, 64, 16, false},
		{2106, 108, 19, true},
		{2106, 104, 18, true},
		{2106, 100, 17, true},
		{2106, 96, 16, false},
		{2106, 0, 0, false},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct found f =
			read_words(sflow_counter_structure(rows[i].tag), rows[i].bytes / 4);

		assert_int_equal(f.fields, rows[i].fields);
		assert_int_equal(f.complete, rows[i].complete);
		assert_false(f.cut);
		assert_int_equal(f.at, rows[i].bytes == 80    ? 76
				       : rows[i].bytes == 108 ? 104
							      : rows[i].bytes);
	}
}

/* A later field that is there in part is damage, not an older form. */
static void test_tail_cut(void **state)
{
	static const uint8_t zeros[128];
	struct found f = read_body(sflow_counter_structure(2003), zeros, 70);

	assert_int_equal(f.fields, 17);
	assert_true(f.cut && !f.complete);
	assert_int_equal(f.at, 68);
	f = read_body(sflow_counter_structure(2106), zeros, 107);
	assert_int_equal(f.fields, 18);
	assert_true(f.cut && !f.complete);
	assert_int_equal(f.at, 104);
}

/* The owner may add fields: what is behind the known ones is left. */
static void test_growth(void **state)
{
	struct found f = read_words(sflow_flow_structure(1001), 5);

	assert_true(f.complete && !f.cut);
	assert_int_equal(f.fields, 4);
	assert_int_equal(f.last, 4);
	assert_int_equal(f.left, 4);
	f = read_words(sflow_counter_structure(2003), 25);
	assert_int_equal(f.fields, 20);
	assert_int_equal(f.left, 20);
}

/* Texts that say more than there is, and of which the padding is missing. */
static void test_text(void **state)
{
	const struct sflow_structure *st = sflow_flow_structure(1041);
	struct wire w = wire_hex("00000003 61626300 00000002 7879");
	struct found f = read_wire(st, &w);

	assert_true(f.complete);
	assert_int_equal(f.fields, 2);
	w = wire_hex("00000003 61626300 00000003 7879");
	f = read_wire(st, &w);
	assert_true(f.cut);
	assert_int_equal(f.fields, 1);
	assert_int_equal(f.at, 8);
	w = wire_hex("fffffffe 61626300 00000003 7879");
	f = read_wire(st, &w);
	assert_true(f.cut);
	assert_int_equal(f.fields, 0);
	assert_int_equal(f.at, 0);
	w = wire_hex("ffffffff");
	assert_true(read_wire(st, &w).cut);
	w = wire_hex("00000003 61626300 000000");
	f = read_wire(st, &w);
	assert_true(f.cut);
	assert_int_equal(f.at, 8);
}

/* An address of a type that has no length: nothing behind it can be read. */
static void test_address(void **state)
{
	const struct sflow_structure *st = sflow_flow_structure(1007);
	struct wire w = wire_hex("00000001 c0000201 00000003 00000000");
	struct found f = read_wire(st, &w);

	assert_true(f.cut);
	assert_int_equal(f.fields, 1);
	assert_int_equal(f.at, 8);
	w = wire_hex("00000000 00000000");
	assert_true(read_wire(st, &w).complete);
}

/* Counts of lists that cannot be, in each structure that has one. */
static void test_lists(void **state)
{
	static const uint32_t counts[] = {3, 0x3FFFFFFF, 0x40000001, 0x7FFFFFFF, UINT32_MAX};

	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct wire w = {.len = 0};
		struct found f;

		wire_u32(&w, counts[i]);
		wire_u32(&w, 0);
		f = read_wire(sflow_flow_structure(1012), &w);
		assert_true(f.cut);
		assert_int_equal(f.fields, 0);
		assert_true(read_wire(sflow_flow_structure(1016), &w).cut);
		assert_true(read_wire(sflow_counter_structure(2001), &w).cut);
		assert_true(read_wire(sflow_flow_structure(SFLOW_TAG(43874, 1)), &w).cut);
		w.len = 0;
		for (unsigned j = 0; j < 4; j++)
			wire_u32(&w, 0);
		wire_u32(&w, counts[i]);
		for (unsigned j = 0; j < 20; j++)
			wire_u32(&w, j);
		f = read_wire(sflow_counter_structure(10), &w);
		assert_true(f.cut);
		assert_int_equal(f.at, 16);
	}
}

static void test_lanes(void **state)
{
	struct wire w = {.len = 0};
	struct found f;

	for (unsigned j = 0; j < 4; j++)
		wire_u32(&w, 0);
	wire_u32(&w, 2);
	for (unsigned j = 0; j < 20; j++)
		wire_u32(&w, j);
	f = read_wire(sflow_counter_structure(10), &w);
	assert_true(f.complete);
	assert_int_equal(f.last, 2);
	w.len -= 4;
	assert_true(read_wire(sflow_counter_structure(10), &w).cut);
}

/* The rest of a body is a field too, also where there is none. */
static void test_opaque(void **state)
{
	const struct sflow_structure *st = sflow_counter_structure(SFLOW_TAG(4300, 2));
	struct found f = read_words(st, 5);

	assert_int_equal(f.fields, 1);
	assert_int_equal(f.left, 0);
	assert_true(f.complete);
	f = read_words(st, 0);
	assert_int_equal(f.fields, 1);
	assert_true(f.complete);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_bare_ethernet),
		cmocka_unit_test(test_bare_lag),
		cmocka_unit_test(test_not_bare),
		cmocka_unit_test(test_absent_tail),
		cmocka_unit_test(test_tail_cut),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_lanes),
		cmocka_unit_test(test_opaque),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
