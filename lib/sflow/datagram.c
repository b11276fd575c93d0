/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "sflow/sample_pvt.h"

/* The header of a datagram, and the walk over its samples. */

enum { VERSION = 5, AGENT_IPV4 = 1, AGENT_IPV6 = 2 };

static int refuse(struct sflow_datagram *dg, enum sflow_stat reason, uint64_t *stats)
{
	*dg = (struct sflow_datagram){.ended = true};
	stats[reason]++;
	return -EINVAL;
}

int sflow_datagram_open(
	struct sflow_datagram *dg, const uint8_t *payload, uint32_t len, uint64_t *stats)
{
	enum { WORD = 4, AGENT = 2 * WORD, WORDS = 4 * WORD };
	uint32_t type, size;
	const uint8_t *p;

	stats[SFLOW_DATAGRAMS]++;
	/* sFlow v5, sample_datagram_type: version 5, else SFLOW_DROP_VERSION. The layouts of 2 and 4
	 * differ from here on. */
	if (len >= WORD && base_get_u32(payload) != VERSION)
		return refuse(dg, SFLOW_DROP_VERSION, stats);
	/* sFlow v5, sample_datagram_v5: 28 or 40 bytes, else SFLOW_DROP_SHORT. */
	if (len < AGENT)
		return refuse(dg, SFLOW_DROP_SHORT, stats);
	/* sFlow v5, address: of type IP_V4 or IP_V6, else SFLOW_DROP_AGENT_TYPE. Type UNKNOWN is no
	 * agent's name, and the length of any other is not known. */
	type = base_get_u32(payload + WORD);
	if (type != AGENT_IPV4 && type != AGENT_IPV6)
		return refuse(dg, SFLOW_DROP_AGENT_TYPE, stats);
	size = type == AGENT_IPV4 ? 4 : 16;
	if (len < AGENT + size + WORDS)
		return refuse(dg, SFLOW_DROP_SHORT, stats);
	if (__builtin_expect(type == AGENT_IPV4, 1))
		base_addr_set_ip4(&dg->agent, payload + AGENT);
	else
		dg->agent = base_addr_from(payload + AGENT, size);
	p = payload + AGENT + size;
	dg->sub_agent = base_get_u32(p);
	dg->sequence = base_get_u32(p + WORD);
	dg->uptime_ms = base_get_u32(p + 2 * WORD);
	dg->samples = base_get_u32(p + 3 * WORD);
	dg->walked = 0;
	dg->ended = false;
	dg->cursor.p = p + WORDS;
	dg->cursor.end = payload + len;
	dg->cursor.bad = false;
	return 0;
}

/* The walk ends, once: what comes of the datagram is counted here and nowhere else. */
static bool end(struct sflow_datagram *dg, enum sflow_stat outcome, uint64_t *stats)
{
	dg->ended = true;
	stats[outcome]++;
	if (outcome == SFLOW_DATAGRAMS_DECODED && base_cursor_left(&dg->cursor))
		stats[SFLOW_TRAILING_BYTES]++;
	return false;
}

/* A sample as it stands in its container. @return false where it does not end within it */
static bool take(struct base_cursor *c, struct sflow_tlv *t)
{
	size_t left = base_cursor_left(c);
	const uint8_t *p = c->p;

	if (__builtin_expect(left < SFLOW_TLV_HEAD, 0))
		return false;
	t->tag = base_get_u32(p);
	t->len = base_get_u32(p + 4);
	t->body = p + SFLOW_TLV_HEAD;
	t->span = sflow_tlv_span(t->len, left - SFLOW_TLV_HEAD);
	if (__builtin_expect(t->span == SFLOW_TLV_OVERRUN, 0))
		return false;
	c->p = t->body + t->span;
	return true;
}

/*
 * Foundry's wrapper has two words, then an ordinary sample: within its length, or behind it where
 * the length is that of the two words. One within the other is not known to exist.
 */
static bool unwrap(struct base_cursor *c, struct sflow_tlv *t, uint64_t *stats)
{
	enum { WORDS = 8 };
	struct sflow_tlv outer = *t;
	struct base_cursor inner = base_cursor(t->body + WORDS, t->span - WORDS);
	bool good;

	good = outer.len == WORDS ? take(c, t) : take(&inner, t);
	if (good || outer.len == WORDS) {
		t->wrapped = true;
		t->flags = base_get_u32(outer.body);
		t->group = base_get_u32(outer.body + 4);
		stats[SFLOW_SAMPLE_WRAPPED]++;
		if (good && outer.len != WORDS && inner.p < outer.body + outer.len)
			stats[SFLOW_SAMPLE_SURPLUS]++;
		return good;
	}
	*t = outer; /* what is within is no sample: the wrapper is one of no known tag */
	return true;
}

bool sflow_sample_take(struct base_cursor *c, struct sflow_tlv *t, uint64_t *stats)
{
	t->wrapped = false;
	t->flags = t->group = 0;
	if (!take(c, t))
		return false;
	if (__builtin_expect(t->tag == SFLOW_FOUNDRY_WRAPPER, 0) &&
		(t->len == 8 || (t->len >= 16 && t->span >= 16)))
		return unwrap(c, t, stats);
	return true;
}

bool sflow_sample_next(struct sflow_datagram *dg, struct sflow_sample *s, uint64_t *stats)
{
	return sflow_sample_next_any(dg, s, NULL, stats);
}

static __attribute__((noinline)) bool next(
	struct sflow_datagram *dg, struct sflow_sample *s, struct sflow_flow *flow, uint64_t *stats)
{
	struct sflow_tlv t;

	/* The count is any u32: what bounds the loop is that each round eats 8 bytes or more. */
	while (dg->walked < dg->samples) {
		/* sFlow v5, sample_datagram_v5: as many samples as the header says, else
		 * SFLOW_DROP_SAMPLES_MISSING; each whole, else SFLOW_DROP_SAMPLE_OVERRUN. */
		if (__builtin_expect(base_cursor_left(&dg->cursor) == 0, 0))
			return end(dg, SFLOW_DROP_SAMPLES_MISSING, stats);
		if (__builtin_expect(!sflow_sample_take(&dg->cursor, &t, stats), 0))
			return end(dg, SFLOW_DROP_SAMPLE_OVERRUN, stats);
		dg->walked++;
		stats[SFLOW_SAMPLES]++;
		if (sflow_sample_read(s, t.tag, t.body, t.len, t.span, flow, stats))
			return true;
	}
	return end(dg, SFLOW_DATAGRAMS_DECODED, stats);
}

bool sflow_sample_next_any(
	struct sflow_datagram *dg, struct sflow_sample *s, struct sflow_flow *flow, uint64_t *stats)
{
	if (dg->ended)
		return false;
	if (dg->walked < dg->samples)
		return next(dg, s, flow, stats);
	return end(dg, SFLOW_DATAGRAMS_DECODED, stats);
}
