/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent/sequence.h"

enum {
	SEQUENCE_JUMP = 65536, /* a gap of more is no loss, but another count */
};

void sequence_restart(struct sequence *s, uint32_t number)
{
	*s = (struct sequence){
		.newest = number, .seen = 1, .stop = (uint16_t)(number - 1), .started = true};
}

/* Have `seen` and `span` be of the newest: as many have come since they were as the newest is beyond `stop` + 1. */
static void settle(struct sequence *s)
{
	uint32_t since = (uint16_t)(s->newest - s->stop - 1), span = s->span + since;

	s->stop = (uint16_t)(s->newest - 1);
	s->span = (uint8_t)(span < SEQUENCE_MEMORY ? span : SEQUENCE_MEMORY);
	s->seen = since < SEQUENCE_MEMORY ? ~(~s->seen << since) : UINT64_MAX;
}

/* The number is `ahead` (at least 1) in front of the newest. */
static void take_newer(struct sequence *s, uint32_t ahead)
{
	s->seen = ahead < SEQUENCE_MEMORY ? s->seen << ahead | 1 : 1;
	s->span = ahead < SEQUENCE_MEMORY - (uint32_t)s->span ? (uint8_t)(s->span + ahead)
							      : SEQUENCE_MEMORY;
	s->newest += ahead;
	s->stop = (uint16_t)(s->newest - 1);
}

static enum sequence_verdict take_older(struct sequence *s, uint32_t behind, int64_t *lost)
{
	if (behind >= SEQUENCE_MEMORY) {
		sequence_restart(s, s->newest - behind);
		return SEQUENCE_RESTART;
	}
	if (s->seen >> behind & 1)
		return SEQUENCE_DUPLICATE;
	s->seen |= UINT64_C(1) << behind;
	*lost = behind <= s->span ? -1 : 0; /* nothing before the first was counted as lost */
	return SEQUENCE_OUT_OF_ORDER;
}

enum sequence_verdict sequence_take_any(struct sequence *s, uint32_t number, int64_t *lost)
{
	uint32_t ahead = number - s->newest;

	*lost = 0;
	if (!s->started) {
		sequence_restart(s, number);
		return SEQUENCE_FIRST;
	}
	settle(s);
	if (ahead == 0 || ahead > INT32_MAX)
		return take_older(s, -ahead, lost);
	if (ahead > SEQUENCE_JUMP) {
		sequence_restart(s, number);
		return SEQUENCE_RESTART;
	}
	take_newer(s, ahead);
	*lost = (int64_t)ahead - 1;
	return SEQUENCE_NEXT;
}
