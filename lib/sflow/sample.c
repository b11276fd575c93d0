/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/sample_pvt.h"

#include "sflow/entry.h"
#include "sflow/head.h"
#include "sflow/structure.h"
#include "sflow/tlv.h"

/* The bodies of the sample types: a fixed part that ends with the number of records, then these. */

enum { COUNTER_FIXED = 12, COUNTER_EXPANDED_FIXED = 16, DISCARD_FIXED = 32 };

/* sFlow discarded packet notifications: the interfaces are ifIndex without a format. A
 * notification stands for its own packet, so the rate is 1. */
static void read_discard(struct sflow_sample *s, const uint8_t *p)
{
	s->source = sflow_source_expanded(p + 4);
	s->sampling_rate = 1;
	s->drops = base_get_u32(p + 12);
	s->input.value = base_get_u32(p + 16);
	s->output.value = base_get_u32(p + 20);
	s->reason = base_get_u32(p + 24);
}

/* 4300:1002 and 4300:1003 have no sequence number and no source_id, and their fixed part stands
 * behind a text. */
static enum sflow_kind custom_kind(uint32_t tag)
{
	if (tag == SFLOW_RTMETRIC)
		return SFLOW_KIND_RTMETRIC;
	return tag == SFLOW_RTFLOW ? SFLOW_KIND_RTFLOW : SFLOW_KIND_UNKNOWN;
}

uint32_t sflow_sample_fixed(uint32_t tag)
{
	static const uint8_t fixed[] = {
		[SFLOW_FLOW_SAMPLE] = SFLOW_FLOW_FIXED,
		[SFLOW_COUNTER_SAMPLE] = COUNTER_FIXED,
		[SFLOW_FLOW_SAMPLE_EXPANDED] = SFLOW_FLOW_EXPANDED_FIXED,
		[SFLOW_COUNTER_SAMPLE_EXPANDED] = COUNTER_EXPANDED_FIXED,
		[SFLOW_DISCARDED_PACKET] = DISCARD_FIXED,
	};

	return tag < sizeof(fixed) ? fixed[tag] : 0;
}

enum sflow_stat sflow_sample_head(struct sflow_sample *s, uint32_t tag, const uint8_t *p)
{
	if (tag == SFLOW_FLOW_SAMPLE || tag == SFLOW_FLOW_SAMPLE_EXPANDED) {
		sflow_flow_head(s, tag, p);
		return SFLOW_FLOW_SAMPLES;
	}
	*s = (struct sflow_sample){.tag = tag, .sequence = base_get_u32(p)};
	switch (tag) {
	case SFLOW_COUNTER_SAMPLE:
		s->kind = SFLOW_KIND_COUNTER;
		s->source = sflow_source_compact(p + 4);
		return SFLOW_COUNTER_SAMPLES;
	case SFLOW_COUNTER_SAMPLE_EXPANDED:
		s->kind = SFLOW_KIND_COUNTER;
		s->source = sflow_source_expanded(p + 4);
		return SFLOW_COUNTER_SAMPLES;
	default:
		s->kind = SFLOW_KIND_DISCARD;
		read_discard(s, p);
		return SFLOW_DISCARD_SAMPLES;
	}
}

const char *sflow_custom_head(
	struct sflow_sample *s, struct base_cursor *c, const uint8_t **at, uint32_t *fields)
{
	struct sflow_value name;

	s->kind = custom_kind(s->tag);
	*fields = 0;
	*at = c->p;
	if (!sflow_value_read(c, SFLOW_STRING, &name))
		return "datasource";
	s->name = name.bytes;
	s->name_len = name.len;
	*fields = 1;
	*at = c->p;
	if (s->kind == SFLOW_KIND_RTFLOW) {
		s->sampling_rate = base_cursor_u32(c);
		if (c->bad)
			return "sampling_rate";
		*fields = 2;
		*at = c->p;
		s->pool = base_cursor_u32(c);
		if (c->bad)
			return "sample_pool";
		*fields = 3;
		*at = c->p;
	}
	s->records = base_cursor_u32(c);
	return c->bad ? "count" : NULL;
}

/*
 * All structures of fixed size are multiples of 4 (RFC 4506, 3). One that is shorter than itself by
 * such a length has a wrong length word: where it ends, and with it all that follows, is not known
 * (a tail that is merely missing leaves a multiple of 4, and SFLOW_RECORD_SHORT counts it).
 */
