/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sflow/structure.h"
#include "sflow/usual.h"
#include "wire.h"

static uint64_t stats[SFLOW_STATS];
static uint8_t *bytes;
static struct sflow_flow flow;

static int teardown(void **state)
{
	free(bytes);
	bytes = NULL;
	return 0;
}

/* Read one sample made of these records. */
static void read_records(const struct wire *records, uint32_t count)
{
	struct wire w = {.len = 0};
	struct sflow_datagram dg;
	struct sflow_sample s;
	uint32_t start, i;

	wire_datagram(&w, 3, 1);
	start = wire_open(&w, SFLOW_FLOW_SAMPLE);
	for (i = 0; i < 7; i++)
		wire_u32(&w, 1);
	wire_u32(&w, count);
	memcpy(w.bytes + w.len, records->bytes, records->len);
	w.len += records->len;
	wire_close(&w, start);
	free(bytes);
	bytes = wire_copy(&w);
	memset(stats, 0, sizeof(stats));
	memset(&flow, 0xA5, sizeof(flow));
	assert_int_equal(sflow_datagram_open(&dg, bytes, w.len, stats), 0);
	assert_true(sflow_sample_next(&dg, &s, stats));
	sflow_flow_read(&s, &flow, stats);
}

static void add_header(struct wire *w, uint32_t frame, uint32_t says, uint32_t has)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 1));

	wire_u32(w, 1);
	wire_u32(w, frame);
	wire_u32(w, 4);
	wire_u32(w, says);
	for (uint32_t i = 0; i < has; i += 4)
		wire_u32(w, 0x01020304);
	wire_close(w, start);
}

static void test_all(void **state)
{
	struct wire w = {.len = 0};
	uint32_t start, bytes_long;

	wire_record(&w, SFLOW_TAG(0, 1001), 4);
	start = wire_open(&w, SFLOW_TAG(0, 1002));
	wire_u32(&w, 1);
	wire_u32(&w, 0xC6336401);
	wire_u32(&w, 24);
	wire_u32(&w, 16);
	wire_close(&w, start);
	wire_record(&w, SFLOW_TAG(0, 2), 6);
	wire_record(&w, SFLOW_TAG(0, 3), 8);
	wire_record(&w, SFLOW_TAG(0, 4), 14);
	wire_record(&w, SFLOW_TAG(0, 1003), 14);
	add_header(&w, 1518, 64, 64);
	read_records(&w, 7);
	assert_int_equal(flow.has, SFLOW_HAS_HEADER | SFLOW_HAS_ETHERNET | SFLOW_HAS_IPV4 |
					   SFLOW_HAS_IPV6 | SFLOW_HAS_SWITCH | SFLOW_HAS_ROUTER);
	assert_int_equal(flow.header.protocol, 1);
	assert_int_equal(flow.header.stripped, 4);
	assert_int_equal(flow.header.len, 64);
	assert_int_equal(flow.header.data[0], 1);
	assert_int_equal(flow.next_hop.family, 4);
	assert_int_equal(flow.next_hop.bytes[0], 0xC6);
	assert_int_equal(flow.src_mask_len, 24);
	assert_int_equal(flow.dst_mask_len, 16);
	assert_int_equal(flow.header.declared, 64);
	assert_int_equal(stats[SFLOW_RECORD_UNUSED], 1);
	assert_int_equal(stats[SFLOW_RECORD_UNKNOWN], 0);
	assert_true(sflow_flow_length(&flow, &bytes_long));
	assert_int_equal(bytes_long, 1518);
}

