/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "rng.h"
#include "stream.h"

/*
 * Datagrams that are wrong on purpose, from agents in 198.18.0.0/15 that send nothing else. But for floods of keys, none
 * holds a packet that a flow key could be taken from, so that totals by key stay exact; what packets these hold is
 * counted.
 */

enum {
	GEN_HOSTILE_KINDS = 27,
	GEN_HOSTILE_MAX = 2048,  /* bytes of payload */
	GEN_HOSTILE_LENGTH = 64, /* of the packets that have keys */
	/* Bits of kinds: broken datagrams; whole ones that would fill a store of metrics, or tables. */
	GEN_HOSTILE_DAMAGE = 0xFFFF,
	GEN_HOSTILE_METRICS = 0x1F0000,
	GEN_HOSTILE_FLOODS = 0x7E00000,
};

/* What a collector has to make of a kind, if it goes by the lengths. */
struct gen_hostile_kind {
	const char *name;
	bool decoded; /* the datagram is whole; what is wrong is within a sample */
	uint32_t flow_samples, counter_samples; /* whole but for the inside of a record */
	/* Write the payload into GEN_HOSTILE_MAX bytes. @return its length */
	uint32_t (*write)(struct gen_rng *r, uint8_t *out);
	uint32_t packets; /* that have keys: TCP over IPv4, one in 1, of GEN_HOSTILE_LENGTH bytes */
};

extern const struct gen_hostile_kind gen_hostile_kinds[GEN_HOSTILE_KINDS];

struct gen_hostile {
	struct gen_rng rng;
	uint64_t from_ns, to_ns;          /* model time in which there are any */
	double share;                     /* of all datagrams */
	uint8_t kinds[GEN_HOSTILE_KINDS]; /* those that are made */
	unsigned kind_count;
	uint32_t id;
	uint8_t payload[GEN_HOSTILE_MAX];
};

/** All the time. @param kinds  bit by bit, as in gen_hostile_kinds; at least one */
void gen_hostile_init(struct gen_hostile *h, uint64_t seed, double share, uint32_t kinds);

/** Whether the next datagram is a hostile one. */
bool gen_hostile_turn(struct gen_hostile *h, uint64_t time_ns);

/**
 * Make one; `dg` shows h->payload until the next.
 * @return its number in gen_hostile_kinds
 */
unsigned gen_hostile_make(struct gen_hostile *h, uint64_t time_ns, struct gen_datagram *dg);
