/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"

/*
 * What the targets that print datagrams share: a decoder whose output is kept in memory, and what
 * must hold of any payload whatever is printed.
 */

struct decode_sink_memory {
	struct decode *decode;
	char *bytes; /* of the newest datagram */
	size_t len, room;
	uint32_t size;                /* of its payload */
	uint64_t before[SFLOW_STATS]; /* counters before it */
	uint64_t fresh[SFLOW_STATS];  /* its own */
	uint64_t broken[SFLOW_STATS]; /* damages that were told, by reason */
	uint64_t damages;             /* the sum of these */
};

static inline void check(bool good)
{
	if (!good)
		abort();
}

static inline int sink_write(void *ctx, const char *bytes, size_t len)
{
	struct decode_sink_memory *m = (struct decode_sink_memory *)ctx;

	if (!m->bytes || m->room - m->len < len) {
		m->room = (m->len + len + 1024) * 2;
		m->bytes = (char *)realloc(m->bytes, m->room);
		check(m->bytes != NULL);
	}
	memcpy(m->bytes + m->len, bytes, len);
	m->len += len;
	return 0;
}

/* Every damage lies within the payload, and nothing is damaged outside of where it says. */
static inline void sink_damage(void *ctx, uint64_t number, const struct sflow_break *b)
{
	struct decode_sink_memory *m = (struct decode_sink_memory *)ctx;

	check(number > 0 && b->offset <= m->size);
	check(b->sample >= -1 && b->record >= -1 && (b->sample >= 0 || b->record < 0));
	check(sflow_break_reason(b->reason) != NULL);
	m->broken[b->reason]++;
	m->damages++;
}

static inline void sink_open(struct decode_sink_memory *m, enum decode_format format)
{
	const struct decode_sink sink = {.write = sink_write, .damage = sink_damage, .ctx = m};

	sink_write(m, "", 0); /* there are bytes, if none of them are used */
	if (!m->decode)
		m->decode = decode_create(format, &sink);
	check(m->decode != NULL);
}

/* Counters that sflow_trace() and sflow_sample_next() share: of datagrams and of samples. */
static inline bool sink_is_shared(unsigned s)
{
	return s <= SFLOW_SAMPLE_VALUE_TYPE || s == SFLOW_SAMPLE_SURPLUS || s == SFLOW_RATE_ZERO ||
	       s == SFLOW_SAMPLE_WRAPPED;
}

/* An agent without an address is shown, and dropped by the collector. */
static inline bool sink_is_nameless(const uint8_t *payload, size_t size)
{
	return size >= 8 && base_get_u32(payload) == 5 && base_get_u32(payload + 4) == 0;
}

static inline void sink_compare(
	const struct decode_sink_memory *m, const uint8_t *payload, uint32_t size)
{
	uint64_t walked[SFLOW_STATS] = {0};
	struct sflow_datagram dg;
	struct sflow_sample s;

	sflow_datagram_open(&dg, payload, size, walked);
	while (sflow_sample_next(&dg, &s, walked))
		;
	for (unsigned i = 0; i < SFLOW_STATS && !sink_is_nameless(payload, size); i++)
		check(!sink_is_shared(i) || walked[i] == m->fresh[i]);
}

/* The counters of what is dropped or left out are those of the damages. */
static inline void sink_check_damages(
	const struct decode_sink_memory *m, const uint8_t *payload, uint32_t size)
{
	bool nameless = sink_is_nameless(payload, size);

	for (unsigned i = 0; i < SFLOW_STATS; i++) {
		if (m->broken[i])
			check(m->fresh[i] == m->broken[i]);
	}
	for (unsigned i = SFLOW_DROP_SHORT; i <= SFLOW_DROP_SAMPLES_MISSING; i++)
		check(m->broken[i] == m->fresh[i] || (nameless && i == SFLOW_DROP_AGENT_TYPE));
	check(m->broken[SFLOW_SAMPLE_SHORT] == m->fresh[SFLOW_SAMPLE_SHORT]);
	for (unsigned i = SFLOW_RECORD_OVERRUN; i <= SFLOW_SAMPLE_VALUE_TYPE; i++)
		check(m->broken[i] == m->fresh[i]);
	check(m->broken[SFLOW_RECORD_SHORT] == m->fresh[SFLOW_RECORD_SHORT]);
	check(m->broken[SFLOW_RECORD_ADDR_TYPE] == m->fresh[SFLOW_RECORD_ADDR_TYPE]);
}

/* Print one payload, from an allocation of exactly its size, and check what always holds. */
static inline void sink_print(struct decode_sink_memory *m, enum decode_format format,
	const uint8_t *payload, uint32_t size, bool live)
{
	struct decode_datagram g = {
		.payload = payload,
		.len = size,
		.time_ns = 1700000000123456789,
		.live = live,
		.source = {.family = 4, .bytes = {192, 0, 2, 1}},
		.source_port = 6343,
	};

	sink_open(m, format);
	m->len = 0;
	m->size = size;
	m->damages = 0;
	memset(m->broken, 0, sizeof(m->broken));
	memcpy(m->before, decode_stats(m->decode), sizeof(m->before));
	check(decode_datagram(m->decode, &g) == 0);
	check(decode_flush(m->decode) == 0);
	for (unsigned i = 0; i < SFLOW_STATS; i++)
		m->fresh[i] = decode_stats(m->decode)[i] - m->before[i];
	sink_compare(m, payload, size);
	sink_check_damages(m, payload, size);
}
