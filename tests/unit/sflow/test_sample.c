/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "wire.h"

static uint64_t stats[SFLOW_STATS];
static uint8_t *bytes;

static int teardown(void **state)
{
	free(bytes);
	bytes = NULL;
	return 0;
}

/* The first sample of a datagram; the counters are those of the whole walk. */
static bool first(const struct wire *w, struct sflow_sample *s)
{
	struct sflow_datagram dg;
	struct sflow_sample other;
	bool given;

	free(bytes);
	bytes = wire_copy(w);
	memset(stats, 0, sizeof(stats));
	assert_int_equal(sflow_datagram_open(&dg, bytes, w->len, stats), 0);
	given = sflow_sample_next(&dg, s, stats);
	while (sflow_sample_next(&dg, &other, stats))
		;
	assert_conserved(stats);
	return given;
}

static unsigned count_records(struct sflow_sample s)
{
	struct sflow_record r;
	unsigned count = 0;

	while (sflow_record_next(&s, &r)) {
		assert_true(r.body + r.len <= s.body.end);
		count++;
	}
	return count;
}

/* 0:1 with 0:1001 and an unknown record of 6 bytes, padded. */
static struct wire flow(void)
{
	return wire_hex("0000000500000001c000020a000000010000000200000003000000010000000100000048"
			"000000090100006400000200000014000000000100000007800000030000000200000"
			"3e9000000100000006400000001ffffffff00000000000003e7000000060102030405"
			"060000");
}

enum {
	SAMPLE = 28,
	LENGTH = SAMPLE + 4,
	BODY = SAMPLE + 8,
	RECORDS = BODY + 28,
	FIRST = BODY + 32
};

static void test_flow(void **state)
{
	struct wire w = flow();
	struct sflow_sample s;
	struct sflow_record r;

	assert_int_equal(w.len, 108);
	assert_true(first(&w, &s));
	assert_int_equal(s.kind, SFLOW_KIND_FLOW);
	assert_int_equal(s.tag, SFLOW_FLOW_SAMPLE);
	assert_int_equal(s.sequence, 9);
	assert_int_equal(s.source.class, 1);
	assert_int_equal(s.source.index, 100);
	assert_int_equal(s.sampling_rate, 512);
	assert_int_equal(s.pool, 5120);
	assert_int_equal(s.drops, 1);
	assert_int_equal(s.input.format, 0);
	assert_int_equal(s.input.value, 7);
	assert_int_equal(s.output.format, 2);
	assert_int_equal(s.output.value, 3);
	assert_int_equal(s.records, 2);
	assert_true(sflow_record_next(&s, &r));
	assert_int_equal(r.tag, SFLOW_TAG(0, 1001));
	assert_int_equal(r.len, 16);
	assert_true(sflow_record_next(&s, &r));
	assert_int_equal(r.tag, SFLOW_TAG(0, 999));
	assert_int_equal(r.len, 6);
	assert_int_equal(r.body[5], 6);
	assert_false(sflow_record_next(&s, &r));
	assert_int_equal(stats[SFLOW_FLOW_SAMPLES], 1);
	assert_int_equal(stats[SFLOW_SAMPLE_SURPLUS], 0);
}

static void test_interface_internal(void **state)
{
	struct wire w = flow();
	struct sflow_sample s;

	base_put_u32(w.bytes + BODY + 20, 0x3FFFFFFF);
	base_put_u32(w.bytes + BODY + 24, 0x40000102);
	assert_true(first(&w, &s));
	assert_int_equal(s.input.format, 0);
	assert_int_equal(s.input.value, 0x3FFFFFFF);
	assert_int_equal(s.output.format, 1);
	assert_int_equal(s.output.value, 258);
}

static void test_rate_zero(void **state)
{
	struct wire w = flow();
	struct sflow_sample s;

	base_put_u32(w.bytes + BODY + 8, 0);
	assert_true(first(&w, &s));
	assert_int_equal(s.sampling_rate, 1);
	assert_int_equal(stats[SFLOW_RATE_ZERO], 1);
}

