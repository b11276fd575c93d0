/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "sflow/sflow.h"

/* The words of a sample's fixed part. */

enum { SFLOW_FLOW_FIXED = 32, SFLOW_FLOW_EXPANDED_FIXED = 44 };

/* sFlow v5, sflow_data_source: class in the highest 8 bits. */
static inline struct sflow_source sflow_source_compact(const uint8_t *p)
{
	uint32_t v = base_get_u32(p);

	return (struct sflow_source){.class = v >> 24, .index = v & 0xFFFFFF};
}

/* sFlow v5, interface: format in the highest 2 bits. */
static inline struct sflow_interface sflow_interface_compact(const uint8_t *p)
{
	uint32_t v = base_get_u32(p);

	return (struct sflow_interface){.format = v >> 30, .value = v & 0x3FFFFFFF};
}

/* sFlow v5, sflow_data_source_expanded. */
static inline struct sflow_source sflow_source_expanded(const uint8_t *p)
{
	return (struct sflow_source){.class = base_get_u32(p), .index = base_get_u32(p + 4)};
}

/* sFlow v5, interface_expanded. */
static inline struct sflow_interface sflow_interface_expanded(const uint8_t *p)
{
	return (struct sflow_interface){.format = base_get_u32(p), .value = base_get_u32(p + 4)};
}

/* All of `s` but the records; word by word, since to clear it first would take longer. */
static inline void sflow_read_flow(struct sflow_sample *s, const uint8_t *p)
{
	s->source = sflow_source_compact(p + 4);
	s->sampling_rate = base_get_u32(p + 8);
	s->pool = base_get_u32(p + 12);
	s->drops = base_get_u32(p + 16);
	s->input = sflow_interface_compact(p + 20);
	s->output = sflow_interface_compact(p + 24);
}

static inline void sflow_read_flow_expanded(struct sflow_sample *s, const uint8_t *p)
{
	s->source = sflow_source_expanded(p + 4);
	s->sampling_rate = base_get_u32(p + 12);
	s->pool = base_get_u32(p + 16);
	s->drops = base_get_u32(p + 20);
	s->input = sflow_interface_expanded(p + 24);
	s->output = sflow_interface_expanded(p + 32);
}

/** The fixed part of a flow sample, which is all there. @return its bytes */
static inline uint32_t sflow_flow_head(struct sflow_sample *s, uint32_t tag, const uint8_t *p)
{
	s->tag = tag;
	s->kind = SFLOW_KIND_FLOW;
	s->sequence = base_get_u32(p);
	if (__builtin_expect(tag == SFLOW_FLOW_SAMPLE, 1)) {
		sflow_read_flow(s, p);
		return SFLOW_FLOW_FIXED;
	}
	sflow_read_flow_expanded(s, p);
	return SFLOW_FLOW_EXPANDED_FIXED;
}
