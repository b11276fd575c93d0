/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/hash.h"
#include "base/simd.h"
#include "flow/plan.h"

#ifdef BASE_SSSE3
#include <tmmintrin.h>
#endif

/*
 * From a sample to keys: first the fields that are read, each once, then the key of each definition.
 * RX core; pure; no allocation.
 */

/*
 * The fields of one sample that some definition reads (flow_layout): an absent one has p NULL, and one
 * that nobody reads is not written. Valid as long as the sample's bytes.
 */
struct flow_fields {
	unsigned shape;        /* of the sampled header */
	const uint8_t *header; /* where it has one */
	struct packet_value value[FLOW_FIELDS];
};

/** What a step comes to. @return false where the header alone does not tell */
static inline bool flow_step_value(const struct flow_plan *plan, const struct flow_step *step,
	const uint8_t *header, struct packet_value *v)
{
	switch (step->kind) {
	case FLOW_STEP_AT:
		v->p = header + step->at;
		v->len = step->width;
		return true;
	case FLOW_STEP_BITS:
		packet_field_bits(plan->fields[step->field].field, header + step->at, v);
		return true;
	case FLOW_STEP_ABSENT:
		v->p = NULL;
		return true;
	default:
		return false;
	}
}

/** flow_extract() of a header all of whose fields are at places: the layout is `placed`. */
void flow_extract_places(const struct flow_plan *plan, struct flow_fields *fields);

/** flow_extract() once the header's shape is known, where some field is read. */
void flow_extract_steps(const struct flow_plan *plan, const struct base_addr *agent,
	const struct sflow_sample *sample, const struct sflow_flow *flow,
	struct flow_fields *fields);

/** Read the fields of the plan. The sampled header is decoded here if some field needs it. */
static inline void flow_extract(const struct flow_plan *plan, const struct base_addr *agent,
	const struct sflow_sample *sample, const struct sflow_flow *flow,
	struct flow_fields *fields)
{
	const struct sflow_header *h = &flow->header;

	fields->shape = PACKET_SHAPE_NONE;
	if (__builtin_expect(
		    flow->has & SFLOW_HAS_HEADER && sample->kind != SFLOW_KIND_DISCARD, 1)) {
		fields->header = h->data;
		fields->shape = packet_shape(h->data, h->len, h->protocol);
	}
	if (plan->layouts[fields->shape].count)
		flow_extract_steps(plan, agent, sample, flow, fields);
}

/** flow_pick() in plain C, for machines without such an instruction. */
static inline void flow_pick_plain(const struct flow_pick *pick, const uint8_t *from, uint8_t *to)
{
	for (unsigned i = 0; i < FLOW_PICK; i++)
		to[i] = from[pick->which[i]];
}

/** flow_key_build() where the key does not lie in the header. */
int flow_key_join(const struct flow_definition *d, const struct flow_plan *plan,
	const struct flow_fields *fields, uint8_t *key);

/* 16 bytes out of 16 others; all of `to` is written. */
static inline void flow_pick(const struct flow_pick *pick, const uint8_t *from, uint8_t *to)
{
#ifdef BASE_SSSE3
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)from);
	__m128i which = _mm_loadu_si128((const __m128i *)(const void *)pick->which);

	_mm_storeu_si128((__m128i *)(void *)to, _mm_shuffle_epi8(bytes, which));
#else
	flow_pick_plain(pick, from, to);
#endif
}

/** flow_key_build() of a key of r->len bytes that is picked. */
static inline void flow_key_pick(const struct flow_recipe *r, const uint8_t *header, uint8_t *key)
{
	unsigned i = 0;

	do
		flow_pick(&r->picks[i], header + r->picks[i].from, key + r->picks[i].to);
	while (++i < r->count);
}

/** flow_key_pick() and base_hash_bytes() of a key that is `hashed`, before the key is in memory. */
static inline uint64_t flow_key_pick_hash(
	const struct flow_recipe *r, const uint8_t *header, uint8_t *key, const struct base_hash *h)
{
	const struct flow_pick *pick = &r->picks[0];
#ifdef BASE_SSSE3
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(header + pick->from));
	__m128i which = _mm_loadu_si128((const __m128i *)(const void *)pick->which);
	__m128i last = _mm_loadu_si128((const __m128i *)(const void *)r->last);
	__m128i picked = _mm_shuffle_epi8(bytes, which);

	_mm_storeu_si128((__m128i *)(void *)key, picked);
	return base_hash_ends(h, (uint64_t)_mm_cvtsi128_si64(picked),
		(uint64_t)_mm_cvtsi128_si64(_mm_shuffle_epi8(bytes, last)), r->len);
#else
	flow_pick(pick, header + pick->from, key);
	return base_hash_bytes(h, key, r->len);
#endif
}

/**
 * The key of one definition.
 * @param key  room for FLOW_KEY_BYTES; what follows the key there may be spoilt
 * @return its length (0 for a definition without keys), or -1 where the sample lacks one of its fields
 */
static inline int flow_key_build(const struct flow_definition *d, const struct flow_plan *plan,
	const struct flow_fields *fields, uint8_t *key)
{
	const struct flow_recipe *r = &d->recipes[fields->shape];

	if (r->kind != FLOW_RECIPE_PICK)
		return r->kind == FLOW_RECIPE_ABSENT ? -1 : flow_key_join(d, plan, fields, key);
	flow_key_pick(r, fields->header, key);
	return r->len;
}

/** The number that an expression takes from a sample, not scaled; false where it has none. */
bool flow_value_number(const struct flow_value *v, const struct sflow_flow *flow,
	const struct flow_fields *fields, uint64_t *number);

/** A number times the sampling rate; saturates. */
static inline uint64_t flow_value_scaled(uint64_t number, uint32_t sampling_rate)
{
	uint64_t scaled;

	return __builtin_mul_overflow(number, sampling_rate, &scaled) ? UINT64_MAX : scaled;
}

/** flow_value_of() of what is not a rate of bytes. */
bool flow_value_other(const struct flow_value *v, const struct sflow_sample *sample,
	const struct sflow_flow *flow, const struct flow_fields *fields, uint64_t *value);

/**
 * What a sample adds to the sum that a table's entry has: of a rate the scaled number, of an average
 * the number, of all else 1. False where the sample has no such value. The usual one, a rate of
 * bytes, comes first.
 */
static inline bool flow_value_of(const struct flow_value *v, const struct sflow_sample *sample,
	const struct sflow_flow *flow, const struct flow_fields *fields, uint64_t *value)
{
	uint32_t bytes;

	if (__builtin_expect(v->of != FLOW_OF_LENGTH || v->aggregate != FLOW_RATE, 0))
		return flow_value_other(v, sample, flow, fields, value);
	if (!sflow_flow_length(flow, &bytes))
		return false;
	*value = (uint64_t)bytes * sample->sampling_rate; /* cannot overflow */
	return true;
}
