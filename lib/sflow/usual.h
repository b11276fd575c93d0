/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/simd.h"
#include "sflow/head.h"
#include "sflow/sflow.h"
#include "sflow/tlv.h"

#ifdef BASE_SSSE3
#include <immintrin.h>
#endif

/*
 * The flow sample that nearly all samples are: 0:1 or 0:3, a sampled header of Ethernet, perhaps
 * extended_switch behind it, of a frame from which nothing or the FCS is left out, and nothing in any of it that
 * sflow_stats counts. What is read of nearly each is
 * given without a copy, for the RX core to keep in registers; sflow_usual_read() gives all of it. Whatever
 * is otherwise goes the way of all samples (datagram.c, sample.c, flow.c); both give the same, and count
 * the same.
 *
 * An RX core has a loop for each of the two forms: `expanded` is known where these functions are compiled.
 */

/* Where its parts are in the datagram. */
struct sflow_usual {
	bool expanded; /* SFLOW_FLOW_SAMPLE_EXPANDED */
	const uint8_t *fixed, *records, *end;
	const uint8_t *header; /* the bytes that were sampled */
	uint32_t header_len;
	uint32_t frame_length;  /* as sflow_header_length() gives it */
	uint32_t sampling_rate; /* not 0 */
};

enum {
	SFLOW_USUAL_LENGTH = SFLOW_TLV_HEAD + 4,  /* where record 0:1 has its frame_length */
	SFLOW_USUAL_HEADER = SFLOW_TLV_HEAD + 16, /* record 0:1 without the sampled bytes */
	SFLOW_USUAL_SWITCH = SFLOW_TLV_HEAD + 16, /* record 0:1001 */
};

/** Bytes of the IP packet in a header of Ethernet, which are a number in it. 0: none. */
uint32_t sflow_usual_ip_length(const uint8_t *header, uint32_t len);

/** Where the usual sample that has this header starts. */
static inline const uint8_t *sflow_usual_start(const uint8_t *header, bool expanded)
{
	return header - SFLOW_USUAL_HEADER - SFLOW_TLV_HEAD -
	       (expanded ? SFLOW_FLOW_EXPANDED_FIXED : SFLOW_FLOW_FIXED);
}

/** `frame_length` of the usual sample that has this header. */
static inline uint32_t sflow_usual_frame_length(const uint8_t *header)
{
	return base_get_u32(header - SFLOW_USUAL_HEADER + SFLOW_USUAL_LENGTH);
}

/* The words of its fixed part, but for those of interfaces. @return the data source, as sflow_source_word() */
static inline __attribute__((always_inline)) uint64_t sflow_usual_numbers(
	const struct sflow_usual *u, bool expanded, struct sflow_numbers *to)
{
	const uint8_t *pool = u->fixed + (expanded ? 16 : 12);
#ifdef BASE_SSSE3
	/* The sequence number, the data source and the rate, which are the first 12 or 16 bytes. */
	const __m128i compact = _mm_setr_epi8(4, -1, -1, -1, 7, 6, 5, -1, 3, 2, 1, 0, 11, 10, 9, 8);
	const __m128i whole = _mm_setr_epi8(7, 6, 5, 4, 11, 10, 9, 8, 3, 2, 1, 0, 15, 14, 13, 12);
	__m128i words = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)u->fixed),
		expanded ? whole : compact);
	uint64_t pair = base_get_u64(pool); /* and drops, which come first where this is a number */

	_Static_assert(offsetof(struct sflow_numbers, drops) == sizeof(words), "those before it");
	_Static_assert(sizeof(*to) == sizeof(words) + sizeof(pair), "all of it");
	_mm_storeu_si128((__m128i *)(void *)to, words);
	memcpy(&to->drops, &pair, sizeof(pair));
	return (uint64_t)_mm_cvtsi128_si64(words);
#else
	to->source =
		expanded ? sflow_source_expanded(u->fixed + 4) : sflow_source_compact(u->fixed + 4);
	to->sequence = base_get_u32(u->fixed);
	to->sampling_rate = u->sampling_rate;
	to->pool = base_get_u32(pool);
	to->drops = base_get_u32(pool + 4);
	return sflow_source_word(to->source);
#endif
}

/* Whether its records, of which the first has a body of `len` bytes, take the `size` bytes that there are for them. */
static inline __attribute__((always_inline)) bool sflow_usual_fits(
	const uint8_t *records, uint64_t size, uint64_t len)
{
	const uint64_t head =
		(uint64_t)SFLOW_TAG(0, 1001) << 32 | (SFLOW_USUAL_SWITCH - SFLOW_TLV_HEAD);
	uint32_t count = base_get_u32(records - 4);

	if (count == 2)
		return SFLOW_TLV_HEAD + len + SFLOW_USUAL_SWITCH == size &&
		       base_get_u64(records + SFLOW_TLV_HEAD + len) == head;
	return count == 1 && SFLOW_TLV_HEAD + len == size;
}