/* Known records that are not read are noted where they are, the first of each tag. */
static void test_noted(void **state)
{
	struct wire w = {.len = 0};
	const struct sflow_record *r;

	wire_record(&w, SFLOW_TAG(0, 1036), 1);
	wire_record(&w, SFLOW_TAG(43874, 3), 2);
	wire_record(&w, SFLOW_TAG(0, 1001), 4);
	wire_record(&w, SFLOW_TAG(0, 1036), 3);
	wire_record(&w, 4711, 3);
	read_records(&w, 5);
	for (unsigned i = 0; i < sflow_flow_structures_count; i++) {
		uint32_t tag = sflow_flow_structures[i]->tag;

		r = sflow_flow_record(&flow, i);
		assert_int_equal(
			r != NULL, tag == SFLOW_TAG(0, 1036) || tag == SFLOW_TAG(43874, 3));
		if (r)
			assert_int_equal(r->tag, tag);
	}
	r = sflow_flow_record(&flow, (unsigned)sflow_flow_index(SFLOW_TAG(0, 1036)));
	assert_int_equal(r->len, 4);
	assert_int_equal(stats[SFLOW_RECORD_UNUSED], 3);
	assert_int_equal(stats[SFLOW_RECORD_UNKNOWN], 1);
	w.len = 0;
	read_records(&w, 0);
	assert_null(sflow_flow_record(&flow, (unsigned)sflow_flow_index(SFLOW_TAG(0, 1036))));
}

/* What the header says to have is clamped to what is there. */
static void test_header_clamped(void **state)
{
	struct wire w = {.len = 0};

	add_header(&w, 1518, 0xFFFFFFFF, 64);
	read_records(&w, 1);
	assert_int_equal(flow.header.declared, 0xFFFFFFFF);
	assert_int_equal(flow.header.len, 64);
	w.len = 0;
	add_header(&w, 1518, 62, 64);
	read_records(&w, 1);
	assert_int_equal(flow.header.len, 62);
	w.len = 0;
	add_header(&w, 60, 0, 0);
	read_records(&w, 1);
	assert_int_equal(flow.has, SFLOW_HAS_HEADER);
	assert_int_equal(flow.header.len, 0);
}

static void test_first_counts(void **state)
{
	struct wire w = {.len = 0};

	add_header(&w, 100, 8, 8);
	add_header(&w, 200, 8, 8);
	wire_record(&w, SFLOW_TAG(0, 1), 3);
	read_records(&w, 3);
	assert_int_equal(flow.header.frame_length, 100);
	assert_int_equal(stats[SFLOW_RECORD_SHORT], 0);
}

/* One word short of the fixed part: left out. One word more: read. */
static void test_short(void **state)
{
	static const struct {
		uint32_t format, words, bit;
	} rows[] = {
		{1, 4, SFLOW_HAS_HEADER},
		{2, 6, SFLOW_HAS_ETHERNET},
		{3, 8, SFLOW_HAS_IPV4},
		{4, 14, SFLOW_HAS_IPV6},
		{1001, 4, SFLOW_HAS_SWITCH},
		{1002, 3, SFLOW_HAS_ROUTER},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (uint32_t words = 0; words <= rows[i].words + 1; words++) {
			struct wire w = {.len = 0};
			bool good = words >= rows[i].words || (rows[i].format == 2 && words == 5);

			wire_record(&w, SFLOW_TAG(0, rows[i].format), words);
			read_records(&w, 1);
			assert_int_equal(flow.has, good ? rows[i].bit : 0);
			assert_int_equal(stats[SFLOW_RECORD_SHORT], !good);
		}
	}
}

/* MACs without their padding. */
static void test_ethernet_bare(void **state)
{
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_TAG(0, 2));

	wire_u32(&w, 1000);
	wire_opaque(&w, "\1\2\3\4\5\6\7\10\11\12\13\14", 12);
	wire_u32(&w, 0x0800);
	wire_close(&w, start);
	read_records(&w, 1);
	assert_int_equal(stats[SFLOW_MAC_UNPADDED], 1);
	assert_int_equal(base_get_u32(flow.ethernet), 1000);
	assert_memory_equal(flow.ethernet + 4, "\1\2\3\4\5\6\0\0", 8);
	assert_memory_equal(flow.ethernet + 12, "\7\10\11\12\13\14\0\0", 8);
	assert_int_equal(base_get_u32(flow.ethernet + 20), 0x0800);
}

/* What no key is made of is told apart from what is not known. */
static void test_unused(void **state)
{
	struct wire w = {.len = 0};

	wire_record(&w, SFLOW_TAG(0, 1043), 2);
	wire_record(&w, SFLOW_TAG(4413, 1), 1);
	wire_record(&w, SFLOW_TAG(0, 1044), 2);
	wire_record(&w, SFLOW_TAG(4413, 2), 1);
	wire_record(&w, SFLOW_TAG(0xFFFFF, 0xFFF), 0);
	read_records(&w, 5);
	assert_int_equal(flow.has, 0);
	assert_int_equal(stats[SFLOW_RECORD_UNUSED], 2);
	assert_int_equal(stats[SFLOW_RECORD_UNKNOWN], 3);
}