static void test_flow_expanded(void **state)
{
	struct wire w = wire_hex(
		"0000000500000001c000020a0000000100000004000000050000000100000003000000780000000300"
		"00000001000001000003e800000bb800000000000000003fffffff000000010000010200000001"
		"000003eb0000004400000001c63364010000fbf40000fbf50000fbf600000002000000020000000200"
		"00fbfe0000fbff00000001000000020000fc080000fc0900000001fbf4000700000096");
	struct sflow_sample s;

	assert_int_equal(w.len, 156);
	assert_true(first(&w, &s));
	assert_int_equal(s.kind, SFLOW_KIND_FLOW);
	assert_int_equal(s.sequence, 3);
	assert_int_equal(s.source.class, 0);
	assert_int_equal(s.source.index, 16777217);
	assert_int_equal(s.sampling_rate, 1000);
	assert_int_equal(s.pool, 3000);
	assert_int_equal(s.input.value, 0x3FFFFFFF);
	assert_int_equal(s.output.format, 1);
	assert_int_equal(s.output.value, 258);
	assert_int_equal(count_records(s), 1);
}

static void test_counter(void **state)
{
	struct wire w = wire_hex(
		"000000050000000220010db80000000000000000000000100000000000000001000003e80000000100"
		"00000200000044000000010200000a00000002000003ed0000000c00000006657468302f3100000000"
		"03e90000001c000004d2ffffffff0000271000000000000000080000000000000004");
	struct sflow_sample s;

	assert_int_equal(w.len, 116);
	assert_true(first(&w, &s));
	assert_int_equal(s.kind, SFLOW_KIND_COUNTER);
	assert_int_equal(s.source.class, 2);
	assert_int_equal(s.source.index, 10);
	assert_int_equal(s.sequence, 1);
	assert_int_equal(count_records(s), 2);
	assert_int_equal(stats[SFLOW_COUNTER_SAMPLES], 1);
}

static void test_counter_expanded(void **state)
{
	struct wire w = {.len = 0};
	struct sflow_sample s;
	uint32_t start;

	wire_datagram(&w, 3, 1);
	start = wire_open(&w, SFLOW_COUNTER_SAMPLE_EXPANDED);
	wire_u32(&w, 8);
	wire_u32(&w, 3);
	wire_u32(&w, 0x1000000);
	wire_u32(&w, 1);
	wire_record(&w, SFLOW_TAG(0, 2002), 2);
	wire_close(&w, start);
	assert_true(first(&w, &s));
	assert_int_equal(s.kind, SFLOW_KIND_COUNTER);
	assert_int_equal(s.sequence, 8);
	assert_int_equal(s.source.class, 3);
	assert_int_equal(s.source.index, 0x1000000);
	assert_int_equal(count_records(s), 1);
}

static void test_discard(void **state)
{
	struct wire w = wire_hex(
		"0000000500000001c000020a000186a000000006000000070000000100000005000000440000000500"
		"00"
		"0000000000020000000400000002000000000000012100000002000004060000000400001389000004"
		"0e000000100000000a7463705f76345f7263760000");
	struct sflow_sample s;

	assert_int_equal(w.len, 104);
	assert_true(first(&w, &s));
	assert_int_equal(s.kind, SFLOW_KIND_DISCARD);
	assert_int_equal(s.sequence, 5);
	assert_int_equal(s.source.index, 2);
	assert_int_equal(s.drops, 4);
	assert_int_equal(s.input.value, 2);
	assert_int_equal(s.output.value, 0);
	assert_int_equal(s.reason, 289);
	assert_int_equal(s.sampling_rate, 1);
	assert_int_equal(count_records(s), 2);
	assert_int_equal(stats[SFLOW_DISCARD_SAMPLES], 1);
}

/* Four bytes after the last record, within the sample: read as meant. */
static void test_surplus(void **state)
{
	struct wire w = flow();
	struct sflow_sample s;

	base_put_u32(w.bytes + LENGTH, 0x4C);
	wire_u32(&w, 0);
	assert_true(first(&w, &s));
	assert_int_equal(count_records(s), 2);
	assert_int_equal(stats[SFLOW_SAMPLE_SURPLUS], 1);
	assert_int_equal(stats[SFLOW_TRAILING_BYTES], 0);
	assert_int_equal(stats[SFLOW_FLOW_SAMPLES], 1);
}

