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
	SFLOW_TRAILING_BYTES,       /* datagrams with bytes after the last sample (still decoded) */
	SFLOW_SAMPLES,              /* samples met */
	SFLOW_FLOW_SAMPLES,         /* 0:1 and 0:3, decoded */
	SFLOW_COUNTER_SAMPLES,      /* 0:2 and 0:4, decoded */
	SFLOW_DISCARD_SAMPLES,      /* 0:5, decoded */
	SFLOW_SAMPLE_UNKNOWN,       /* dropped sample: tag not known, skipped by its length */
	SFLOW_SAMPLE_SHORT,         /* dropped sample: body shorter than its fixed part */
	SFLOW_RECORD_OVERRUN,       /* dropped sample: record runs past the sample */
	SFLOW_RECORDS_MISSING,      /* dropped sample: fewer records than its header says */
	SFLOW_RECORD_LENGTH,  /* dropped sample: record of fixed size whose length cannot be */
	SFLOW_RECORD_UNKNOWN, /* records of flow samples of no known tag, skipped by their length */
	SFLOW_RECORD_SHORT,   /* records of flow samples shorter than their fixed part, left out */
	SFLOW_RECORD_ADDR_TYPE, /* records of flow samples with an address of no known type, left out */
	SFLOW_SAMPLE_SURPLUS, /* samples with bytes after their last record (Brocade), read as meant */
	SFLOW_RATE_ZERO,      /* flow samples with sampling rate 0, counted as 1 */
	SFLOW_STATS,          /* how many */
};

extern const struct stats_group sflow_stats;

#define SFLOW_TAG(enterprise, format) ((uint32_t)(enterprise) << 12 | (uint32_t)(format))

enum sflow_sample_tag {
	SFLOW_FLOW_SAMPLE = 1,
	SFLOW_COUNTER_SAMPLE = 2,
	SFLOW_FLOW_SAMPLE_EXPANDED = 3,
	SFLOW_COUNTER_SAMPLE_EXPANDED = 4,
	SFLOW_DISCARDED_PACKET = 5,
};

enum sflow_kind {
	SFLOW_KIND_UNKNOWN,
	SFLOW_KIND_FLOW,
	SFLOW_KIND_COUNTER,
	SFLOW_KIND_DISCARD,
};

struct sflow_source {
	uint32_t class; /* 0 ifIndex, 1 VLAN, 2 physical entity, 3 logical entity */
	uint32_t index;
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
	uint32_t records;                     /* as the sample says */
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

/* A bit of `has` says that the pointer is set and that the fixed part of the body is all there. */
struct sflow_flow {
	uint32_t has;
	uint32_t protocol;     /* 0:1 header_protocol */
	uint32_t frame_length; /* 0:1 bytes on the wire */
	uint32_t stripped;     /* 0:1 */
	uint32_t header_len;   /* 0:1 bytes at `header`, clamped to the record */
	const uint8_t *header;
	const uint8_t *ethernet;             /* body of 0:2, 24 bytes */
	const uint8_t *ipv4;                 /* body of 0:3, 32 bytes */
	const uint8_t *ipv6;                 /* body of 0:4, 56 bytes */
	const uint8_t *vlans;                /* body of 0:1001, 16 bytes */
	struct base_addr next_hop;           /* 0:1002; none where unknown */
	uint32_t src_mask_len, dst_mask_len; /* 0:1002, bits */
	uint8_t spare
		[24]; /* 0:2 with MACs that lack their padding; `ethernet` points here: do not copy */
};

/** Find the records of a flow sample; of several with one tag the first counts. */
void sflow_flow_read(struct sflow_sample *s, struct sflow_flow *f, uint64_t *stats);

/**
 * Length of the sampled packet: frame_length of 0:1, else the length of 0:3, 0:4 or 0:2.
 * @return false where no record has one
 */
bool sflow_flow_length(const struct sflow_flow *f, uint32_t *bytes);

/* ---- The table of structures: one row per enterprise:format, one per field. ---- */

enum sflow_type {
	SFLOW_U32,
	SFLOW_U64,
	SFLOW_F32,
	SFLOW_PCT,    /* i32, hundredths of a percent, -1 unknown */
	SFLOW_MAC,    /* 6 bytes and 2 of padding */
	SFLOW_STRING, /* u32 length, bytes, padding */
	SFLOW_UUID,   /* 16 bytes */
	SFLOW_ADDR,   /* u32 type, 0, 4 or 16 bytes */
	SFLOW_IPV4,   /* 4 bytes, no type */
	SFLOW_IPV6,   /* 16 bytes, no type */
	SFLOW_OPAQUE, /* the rest of the body: read by a function of its own */
};

enum sflow_role {
	SFLOW_PLAIN, /* identifies, describes */
	SFLOW_GAUGE,
	SFLOW_COUNTER, /* monotonic, wraps at its width; all ones unknown */
};

struct sflow_field {
	const char *name; /* as the structure's definition spells it */
	enum sflow_type type;
	enum sflow_role role;
	const char *unit;   /* NULL where it has none */
	const char *metric; /* name under which users know it; NULL: not a metric */
	uint16_t max;       /* SFLOW_STRING: bytes that the definition allows; more are cut */
};

struct sflow_structure {
	uint32_t tag;
	const char *name;
	const struct sflow_field *fields; /* in wire order */
	uint16_t field_count;
	uint16_t min_len; /* bytes; a shorter body lacks its tail: the fields there are absent */
};

/* Both in ascending order of tags. */
extern const struct sflow_structure sflow_flow_structures[];
extern const unsigned sflow_flow_structures_count;
extern const struct sflow_structure sflow_counter_structures[];
extern const unsigned sflow_counter_structures_count;

/** @return the row of a counter record's tag, or NULL */
const struct sflow_structure *sflow_counter_structure(uint32_t tag);

/** @return the row of a flow record's tag, or NULL */
const struct sflow_structure *sflow_flow_structure(uint32_t tag);

/* The value of one field. */
struct sflow_value {
	enum sflow_type type;
	uint64_t u;           /* SFLOW_U32, SFLOW_U64; SFLOW_PCT sign-extended */
	double f;             /* SFLOW_F32 */
	const uint8_t *bytes; /* SFLOW_MAC to SFLOW_OPAQUE: in the record */
	uint32_t len;         /* of bytes */
};

/** Read one field. Any thread. @return false (and c->bad) where the body ends within it. */
bool sflow_value_read(struct base_cursor *c, enum sflow_type type, struct sflow_value *v);