/* Of a packet that the agent says is shorter than its own length, the packet's length counts. */
static void test_length_of_ip(void **state)
{
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_TAG(0, 1)), length = 0;

	wire_u32(&w, 11);
	wire_u32(&w, 132);
	wire_u32(&w, 0);
	wire_u32(&w, 20);
	wire_u32(&w, 0x450005DC);
	for (unsigned i = 0; i < 4; i++)
		wire_u32(&w, 0);
	wire_close(&w, start);
	read_records(&w, 1);
	assert_true(sflow_flow_length(&flow, &length));
	assert_int_equal(length, 1500);
	assert_int_equal(stats[SFLOW_LENGTH_BELOW_IP], 1);
}

static void add_router(struct wire *w, uint32_t type, uint32_t words)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 1002));

	wire_u32(w, type);
	while (words--)
		wire_u32(w, 7);
	wire_close(w, start);
}

static void test_router(void **state)
{
	static const uint32_t words[] = {2, 3, 6};
	uint32_t type;

	for (type = 0; type <= 2; type++) {
		struct wire w = {.len = 0};

		add_router(&w, type, words[type]);
		read_records(&w, 1);
		assert_int_equal(flow.has, SFLOW_HAS_ROUTER);
		assert_int_equal(base_addr_len(&flow.next_hop), (words[type] - 2) * 4);
		assert_int_equal(flow.dst_mask_len, 7);
		w.len = 0;
		add_router(&w, type, words[type] - 1);
		read_records(&w, 1);
		assert_int_equal(flow.has, 0);
		assert_int_equal(stats[SFLOW_RECORD_SHORT], 1);
	}
	for (type = 3; type; type = type == 3 ? UINT32_MAX : 0) {
		struct wire w = {.len = 0};

		add_router(&w, type, 9);
		read_records(&w, 1);
		assert_int_equal(flow.has, 0);
		assert_int_equal(stats[SFLOW_RECORD_ADDR_TYPE], 1);
	}
}

/* 0.0.0.0 is how many agents say that they do not know. */
static void test_router_unknown(void **state)
{
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_TAG(0, 1002));

	wire_u32(&w, 1);
	wire_u64(&w, 24);
	wire_u32(&w, 16);
	wire_close(&w, start);
	read_records(&w, 1);
	assert_int_equal(flow.next_hop.family, 0);
	assert_int_equal(flow.src_mask_len, 24);
}

static void test_length(void **state)
{
	static const uint32_t formats[] = {2, 4, 3};
	struct wire w = {.len = 0};
	uint32_t length = 0;

	wire_record(&w, SFLOW_TAG(0, 1001), 4);
	read_records(&w, 1);
	assert_false(sflow_flow_length(&flow, &length));
	for (uint32_t i = 0; i < 3; i++) {
		uint32_t at = w.len;

		wire_record(&w, SFLOW_TAG(0, formats[i]), 14);
		base_put_u32(w.bytes + at + 8, 100 + i);
		read_records(&w, 2 + i);
		assert_true(sflow_flow_length(&flow, &length));
		assert_int_equal(length, 100 + i);
	}
	add_header(&w, 0, 0, 0);
	read_records(&w, 5);
	assert_true(sflow_flow_length(&flow, &length));
	assert_int_equal(length, 0);
}

/* ---- one walk in place of two ---- */

enum { SPOILT = 20000 };

