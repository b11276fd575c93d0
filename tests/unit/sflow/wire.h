/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sflow/sflow.h"

/* sFlow made by tests: bytes from hex, and datagrams built word by word. Include after cmocka.h. */

enum { WIRE_MAX = 4096 };

struct wire {
	uint8_t bytes[WIRE_MAX];
	uint32_t len;
};

static inline void wire_u32(struct wire *w, uint32_t v)
{
	assert_true(w->len + 4 <= WIRE_MAX);
	base_put_u32(w->bytes + w->len, v);
	w->len += 4;
}

static inline void wire_u64(struct wire *w, uint64_t v)
{
	wire_u32(w, (uint32_t)(v >> 32));
	wire_u32(w, (uint32_t)v);
}

static inline void wire_f32(struct wire *w, float f)
{
	uint32_t v;

	memcpy(&v, &f, sizeof(v));
	wire_u32(w, v);
}

/* `len` bytes and padding. */
static inline void wire_opaque(struct wire *w, const void *bytes, uint32_t len)
{
	uint32_t span = (len + 3) & ~3u;

	assert_true(w->len + span <= WIRE_MAX);
	memset(w->bytes + w->len, 0, span);
	memcpy(w->bytes + w->len, bytes, len);
	w->len += span;
}

static inline void wire_string(struct wire *w, const char *text)
{
	wire_u32(w, (uint32_t)strlen(text));
	wire_opaque(w, text, (uint32_t)strlen(text));
}

/* Hex digits, anything else between them. */
static inline struct wire wire_hex(const char *hex)
{
	struct wire w = {.len = 0};
	unsigned digits = 0;

	for (; *hex; hex++) {
		unsigned v = *hex >= 'a' ? (unsigned)(*hex - 'a') + 10 : (unsigned)(*hex - '0');

		if (v > 15)
			continue;
		assert_true(w.len < WIRE_MAX);
		w.bytes[w.len] = (uint8_t)(w.bytes[w.len] << 4 | v);
		if (++digits % 2 == 0)
			w.len++;
	}
	assert_int_equal(digits % 2, 0);
	return w;
}

/* A datagram header: agent 192.0.2.10, sub-agent 1, sequence 2. */
static inline void wire_datagram(struct wire *w, uint32_t uptime_ms, uint32_t samples)
{
	wire_u32(w, 5);
	wire_u32(w, 1);
	wire_u32(w, 0xC000020A);
	wire_u32(w, 1);
	wire_u32(w, 2);
	wire_u32(w, uptime_ms);
	wire_u32(w, samples);
}

/* A tag and a length that wire_close() fills in. @return what to give to it */
static inline uint32_t wire_open(struct wire *w, uint32_t tag)
{
	wire_u32(w, tag);
	wire_u32(w, 0);
	return w->len;
}

static inline void wire_close(struct wire *w, uint32_t start)
{
	base_put_u32(w->bytes + start - 4, w->len - start);
}

/* A record of `words` words of zero. */
static inline void wire_record(struct wire *w, uint32_t tag, uint32_t words)
{
	uint32_t start = wire_open(w, tag);

	while (words--)
		wire_u32(w, 0);
	wire_close(w, start);
}

/* A copy of exactly the bytes, so that a sanitizer sees the first read past them. */
static inline uint8_t *wire_copy(const struct wire *w)
{
	uint8_t *p = malloc(w->len ? w->len : 1);

	assert_non_null(p);
	memcpy(p, w->bytes, w->len);
	return p;
}

/* The sums that must hold once datagrams have been walked to their end. */
static inline void assert_conserved(const uint64_t *s)
{
	assert_int_equal(s[SFLOW_DATAGRAMS],
		s[SFLOW_DATAGRAMS_DECODED] + s[SFLOW_DROP_SHORT] + s[SFLOW_DROP_VERSION] +
			s[SFLOW_DROP_AGENT_TYPE] + s[SFLOW_DROP_SAMPLE_OVERRUN] +
			s[SFLOW_DROP_SAMPLES_MISSING] + s[SFLOW_DROP_SHED] +
			s[SFLOW_DROP_SOURCE_NOT_ALLOWED] + s[SFLOW_DROP_SOURCE_NOT_AGENT] +
			s[SFLOW_DROP_AGENT_NOT_ALLOWED]);
	assert_int_equal(s[SFLOW_SAMPLES],
		s[SFLOW_FLOW_SAMPLES] + s[SFLOW_COUNTER_SAMPLES] + s[SFLOW_DISCARD_SAMPLES] +
			s[SFLOW_RTMETRIC_SAMPLES] + s[SFLOW_RTFLOW_SAMPLES] +
			s[SFLOW_SAMPLE_UNKNOWN] + s[SFLOW_SAMPLE_SHORT] + s[SFLOW_RECORD_OVERRUN] +
			s[SFLOW_RECORDS_MISSING] + s[SFLOW_RECORD_LENGTH] +
			s[SFLOW_SAMPLE_VALUE_TYPE]);
}
