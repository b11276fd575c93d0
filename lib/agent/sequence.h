/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Sequence numbers of datagrams or samples: 32 bits, plus one each, wrapping; what is missing was
 * lost on the way. The last 64 are remembered, so that a late one is told from a repeated one.
 */
struct sequence {
	uint64_t seen; /* bit i: newest - i has come */
	uint32_t newest;
	uint8_t span; /* newest - first, at most SEQUENCE_MEMORY */
	bool started;
};

enum sequence_verdict {
	SEQUENCE_FIRST,
	SEQUENCE_NEXT,         /* the one after the newest, or after a gap */
	SEQUENCE_OUT_OF_ORDER, /* late, for the first time */
	SEQUENCE_DUPLICATE,
	SEQUENCE_RESTART, /* far from the newest: the sender counts anew */
};

enum { SEQUENCE_MEMORY = 64 };

/** sequence_take() of any number. */
enum sequence_verdict sequence_take_any(struct sequence *s, uint32_t number, int64_t *lost);

/**
 * Take a number in.
 * @param lost  out: what to add to the count of lost numbers: those missing before this one; -1
 *              where this one comes late and was counted
 */
static inline enum sequence_verdict sequence_take(
	struct sequence *s, uint32_t number, int64_t *lost)
{
	if (__builtin_expect(!s->started || number != s->newest + 1, 0))
		return sequence_take_any(s, number, lost);
	s->newest = number;
	s->span = (uint8_t)(s->span + (s->span < SEQUENCE_MEMORY));
	s->seen = s->seen << 1 | 1;
	*lost = 0;
	return SEQUENCE_NEXT;
}

/** Start anew at `number`. */
void sequence_restart(struct sequence *s, uint32_t number);
