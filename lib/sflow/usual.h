/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "sflow/head.h"
#include "sflow/sflow.h"
#include "sflow/tlv.h"

/*
 * The flow sample that nearly all samples are: 0:1 or 0:3, a sampled header of Ethernet, perhaps
 * extended_switch behind it, and nothing in either that sflow_stats counts. What is read of nearly each is
 * given without a copy, for the RX core to keep in registers; sflow_usual_read() gives all of it. Whatever
 * is otherwise goes the way of all samples (datagram.c, sample.c, flow.c); both give the same, and count
 * the same.
 */

/* Where its parts are in the datagram. */
struct sflow_usual {
	bool expanded; /* SFLOW_FLOW_SAMPLE_EXPANDED */
	const uint8_t *fixed, *records, *end;
	const uint8_t *header; /* the bytes that were sampled */
	uint32_t header_len;
	uint32_t frame_length; /* as sflow_header_length() gives it */
};

/* Words of the fixed part, but for those of interfaces. */
struct sflow_usual_words {
	struct sflow_source source;
	uint32_t sequence, sampling_rate, pool, drops; /* the rate is not 0 */
};

enum {
	SFLOW_USUAL_HEADER = SFLOW_TLV_HEAD + 16, /* record 0:1 without the sampled bytes */
	SFLOW_USUAL_SWITCH = SFLOW_TLV_HEAD + 16, /* record 0:1001 */
	SFLOW_USUAL_LEAST = SFLOW_FLOW_EXPANDED_FIXED + SFLOW_USUAL_HEADER,
};

/** Bytes of the IP packet in a header of Ethernet, which are a number in it. 0: none. */
uint32_t sflow_usual_ip_length(const uint8_t *header, uint32_t len);

static inline const uint8_t *sflow_usual_rate(const struct sflow_usual *u)
{
	return u->fixed + (u->expanded ? 12 : 8);
}

static inline __attribute__((always_inline)) struct sflow_usual_words sflow_usual_words(
	const struct sflow_usual *u)
{
	const uint8_t *source = u->fixed + 4, *rate = sflow_usual_rate(u);

	return (struct sflow_usual_words){
		.source =
			u->expanded ? sflow_source_expanded(source) : sflow_source_compact(source),
		.sequence = base_get_u32(u->fixed),
		.sampling_rate = base_get_u32(rate),
		.pool = base_get_u32(rate + 4),
		.drops = base_get_u32(rate + 8),
	};
}

/* Record 0:1 at `p`, of `len` bytes; at least SFLOW_USUAL_HEADER of it are there. */
static inline __attribute__((always_inline)) bool sflow_usual_header(
	struct sflow_usual *u, const uint8_t *p, uint32_t len)
{
	enum { ETHERNET = 1, FCS = 4, TYPE = 12, IP = 14, IP_LEAST = IP + 6 };
	const uint8_t *data = p + SFLOW_USUAL_HEADER;
	uint32_t ip_length;

	u->frame_length = base_get_u32(p + 12);
	u->header = data;
	u->header_len = base_get_u32(p + 20);
	if (__builtin_expect(base_get_u32(p + 8) != ETHERNET, 0) ||
		__builtin_expect(base_get_u32(p + 16) > FCS, 0) ||
		__builtin_expect(u->header_len > len - 16, 0))
		return false;
	if (__builtin_expect(u->header_len >= IP_LEAST && base_get_u16(data + TYPE) == 0x0800 &&
				     data[IP] >> 4 == 4,
		    1))
		ip_length = base_get_u16(data + IP + 2);
	else
		ip_length = sflow_usual_ip_length(data, u->header_len);
	return ip_length <= u->frame_length;
}

/* Whether the record behind the header is the last: from `p` to `end`. */
static inline bool sflow_usual_switch(const uint8_t *p, const uint8_t *end)
{
	return end - p >= SFLOW_USUAL_SWITCH && base_get_u32(p) == SFLOW_TAG(0, 1001) &&
	       base_get_u32(p + 4) == (size_t)(end - p) - SFLOW_TLV_HEAD;
}

/* Whether `len` is a multiple of 4 between `least` and `room`, which are in that order: one comparison. */
static inline bool sflow_usual_fits(uint32_t len, uint32_t least, size_t room)
{
	uint32_t more = len - least;

	return (more >> 2 | more << 30) <= (room - least) >> 2;
}

/* The records of a sample, `count` of them, from u->records to u->end. */
static inline __attribute__((always_inline)) bool sflow_usual_records(
	struct sflow_usual *u, uint32_t count)
{
	const uint8_t *p = u->records, *next;
	size_t left = (size_t)(u->end - p);
	uint32_t len = base_get_u32(p + 4);

	if (__builtin_expect(base_get_u32(p) != SFLOW_TAG(0, 1), 0) ||
		__builtin_expect(!sflow_usual_fits(len, SFLOW_USUAL_HEADER - SFLOW_TLV_HEAD,
					 left - SFLOW_TLV_HEAD),
			0) ||
		__builtin_expect(!sflow_usual_header(u, p, len), 0))
		return false;
	next = p + SFLOW_TLV_HEAD + len;
	if (count == 1)
		return next == u->end;
	return count == 2 && sflow_usual_switch(next, u->end);
}

/**
 * The next sample of a datagram that is said to have one more, if it is a usual one. Nothing is counted: walked,
 * SFLOW_SAMPLES and SFLOW_FLOW_SAMPLES are the caller's to add to. RX core; pure.
 * @param c  of the datagram; moves behind it
 * @return false, and nothing has happened: sflow_sample_next_any() tells
 */
static inline __attribute__((always_inline)) bool sflow_usual_next(
	struct base_cursor *c, struct sflow_usual *u)
{
	size_t left = base_cursor_left(c);
	const uint8_t *p = c->p;
	uint32_t tag, len;

	if (__builtin_expect(left < SFLOW_TLV_HEAD + SFLOW_USUAL_LEAST, 0))
		return false;
	tag = base_get_u32(p);
	len = base_get_u32(p + 4);
	if (__builtin_expect((tag | 2) != SFLOW_FLOW_SAMPLE_EXPANDED, 0) ||
		__builtin_expect(
			!sflow_usual_fits(len, SFLOW_USUAL_LEAST, left - SFLOW_TLV_HEAD), 0))
		return false;
	u->expanded = tag == SFLOW_FLOW_SAMPLE_EXPANDED;
	u->fixed = p + SFLOW_TLV_HEAD;
	u->end = u->fixed + len;
	u->records = u->fixed + (u->expanded ? SFLOW_FLOW_EXPANDED_FIXED : SFLOW_FLOW_FIXED);
	if (__builtin_expect(!sflow_usual_records(u, base_get_u32(u->records - 4)), 0) ||
		__builtin_expect(base_get_u32(sflow_usual_rate(u)) == 0, 0))
		return false;
	c->p = u->end;
	return true;
}

/** All that there is of a usual sample. */
void sflow_usual_read(const struct sflow_usual *u, struct sflow_sample *s, struct sflow_flow *flow);
