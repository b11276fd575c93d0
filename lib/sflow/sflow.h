/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/cursor.h"
#include "stats/stats.h"

/*
 * The sFlow version 5 datagram: a header, then samples, each a list of records; sample and
 * record are {tag u32, length u32, body}. Pure: bytes in, structs out; every length is checked
 * against its innermost container; nothing is allocated. Any thread.
 */

/* Counters of this library (stats group sflow_stats); each damage has its own reason. */
enum sflow_stat {
	SFLOW_DATAGRAMS,           /* handed to sflow_datagram_open() */
	SFLOW_DATAGRAMS_DECODED,   /* header good, and walked to the end of the last sample */
	SFLOW_DROP_SHORT,          /* datagram: ends within its header */
	SFLOW_DROP_VERSION,        /* datagram: version is not 5 */
	SFLOW_DROP_AGENT_TYPE,     /* datagram: agent address neither IPv4 nor IPv6 */
	SFLOW_DROP_SAMPLE_OVERRUN, /* datagram: sample runs past the end; samples before it count */
	SFLOW_DROP_SAMPLES_MISSING, /* datagram: fewer samples than its header says; those there count */
	SFLOW_DROP_SHED, /* datagram: its agent sends more than its share; no sample of it counts */
	/* Datagrams with a good header, that who reads them does not want (agent/allow.h): */
	SFLOW_DROP_SOURCE_NOT_ALLOWED,
	SFLOW_DROP_SOURCE_NOT_AGENT,
	SFLOW_DROP_AGENT_NOT_ALLOWED,
	SFLOW_TRAILING_BYTES,   /* datagrams with bytes after the last sample (still decoded) */
	SFLOW_SAMPLES,          /* samples met */
	SFLOW_FLOW_SAMPLES,     /* 0:1 and 0:3, decoded */
	SFLOW_COUNTER_SAMPLES,  /* 0:2 and 0:4, decoded */
	SFLOW_DISCARD_SAMPLES,  /* 0:5, decoded */
	SFLOW_RTMETRIC_SAMPLES, /* 4300:1002, decoded */
	SFLOW_RTFLOW_SAMPLES,   /* 4300:1003, decoded */
	SFLOW_SAMPLE_UNKNOWN,   /* dropped sample: tag not known, skipped by its length */
	SFLOW_SAMPLE_SHORT,     /* dropped sample: body shorter than its fixed part */
	SFLOW_RECORD_OVERRUN,   /* dropped sample: record runs past the sample */
	SFLOW_RECORDS_MISSING,  /* dropped sample: fewer records than its header says */
	SFLOW_RECORD_LENGTH,    /* dropped sample: record of fixed size whose length cannot be */
	SFLOW_SAMPLE_VALUE_TYPE, /* dropped sample: rtmetric or rtflow with a value of no known type */
	SFLOW_RECORD_UNKNOWN, /* records of flow samples of no known tag, skipped by their length */
	SFLOW_RECORD_UNUSED, /* records of flow samples of a known tag, noted but not read at once */
	SFLOW_RECORD_SHORT,  /* records of flow samples shorter than their fixed part, left out */
	SFLOW_RECORD_ADDR_TYPE, /* records of flow samples with an address of no known type, left out */
	SFLOW_SAMPLE_SURPLUS, /* samples with bytes after their last record (Brocade), read as meant */
	SFLOW_RATE_ZERO,      /* flow samples with sampling rate 0, counted as 1 */
	/* What agents do that the definitions do not say, read as it is meant: */
	SFLOW_SAMPLE_WRAPPED, /* samples within 1991:1 (Foundry) */
	SFLOW_MAC_UNPADDED,   /* records whose MAC addresses take 6 bytes instead of 8 */
	SFLOW_HEADER_CUT,     /* 0:1 whose header is longer than the record, read as far as there */
	SFLOW_STRIPPED_TAIL,  /* 0:1 that count the bytes behind the sampled header as stripped */
	SFLOW_LENGTH_BELOW_IP,   /* 0:1 whose frame is shorter than the IP packet in it */
	SFLOW_HEADER_PROTOCOL,   /* 0:1 with a header_protocol that there is not */
	SFLOW_PAYLOAD_AS_HEADER, /* 0:1013 with a sampled header where a payload should be */
	SFLOW_HTTP_DRAFT,        /* 0:2201 in one of the forms that were proposed before it */
	SFLOW_STATS,             /* how many */
};

extern const struct stats_group sflow_stats;

#define SFLOW_TAG(enterprise, format) ((uint32_t)(enterprise) << 12 | (uint32_t)(format))

