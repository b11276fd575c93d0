/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "model.h"

enum {
	GEN_SAMPLE_MAX = 1024,   /* bytes of the longest sample */
	GEN_DATAGRAM_HEADER = 40 /* bytes of the longest datagram header */
};

/** Bytes of the datagram header of an exporter: 28, or 40 with an IPv6 agent. */
uint32_t gen_encode_header_len(const struct gen_model *m, const struct gen_exporter *e);

/**
 * Write a datagram header (sFlow version 5, sample_datagram_v5).
 * @param uptime_ms  of the sub-agent; wraps
 */
void gen_encode_header(const struct gen_model *m, const struct gen_exporter *e, uint32_t uptime_ms,
	uint32_t samples, uint8_t *out);

/**
 * Write a flow sample, 0:1 or 0:3, with its records 0:1 and as asked for 0:1001 and 0:1002.
 * @param f   the flow, already counted by gen_model_count()
 * @param out room for GEN_SAMPLE_MAX bytes
 * @return bytes written
 */
uint32_t gen_encode_flow_sample(
	struct gen_model *m, const struct gen_flow *f, uint32_t frame_length, uint8_t *out);

/**
 * Write a counter sample, 0:2 or 0:4: records 0:1 and 0:2, and 0:1005 as asked for,
 * of an interface; 0:2000 to 0:2010 of a host, and 0:2100 where it has containers; counts its
 * sequence number.
 * @param uptime_ns  of the sub-agent
 * @param out        room for GEN_SAMPLE_MAX bytes
 * @return bytes written
 */
uint32_t gen_encode_counter_sample(
	struct gen_model *m, uint32_t source, uint64_t uptime_ns, uint8_t *out);

/**
 * Write the first bytes of a packet of a flow: Ethernet down to TCP or UDP, then zeros.
 * @param frame_length  on the wire, with FCS
 * @param out           room for GEN_HEADER_MAX + 128 bytes
 * @return bytes that are sampled of it
 */
uint32_t gen_packet_write(
	struct gen_model *m, const struct gen_flow *f, uint32_t frame_length, uint8_t *out);

/** Internet checksum (RFC 1071): add bytes to a running sum. `len` is even but for the last. */
uint64_t gen_checksum_add(uint64_t sum, const uint8_t *bytes, uint32_t len);

/** The checksum of a running sum, in host order. */
uint16_t gen_checksum(uint64_t sum);
