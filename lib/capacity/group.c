/* SPDX-License-Identifier: BSD-3-Clause */
#include "capacity/group.h"

#include <string.h>

#include "capacity/number.h"

static bool is_utilization(unsigned m)
{
	return m == CAPACITY_IN || m == CAPACITY_OUT;
}

/* ---- an hour ---- */

static void add(struct capacity_group_minute *at, const struct capacity_minute *m, double speed)
{
	for (unsigned i = 0; i < CAPACITY_METRICS; i++) {
		if (!(m->mask & 1u << i) || (is_utilization(i) && !(speed > 0)))
			continue;
		at->sums[i] += is_utilization(i) ? m->values[i] * speed : m->values[i];
		at->speeds[i] += speed;
		at->mask |= (uint8_t)(1u << i);
	}
}

static uint16_t code_of(const struct capacity_group_minute *at, unsigned m)
{
	return capacity_code(is_utilization(m) ? at->sums[m] / at->speeds[m] : at->sums[m]);
}

static void summarize(const struct capacity_group_hour *h, unsigned m, struct capacity_record *r)
{
	uint16_t codes[CAPACITY_HOUR_MINUTES], peak = 0;
	unsigned count = 0;

	for (unsigned i = 0; i < CAPACITY_HOUR_MINUTES; i++) {
		if (!(h->minutes[i].mask & 1u << m))
			continue;
		codes[count] = code_of(&h->minutes[i], m);
		peak = codes[count] > peak ? codes[count] : peak;
		count++;
	}
	if (count == 0)
		return;
	capacity_summarize(codes, count, peak, &r->metrics[m]);
	r->mask |= (uint8_t)(1u << m);
}

static bool make_record(const struct capacity_group_hour *h, struct capacity_record *r)
{
	memset(r, 0, sizeof(*r));
	r->slot = h->hour;
	for (unsigned i = 0; i < CAPACITY_HOUR_MINUTES; i++) {
		const struct capacity_group_minute *at = &h->minutes[i];

		r->minutes = (uint16_t)(r->minutes + (at->mask != 0));
		for (unsigned m = CAPACITY_IN; m <= CAPACITY_OUT; m++)
			r->speed = at->speeds[m] > r->speed ? at->speeds[m] : r->speed;
	}
	for (unsigned m = 0; m < CAPACITY_METRICS; m++)
		summarize(h, m, r);
	return r->minutes > 0;
}

static void end(struct capacity_group_hour *h, const struct capacity_sink *sink)
{
	struct capacity_record r;

	if (make_record(h, &r))
		sink->hour(sink->ctx, &r);
	*h = (struct capacity_group_hour){.hour = 0};
}

/* ---- the group ---- */

/* The hour's own place; an older one that is there ends. @return NULL: a newer one is there */
static struct capacity_group_hour *open_hour(
	struct capacity_group *g, uint32_t hour, const struct capacity_sink *sink)
{
	struct capacity_group_hour *h = &g->hours[hour % CAPACITY_GROUP_HOURS];

	if (h->hour > hour)
		return NULL;
	if (h->hour && h->hour < hour)
		end(h, sink);
	h->hour = hour;
	return h;
}

bool capacity_group_add(struct capacity_group *g, const struct capacity_minute *m, double speed,
	const struct capacity_sink *sink)
{
	uint32_t hour = m->minute / CAPACITY_HOUR_MINUTES;
	struct capacity_group_hour *h = open_hour(g, hour, sink);

	if (!h)
		return false;
	add(&h->minutes[m->minute % CAPACITY_HOUR_MINUTES], m, speed);
	return true;
}

/* Its clock was ahead and is set back: it would be in the way of the hours until then. */
static bool is_to_come(const struct capacity_group_hour *h, uint64_t now_ms)
{
	return (uint64_t)h->hour * CAPACITY_HOUR_MS > now_ms + CAPACITY_GAP_MS;
}

void capacity_group_end(struct capacity_group *g, uint64_t now_ms, const struct capacity_sink *sink)
{
	for (unsigned i = 0; i < CAPACITY_GROUP_HOURS; i++) {
		struct capacity_group_hour *h = &g->hours[i];
		uint64_t end_ms =
			(uint64_t)(h->hour + 1) * CAPACITY_HOUR_MS + CAPACITY_GROUP_LATE_MS;

		if (h->hour && (end_ms <= now_ms || is_to_come(h, now_ms)))
			end(h, sink);
	}
}

bool capacity_group_peek(const struct capacity_group *g, struct capacity_record *r)
{
	const struct capacity_group_hour *newest = NULL;

	for (unsigned i = 0; i < CAPACITY_GROUP_HOURS; i++) {
		const struct capacity_group_hour *h = &g->hours[i];

		if (h->hour && (!newest || h->hour > newest->hour))
			newest = h;
	}
	return newest && make_record(newest, r);
}