/* A datagram of samples with all kinds of records. */
static void add_samples(struct wire *w, uint32_t count)
{
	wire_datagram(w, 3, count);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t start = wire_open(w, SFLOW_FLOW_SAMPLE);

		for (uint32_t k = 0; k < 7; k++)
			wire_u32(w, 1 + i);
		wire_u32(w, 8);
		add_header(w, 100, 20 + i, 20);
		wire_record(w, SFLOW_TAG(0, 1001), 4);
		wire_record(w, SFLOW_TAG(0, 2), 6);
		wire_record(w, SFLOW_TAG(0, 3), 8);
		wire_record(w, SFLOW_TAG(0, 4), 14);
		wire_record(w, SFLOW_TAG(0, 1006), 2);
		wire_record(w, SFLOW_TAG(9, 9), 1);
		wire_record(w, SFLOW_TAG(0, 1002), 4);
		wire_close(w, start);
	}
}

/* A datagram of samples as they usually are, or nearly: see sflow/usual.h. */
static void add_usual(struct wire *w, uint32_t count)
{
	wire_datagram(w, 3, count);
	for (uint32_t i = 0; i < count; i++) {
		bool expanded = i % 2;
		uint32_t records = 1 + i / 2 % 3, at;
		uint32_t start =
			wire_open(w, expanded ? SFLOW_FLOW_SAMPLE_EXPANDED : SFLOW_FLOW_SAMPLE);

		for (uint32_t k = 0; k < (expanded ? 10 : 7); k++)
			wire_u32(w, i << 24 | k << 30 | (1 + i));
		wire_u32(w, records);
		at = w->len + 8 + 16;
		add_header(w, 60 + i, 28, 28);
		base_put_u16(w->bytes + at + 12, 0x0800);
		w->bytes[at + 14] = 0x45;
		base_put_u16(w->bytes + at + 16, 50 + 2 * i);
		if (records > 1)
			wire_record(w, SFLOW_TAG(0, 1001), 4);
		if (records > 2)
			wire_record(w, SFLOW_TAG(0, 1002), 4);
		wire_close(w, start);
	}
}

static void assert_same_sample(const struct sflow_sample *a, const struct sflow_sample *b)
{
	assert_int_equal(a->tag, b->tag);
	assert_int_equal(a->kind, b->kind);
	assert_memory_equal(&a->source, &b->source, sizeof(a->source));
	assert_int_equal(a->sequence, b->sequence);
	assert_int_equal(a->sampling_rate, b->sampling_rate);
	assert_int_equal(a->pool, b->pool);
	assert_int_equal(a->drops, b->drops);
	assert_memory_equal(&a->input, &b->input, sizeof(a->input));
	assert_memory_equal(&a->output, &b->output, sizeof(a->output));
	assert_int_equal(a->records, b->records);
	assert_ptr_equal(a->body.p, b->body.p);
	assert_ptr_equal(a->body.end, b->body.end);
}

static void assert_same_flow(const struct sflow_flow *a, const struct sflow_flow *b)
{
	assert_int_equal(a->has, b->has);
	assert_memory_equal(a->noted, b->noted, sizeof(a->noted));
	if (a->has & SFLOW_HAS_HEADER)
		assert_memory_equal(&a->header, &b->header, sizeof(a->header));
	if (a->has & SFLOW_HAS_SWITCH)
		assert_ptr_equal(a->vlans, b->vlans);
	if (a->has & SFLOW_HAS_ETHERNET)
		assert_memory_equal(a->ethernet, b->ethernet, 24);
	if (a->has & SFLOW_HAS_IPV4)
		assert_ptr_equal(a->ipv4, b->ipv4);
	if (a->has & SFLOW_HAS_IPV6)
		assert_ptr_equal(a->ipv6, b->ipv6);
	if (a->has & SFLOW_HAS_ROUTER) {
		assert_true(base_addr_equal(&a->next_hop, &b->next_hop));
		assert_int_equal(a->src_mask_len, b->src_mask_len);
		assert_int_equal(a->dst_mask_len, b->dst_mask_len);
	}
	for (unsigned i = 0; i < SFLOW_NOTED; i++) {
		if (sflow_flow_record(a, i))
			assert_memory_equal(&a->record[i], &b->record[i], sizeof(a->record[i]));
	}
}

