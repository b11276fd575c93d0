/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Sequence numbers of datagrams or samples: 32 bits, plus one each, wrapping; what is missing was
 * lost on the way. The last 64 are remembered, so that a late one is told from a repeated one.
 */
struct sequence {
	/* Bit i: of what had come when the newest was `stop` + 1, that - i. All since then have. */
	uint64_t seen;
	uint32_t newest;
	/* What follows the newest is looked at where this is the lower half of it: as it is until started. */
	uint16_t stop;
	uint8_t span; /* when it was `stop` + 1, newest - first, at most SEQUENCE_MEMORY */
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
 * Take in the number after the newest, if it is that: what is remembered of older ones is brought up to date when
 * somebody asks. @return false: sequence_take() tells, and nothing has happened
 */
static inline bool sequence_take_next(struct sequence *s, uint32_t number)
{
	if (__builtin_expect(number != s->newest + 1 || (uint16_t)s->newest == s->stop, 0))
		return false;
	s->newest = number;
	return true;
}

/**
 * Take a number in.
 * @param lost  out: what to add to the count of lost numbers: those missing before this one; -1
 *              where this one comes late and was counted
 */
static inline enum sequence_verdict sequence_take(
	struct sequence *s, uint32_t number, int64_t *lost)
{
	if (!sequence_take_next(s, number))
		return sequence_take_any(s, number, lost);
	*lost = 0;
	return SEQUENCE_NEXT;
}

/** Forget all: what comes next is the first. */
static inline void sequence_forget(struct sequence *s)
{
	s->started = false;
	s->stop = (uint16_t)s->newest;
}

/** Start anew at `number`. */
void sequence_restart(struct sequence *s, uint32_t number);
