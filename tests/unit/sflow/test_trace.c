/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sflow/trace.h"
#include "vectors.h"
#include "wire.h"

/* What a visitor is told, as text: one word for each call. */
struct story {
	char text[8192];
	size_t len;
	const uint8_t *payload;
	uint32_t size;
	unsigned open; /* samples that have not ended */
	int sample;
};

static uint64_t stats[SFLOW_STATS];
static struct story story;

static void __attribute__((format(printf, 2, 3))) tell(struct story *s, const char *fmt, ...)
{
	size_t room = sizeof(s->text) - s->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(s->text + s->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		s->len += (size_t)n < room ? (size_t)n : room - 1;
}

static void on_datagram(void *ctx, const struct sflow_trace_datagram *d)
{
	struct story *s = ctx;

	assert_int_equal(d->len, s->size);
	assert_true(d->have <= SFLOW_HAVE_SAMPLES);
	tell(s, "D%u", d->have);
}

static void check_within(const struct story *s, const uint8_t *body, uint32_t have)
{
	assert_true(body >= s->payload && body + have <= s->payload + s->size);
}

static void on_sample(void *ctx, const struct sflow_trace_sample *t)
{
	struct story *s = ctx;

	assert_int_equal(s->open, 0);
	s->open = 1;
	tell(s, " S%u:%u", t->tag >> 12, t->tag & 0xFFF);
	if (t->wrapped)
		tell(s, "w%u,%u", t->flags, t->group);
	if (t->bare) {
		tell(s, "-");
		return;
	}
	check_within(s, t->body, t->have);
	tell(s, "/%u", t->have);
	if (t->sample.kind == SFLOW_KIND_UNKNOWN)
		return;
	assert_true(t->head <= t->fixed);
	if (t->head < t->fixed)
		tell(s, "<%u", t->head);
}

static void on_record(void *ctx, const struct sflow_trace_record *r)
{
	struct story *s = ctx;

	assert_int_equal(s->open, 1);
	tell(s, " R%u:%u", r->tag >> 12, r->tag & 0xFFF);
	if (r->bare) {
		assert_true(r->broken);
		tell(s, "-");
		return;
	}
	check_within(s, r->body, r->have);
	assert_true(r->broken || r->have == r->len);
	assert_true(!r->structure || r->structure->tag == r->tag);
	assert_false(r->nested);
	tell(s, "/%u%s", r->have, r->broken ? "*" : "");
}

static void on_entry(void *ctx, const struct sflow_entry *e)
{
	struct story *s = ctx;

	check_within(s, e->name, e->name_len);
	tell(s, " E%u", e->type);
}

static void on_sample_end(void *ctx, bool complete)
{
	struct story *s = ctx;

	assert_int_equal(s->open, 1);
	s->open = 0;
	tell(s, complete ? " ." : " ,");
}

static void on_damage(void *ctx, const struct sflow_break *b)
{
	struct story *s = ctx;

	assert_true(b->offset <= s->size);
	tell(s, " !%s@%u", sflow_break_reason(b->reason), b->offset);
	if (b->sample >= 0)
		tell(s, "/%d", b->sample);
	if (b->record >= 0)
		tell(s, "/%d", b->record);
	if (b->field)
		tell(s, "=%s", b->field);
}

static void on_datagram_end(void *ctx)
{
	struct story *s = ctx;

	assert_int_equal(s->open, 0);
	tell(s, " #");
}

static const struct sflow_visitor visitor = {
	.datagram = on_datagram,
	.sample = on_sample,
	.record = on_record,
	.entry = on_entry,
	.sample_end = on_sample_end,
	.damage = on_damage,
	.datagram_end = on_datagram_end,
};

/* Trace bytes in a buffer of exactly their size. */
static void trace_bytes(const uint8_t *bytes, uint32_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	story = (struct story){.payload = copy, .size = len};
	memset(stats, 0, sizeof(stats));
	sflow_trace(copy, len, &visitor, &story, stats);
	assert_conserved(stats);
	free(copy);
}

static const char *trace(const struct wire *w)
{
	trace_bytes(w->bytes, w->len);
	return story.text;
}

enum { SAMPLE = 28, BODY = 36 };

static void test_order(void **state)
{
	struct wire w = wire_hex(V1);

	assert_string_equal(trace(&w), "D6 #");
	assert_int_equal(stats[SFLOW_DATAGRAMS_DECODED], 1);
	w = wire_hex(V2);
	assert_string_equal(trace(&w), "D6 S0:1/72 R0:1001/16 R0:999/6 . #");
	assert_int_equal(stats[SFLOW_RECORD_UNKNOWN], 1);
	w = wire_hex(V3);
	assert_string_equal(trace(&w), "D6 S0:2/68 R0:1005/12 R0:1001/28 . #");
	w = wire_hex(V4);
	assert_string_equal(trace(&w), "D6 S0:3/120 R0:1003/68 . #");
	w = wire_hex(V5);
	assert_string_equal(trace(&w), "D6 S0:5/68 R0:1030/4 R0:1038/16 . #");
}

/* Nobody has to listen. */
static void test_no_visitor(void **state)
{
	static const struct sflow_visitor none = {0};
	struct wire w = wire_hex(V4);

	for (uint32_t len = 0; len <= w.len; len++) {
		memset(stats, 0, sizeof(stats));
		sflow_trace(w.bytes, len, &none, NULL, stats);
		assert_conserved(stats);
	}
}

/* Cut within the header: what is there is told. */
static void test_header_cut(void **state)
{
	static const char *const stories[] = {"D0 !short@0=version #",
		"D1 !short@4=agent_address #", "D1 !short@4=agent_address #",
		"D2 !short@12=sub_agent_id #", "D3 !short@16=sequence_number #",
		"D4 !short@20=uptime #", "D5 !short@24=samples #", "D6 #"};
	struct wire w = wire_hex(V1);

	for (uint32_t len = 0; len <= 28; len++) {
		trace_bytes(w.bytes, len);
		assert_string_equal(story.text, stories[len / 4]);
	}
}

static void test_header_refused(void **state)
{
	struct wire w = wire_hex(V2);

	base_put_u32(w.bytes, 4);
	assert_string_equal(trace(&w), "D1 !version@0=version #");
	base_put_u32(w.bytes, 5);
	base_put_u32(w.bytes + 4, 3);
	assert_string_equal(trace(&w), "D1 !agent_type@4=agent_address #");
	base_put_u32(w.bytes + 4, UINT32_MAX);
	assert_string_equal(trace(&w), "D1 !agent_type@4=agent_address #");
}

/* An agent without an address is shown; the collector counts it as dropped, and so does the trace. */
static void test_header_nameless(void **state)
{
	struct wire w = {.len = 0}, v2 = wire_hex(V2);

	wire_u32(&w, 5);
	wire_u32(&w, 0);
	wire_opaque(&w, v2.bytes + 12, v2.len - 12);
	assert_string_equal(trace(&w), "D6 S0:1/72 R0:1001/16 R0:999/6 . #");
	assert_int_equal(stats[SFLOW_DROP_AGENT_TYPE], 1);
	assert_int_equal(stats[SFLOW_DATAGRAMS_DECODED], 0);
}

/* ---- The negative vectors ---- */

static void test_surplus(void **state)
{
	struct wire w = wire_hex(V2);

	base_put_u32(w.bytes + SAMPLE + 4, 0x4C);
	wire_u32(&w, 0);
	assert_string_equal(trace(&w), "D6 S0:1/76 R0:1001/16 R0:999/6 . #");
	assert_int_equal(stats[SFLOW_SAMPLE_SURPLUS], 1);
	assert_int_equal(stats[SFLOW_FLOW_SAMPLES], 1);
}

static void test_grown_record(void **state)
{
	struct wire w = wire_hex(V2);
	uint32_t at = BODY + 32 + 24;

	memmove(w.bytes + at + 4, w.bytes + at, w.len - at);
	base_put_u32(w.bytes + at, 0x12345678);
	w.len += 4;
	base_put_u32(w.bytes + SAMPLE + 4, 0x4C);
	base_put_u32(w.bytes + BODY + 36, 0x14);
	assert_string_equal(trace(&w), "D6 S0:1/76 R0:1001/20 R0:999/6 . #");
	assert_int_equal(stats[SFLOW_RECORD_SHORT], 0);
}

static void test_gateway(void **state)
{
	struct wire w = wire_hex(V4);

	base_put_u32(w.bytes + BODY + 44 + 8 + 20, UINT32_MAX);
	assert_string_equal(
		trace(&w), "D6 S0:3/120 R0:1003/68 !record_short@108/0/0=dst_as_path . #");
	assert_int_equal(stats[SFLOW_FLOW_SAMPLES], 1);
	w = wire_hex(V4);
	base_put_u32(w.bytes + w.len - 12, 0x40000001);
	assert_string_equal(
		trace(&w), "D6 S0:3/120 R0:1003/68 !record_short@144/0/0=communities . #");
	w = wire_hex(V4);
	base_put_u32(w.bytes + BODY + 44 + 8, 3);
	assert_string_equal(
		trace(&w), "D6 S0:3/120 R0:1003/68 !record_addr_type@88/0/0=nexthop . #");
	assert_int_equal(stats[SFLOW_RECORD_ADDR_TYPE], 1);
}

static void test_string_length(void **state)
{
	struct wire w = wire_hex(V5);

	base_put_u32(w.bytes + w.len - 16, 0xFFFFFFFE);
	assert_string_equal(
		trace(&w), "D6 S0:5/68 R0:1030/4 R0:1038/16 !record_short@88/0/1=symbol . #");
}

static void test_samples_missing(void **state)
{
	struct wire w = wire_hex(V1);

	base_put_u32(w.bytes + 24, UINT32_MAX);
	assert_string_equal(trace(&w), "D6 !samples_missing@28/0 #");
	w = wire_hex(V2);
	base_put_u32(w.bytes + 24, 2);
	assert_string_equal(trace(&w), "D6 S0:1/72 R0:1001/16 R0:999/6 . !samples_missing@108/1 #");
}

/* ---- Other damage ---- */

/* Cut at every byte behind the header: where, in what, and nothing behind it. */
static void test_sample_cut(void **state)
{
	struct wire w = wire_hex(V2);

	trace_bytes(w.bytes, SAMPLE);
	assert_string_equal(story.text, "D6 !samples_missing@28/0 #");
	trace_bytes(w.bytes, SAMPLE + 3);
	assert_string_equal(story.text, "D6 !sample_overrun@28/0=tag #");
	trace_bytes(w.bytes, SAMPLE + 7);
	assert_string_equal(story.text, "D6 S0:1- !sample_overrun@32/0=length , #");
	trace_bytes(w.bytes, BODY);
	assert_string_equal(story.text, "D6 S0:1/0<0 !sample_overrun@36/0=sequence_number , #");
	trace_bytes(w.bytes, BODY + 7);
	assert_string_equal(story.text, "D6 S0:1/7<7 !sample_overrun@40/0=source_id , #");
	trace_bytes(w.bytes, BODY + 31);
	assert_string_equal(story.text, "D6 S0:1/31<31 !sample_overrun@64/0=flow_records , #");
	trace_bytes(w.bytes, BODY + 32);
	assert_string_equal(story.text, "D6 S0:1/32 !sample_overrun@68/0/0=tag , #");
	trace_bytes(w.bytes, BODY + 37);
	assert_string_equal(story.text, "D6 S0:1/37 R0:1001- !sample_overrun@72/0/0=length , #");
	trace_bytes(w.bytes, BODY + 46);
	assert_string_equal(
		story.text, "D6 S0:1/46 R0:1001/6* !sample_overrun@80/0/0=src_priority , #");
	trace_bytes(w.bytes, BODY + 69);
	assert_string_equal(
		story.text, "D6 S0:1/69 R0:1001/16 R0:999/5* !sample_overrun@100/0/1=data , #");
}

/* All records are there, and the sample says that it goes on. */
static void test_sample_overrun_behind(void **state)
{
	struct wire w = wire_hex(V2);

	base_put_u32(w.bytes + SAMPLE + 4, 0x50);
	assert_string_equal(trace(&w), "D6 S0:1/72 R0:1001/16 R0:999/6 !sample_overrun@108/0 , #");
	assert_int_equal(stats[SFLOW_SAMPLES], 0);
}

static void test_sample_unknown(void **state)
{
	struct wire w = wire_hex(V2);

	base_put_u32(w.bytes + SAMPLE, SFLOW_TAG(1991, 9));
	assert_string_equal(trace(&w), "D6 S1991:9/72 . #");
	assert_int_equal(stats[SFLOW_SAMPLE_UNKNOWN], 1);
	w.len -= 4;
	assert_string_equal(trace(&w), "D6 S1991:9/68 !sample_overrun@36/0=data , #");
}

/* Each kind, of every length below its fixed part. */
static void test_sample_short(void **state)
{
	static const struct {
		uint32_t tag, len;
		const char *story;
	} rows[] = {
		{1, 0, "D6 S0:1/0<0 !sample_short@36/0=sequence_number , #"},
		{1, 8, "D6 S0:1/8<8 !sample_short@44/0=sampling_rate , #"},
		{1, 28, "D6 S0:1/28<28 !sample_short@64/0=flow_records , #"},
		{2, 4, "D6 S0:2/4<4 !sample_short@40/0=source_id , #"},
		{2, 8, "D6 S0:2/8<8 !sample_short@44/0=counter_records , #"},
		{3, 8, "D6 S0:3/8<8 !sample_short@40/0=source_id , #"},
		{3, 28, "D6 S0:3/28<28 !sample_short@60/0=input , #"},
		{3, 40, "D6 S0:3/40<40 !sample_short@76/0=flow_records , #"},
		{4, 12, "D6 S0:4/12<12 !sample_short@48/0=counter_records , #"},
		{5, 24, "D6 S0:5/24<24 !sample_short@60/0=reason , #"},
		{5, 28, "D6 S0:5/28<28 !sample_short@64/0=flow_records , #"},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire w = {.len = 0};

		wire_datagram(&w, 3, 1);
		wire_record(&w, rows[i].tag, rows[i].len / 4);
		assert_string_equal(trace(&w), rows[i].story);
		assert_int_equal(stats[SFLOW_SAMPLE_SHORT], 1);
	}
}

/* A sample that is damaged does not hide the next one. */
static void test_record_damage(void **state)
{
	static const struct {
		uint32_t at, value;
		const char *story;
	} rows[] = {
		{BODY + 28, 3, "R0:1001/16 R0:999/6 !records_missing@108/0/2=tag ,"},
		{BODY + 28, UINT32_MAX, "R0:1001/16 R0:999/6 !records_missing@108/0/2=tag ,"},
		{BODY + 28, 1, "R0:1001/16 ."},
		{BODY + 36, 0x41, "R0:1001/32* !record_overrun@108/0/0 ,"},
		{BODY + 36, 0xFFFFFFFC, "R0:1001/32* !record_overrun@108/0/0 ,"},
		{BODY + 36, 14, "R0:1001/14* !record_length@72/0/0=length ,"},
		{BODY + 36, 12,
			"R0:1001/12 !record_short@88/0/0=dst_priority R0:0/999* "
			"!record_overrun@100/0/1=data ,"},
		{BODY + 60, 9, "R0:1001/16 R0:999/8* !record_overrun@100/0/1=data ,"},
		{BODY + 60, 5, "R0:1001/16 R0:999/5 ."},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire w = wire_hex(V2), again = w;
		char expected[256];

		if (rows[i].value == 12)
			continue;
		base_put_u32(w.bytes + SAMPLE - 4, 2);
		base_put_u32(w.bytes + rows[i].at, rows[i].value);
		wire_opaque(&w, again.bytes + SAMPLE, again.len - SAMPLE);
		snprintf(expected, sizeof(expected),
			"D6 S0:1/72 %s S0:1/72 R0:1001/16 R0:999/6 . #", rows[i].story);
		assert_string_equal(trace(&w), expected);
		assert_int_equal(stats[SFLOW_DATAGRAMS_DECODED], 1);
	}
}

/* Fewer bytes than a record's head are left in its sample. */
static void test_record_bare(void **state)
{
	struct wire w = wire_hex(V2), again = w;

	base_put_u32(w.bytes + SAMPLE - 4, 2);
	base_put_u32(w.bytes + SAMPLE + 4, 36);
	w.len = BODY + 36;
	wire_opaque(&w, again.bytes + SAMPLE, again.len - SAMPLE);
	assert_string_equal(trace(&w), "D6 S0:1/36 R0:1001- !record_overrun@72/0/0=length , "
				       "S0:1/72 R0:1001/16 R0:999/6 . #");
	w.len = BODY + 36;
	base_put_u32(w.bytes + SAMPLE + 4, 32);
	w.len = BODY + 32;
	assert_string_equal(
		trace(&w), "D6 S0:1/32 !records_missing@68/0/0=tag , !samples_missing@68/1 #");
}

/* A record of 24 bytes that is cut after 20 is not one of MACs without padding. */
static void test_record_cut_not_bare(void **state)
{
	struct wire w = {.len = 0};
	uint32_t sample;

	wire_datagram(&w, 3, 1);
	sample = wire_open(&w, SFLOW_COUNTER_SAMPLE);
	for (unsigned i = 0; i < 2; i++)
		wire_u32(&w, 1);
	wire_u32(&w, 1);
	wire_record(&w, SFLOW_TAG(0, 7), 14);
	wire_close(&w, sample);
	w.len -= 4;
	assert_string_equal(trace(&w), "D6 S0:2/72 R0:7/52* !sample_overrun@108/0/0="
				       "MarkerResponsePDUsTx , #");
	assert_int_equal(stats[SFLOW_MAC_UNPADDED], 0);
}

/* Neither the padded end nor the exact one: the body is there, its padding is not. */
static void test_record_padding(void **state)
{
	struct wire w = wire_hex(V2);

	base_put_u32(w.bytes + SAMPLE + 4, 71);
	base_put_u32(w.bytes + BODY + 60, 5);
	trace(&w);
	assert_int_equal(stats[SFLOW_FLOW_SAMPLES], 1); /* the sample's own padding is there */
	w.len -= 2;
	base_put_u32(w.bytes + SAMPLE + 4, 70);
	assert_string_equal(
		trace(&w), "D6 S0:1/70 R0:1001/16 R0:999/5* !record_overrun@100/0/1=data , #");
}

static struct wire custom(uint32_t tag)
{
	return wire_hex(tag == SFLOW_RTMETRIC ? V_RTMETRIC : V_RTFLOW);
}

static void test_custom(void **state)
{
	struct wire w = custom(SFLOW_RTMETRIC);

	assert_string_equal(trace(&w), "D6 S4300:1002/56 E0 E4 . #");
	assert_int_equal(stats[SFLOW_RTMETRIC_SAMPLES], 1);
	base_put_u32(w.bytes + BODY + 24, 7);
	assert_string_equal(trace(&w), "D6 S4300:1002/56 !value_type@60/0/0=type , #");
	w = custom(SFLOW_RTFLOW);
	assert_string_equal(trace(&w), "D6 S4300:1003/64 E0 E4 . #");
	assert_int_equal(stats[SFLOW_SAMPLE_SURPLUS], 1);
	base_put_u32(w.bytes + BODY + 20, 3);
	base_put_u32(w.bytes + BODY + 56, 1);
	trace(&w);
	assert_int_equal(stats[SFLOW_RECORDS_MISSING], 1);
}

static void test_custom_cut(void **state)
{
	struct wire w = custom(SFLOW_RTFLOW);

	trace_bytes(w.bytes, BODY);
	assert_string_equal(story.text, "D6 S4300:1003/0<0 !sample_overrun@36/0=datasource , #");
	trace_bytes(w.bytes, BODY + 14);
	assert_string_equal(
		story.text, "D6 S4300:1003/14<1 !sample_overrun@48/0=sampling_rate , #");
	trace_bytes(w.bytes, BODY + 23);
	assert_string_equal(story.text, "D6 S4300:1003/23<3 !sample_overrun@56/0=count , #");
	trace_bytes(w.bytes, BODY + 24);
	assert_string_equal(story.text, "D6 S4300:1003/24 !sample_overrun@60/0/0=name , #");
	trace_bytes(w.bytes, BODY + 46);
	assert_string_equal(story.text, "D6 S4300:1003/46 E0 !sample_overrun@80/0/1=name , #");
	base_put_u32(w.bytes + SAMPLE + 4, 24);
	trace_bytes(w.bytes, BODY + 24);
	assert_string_equal(story.text, "D6 S4300:1003/24 !records_missing@60/0/0=name , #");
	base_put_u32(w.bytes + SAMPLE + 4, 16);
	trace_bytes(w.bytes, BODY + 16);
	assert_string_equal(story.text, "D6 S4300:1003/16<2 !sample_short@52/0=sample_pool , #");
}

/* Of a sample that is cut by the end of the datagram, that is what it counts as. */
static void test_overrun_counts(void **state)
{
	struct wire w = custom(SFLOW_RTMETRIC);

	w.len -= 4;
	base_put_u32(w.bytes + BODY + 24, 7);
	trace(&w);
	assert_int_equal(stats[SFLOW_DROP_SAMPLE_OVERRUN], 1);
	assert_int_equal(stats[SFLOW_SAMPLE_VALUE_TYPE], 0);
	w = wire_hex(V2);
	w.len -= 4;
	base_put_u32(w.bytes + BODY + 36, 14);
	trace(&w);
	assert_int_equal(stats[SFLOW_DROP_SAMPLE_OVERRUN], 1);
	assert_int_equal(stats[SFLOW_RECORD_LENGTH], 0);
}

/* Foundry's wrapper: the sample within it, or behind it. */
static void test_wrapper(void **state)
{
	for (unsigned inside = 0; inside < 2; inside++) {
		struct wire w = {.len = 0}, v2 = wire_hex(V2);

		wire_datagram(&w, 3, 1);
		wire_u32(&w, SFLOW_FOUNDRY_WRAPPER);
		wire_u32(&w, inside ? 8 + v2.len - SAMPLE : 8);
		wire_u32(&w, 11);
		wire_u32(&w, 12);
		wire_opaque(&w, v2.bytes + SAMPLE, v2.len - SAMPLE);
		assert_string_equal(trace(&w), "D6 S0:1w11,12/72 R0:1001/16 R0:999/6 . #");
		assert_int_equal(stats[SFLOW_SAMPLE_WRAPPED], 1);
		/* Cut: the wrapper in which nothing ends is one of no known tag. */
		w.len -= 4;
		trace(&w);
		assert_int_equal(stats[SFLOW_DROP_SAMPLE_OVERRUN], 1);
		if (!inside)
			assert_string_equal(story.text, "D6 S0:1w11,12/68 R0:1001/16 R0:999/4* "
							"!sample_overrun@116/0/1=data , #");
	}
}

static void test_wrapper_damaged(void **state)
{
	struct wire w = {.len = 0};

	wire_datagram(&w, 3, 1);
	wire_record(&w, SFLOW_FOUNDRY_WRAPPER, 4);
	base_put_u32(w.bytes + w.len - 4, 1);
	assert_string_equal(trace(&w), "D6 S1991:1/16 . #");
	assert_int_equal(stats[SFLOW_SAMPLE_WRAPPED], 0);
	base_put_u32(w.bytes + SAMPLE + 4, 12);
	w.len -= 4;
	assert_string_equal(trace(&w), "D6 S1991:1/12 . #");
	base_put_u32(w.bytes + SAMPLE + 4, 8);
	w.len -= 4;
	assert_string_equal(trace(&w), "D6 !sample_overrun@44/0=tag #");
}

/* What is read as meant is counted by what it is. */
static void test_deviations(void **state)
{
	struct wire w = {.len = 0};
	uint32_t sample, start;

	wire_datagram(&w, 3, 1);
	sample = wire_open(&w, SFLOW_FLOW_SAMPLE);
	for (unsigned i = 0; i < 7; i++)
		wire_u32(&w, i == 2 ? 0 : 1);
	wire_u32(&w, 4);
	wire_record(&w, SFLOW_TAG(0, 2), 5);
	start = wire_open(&w, SFLOW_TAG(0, 1));
	wire_u32(&w, 99);
	wire_u64(&w, 0);
	wire_u32(&w, 0);
	wire_close(&w, start);
	start = wire_open(&w, SFLOW_TAG(0, 1013));
	for (unsigned i = 0; i < 5; i++)
		wire_u32(&w, i == 4 ? 4 : 11);
	wire_u32(&w, 0x45000014);
	wire_close(&w, start);
	start = wire_open(&w, SFLOW_TAG(0, 2201));
	for (unsigned i = 0; i < 9; i++)
		wire_u32(&w, i ? 0 : 2);
	wire_close(&w, start);
	wire_close(&w, sample);
	assert_string_equal(trace(&w), "D6 S0:1/160 R0:2/20 R0:1/16 R0:1013/24 R0:2201/36 . #");
	assert_int_equal(stats[SFLOW_RATE_ZERO], 1);
	assert_int_equal(stats[SFLOW_MAC_UNPADDED], 1);
	assert_int_equal(stats[SFLOW_HEADER_PROTOCOL], 1);
	assert_int_equal(stats[SFLOW_PAYLOAD_AS_HEADER], 1);
	assert_int_equal(stats[SFLOW_HTTP_DRAFT], 1);
}

/* The records in 0:1016. */
static void test_nested(void **state)
{
	struct wire w = wire_hex("00000001 00000002 000003e7 00000003 01020300"
				 "000003e9 00000010 00000001 00000002 00000003 00000004");
	uint8_t *bytes = wire_copy(&w);
	const struct sflow_structure *st = sflow_flow_structure(1016);
	struct base_cursor c = base_cursor(bytes, w.len), inner;
	struct sflow_trace_record r;
	struct sflow_value v;

	assert_true(sflow_field_read(&c, &st->fields[0], &v));
	inner = base_cursor(v.bytes, v.len);
	assert_true(sflow_field_read(&inner, &st->fields[0].of->list[0], &v));
	assert_int_equal(v.u, 2);
	inner = base_cursor(v.bytes, v.len);
	assert_true(sflow_trace_nested(&inner, &r));
	assert_true(r.nested && !r.structure);
	assert_int_equal(r.have, 3);
	assert_true(sflow_trace_nested(&inner, &r));
	assert_ptr_equal(r.structure, sflow_flow_structure(1001));
	assert_false(sflow_trace_nested(&inner, &r));
	free(bytes);
}

static void test_reasons(void **state)
{
	static const struct {
		enum sflow_stat reason;
		const char *name;
	} rows[] = {
		{SFLOW_DROP_SHORT, "short"},
		{SFLOW_DROP_VERSION, "version"},
		{SFLOW_DROP_AGENT_TYPE, "agent_type"},
		{SFLOW_DROP_SAMPLE_OVERRUN, "sample_overrun"},
		{SFLOW_DROP_SAMPLES_MISSING, "samples_missing"},
		{SFLOW_SAMPLE_SHORT, "sample_short"},
		{SFLOW_RECORD_OVERRUN, "record_overrun"},
		{SFLOW_RECORDS_MISSING, "records_missing"},
		{SFLOW_RECORD_LENGTH, "record_length"},
		{SFLOW_SAMPLE_VALUE_TYPE, "value_type"},
		{SFLOW_RECORD_SHORT, "record_short"},
		{SFLOW_RECORD_ADDR_TYPE, "record_addr_type"},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(sflow_break_reason(rows[i].reason), rows[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_no_visitor),
		cmocka_unit_test(test_header_cut),
		cmocka_unit_test(test_header_refused),
		cmocka_unit_test(test_header_nameless),
		cmocka_unit_test(test_surplus),
		cmocka_unit_test(test_grown_record),
		cmocka_unit_test(test_gateway),
		cmocka_unit_test(test_string_length),
		cmocka_unit_test(test_samples_missing),
		cmocka_unit_test(test_sample_cut),
		cmocka_unit_test(test_sample_overrun_behind),
		cmocka_unit_test(test_sample_unknown),
		cmocka_unit_test(test_sample_short),
		cmocka_unit_test(test_record_damage),
		cmocka_unit_test(test_record_bare),
		cmocka_unit_test(test_record_cut_not_bare),
		cmocka_unit_test(test_record_padding),
		cmocka_unit_test(test_custom),
		cmocka_unit_test(test_custom_cut),
		cmocka_unit_test(test_overrun_counts),
		cmocka_unit_test(test_wrapper),
		cmocka_unit_test(test_wrapper_damaged),
		cmocka_unit_test(test_deviations),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