/* @return flow samples */
static unsigned walk_both(const uint8_t *payload, uint32_t len)
{
	uint64_t once[SFLOW_STATS] = {0}, twice[SFLOW_STATS] = {0};
	struct sflow_datagram a, b;
	struct sflow_sample sa, sb;
	static struct sflow_flow fa, fb;
	unsigned count = 0;
	bool more;

	assert_int_equal(sflow_datagram_open(&a, payload, len, once),
		sflow_datagram_open(&b, payload, len, twice));
	if (once[SFLOW_DROP_SHORT] + once[SFLOW_DROP_VERSION] + once[SFLOW_DROP_AGENT_TYPE])
		return 0;
	do {
		more = sflow_sample_next(&b, &sb, twice);
		assert_int_equal(sflow_sample_next_flow(&a, &sa, &fa, once), more);
		if (!more || sb.kind != SFLOW_KIND_FLOW)
			continue;
		assert_same_sample(&sa, &sb);
		sflow_flow_read(&sb, &fb, twice);
		assert_same_flow(&fa, &fb);
		count++;
	} while (more);
	assert_memory_equal(once, twice, sizeof(once));
	return count;
}

/* Also where a sample is dropped after some of its records were read. */
static void spoil_and_walk(struct wire *w, uint32_t count)
{
	unsigned samples = 0;

	bytes = wire_copy(w);
	assert_int_equal(walk_both(bytes, w->len), count);
	srand(1);
	for (unsigned i = 0; i < SPOILT; i++) {
		uint32_t at = (uint32_t)rand() % w->len & ~UINT32_C(3);
		uint8_t saved[4];

		memcpy(saved, bytes + at, 4);
		base_put_u32(bytes + at, rand() % 2 ? (uint32_t)rand() % 64 : (uint32_t)rand());
		samples += walk_both(bytes, w->len - (rand() % 4 ? 0 : (uint32_t)rand() % w->len));
		memcpy(bytes + at, saved, 4);
	}
	assert_in_range(samples, count * SPOILT / 6, count * SPOILT - SPOILT / 4);
}

static void test_one_walk(void **state)
{
	struct wire w = {.len = 0};

	(void)state;
	add_samples(&w, 3);
	spoil_and_walk(&w, 3);
}

static void test_usual(void **state)
{
	struct wire w = {.len = 0};

	(void)state;
	add_usual(&w, 6);
	spoil_and_walk(&w, 6);
}

/* A usual record of which a bit or two are not as usual, by both ways to look at it. */
static void test_words(void **state)
{
	/* Asked are those of the record's tag and of the protocol, two of a length, and what of `stripped` is no FCS. */
	enum { BITS = 32 * 8, ASKED = 32 + 32 + 2 + 31, FREE = BITS - ASKED };
	uint8_t words[BITS / 8] = {[11] = 1, [15] = 128, [19] = 1, [27] = 4, [31] = 112};
	const uint8_t *records = words + 8;
	unsigned usual = 0;

	(void)state;
	for (unsigned i = 0; i < BITS; i++) {
		for (unsigned k = 0; k <= i; k++) {
			words[i / 8] ^= (uint8_t)(1 << i % 8);
			words[k / 8] ^= (uint8_t)(1 << k % 8);
			assert_int_equal(
				sflow_usual_words(records), sflow_usual_words_plain(records));
			usual += sflow_usual_words(records);
			words[k / 8] ^= (uint8_t)(1 << k % 8);
			words[i / 8] ^= (uint8_t)(1 << i % 8);
		}
	}
	assert_int_equal(usual, BITS + FREE * (FREE - 1) / 2); /* where both are the same: none */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_all, teardown),
		cmocka_unit_test_teardown(test_noted, teardown),
		cmocka_unit_test_teardown(test_header_clamped, teardown),
		cmocka_unit_test_teardown(test_first_counts, teardown),
		cmocka_unit_test_teardown(test_short, teardown),
		cmocka_unit_test_teardown(test_ethernet_bare, teardown),
		cmocka_unit_test_teardown(test_router, teardown),
		cmocka_unit_test_teardown(test_router_unknown, teardown),
		cmocka_unit_test_teardown(test_length, teardown),
		cmocka_unit_test_teardown(test_unused, teardown),
		cmocka_unit_test_teardown(test_length_of_ip, teardown),
		cmocka_unit_test_teardown(test_one_walk, teardown),
		cmocka_unit_test_teardown(test_usual, teardown),
		cmocka_unit_test_teardown(test_words, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
