/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/addr.h"
#include "sflow/trace.h"

/*
 * Datagrams as text, for people and scripts: the formats of sflowtool, and JSON of our own. Constant
 * memory, whatever the datagrams say. A decoder belongs to one thread.
 */

enum decode_format {
	DECODE_TEXT, /* as sflowtool prints by default */
	DECODE_GREP, /* -g: the same, each line with its context in front */
	DECODE_LINE, /* -l: one line of comma-separated values for each sample */
	DECODE_JSON, /* one object a line for each datagram; docs/decode-schema.json */
};

/* A datagram as it came. */
struct decode_datagram {
	const uint8_t *payload; /* the caller's */
	uint32_t len;           /* bytes of it that are there */
	uint64_t time_ns;       /* of capture or arrival, since 1970; 0 unknown */
	bool live;              /* arrived now, rather than read from a capture */
	struct base_addr source;
	uint16_t source_port;
};

struct decode;

/* Where the output and what is to be said of damage go. */
struct decode_sink {
	/** @return 0, or -errno: nothing more is written. */
	int (*write)(void *ctx, const char *bytes, size_t len);
	/** One damage in datagram `number`, counted from 1. May be NULL. */
	void (*damage)(void *ctx, uint64_t number, const struct sflow_break *b);
	void *ctx;
};

/** @return NULL where memory is short. decode_destroy() takes NULL too. */
struct decode *decode_create(enum decode_format format, const struct decode_sink *sink);
void decode_destroy(struct decode *d);

/** Decode one datagram. @return 0, or -errno of the sink. */
int decode_datagram(struct decode *d, const struct decode_datagram *datagram);

/** Hand on what is still in the buffer. @return 0, or -errno of the sink. */
int decode_flush(struct decode *d);

/** Counters so far, SFLOW_STATS of them. */
const uint64_t *decode_stats(const struct decode *d);

/** All structures with their fields, types and units, for people. */
void decode_print_structures(FILE *out);

/** The JSON Schema of DECODE_JSON. */
void decode_print_schema(FILE *out);
