/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "fleet.h"
#include "model.h"

/* A flow sample, as far as totals need it. */
struct gen_item {
	uint32_t flow;         /* rank */
	uint32_t frame_length; /* bytes on the wire */
};

enum { GEN_NO_EXPORTER = UINT32_MAX };

/* A datagram. What the pointers show is the stream's, until the next call on it. */
struct gen_datagram {
	const uint8_t *payload;
	const struct gen_item *items;
	uint64_t time_ns;  /* model time */
	uint32_t len;      /* bytes of payload */
	uint32_t exporter; /* GEN_NO_EXPORTER: hostile */
	uint32_t agent;    /* whose address the frame is sent from */
	uint32_t id;       /* of the datagram, for IP fragments */
	uint32_t flow_samples, counter_samples;
};

struct gen_stream;

/**
 * The traffic of a model: packets are sampled at the model's rate, counters are polled, containers
 * come and go, and each exporter fills its datagrams and sends them when full or old.
 * @return the stream, which the caller destroys (the model stays); NULL where there is no memory
 */
struct gen_stream *gen_stream_create(struct gen_model *m);

void gen_stream_destroy(struct gen_stream *s);

/**
 * Go on until a datagram is ready, but no further than model time `until_ns`.
 * @return false where none was ready by then
 */
bool gen_stream_next(struct gen_stream *s, uint64_t until_ns, struct gen_datagram *dg);

/** At the end: the datagrams that are not full yet. @return false after the last */
bool gen_stream_drain(struct gen_stream *s, struct gen_datagram *dg);

/** The containers, or NULL where the model has no services. They are the stream's. */
const struct gen_fleet *gen_stream_fleet(const struct gen_stream *s);

/** Model time, ns: of the newest event. */
uint64_t gen_stream_time(const struct gen_stream *s);

/** Put the samples that are due off by `ns`, where the sender cannot keep pace. */
void gen_stream_postpone(struct gen_stream *s, uint64_t ns);