/* Surplus that looks like a record is none: the count says how many there are. */
static void test_surplus_record(void **state)
{
	struct wire w = flow();
	struct sflow_sample s;

	base_put_u32(w.bytes + RECORDS, 1);
	assert_true(first(&w, &s));
	assert_int_equal(count_records(s), 1);
	assert_int_equal(stats[SFLOW_SAMPLE_SURPLUS], 1);
}

/* A sample that cannot be used is in one count only, and the next one is read. */
static void test_dropped(void **state)
{
	static const struct {
		uint32_t at, value;
		enum sflow_stat reason;
	} damage[] = {
		{RECORDS, 3, SFLOW_RECORDS_MISSING},
		{RECORDS, UINT32_MAX, SFLOW_RECORDS_MISSING},
		{FIRST + 4, 0x41, SFLOW_RECORD_OVERRUN},
		{FIRST + 4, 0xFFFFFFFC, SFLOW_RECORD_OVERRUN},
		{FIRST + 4, 0xFFFFFFFF, SFLOW_RECORD_OVERRUN},
		{FIRST + 28, 9, SFLOW_RECORD_OVERRUN},
		{FIRST + 28, 0, SFLOW_STATS},
		{FIRST + 4, 6, SFLOW_RECORD_LENGTH},
		{SAMPLE, 6, SFLOW_SAMPLE_UNKNOWN},
		{SAMPLE, 0, SFLOW_SAMPLE_UNKNOWN},
		{SAMPLE, SFLOW_TAG(4300, 1001), SFLOW_SAMPLE_UNKNOWN},
		{SAMPLE, SFLOW_RTMETRIC, SFLOW_SAMPLE_VALUE_TYPE},
		{SAMPLE, SFLOW_TAG(1, 1), SFLOW_SAMPLE_UNKNOWN},
	};
	struct sflow_sample s;

	for (unsigned i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		struct wire w = flow(), again = flow();

		base_put_u32(w.bytes + SAMPLE - 4, 2);
		base_put_u32(w.bytes + damage[i].at, damage[i].value);
		wire_opaque(&w, again.bytes + SAMPLE, again.len - SAMPLE);
		assert_true(first(&w, &s));
		assert_int_equal(stats[SFLOW_SAMPLES], 2);
		assert_int_equal(stats[SFLOW_DATAGRAMS_DECODED], 1);
		if (damage[i].reason == SFLOW_STATS)
			continue;
		assert_int_equal(s.sequence, 9);
		assert_int_equal(stats[SFLOW_FLOW_SAMPLES], 1);
		assert_int_equal(stats[damage[i].reason], 1);
		assert_int_equal(stats[SFLOW_SAMPLE_SURPLUS], 0);
	}
}

/* Every length below the fixed part, of every kind. */
static void test_short(void **state)
{
	static const uint32_t fixed[] = {0, 32, 12, 44, 16, 32};
	struct sflow_sample s;
	uint32_t tag, len;

	for (tag = 1; tag <= 5; tag++) {
		for (len = 0; len <= fixed[tag]; len += 4) {
			struct wire w = {.len = 0};

			wire_datagram(&w, 3, 1);
			wire_record(&w, tag, len / 4);
			assert_int_equal(first(&w, &s), len == fixed[tag]);
			assert_int_equal(stats[SFLOW_SAMPLE_SHORT], len < fixed[tag]);
		}
	}
}

/* The records and the sample of an agent that leaves out all padding at the end. */
static void test_no_padding(void **state)
{
	struct wire w = flow();
	struct sflow_sample s;

	w.len -= 2;
	base_put_u32(w.bytes + LENGTH, 0x46);
	assert_true(first(&w, &s));
	assert_int_equal(count_records(s), 2);
	assert_int_equal(stats[SFLOW_SAMPLE_SURPLUS], 0);
}