bool sflow_record_impossible(const struct sflow_record *r, bool counters)
{
	const struct sflow_structure *row =
		counters ? sflow_counter_structure(r->tag) : sflow_flow_structure(r->tag);

	return row && r->len % 4 != 0 && r->len < row->min_len;
}

/*
 * Step over the records, so that `body` ends with the last one. The count is any u32: what bounds
 * the loop is that each round eats 8 bytes or more.
 * @return false with the reason, where they are not all there
 */
static bool check_records(struct sflow_sample *s, enum sflow_stat *reason)
{
	struct base_cursor c = s->body;
	struct sflow_record r;
	uint32_t i;

	for (i = 0; i < s->records; i++)
		if (!sflow_record_check(s, &c, &r, reason))
			return false;
	s->body.end = c.p;
	return true;
}

static bool drop(enum sflow_stat reason, uint64_t *stats)
{
	stats[reason]++;
	return false;
}

/* A custom sample, checked down to the ends of its entries. */
static bool read_custom(struct sflow_sample *s, const uint8_t *body, size_t span, uint64_t *stats)
{
	struct base_cursor c = base_cursor(body, span), entries;
	struct sflow_entry_cut cut;
	struct sflow_entry e;
	const uint8_t *at;
	uint32_t i, fields;

	if (sflow_custom_head(s, &c, &at, &fields))
		return drop(SFLOW_SAMPLE_SHORT, stats);
	entries = c;
	/* The count is any u32: what bounds the loop is that each round eats 8 bytes or more. */
	for (i = 0; i < s->records; i++)
		if (!sflow_entry_read(&c, s->kind, &e, &cut))
			return drop(c.bad ? SFLOW_RECORDS_MISSING : SFLOW_SAMPLE_VALUE_TYPE, stats);
	s->body = (struct base_cursor){.p = entries.p, .end = c.p};
	if (base_cursor_left(&c))
		stats[SFLOW_SAMPLE_SURPLUS]++;
	stats[s->kind == SFLOW_KIND_RTMETRIC ? SFLOW_RTMETRIC_SAMPLES : SFLOW_RTFLOW_SAMPLES]++;
	return true;
}

bool sflow_sample_read(struct sflow_sample *s, uint32_t tag, const uint8_t *body, uint32_t len,
	size_t span, struct sflow_flow *flow, uint64_t *stats)
{
	uint32_t fixed = sflow_sample_fixed(tag);
	enum sflow_stat outcome, reason;
	bool good;

	if (__builtin_expect(custom_kind(tag) != SFLOW_KIND_UNKNOWN, 0)) {
		*s = (struct sflow_sample){.tag = tag};
		return read_custom(s, body, span, stats);
	}
	/* sFlow v5, data_format: a tag that is not known is skipped, SFLOW_SAMPLE_UNKNOWN. */
	if (__builtin_expect(fixed == 0, 0))
		return drop(SFLOW_SAMPLE_UNKNOWN, stats);
	/* sFlow v5, flow_sample and its kin: the fixed part is there, else SFLOW_SAMPLE_SHORT. */
	if (__builtin_expect(len < fixed, 0))
		return drop(SFLOW_SAMPLE_SHORT, stats);
	outcome = sflow_sample_head(s, tag, body);
	s->records = base_get_u32(body + fixed - 4);
	s->body = (struct base_cursor){.p = body + fixed, .end = body + span};
	/* sFlow v5, flow_records, counter_records: as many as said, else SFLOW_RECORDS_MISSING, and
	 * each within the sample, else SFLOW_RECORD_OVERRUN; SFLOW_RECORD_LENGTH above. */
	good = flow && s->kind == SFLOW_KIND_FLOW ? sflow_flow_check(s, flow, &reason, stats)
						  : check_records(s, &reason);
	if (__builtin_expect(!good, 0))
		return drop(reason, stats);
	/* Some agents have bytes after the last record: SFLOW_SAMPLE_SURPLUS, and read as meant. */
	if (__builtin_expect(s->body.end < body + len, 0))
		stats[SFLOW_SAMPLE_SURPLUS]++;
	/* sFlow v5, flow_sample: a rate of 0 is none; SFLOW_RATE_ZERO, and the sample stands for
	 * itself. */
	if (__builtin_expect(outcome == SFLOW_FLOW_SAMPLES && s->sampling_rate == 0, 0)) {
		s->sampling_rate = 1;
		stats[SFLOW_RATE_ZERO]++;
	}
	stats[outcome]++;
	return true;
}

bool sflow_record_next(struct sflow_sample *s, struct sflow_record *r)
{
	return sflow_record_take(&s->body, r);
}
