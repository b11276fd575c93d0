/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "sflow/entry.h"
#include "sflow/structure.h"

/*
 * A walk for people who look into a stream: it gives what is there of a damaged datagram and says
 * where it breaks off, while sflow_sample_next() gives only what can be counted. Both count samples
 * and what agents do otherwise alike; of records, the walk checks all, sflow_flow_read() those that
 * keys are made of. Pure; nothing is allocated; any thread.
 */

/* Where and why the walk could not go on as the datagram says. */
struct sflow_break {
	enum sflow_stat reason; /* the counter that was bumped */
	uint32_t offset;        /* bytes into the payload: start of what is cut or wrong */
	int sample, record;     /* positions from 0; -1 where it is outside of any */
	const char *field;      /* what is cut or wrong; NULL where a container ends too early */
};

struct sflow_trace_datagram {
	uint32_t len;  /* bytes of the payload */
	uint32_t have; /* fields below that were there, in wire order: 0 to 6 */
	uint32_t version;
	struct base_addr agent; /* none: address type 0 */
	uint32_t sub_agent, sequence, uptime_ms, samples;
};

/* In wire order: how many of them there are is sflow_trace_datagram.have. */
enum {
	SFLOW_HAVE_VERSION = 1,
	SFLOW_HAVE_AGENT,
	SFLOW_HAVE_SUB_AGENT,
	SFLOW_HAVE_SEQUENCE,
	SFLOW_HAVE_UPTIME,
	SFLOW_HAVE_SAMPLES,
};

struct sflow_trace_sample {
	uint32_t tag, len;          /* as declared */
	const uint8_t *body;        /* what is there of it, ... */
	uint32_t have;              /* ... so many bytes */
	struct sflow_sample sample; /* kind SFLOW_KIND_UNKNOWN: none of these */
	uint32_t head;              /* bytes there of the fixed part; what is beyond is zero */
	uint32_t fixed;        /* bytes of the fixed part; of custom samples both count fields */
	bool bare;             /* not even its length is there */
	bool wrapped;          /* in 1991:1 */
	uint32_t flags, group; /* of the wrapper */
};

/* Fields before the entries: data source, (sampling rate, pool,) how many entries. */
enum { SFLOW_RTMETRIC_HEAD = 2, SFLOW_RTFLOW_HEAD = 4 };

struct sflow_trace_record {
	uint32_t tag, len;
	const uint8_t *body;
	uint32_t have;                           /* bytes there: below `len` where it is cut */
	const struct sflow_structure *structure; /* NULL: not known */
	bool bare;                               /* not even its length is there */
	bool broken;                             /* cut, or its length cannot be */
	bool nested;                             /* in 0:1016 */
};

/* What is told, in the order of the wire. Each may be NULL. */
struct sflow_visitor {
	void (*datagram)(void *ctx, const struct sflow_trace_datagram *d);
	void (*sample)(void *ctx, const struct sflow_trace_sample *s);
	void (*record)(void *ctx, const struct sflow_trace_record *r);
	void (*entry)(void *ctx, const struct sflow_entry *e);
	void (*sample_end)(void *ctx, bool complete);
	void (*damage)(void *ctx, const struct sflow_break *b);
	void (*datagram_end)(void *ctx);
};

/**
 * Walk a datagram.
 * @param stats  SFLOW_STATS counters of the caller
 */
void sflow_trace(const uint8_t *payload, uint32_t len, const struct sflow_visitor *v, void *ctx,
	uint64_t *stats);

/** Name of a reason, such as "record_overrun". */
const char *sflow_break_reason(enum sflow_stat reason);

/** Start at a record's fields, which are read as far as they are there. `r` has a structure. */
void sflow_trace_reader(struct sflow_reader *reader, const struct sflow_trace_record *r);

/** Next record of a SFLOW_RECORDS value, which was checked when it was read. */
bool sflow_trace_nested(struct base_cursor *c, struct sflow_trace_record *r);