/* The rate of a sample that is dropped is not counted. */
static void test_rate_zero_dropped(void **state)
{
	struct wire w = flow();
	struct sflow_sample s;

	base_put_u32(w.bytes + BODY + 8, 0);
	base_put_u32(w.bytes + RECORDS, 3);
	assert_false(first(&w, &s));
	assert_int_equal(stats[SFLOW_RATE_ZERO], 0);
}

/* Custom samples: name of the source, counters of their own, then entries. */
static struct wire custom(uint32_t tag)
{
	struct wire w = {.len = 0};
	uint32_t start;

	wire_datagram(&w, 3, 1);
	start = wire_open(&w, tag);
	wire_string(&w, "source");
	if (tag == SFLOW_RTFLOW) {
		wire_u32(&w, 400);
		wire_u32(&w, 8000);
	}
	wire_u32(&w, 2);
	wire_string(&w, "one");
	wire_u32(&w, 0);
	wire_string(&w, "text");
	wire_string(&w, "");
	wire_u32(&w, 4);
	if (tag == SFLOW_RTMETRIC)
		wire_u64(&w, 7);
	else
		wire_u32(&w, 7);
	wire_close(&w, start);
	return w;
}

static void test_custom(void **state)
{
	for (unsigned i = 0; i < 2; i++) {
		struct wire w = custom(i ? SFLOW_RTFLOW : SFLOW_RTMETRIC);
		struct sflow_sample s;

		assert_true(first(&w, &s));
		assert_int_equal(s.kind, i ? SFLOW_KIND_RTFLOW : SFLOW_KIND_RTMETRIC);
		assert_int_equal(s.name_len, 6);
		assert_memory_equal(s.name, "source", 6);
		assert_int_equal(s.records, 2);
		assert_int_equal(s.sampling_rate, i ? 400 : 0);
		assert_int_equal(s.pool, i ? 8000 : 0);
		assert_int_equal(base_cursor_left(&s.body), i ? 32 : 36);
		assert_int_equal(stats[i ? SFLOW_RTFLOW_SAMPLES : SFLOW_RTMETRIC_SAMPLES], 1);
		/* Four bytes behind the last entry. */
		wire_u32(&w, 0);
		base_put_u32(w.bytes + LENGTH, base_get_u32(w.bytes + LENGTH) + 4);
		assert_true(first(&w, &s));
		assert_int_equal(stats[SFLOW_SAMPLE_SURPLUS], 1);
	}
}

/* Cut at every word, and with counts and types that cannot be. */
static void test_custom_damaged(void **state)
{
	static const uint32_t heads[] = {16, 24};
	struct sflow_sample s;

	for (unsigned i = 0; i < 2; i++) {
		struct wire whole = custom(i ? SFLOW_RTFLOW : SFLOW_RTMETRIC);

		for (uint32_t len = 0; len < whole.len - BODY; len += 4) {
			struct wire w = whole;

			w.len = BODY + len;
			base_put_u32(w.bytes + LENGTH, len);
			assert_false(first(&w, &s));
			assert_int_equal(stats[SFLOW_SAMPLE_SHORT], len < heads[i]);
			assert_int_equal(stats[SFLOW_RECORDS_MISSING], len >= heads[i]);
		}
		base_put_u32(whole.bytes + BODY + heads[i] - 4, UINT32_MAX);
		assert_false(first(&whole, &s));
		assert_int_equal(stats[SFLOW_RECORDS_MISSING], 1);
		base_put_u32(whole.bytes + BODY + heads[i] - 4, 2);
		base_put_u32(whole.bytes + BODY + heads[i] + 8, i ? 8 : 7);
		assert_false(first(&whole, &s));
		assert_int_equal(stats[SFLOW_SAMPLE_VALUE_TYPE], 1);
	}
}

