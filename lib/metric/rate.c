/* SPDX-License-Identifier: BSD-3-Clause */
#include "metric/metric_pvt.h"

/*
 * From counters to rates. What an agent says of its counters is not always what it means: they
 * wrap, start again, come twice or late. A rate that is not sure is absent.
 */

enum {
	REORDER_SAMPLES = 64, /* a sample this far behind the newest one is late, not a restart … */
	REORDER_MS = 60000,   /* … if it was also sent at most this long before it … */
	LATE_MS = 5000,       /* … and comes at most this long after it */
	WRAP_MS = 3600000,    /* an uptime that stepped back wrapped if so little time has passed */
	FAST_MS = 3600000,    /* an agent's clock that gains more than this on ours is wrong */
	SLOW_MS = 5000,       /* and one that loses more */
	CLOCK_FACTOR = 4,     /* both beyond this factor */
	MIN_PACKET = 16,      /* bytes: no link has shorter packets */
};

#define MAX_RATE ((double)(UINT64_C(1) << 44)) /* per second: far above any port or disk */
#define HALF_U32 (UINT64_C(1) << 31)

/*
 * Custom samples have no sequence of their own, and several may be in one datagram. One that is sent
 * earlier and comes soon after is late; else the agent's clock started again.
 */
static enum metric_order order_of_custom(
	const struct metric_source *src, const struct metric_sample *s)
{
	uint32_t behind = src->uptime_ms - s->uptime_ms, forward = s->uptime_ms - src->uptime_ms;

	if (s->uptime_ms >= src->uptime_ms || forward <= WRAP_MS)
		return METRIC_NEXT;
	if (behind <= REORDER_MS && s->time_ms <= src->time_ms + LATE_MS)
		return METRIC_OLDER;
	return METRIC_RESTART;
}

enum metric_order metric_order_of(const struct metric_source *src, const struct metric_sample *s)
{
	int32_t ahead = (int32_t)(s->sample.sequence - src->sequence);
	uint32_t forward = s->uptime_ms - src->uptime_ms, behind = src->uptime_ms - s->uptime_ms;

	if (s->sample.kind == SFLOW_KIND_RTMETRIC)
		return order_of_custom(src, s);
	if (ahead == 0 && forward == 0)
		return METRIC_DUPLICATE;
	if (ahead < 0 && ahead > -REORDER_SAMPLES && behind <= REORDER_MS &&
		s->time_ms <= src->time_ms + LATE_MS)
		return METRIC_OLDER;
	/* sFlow v5, counters_sample: a reset of the sequence number is a discontinuity. */
	if (ahead <= 0)
		return METRIC_RESTART;
	if (s->uptime_ms < src->uptime_ms && forward > WRAP_MS)
		return METRIC_RESTART;
	return METRIC_NEXT;
}

uint64_t metric_elapsed_ms(uint32_t base_uptime_ms, uint64_t base_ms, const struct metric_sample *s)
{
	uint64_t agent = s->uptime_ms - base_uptime_ms;
	uint64_t arrival = s->time_ms > base_ms ? s->time_ms - base_ms : 0;

	if (agent == 0)
		return arrival;
	if (arrival == 0)
		return agent;
	if (agent > CLOCK_FACTOR * arrival + FAST_MS || arrival > CLOCK_FACTOR * agent + SLOW_MS)
		return arrival;
	return agent;
}

/* A clock that stands still at 0 is none. */
bool metric_is_again(uint32_t uptime_ms, uint64_t time_ms, const struct metric_sample *s)
{
	return s->uptime_ms && s->uptime_ms == uptime_ms && s->time_ms <= time_ms + LATE_MS;
}

uint64_t metric_delta(enum sflow_type type, uint64_t from, uint64_t to)
{
	return type == SFLOW_U64 ? to - from : (uint32_t)(to - from);
}

bool metric_counter_rate(
	enum sflow_type type, uint64_t from, uint64_t to, uint64_t ms, double *rate)
{
	uint64_t delta = metric_delta(type, from, to);

	*rate = (double)delta * 1000 / (double)ms;
	return type == SFLOW_U64 ? *rate <= MAX_RATE : delta < HALF_U32;
}

static uint64_t field_delta(
	const struct metric_block *b, const struct metric_block *old, unsigned i)
{
	return metric_delta(b->plan->structure->fields[i].type, *metric_block_base(old, i),
		*metric_block_base(b, i));
}

/* Bytes that the record's counters say went through. */
static double octets_of(const struct metric_block *b, const struct metric_block *old)
{
	uint64_t left = b->plan->octets & b->known & old->known;
	double sum = 0;

	for (; left; left &= left - 1)
		sum += (double)field_delta(b, old, (unsigned)__builtin_ctzll(left));
	return sum;
}

/* A 64-bit counter that grew beyond all measure stepped back: the whole record started again. */
static bool stepped_back(const struct metric_block *b, const struct metric_block *old,
	uint64_t fields, double seconds)
{
	for (; fields; fields &= fields - 1) {
		unsigned i = (unsigned)__builtin_ctzll(fields);

		if (b->plan->structure->fields[i].type == SFLOW_U64 &&
			(double)field_delta(b, old, i) > MAX_RATE * seconds)
			return true;
	}
	return false;
}

/*
 * A 32-bit counter that grew by half its range or more rather stepped back, unless it counts
 * packets and the bytes of the record can have been that many.
 */
static bool plausible(const struct metric_plan *plan, unsigned i, uint64_t delta, double octets)
{
	if (plan->structure->fields[i].type != SFLOW_U32 || delta < HALF_U32)
		return true;
	return (plan->packets >> i & 1) && (double)delta * MIN_PACKET <= octets;
}

/* Rates that are parts of a whole become percent of it; without a part there is no whole. */
static void make_shares(struct metric_block *b, uint64_t fields)
{
	uint64_t left;
	double whole = 0;

	for (left = b->plan->whole & b->shown; left; left &= left - 1)
		whole += b->cells[__builtin_ctzll(left)].f;
	if (whole <= 0 || (b->plan->whole & fields & ~b->shown))
		b->shown &= ~b->plan->shares;
	for (left = b->plan->shares & b->shown; left; left &= left - 1)
		b->cells[__builtin_ctzll(left)].f *= 100 / whole;
}

bool metric_block_rate(struct metric_block *b, const struct metric_block *old, uint64_t ms)
{
	uint64_t fields = b->known & old->known, left;
	double seconds = (double)ms / 1000, octets;
	bool good = true;

	if (stepped_back(b, old, fields, seconds))
		return false;
	octets = octets_of(b, old);
	for (left = fields; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);
		uint64_t delta = field_delta(b, old, i);

		if (!plausible(b->plan, i, delta, octets)) {
			good = false;
			continue;
		}
		b->cells[i].f = (double)delta / seconds;
		b->shown |= UINT64_C(1) << i;
	}
	make_shares(b, fields);
	return good;
}
