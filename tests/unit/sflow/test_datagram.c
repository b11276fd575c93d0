/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "wire.h"

static uint64_t stats[SFLOW_STATS];

/* Walk to the end, twice: the second walk gives and counts nothing. @return samples given */
static unsigned walk(const struct wire *w)
{
	uint64_t before[SFLOW_STATS];
	uint8_t *bytes = wire_copy(w);
	struct sflow_datagram dg;
	struct sflow_sample s;
	unsigned given = 0;

	memset(stats, 0, sizeof(stats));
	sflow_datagram_open(&dg, bytes, w->len, stats);
	while (sflow_sample_next(&dg, &s, stats))
		given++;
	memcpy(before, stats, sizeof(stats));
	assert_false(sflow_sample_next(&dg, &s, stats));
	assert_memory_equal(before, stats, sizeof(stats));
	assert_conserved(stats);
	free(bytes);
	return given;
}

static void test_header(void **state)
{
	struct wire w = wire_hex("00000005 00000001 c000020a 00000001 00000002 00000003 00000000");
	struct sflow_datagram dg;

	memset(stats, 0, sizeof(stats));
	assert_int_equal(sflow_datagram_open(&dg, w.bytes, w.len, stats), 0);
	assert_int_equal(dg.agent.family, 4);
	assert_memory_equal(dg.agent.bytes, "\xC0\x00\x02\x0A", 4);
	assert_int_equal(dg.sub_agent, 1);
	assert_int_equal(dg.sequence, 2);
	assert_int_equal(dg.uptime_ms, 3);
	assert_int_equal(dg.samples, 0);
	assert_int_equal(walk(&w), 0);
	assert_int_equal(stats[SFLOW_DATAGRAMS_DECODED], 1);
	base_put_u32(w.bytes + 24, UINT32_MAX);
	assert_int_equal(walk(&w), 0);
	assert_int_equal(stats[SFLOW_DROP_SAMPLES_MISSING], 1);
}

static void test_header_ipv6(void **state)
{
	struct wire w = wire_hex("00000005 00000002 20010db8000000000000000000000010"
				 "00000001 000003e8 00000001 00000000");
	struct sflow_datagram dg;

	memset(stats, 0, sizeof(stats));
	assert_int_equal(sflow_datagram_open(&dg, w.bytes, w.len, stats), 0);
	assert_int_equal(dg.agent.family, 6);
	assert_int_equal(dg.agent.bytes[15], 0x10);
	assert_int_equal(dg.sub_agent, 1);
	assert_int_equal(dg.uptime_ms, 1);
}

/* Every prefix of a good header is short; nothing of it is given. */
static void test_header_short(void **state)
{
	struct wire w = {.len = 0};
	struct sflow_datagram dg;
	uint32_t len;

	wire_datagram(&w, 3, 1);
	for (len = 0; len < w.len; len++) {
		struct wire cut = w;

		cut.len = len;
		assert_int_equal(walk(&cut), 0);
		assert_int_equal(stats[SFLOW_DROP_SHORT], 1);
		assert_int_equal(sflow_datagram_open(&dg, cut.bytes, len, stats), -EINVAL);
		assert_int_equal(dg.sequence, 0);
	}
}

static void test_header_refused(void **state)
{
	struct wire w = {.len = 0};

	wire_datagram(&w, 3, 0);
	base_put_u32(w.bytes, 4);
	walk(&w);
	assert_int_equal(stats[SFLOW_DROP_VERSION], 1);
	base_put_u32(w.bytes, 327681);
	walk(&w);
	assert_int_equal(stats[SFLOW_DROP_VERSION], 1);
	base_put_u32(w.bytes, 5);
	base_put_u32(w.bytes + 4, 0);
	walk(&w);
	assert_int_equal(stats[SFLOW_DROP_AGENT_TYPE], 1);
	base_put_u32(w.bytes + 4, 3);
	walk(&w);
	assert_int_equal(stats[SFLOW_DROP_AGENT_TYPE], 1);
}

/* Two empty samples, then one that says it is longer than the datagram. */
static void test_sample_overrun(void **state)
{
	static const uint32_t lengths[] = {1, 4, 0x7FFFFFFF, 0xFFFFFFFC, 0xFFFFFFFD, 0xFFFFFFFF};
	struct wire w = {.len = 0};
	unsigned i;

	wire_datagram(&w, 3, 3);
	wire_u32(&w, 77);
	wire_u32(&w, 0);
	wire_u32(&w, 78);
	wire_u32(&w, 0);
	wire_u32(&w, 79);
	wire_u32(&w, 0);
	assert_int_equal(walk(&w), 0);
	assert_int_equal(stats[SFLOW_SAMPLE_UNKNOWN], 3);
	assert_int_equal(stats[SFLOW_DATAGRAMS_DECODED], 1);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		base_put_u32(w.bytes + w.len - 4, lengths[i]);
		walk(&w);
		assert_int_equal(stats[SFLOW_SAMPLES], 2);
		assert_int_equal(stats[SFLOW_DROP_SAMPLE_OVERRUN], 1);
	}
	w.len -= 4;
	walk(&w);
	assert_int_equal(stats[SFLOW_DROP_SAMPLE_OVERRUN], 1);
	w.len -= 4;
	walk(&w);
	assert_int_equal(stats[SFLOW_DROP_SAMPLES_MISSING], 1);
}

/* A length that is no multiple of 4 is rounded up, or ends with the datagram. */
static void test_sample_padding(void **state)
{
	struct wire w = {.len = 0};

	wire_datagram(&w, 3, 2);
	wire_u32(&w, 77);
	wire_u32(&w, 6);
	wire_u64(&w, 0);
	wire_u32(&w, 78);
	wire_u32(&w, 7);
	wire_u64(&w, 0);
	walk(&w);
	assert_int_equal(stats[SFLOW_SAMPLE_UNKNOWN], 2);
	assert_int_equal(stats[SFLOW_TRAILING_BYTES], 0);
	w.len--;
	walk(&w);
	assert_int_equal(stats[SFLOW_SAMPLE_UNKNOWN], 2);
	assert_int_equal(stats[SFLOW_DATAGRAMS_DECODED], 1);
	w.len--;
	walk(&w);
	assert_int_equal(stats[SFLOW_SAMPLE_UNKNOWN], 1);
	assert_int_equal(stats[SFLOW_DROP_SAMPLE_OVERRUN], 1);
	/* Neither the rounded end nor the exact one. */
	base_put_u32(w.bytes + 28 + 16 + 4, 5);
	walk(&w);
	assert_int_equal(stats[SFLOW_DROP_SAMPLE_OVERRUN], 1);
}

static void test_trailing(void **state)
{
	struct wire w = {.len = 0};

	wire_datagram(&w, 3, 0);
	wire_u32(&w, 0);
	walk(&w);
	assert_int_equal(stats[SFLOW_DATAGRAMS_DECODED], 1);
	assert_int_equal(stats[SFLOW_TRAILING_BYTES], 1);
}

static void test_stats_rows(void **state)
{
	assert_int_equal(sflow_stats.count, SFLOW_STATS);
	for (unsigned i = 0; i < SFLOW_STATS; i++) {
		assert_non_null(sflow_stats.defs[i].name);
		assert_non_null(sflow_stats.defs[i].unit);
		assert_non_null(sflow_stats.defs[i].help);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_header_ipv6),
		cmocka_unit_test(test_header_short),
		cmocka_unit_test(test_header_refused),
		cmocka_unit_test(test_sample_overrun),
		cmocka_unit_test(test_sample_padding),
		cmocka_unit_test(test_trailing),
		cmocka_unit_test(test_stats_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