enum sflow_sample_tag {
	SFLOW_FLOW_SAMPLE = 1,
	SFLOW_COUNTER_SAMPLE = 2,
	SFLOW_FLOW_SAMPLE_EXPANDED = 3,
	SFLOW_COUNTER_SAMPLE_EXPANDED = 4,
	SFLOW_DISCARDED_PACKET = 5,
	SFLOW_RTMETRIC = SFLOW_TAG(4300, 1002),
	SFLOW_RTFLOW = SFLOW_TAG(4300, 1003),
	SFLOW_FOUNDRY_WRAPPER = SFLOW_TAG(1991, 1),
};

enum sflow_kind {
	SFLOW_KIND_UNKNOWN,
	SFLOW_KIND_FLOW,
	SFLOW_KIND_COUNTER,
	SFLOW_KIND_DISCARD,
	SFLOW_KIND_RTMETRIC,
	SFLOW_KIND_RTFLOW,
};

struct sflow_source {
	uint32_t class; /* 0 ifIndex, 1 VLAN, 2 physical entity, 3 logical entity */
	uint32_t index;
};

/** Both in a word. */
static inline uint64_t sflow_source_word(struct sflow_source source)
{
	return (uint64_t)source.index << 32 | source.class;
}

/* What is accounted of a flow sample: words of its fixed part. */
struct sflow_numbers {
	struct sflow_source source;
	uint32_t sequence, sampling_rate, drops, pool; /* as of struct sflow_sample */
};

struct sflow_interface {
	uint32_t
		format; /* 0 single, 1 discarded (value is the reason), 2 several (value is how many) */
	uint32_t value; /* format 0: ifIndex, 0 unknown, 0x3FFFFFFF or 0xFFFFFFFF internal */
};

struct sflow_datagram {
	struct base_addr agent;
	uint32_t sub_agent;
	uint32_t sequence;
	uint32_t uptime_ms; /* since the sub-agent started; wraps */
	uint32_t samples;   /* as the header says; not yet walked */
	uint32_t walked;
	bool ended;                /* the walk is over and counted */
	struct base_cursor cursor; /* at the next sample */
};

struct sflow_sample {
	uint32_t tag;
	enum sflow_kind kind;
	struct sflow_source source;
	uint32_t sequence;
	uint32_t sampling_rate; /* flow: one in N; 0 on the wire is given as 1 and counted */
	uint32_t pool;          /* flow: packets that could have been sampled; wraps */
	uint32_t drops;         /* flow, discard: lost by the agent for want of resources */
	struct sflow_interface input, output; /* flow, discard */
	uint32_t reason;                      /* discard: reason code */
	/* rtmetric, rtflow: data source, may be empty; in the datagram. Not set of flow samples. */
	const uint8_t *name;
	uint32_t name_len;
	uint32_t records;        /* as the sample says; rtmetric, rtflow: entries */
	struct base_cursor body; /* the records, without what may follow the last one */
};

/**
 * Read the header of a datagram.
 * @param stats  SFLOW_STATS counters of the caller: bumps SFLOW_DATAGRAMS and, on failure, why
 * @return 0; -EINVAL where it is no sFlow version 5 datagram (dg holds nothing)
 */
int sflow_datagram_open(
	struct sflow_datagram *dg, const uint8_t *payload, uint32_t len, uint64_t *stats);

/**
 * Next sample. Each one is checked whole, down to the ends of its records, before it is given, so
 * that the caller never has to take back half of it. Samples that cannot be used are counted by
 * reason and passed over. A caller walks to the end: only there is the datagram counted as decoded
 * or dropped, so that SFLOW_DATAGRAMS is the sum of these.
 * @return true with `s`; false at the end (SFLOW_DATAGRAMS_DECODED or the reason is bumped)
 */
bool sflow_sample_next(struct sflow_datagram *dg, struct sflow_sample *s, uint64_t *stats);

/* One record of a sample. */
struct sflow_record {
	uint32_t tag;
	uint32_t len; /* of the body, as declared */
	const uint8_t *body;
};

/**
 * Next record of a sample from sflow_sample_next(); moves s->body.
 * @return false after the last
 */
bool sflow_record_next(struct sflow_sample *s, struct sflow_record *r);

/* ---- The sampled header, record 0:1 ---- */

