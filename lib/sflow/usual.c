/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/head_pvt.h"
#include "sflow/header_pvt.h"
#include "sflow/sample_pvt.h"

/*
 * The flow sample that nearly all samples are, in one piece: 0:1 or 0:3, a sampled header first among its
 * records, and perhaps extended_switch behind it. Whatever is otherwise goes the way of all samples
 * (datagram.c, sample.c, flow.c), from the start or from the record at which it turns out; both give the
 * same, and count the same.
 */

enum {
	SWITCH_LEN = 16,
	SAMPLE_LEAST = SFLOW_FLOW_EXPANDED_FIXED + SFLOW_TLV_HEAD + SFLOW_HEADER_FIXED,
};

/* Whether `len` is a multiple of 4 between `least` and `room`, which are in that order: one comparison. */
static inline bool is_usual(uint32_t len, uint32_t least, size_t room)
{
	uint32_t more = len - least;

	return (more >> 2 | more << 30) <= (room - least) >> 2;
}

/* The record at `p` has that tag, and `least` bytes or more that need no padding, before `end`. */
static inline bool record_is(
	const uint8_t *p, const uint8_t *end, uint32_t tag, uint32_t least, uint32_t *len)
{
	size_t left = (size_t)(end - p);

	if (__builtin_expect(left < SFLOW_TLV_HEAD + least, 0) ||
		__builtin_expect(base_get_u32(p) != tag, 0))
		return false;
	*len = base_get_u32(p + 4);
	return is_usual(*len, least, left - SFLOW_TLV_HEAD);
}

/* The records from number `first` on, which starts at `p`. */
static __attribute__((noinline)) bool read_rest(struct sflow_datagram *dg, struct sflow_sample *s,
	struct sflow_flow *f, const uint8_t *p, uint32_t first, uint64_t *stats)
{
	const uint8_t *end = s->body.end;
	enum sflow_stat reason;

	if (sflow_flow_check(s, f, p, first, &reason, stats)) {
		sflow_flow_end(s, end, stats);
		return true;
	}
	stats[reason]++;
	return sflow_sample_next_any(dg, s, f, stats);
}

static inline bool read_records(struct sflow_datagram *dg, struct sflow_sample *s,
	struct sflow_flow *f, const uint8_t *p, const uint8_t *end, uint64_t *stats)
{
	uint32_t count = s->records, len;

	if (__builtin_expect(
		    count == 0 || !record_is(p, end, SFLOW_TAG(0, 1), SFLOW_HEADER_FIXED, &len), 0))
		return read_rest(dg, s, f, p, 0, stats);
	f->has = SFLOW_HAS_HEADER;
	memset(f->noted, 0, sizeof(f->noted));
	sflow_header_take(&f->header, p + SFLOW_TLV_HEAD, len);
	if (__builtin_expect(sflow_header_is_odd(&f->header), 0))
		sflow_header_count(&f->header, stats);
	p += SFLOW_TLV_HEAD + len;
	if (count > 1) {
		if (__builtin_expect(!record_is(p, end, SFLOW_TAG(0, 1001), SWITCH_LEN, &len), 0))
			return read_rest(dg, s, f, p, 1, stats);
		f->has = SFLOW_HAS_HEADER | SFLOW_HAS_SWITCH;
		f->vlans = p + SFLOW_TLV_HEAD;
		p += SFLOW_TLV_HEAD + len;
		if (count > 2)
			return read_rest(dg, s, f, p, 2, stats);
	}
	s->body.end = p;
	sflow_flow_end(s, end, stats);
	return true;
}

bool sflow_sample_next_flow(
	struct sflow_datagram *dg, struct sflow_sample *s, struct sflow_flow *flow, uint64_t *stats)
{
	size_t left = base_cursor_left(&dg->cursor);
	const uint8_t *p = dg->cursor.p, *body;
	uint32_t tag, len;

	if (__builtin_expect(left < SFLOW_TLV_HEAD + SAMPLE_LEAST, 0) ||
		__builtin_expect(dg->walked >= dg->samples, 0) || __builtin_expect(dg->ended, 0))
		return sflow_sample_next_any(dg, s, flow, stats);
	tag = base_get_u32(p);
	len = base_get_u32(p + 4);
	if (__builtin_expect((tag | 2) != SFLOW_FLOW_SAMPLE_EXPANDED, 0) ||
		__builtin_expect(!is_usual(len, SAMPLE_LEAST, left - SFLOW_TLV_HEAD), 0))
		return sflow_sample_next_any(dg, s, flow, stats);
	p += SFLOW_TLV_HEAD;
	dg->cursor.p = p + len;
	dg->walked++;
	stats[SFLOW_SAMPLES]++;
	body = p + sflow_flow_head(s, tag, p);
	s->records = base_get_u32(body - 4);
	s->body = (struct base_cursor){.p = body, .end = p + len};
	return read_records(dg, s, flow, body, p + len, stats);
}
