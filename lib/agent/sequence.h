/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Sequence numbers of datagrams or samples: 32 bits, plus one each, wrapping; what is missing was
 * lost on the way. The last 64 are remembered, so that a late one is told from a repeated one.
 */
struct sequence {
	uint32_t newest;
	uint32_t span; /* newest - first, at most 64 */
	uint64_t seen; /* bit i: newest - i has come */
	bool started;
};

enum sequence_verdict {
	SEQUENCE_FIRST,
	SEQUENCE_NEXT,         /* the one after the newest, or after a gap */
	SEQUENCE_OUT_OF_ORDER, /* late, for the first time */
	SEQUENCE_DUPLICATE,
	SEQUENCE_RESTART, /* far from the newest: the sender counts anew */
};

/**
 * Take a number in.
 * @param lost  out: what to add to the count of lost numbers: those missing before this one; -1
 *              where this one comes late and was counted
 */
enum sequence_verdict sequence_take(struct sequence *s, uint32_t number, int64_t *lost);

/** Start anew at `number`. */
void sequence_restart(struct sequence *s, uint32_t number);
