/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ingress/answer.h"

struct rte_mbuf;

/*
 * Frames that an RX core sets aside for another thread: questions to the host, and what goes to its
 * kernel. Two rings of copies, so that a flood of the one kind does not crowd out the other; one writer
 * (the RX core) and one reader each. Neither waits: where a ring is full the frame is counted and gone.
 * So what a flood costs the RX core is a look at headers for each frame, and a copy of no more frames
 * than the reader makes room for.
 *
 * Ordering: the writer's release of `head` publishes a slot, the reader's release of `tail` gives it
 * back. Both are wait-free, without an atomic read-modify-write.
 */

enum {
	ASIDE_FRAME = ANSWER_ROOM + 6, /* bytes of the longest frame; a slot is 1536 bytes */
	ASIDE_NEIGHBOURS = 128,        /* slots, powers of two */
	ASIDE_OTHERS = 256,
};

struct aside_slot {
	uint16_t len;
	uint8_t pad[6];
	uint8_t frame[ASIDE_FRAME];
};

struct aside_ring {
	struct aside_slot *slot;
	uint32_t mask;
	uint32_t head __attribute__((aligned(64))); /* the RX core's: slots written */
	uint32_t tail __attribute__((aligned(64))); /* the reader's: slots done with */
};

struct aside {
	const struct answer_host *host; /* immutable */
	bool others;                    /* frames of ANSWER_CLASS_OTHER are wanted */
	struct aside_ring neighbours;   /* ANSWER_CLASS_NEIGHBOUR */
	struct aside_ring other;        /* all else */
};

/**
 * @param others  set frames aside that are no question to an address of the host
 * @return NULL where memory is out; aside_destroy() when both threads are done, NULL is fine there
 */
struct aside *aside_create(const struct answer_host *host, bool others);
void aside_destroy(struct aside *a);

/** What became of a frame. */
enum aside_result { ASIDE_UNWANTED, ASIDE_TAKEN, ASIDE_FULL, ASIDE_LONG };

/** Copy a frame that is no sFlow, where somebody wants it. RX core; the mbuf stays the caller's. */
enum aside_result aside_offer(struct aside *a, const struct rte_mbuf *m);

/** The oldest frame, or NULL; it stays until aside_next(). The reader. */
const struct aside_slot *aside_first(const struct aside_ring *r);
void aside_next(struct aside_ring *r);