struct sflow_header {
	uint32_t protocol;     /* header_protocol */
	uint32_t frame_length; /* bytes on the wire */
	uint32_t stripped;     /* bytes that were removed before the header was taken */
	uint32_t declared;     /* bytes of header, as the record says */
	uint32_t len;          /* bytes at `data`, clamped to the record */
	const uint8_t *data;
	/* Where the header has an IP packet whose length can be read: */
	uint32_t ip_offset, ip_length; /* bytes; the length with the IP header, 0: none */
};

/** Whether an EtherType is that of a VLAN tag: 802.1Q, 802.1ad, and those from before it. */
static inline bool sflow_is_vlan_tag(uint32_t type)
{
	return type == 0x8100 || type == 0x88A8 || type == 0x9100 || type == 0x9200 ||
	       type == 0x9300;
}

/** Read the body of record 0:1. @return false where it is shorter than its fixed part. */
bool sflow_header_read(struct sflow_header *h, const uint8_t *body, uint32_t len);

/** Bytes in front of and behind the packet that are in frame_length, as the agent meant it. */
uint32_t sflow_header_stripped(const struct sflow_header *h);

/** Bytes of the frame: where an agent gives less than the IP packet has, that of the packet. */
uint32_t sflow_header_length(const struct sflow_header *h);

/** Count what in the header's words is not as defined. */
void sflow_header_count(const struct sflow_header *h, uint64_t *stats);

/* ---- Flow samples: the records that flow keys are made of, found in one walk. ---- */

/* Bits of sflow_flow.has */
enum {
	SFLOW_HAS_HEADER = 1 << 0,   /* 0:1 */
	SFLOW_HAS_ETHERNET = 1 << 1, /* 0:2 */
	SFLOW_HAS_IPV4 = 1 << 2,     /* 0:3 */
	SFLOW_HAS_IPV6 = 1 << 3,     /* 0:4 */
	SFLOW_HAS_SWITCH = 1 << 4,   /* 0:1001 */
	SFLOW_HAS_ROUTER = 1 << 5,   /* 0:1002 */
};

enum { SFLOW_NOTED = 128 }; /* no less than there are structures of flow records */

/*
 * A bit of `has` says that the pointer is set and that the fixed part of the body is all there. What
 * it does not tell of is not set.
 */
struct sflow_flow {
	uint32_t has;
	uint64_t noted[SFLOW_NOTED / 64];    /* bit set of records below, see sflow_flow_record() */
	struct sflow_header header;          /* 0:1 */
	const uint8_t *ethernet;             /* body of 0:2, 24 bytes */
	const uint8_t *ipv4;                 /* body of 0:3, 32 bytes */
	const uint8_t *ipv6;                 /* body of 0:4, 56 bytes */
	const uint8_t *vlans;                /* body of 0:1001, 16 bytes */
	struct base_addr next_hop;           /* 0:1002; none where unknown */
	uint32_t src_mask_len, dst_mask_len; /* 0:1002, bits */
	uint8_t spare
		[24]; /* 0:2 with MACs that lack their padding; `ethernet` points here: do not copy */
	struct sflow_record record[SFLOW_NOTED]; /* by sflow_flow_index(); valid where noted */
};

/** Find the records of a flow sample; of several with one tag the first counts. */
void sflow_flow_read(struct sflow_sample *s, struct sflow_flow *f, uint64_t *stats);

/**
 * sflow_sample_next() and, where the sample is a flow sample, sflow_flow_read() in the same walk over
 * its records. An RX core has the two ways that it takes by itself (sflow/usual.h).
 */
bool sflow_sample_next_flow(struct sflow_datagram *dg, struct sflow_sample *s,
	struct sflow_flow *flow, uint64_t *stats);

/** The same by the way that all samples can go: what sflow/usual.h does not give. `flow` NULL: records are not read. */
bool sflow_sample_next_any(struct sflow_datagram *dg, struct sflow_sample *s,
	struct sflow_flow *flow, uint64_t *stats);

/**
 * A record of a known tag that sflow_flow_read() noted where it is, as it came: nothing in it was
 * looked at. 0:1 to 0:4, 0:1001 and 0:1002 are not among them.
 * @param index  sflow_flow_index() of its tag, not negative
 * @return NULL where the sample has none
 */
static inline const struct sflow_record *sflow_flow_record(
	const struct sflow_flow *f, unsigned index)
{
	return f->noted[index / 64] >> index % 64 & 1 ? &f->record[index] : NULL;
}

/**
 * Length of the sampled packet: that of the frame of 0:1, else the length of 0:3, 0:4 or 0:2.
 * @return false where no record has one
 */
bool sflow_flow_length(const struct sflow_flow *f, uint32_t *bytes);
