/* SPDX-License-Identifier: BSD-3-Clause */
#include "capacity/hour.h"

#include <stdlib.h>
#include <string.h>

#include "capacity/number.h"

/* ---- a minute ---- */

static double average(const struct capacity_hour *h, unsigned m)
{
	return (double)h->sums[m] / h->covered[m];
}

/* Whether something of the running minute is covered. */
static bool is_running(const struct capacity_hour *h)
{
	for (unsigned m = 0; m < CAPACITY_METRICS; m++) {
		if (h->covered[m])
			return true;
	}
	return false;
}

/* Keep a minute's average. Where memory is short it is lost, as one that was not covered. */
static bool keep(struct capacity_hour *h, unsigned m, double value)
{
	uint16_t code = capacity_code(value);

	if (h->counts[m] + h->zeros[m] == CAPACITY_HOUR_MINUTES)
		return false;
	if (code == 0) {
		h->zeros[m]++;
		return true;
	}
	if (!h->values[m])
		h->values[m] = malloc(CAPACITY_HOUR_MINUTES * sizeof(*h->values[m]));
	if (!h->values[m])
		return false;
	h->values[m][h->counts[m]++] = code;
	return true;
}

static void end_minute(struct capacity_hour *h, const struct capacity_sink *sink)
{
	struct capacity_minute minute = {.minute = h->minute};

	for (unsigned m = 0; m < CAPACITY_METRICS; m++) {
		double value = h->covered[m] ? average(h, m) : 0;

		if (h->covered[m] >= CAPACITY_MINUTE_MS / 2 && keep(h, m, value)) {
			minute.mask |= (uint8_t)(1u << m);
			minute.values[m] = value;
		}
		h->sums[m] = 0;
		h->covered[m] = 0;
	}
	if (minute.mask == 0)
		return;
	h->minutes = (uint8_t)(h->minutes + (h->minutes < UINT8_MAX));
	if (sink->minute)
		sink->minute(sink->ctx, &minute);
}

/* ---- an hour ---- */

static void summarize(const struct capacity_hour *h, unsigned m, struct capacity_record *r)
{
	uint16_t values[CAPACITY_HOUR_MINUTES + 1] = {0};
	unsigned count = (unsigned)h->zeros[m] + h->counts[m];

	if (h->counts[m])
		memcpy(values + h->zeros[m], h->values[m], h->counts[m] * sizeof(*values));
	if (h->covered[m])
		values[count++] = capacity_code(average(h, m));
	if (count == 0)
		return;
	capacity_summarize(values, count, h->peaks[m], &r->metrics[m]);
	r->mask |= (uint8_t)(1u << m);
}

bool capacity_hour_peek(const struct capacity_hour *h, struct capacity_record *r)
{
	unsigned minutes = h->minutes;

	memset(r, 0, sizeof(*r));
	r->slot = h->minute / CAPACITY_HOUR_MINUTES;
	for (unsigned m = 0; m < CAPACITY_METRICS; m++)
		summarize(h, m, r);
	minutes += is_running(h);
	r->minutes = (uint16_t)(minutes < CAPACITY_HOUR_MINUTES ? minutes : CAPACITY_HOUR_MINUTES);
	return r->minutes > 0;
}

void capacity_hour_reset(struct capacity_hour *h)
{
	for (unsigned m = 0; m < CAPACITY_METRICS; m++)
		free(h->values[m]);
	*h = (struct capacity_hour){.minute = 0};
}

static void end_hour(struct capacity_hour *h, const struct capacity_sink *sink)
{
	struct capacity_record r;

	if (h->minute == 0)
		return;
	end_minute(h, sink);
	if (capacity_hour_peek(h, &r))
		sink->hour(sink->ctx, &r);
	capacity_hour_reset(h);
}

void capacity_hour_end(struct capacity_hour *h, uint64_t now_ms, const struct capacity_sink *sink)
{
	uint64_t end_ms = (uint64_t)(h->minute / CAPACITY_HOUR_MINUTES + 1) * CAPACITY_HOUR_MS;

	if (end_ms <= now_ms)
		end_hour(h, sink);
}

/* ---- samples ---- */

static void go_to(struct capacity_hour *h, uint32_t minute, const struct capacity_sink *sink)
{
	if (h->minute == minute)
		return;
	if (h->minute / CAPACITY_HOUR_MINUTES != minute / CAPACITY_HOUR_MINUTES)
		end_hour(h, sink);
	else
		end_minute(h, sink);
	h->minute = minute;
}

static void add_part(struct capacity_hour *h, const struct capacity_sample *s, uint64_t ms)
{
	for (unsigned m = 0; m < CAPACITY_METRICS; m++) {
		uint64_t room = (uint64_t)CAPACITY_MINUTE_MS - h->covered[m];
		uint64_t part = ms < room ? ms : room;
		uint16_t code;

		if (!(s->mask & 1u << m))
			continue;
		h->sums[m] += (float)(s->values[m] * (double)part);
		h->covered[m] = (uint16_t)(h->covered[m] + part);
		code = capacity_code(s->values[m]);
		h->peaks[m] = code > h->peaks[m] ? code : h->peaks[m];
	}
}

void capacity_hour_add(
	struct capacity_hour *h, const struct capacity_sample *s, const struct capacity_sink *sink)
{
	if (s->to_ms <= s->from_ms || s->to_ms - s->from_ms > CAPACITY_GAP_MS)
		return;
	for (uint64_t t = s->from_ms; t < s->to_ms;) {
		uint64_t minute = t / CAPACITY_MINUTE_MS, end = (minute + 1) * CAPACITY_MINUTE_MS;

		end = end < s->to_ms ? end : s->to_ms;
		go_to(h, (uint32_t)minute, sink);
		add_part(h, s, end - t);
		t = end;
	}
}
