/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "sflow/sflow.h"
#include "sflow/tlv.h"

/*
 * Next sample of a datagram, out of its wrapper if it has one.
 * @param t     tag, declared length, body; `span` bytes of it with padding
 * @param c     moves behind it
 * @param stats bumps SFLOW_SAMPLE_WRAPPED
 * @return false where it runs past the end of the datagram: `t` has its head if 8 bytes were there
 */
struct sflow_tlv {
	uint32_t tag, len;
	const uint8_t *body;
	size_t span;
	bool wrapped;
	uint32_t flags, group; /* of the wrapper */
};

bool sflow_sample_take(struct base_cursor *c, struct sflow_tlv *t, uint64_t *stats);

/**
 * Read the body of a sample and check it down to the ends of its records.
 * @param body  `len` bytes as declared, `span` with padding; both exist
 * @param flow  NULL, or where the records of a flow sample are read to in the same walk
 * @param stats bumps the sample's kind, or the reason why it cannot be used: exactly one of them
 * @return true with `s`
 */
bool sflow_sample_read(struct sflow_sample *s, uint32_t tag, const uint8_t *body, uint32_t len,
	size_t span, struct sflow_flow *flow, uint64_t *stats);

/**
 * Step over the records of a flow sample, as sflow_sample_read() does, and read them.
 * @return false with the reason, where they are not all there; then none of them has counted
 */
bool sflow_flow_check(
	struct sflow_sample *s, struct sflow_flow *f, enum sflow_stat *reason, uint64_t *stats);

/** Bytes of the fixed part of a sample's body, by tag; 0 where the tag is not of such a sample. */
uint32_t sflow_sample_fixed(uint32_t tag);

/** Read the fixed part, which is all there, of a sample that has one. @return what it counts as */
enum sflow_stat sflow_sample_head(struct sflow_sample *s, uint32_t tag, const uint8_t *p);

/**
 * Read what stands before the entries of a custom sample.
 * @return NULL, or the name of the field that is cut, which starts at `at` and has `fields` before it
 */
const char *sflow_custom_head(
	struct sflow_sample *s, struct base_cursor *c, const uint8_t **at, uint32_t *fields);

/** Whether a record's length cannot be: shorter than its fixed part, and no multiple of 4. */
bool sflow_record_impossible(const struct sflow_record *r, bool counters);

/** Next of the records that a sample says it has. @return false with the reason, where it is not there */
static inline bool sflow_record_check(const struct sflow_sample *s, struct base_cursor *c,
	struct sflow_record *r, enum sflow_stat *reason)
{
	if (__builtin_expect(!sflow_record_take(c, r), 0)) {
		*reason = base_cursor_left(c) ? SFLOW_RECORD_OVERRUN : SFLOW_RECORDS_MISSING;
		return false;
	}
	if (__builtin_expect(r->len % 4 != 0, 0) &&
		sflow_record_impossible(r, s->kind == SFLOW_KIND_COUNTER)) {
		*reason = SFLOW_RECORD_LENGTH;
		return false;
	}
	return true;
}
