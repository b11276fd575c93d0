/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "decode/decode.h"
#include "decode/out_pvt.h"

enum { DECODE_CONTEXT = 256 };

/* What a line of DECODE_LINE is made of: the last record that said it counts. */
struct decode_row {
	uint32_t input, output;
	uint8_t src_mac[6], dst_mac[6];
	uint32_t ether_type, src_vlan, dst_vlan;
	struct base_addr src, dst;
	uint32_t protocol, tos, ttl, src_port, dst_port, tcp_flags;
	uint32_t length, stripped, ip_offset;
	const uint8_t *counters; /* body of 0:1 of counter records, or NULL */
	uint32_t counters_len;   /* bytes of it */
};

/*
 * The state of one decoder. All of it but `stats` and `number` is that of the datagram at hand.
 */
struct decode {
	enum decode_format format;
	struct decode_sink sink;
	const struct sflow_visitor *visitor;
	const struct decode_datagram *datagram;
	uint64_t number;
	uint64_t stats[SFLOW_STATS]; /* of all datagrams */
	uint64_t fresh[SFLOW_STATS]; /* of this one */

	struct sflow_trace_datagram head; /* zero where the datagram ends before */
	const struct sflow_trace_sample *sample;

	/* Text and lines */
	bool lines;         /* lines are wanted: not DECODE_LINE */
	const char *prefix; /* of names in this sample: "discarded_" or "" */
	size_t prefix_len;
	char context[DECODE_CONTEXT]; /* DECODE_GREP: what stands in front of each line */
	size_t context_len;
	uint32_t sample_tag, record_tag; /* in the context */
	struct sflow_source source;
	struct decode_row row;

	/* JSON */
	bool first;      /* in the list or object that is open */
	unsigned broken; /* breaks of this datagram; the first of them are: */
	struct sflow_break breaks[64];

	struct out out;
};

extern const struct sflow_visitor decode_text_visitor, decode_line_visitor, decode_json_visitor;

/* What the JSON format counts as a deviation. */
extern const enum sflow_stat decode_deviations[];
extern const unsigned decode_deviations_count;

/** Sort the rows of lib/packet by their layers; before the first datagram, more than once is fine. */
void json_layers_init(void);
