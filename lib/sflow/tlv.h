/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "sflow/sflow.h"

/* Samples and records are alike on the wire: {tag u32, length u32, body}. */
enum { SFLOW_TLV_HEAD = 8 };

#define SFLOW_TLV_OVERRUN SIZE_MAX

/*
 * Bytes that a body of `len` takes of the `left` ones in its container. A body is XDR opaque,
 * padded to 4 bytes (RFC 4506, 4.10); agents that leave the padding out are understood where the
 * body ends with its container. Padding is reckoned in 64 bits: `len` may be UINT32_MAX.
 * @return SFLOW_TLV_OVERRUN where the body runs past the container
 */
static inline size_t sflow_tlv_span(uint32_t len, size_t left)
{
	uint64_t padded = ((uint64_t)len + 3) & ~(uint64_t)3;

	if (__builtin_expect(padded <= left, 1))
		return (size_t)padded;
	return len == left ? left : SFLOW_TLV_OVERRUN;
}

/* Next record at `c`: false at the end, and where it would run past it. */
static inline bool sflow_record_take(struct base_cursor *c, struct sflow_record *r)
{
	size_t left = base_cursor_left(c), span;
	const uint8_t *p = c->p;

	if (left < SFLOW_TLV_HEAD)
		return false;
	r->tag = base_get_u32(p);
	r->len = base_get_u32(p + 4);
	r->body = p + SFLOW_TLV_HEAD;
	span = sflow_tlv_span(r->len, left - SFLOW_TLV_HEAD);
	if (__builtin_expect(span == SFLOW_TLV_OVERRUN, 0))
		return false;
	c->p = r->body + span;
	return true;
}