/* 1991:1 of length 8: the sample stands behind it. Longer: within it. Both are one sample. */
static void test_wrapper(void **state)
{
	for (unsigned inside = 0; inside < 2; inside++) {
		struct wire w = {.len = 0}, f = flow();
		struct sflow_sample s;

		wire_datagram(&w, 3, 1);
		wire_u32(&w, SFLOW_FOUNDRY_WRAPPER);
		wire_u32(&w, inside ? 8 + f.len - SAMPLE : 8);
		wire_u32(&w, 1);
		wire_u32(&w, 2);
		wire_opaque(&w, f.bytes + SAMPLE, f.len - SAMPLE);
		assert_true(first(&w, &s));
		assert_int_equal(s.sequence, 9);
		assert_int_equal(count_records(s), 2);
		assert_int_equal(stats[SFLOW_SAMPLES], 1);
		assert_int_equal(stats[SFLOW_SAMPLE_WRAPPED], 1);
		assert_int_equal(stats[SFLOW_DATAGRAMS_DECODED], 1);
		assert_int_equal(stats[SFLOW_TRAILING_BYTES], 0);
	}
}

/* What is in the wrapper is no whole sample: it is one of no known tag, and the next one is read. */
static void test_wrapper_damaged(void **state)
{
	static const uint32_t lengths[] = {0, 4, 12, 16, 24};

	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct wire w = {.len = 0}, f = flow();
		struct sflow_sample s;

		wire_datagram(&w, 3, 2);
		wire_record(&w, SFLOW_FOUNDRY_WRAPPER, lengths[i] / 4);
		if (lengths[i] >= 16)
			base_put_u32(w.bytes + BODY + 12, 0xFFFFFFFF);
		wire_opaque(&w, f.bytes + SAMPLE, f.len - SAMPLE);
		assert_true(first(&w, &s));
		assert_int_equal(s.sequence, 9);
		assert_int_equal(stats[SFLOW_SAMPLE_UNKNOWN], 1);
		assert_int_equal(stats[SFLOW_SAMPLE_WRAPPED], 0);
	}
}

/* A wrapper at the end, or before a sample that is cut. */
static void test_wrapper_last(void **state)
{
	struct wire w = {.len = 0};
	struct sflow_sample s;

	wire_datagram(&w, 3, 1);
	wire_record(&w, SFLOW_FOUNDRY_WRAPPER, 2);
	assert_false(first(&w, &s));
	assert_int_equal(stats[SFLOW_DROP_SAMPLE_OVERRUN], 1);
	wire_u32(&w, SFLOW_FLOW_SAMPLE);
	assert_false(first(&w, &s));
	assert_int_equal(stats[SFLOW_DROP_SAMPLE_OVERRUN], 1);
	wire_u32(&w, 4);
	assert_false(first(&w, &s));
	assert_int_equal(stats[SFLOW_DROP_SAMPLE_OVERRUN], 1);
	/* One within the other. */
	wire_u32(&w, 0);
	base_put_u32(w.bytes + w.len - 12, SFLOW_FOUNDRY_WRAPPER);
	assert_false(first(&w, &s));
	assert_int_equal(stats[SFLOW_SAMPLE_UNKNOWN], 1);
	assert_int_equal(stats[SFLOW_SAMPLE_WRAPPED], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_flow, teardown),
		cmocka_unit_test_teardown(test_interface_internal, teardown),
		cmocka_unit_test_teardown(test_rate_zero, teardown),
		cmocka_unit_test_teardown(test_flow_expanded, teardown),
		cmocka_unit_test_teardown(test_counter, teardown),
		cmocka_unit_test_teardown(test_counter_expanded, teardown),
		cmocka_unit_test_teardown(test_discard, teardown),
		cmocka_unit_test_teardown(test_surplus, teardown),
		cmocka_unit_test_teardown(test_surplus_record, teardown),
		cmocka_unit_test_teardown(test_dropped, teardown),
		cmocka_unit_test_teardown(test_short, teardown),
		cmocka_unit_test_teardown(test_no_padding, teardown),
		cmocka_unit_test_teardown(test_rate_zero_dropped, teardown),
		cmocka_unit_test_teardown(test_custom, teardown),
		cmocka_unit_test_teardown(test_custom_damaged, teardown),
		cmocka_unit_test_teardown(test_wrapper, teardown),
		cmocka_unit_test_teardown(test_wrapper_damaged, teardown),
		cmocka_unit_test_teardown(test_wrapper_last, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