/*
 * Whether the first of its records is a sampled header of Ethernet, as long as whole words, of a frame of which nothing
 * or the FCS is left out: what can be told word by word.
 */
static inline __attribute__((always_inline)) bool sflow_usual_words_plain(const uint8_t *records)
{
	enum { ETHERNET = 1, FCS = 4 }; /* four bytes, so one bit */

	return base_get_u32(records) == SFLOW_TAG(0, 1) && records[7] % 4 == 0 &&
	       base_get_u32(records + 8) == ETHERNET &&
	       (base_get_u32(records + 16) & ~(uint32_t)FCS) == 0;
}

/* The same, of all words at once: of the fixed part's last two, which are not asked, and the six of the record. */
static inline __attribute__((always_inline)) bool sflow_usual_words(const uint8_t *records)
{
#ifdef BASE_AVX2
	/* As on the wire: the bits that are asked, and those of them that are set. */
	const __m256i asked = _mm256_setr_epi32(0, 0, -1, 3 << 24, -1, 0, ~(4 << 24), 0);
	const __m256i set = _mm256_setr_epi32(0, 0, 1 << 24, 0, 1 << 24, 0, 0, 0);
	__m256i words = _mm256_loadu_si256((const __m256i *)(const void *)(records - 8));

	return _mm256_testz_si256(_mm256_xor_si256(words, set), asked);
#else
	return sflow_usual_words_plain(records);
#endif
}

/**
 * Where the usual sample at a place of a datagram ends, which is before `end`; that the length of the IP packet in it
 * is not more than its frame's is to be seen besides. RX core; pure.
 * @param expanded  which of the two forms
 * @return NULL: there is none of that form
 */
static inline __attribute__((always_inline)) const uint8_t *sflow_usual_end(
	const uint8_t *p, const uint8_t *end, bool expanded)
{
	const uint32_t fixed = expanded ? SFLOW_FLOW_EXPANDED_FIXED : SFLOW_FLOW_FIXED;
	const uint32_t tag = expanded ? SFLOW_FLOW_SAMPLE_EXPANDED : SFLOW_FLOW_SAMPLE;
	const uint8_t *records = p + SFLOW_TLV_HEAD + fixed;
	/* As numbers: they may be behind the end of the datagram. */
	uintptr_t at = (uintptr_t)p, last = (uintptr_t)end;
	uint32_t size, len;

	if (__builtin_expect(at + SFLOW_TLV_HEAD + fixed + SFLOW_USUAL_HEADER > last, 0) ||
		__builtin_expect(base_get_u32(p) != tag, 0))
		return NULL;
	size = base_get_u32(p + 4);
	len = base_get_u32(records + 4);
	if (__builtin_expect(at + SFLOW_TLV_HEAD + size <= last, 1) &&
		__builtin_expect(sflow_usual_words(records), 1) &&
		__builtin_expect(sflow_usual_fits(records, (uint64_t)size - fixed, len), 1) &&
		__builtin_expect((uint64_t)base_get_u32(records + 20) + 16 <= len, 1) &&
		__builtin_expect(base_get_u32(records - (expanded ? 32 : 24)) != 0, 1))
		return p + SFLOW_TLV_HEAD + size;
	return NULL;
}

/** The parts of that sample. RX core; pure. */
static inline __attribute__((always_inline)) struct sflow_usual sflow_usual_parts(
	const uint8_t *p, const uint8_t *end, bool expanded)
{
	const uint8_t *fixed = p + SFLOW_TLV_HEAD,
		      *records = fixed + (expanded ? SFLOW_FLOW_EXPANDED_FIXED : SFLOW_FLOW_FIXED);

	return (struct sflow_usual){.expanded = expanded,
		.fixed = fixed,
		.records = records,
		.end = end,
		.header = records + SFLOW_USUAL_HEADER,
		.header_len = base_get_u32(records + 20),
		.frame_length = base_get_u32(records + SFLOW_USUAL_LENGTH),
		.sampling_rate = base_get_u32(fixed + (expanded ? 12 : 8))};
}

/**
 * The next sample of a datagram that is said to have one more, if it is a usual one. Nothing is counted: walked,
 * SFLOW_SAMPLES and SFLOW_FLOW_SAMPLES are the caller's to add to. Any thread; pure.
 * @param c  of the datagram; moves behind it
 * @return false, and nothing has happened: sflow_sample_next_any() tells
 */
bool sflow_usual_next(struct base_cursor *c, struct sflow_usual *u);

/** All that there is of a usual sample. */
void sflow_usual_read(const struct sflow_usual *u, struct sflow_sample *s, struct sflow_flow *flow);
