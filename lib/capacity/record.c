/* SPDX-License-Identifier: BSD-3-Clause */
#include "capacity/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * A record in a block:
 *
 *	length    1 byte, of all that follows
 *	version   1 byte, VERSION
 *	slot      varint, from the block's first
 *	minutes   varint
 *	speed     varint: megabits per second * 2, or bits per second * 2 + 1
 *	mask      1 byte: metrics that are there
 *	nonzero   1 byte: of these, those that were not 0 all the time; for each of them
 *	  points  varints: the least, then the distance of each from the one before
 *	  mean    varint, from the least
 *	  peak    varint, from the largest
 *
 * A varint has seven bits in a byte, the lowest first; the top bit says that more follow.
 */

enum { VERSION = 1, VARINT_MOST = 10 };

const char *const capacity_metric_names[CAPACITY_METRICS] = {
	[CAPACITY_IN] = "ifinutilization",
	[CAPACITY_OUT] = "ifoututilization",
	[CAPACITY_IN_ERRORS] = "ifinerrors",
	[CAPACITY_OUT_ERRORS] = "ifouterrors",
	[CAPACITY_IN_DISCARDS] = "ifindiscards",
	[CAPACITY_OUT_DISCARDS] = "ifoutdiscards",
};

/* ---- writing ---- */

static uint8_t *put(uint8_t *p, uint64_t v)
{
	for (; v > 0x7F; v >>= 7)
		*p++ = (uint8_t)(v | 0x80);
	*p++ = (uint8_t)v;
	return p;
}

static uint64_t speed_code(double speed)
{
	uint64_t bits = speed > 0 && speed < 0x1p62 ? (uint64_t)speed : 0;

	return bits % 1000000 == 0 ? bits / 1000000 * 2 : bits * 2 + 1;
}

static uint8_t *put_summary(uint8_t *p, const struct capacity_summary *s)
{
	p = put(p, s->points[0]);
	for (unsigned i = 1; i < CAPACITY_LEVELS; i++)
		p = put(p, (uint64_t)(s->points[i] - s->points[i - 1]));
	p = put(p, (uint64_t)(s->mean - s->points[CAPACITY_MIN]));
	return put(p, (uint64_t)(s->peak - s->points[CAPACITY_MAX]));
}

static uint8_t nonzero_mask(const struct capacity_record *r)
{
	uint8_t mask = 0;

	for (unsigned i = 0; i < CAPACITY_METRICS; i++) {
		if (r->mask & 1u << i && r->metrics[i].peak > 0)
			mask |= (uint8_t)(1u << i);
	}
	return mask;
}

size_t capacity_record_write(
	const struct capacity_record *r, uint32_t base, uint8_t out[CAPACITY_RECORD_MOST])
{
	uint8_t nonzero = nonzero_mask(r), *p = out + 1;

	*p++ = VERSION;
	p = put(p, r->slot - base);
	p = put(p, r->minutes);
	p = put(p, speed_code(r->speed));
	*p++ = r->mask;
	*p++ = nonzero;
	for (unsigned i = 0; i < CAPACITY_METRICS; i++) {
		if (nonzero & 1u << i)
			p = put_summary(p, &r->metrics[i]);
	}
	out[0] = (uint8_t)(p - out - 1);
	return (size_t)(p - out);
}

/* ---- reading ---- */

/* The body of a record; `bad` stays where it was once set. */
struct body {
	const uint8_t *p, *end;
	bool bad;
};

static uint64_t get(struct body *b)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < VARINT_MOST * 7; shift += 7) {
		uint8_t byte;

		if (b->p == b->end)
			break;
		byte = *b->p++;
		v |= shift < 64 ? (uint64_t)(byte & 0x7F) << shift : 0;
		if (!(byte & 0x80))
			return v;
	}
	b->bad = true;
	return 0;
}

/* A number that is at most `most`. */
static uint64_t get_most(struct body *b, uint64_t most)
{
	uint64_t v = get(b);

	if (v <= most)
		return v;
	b->bad = true;
	return 0;
}

static uint8_t get_byte(struct body *b)
{
	if (b->p < b->end)
		return *b->p++;
	b->bad = true;
	return 0;
}

static double get_speed(struct body *b)
{
	uint64_t code = get_most(b, INT64_MAX);

	return code & 1 ? (double)(code >> 1) : (double)(code >> 1) * 1e6;
}

static void get_summary(struct body *b, struct capacity_summary *s)
{
	uint16_t at = 0;

	for (unsigned i = 0; i < CAPACITY_LEVELS; i++) {
		at = (uint16_t)(at + get_most(b, (uint64_t)(UINT16_MAX - at)));
		s->points[i] = at;
	}
	s->mean = (uint16_t)(s->points[0] + get_most(b, (uint64_t)(at - s->points[0])));
	s->peak = (uint16_t)(at + get_most(b, (uint64_t)(UINT16_MAX - at)));
}

static bool get_record(
	const struct capacity_block *block, struct body *b, struct capacity_record *r)
{
	uint64_t minutes =
		block->span == CAPACITY_HOUR ? CAPACITY_HOUR_MINUTES : CAPACITY_DAY_MINUTES;
	uint8_t nonzero;

	memset(r, 0, sizeof(*r)); /* also between members: records are compared as bytes */
	if (get(b) != VERSION)
		return false;
	r->slot = block->base + (uint32_t)get_most(b, block->slots - 1);
	r->minutes = (uint16_t)get_most(b, minutes);
	r->speed = get_speed(b);
	r->mask = get_byte(b);
	nonzero = get_byte(b);
	if (r->mask >> CAPACITY_METRICS || nonzero & ~r->mask)
		return false;
	for (unsigned i = 0; i < CAPACITY_METRICS; i++) {
		if (nonzero & 1u << i)
			get_summary(b, &r->metrics[i]);
	}
	return !b->bad && b->p == b->end && r->minutes > 0;
}

static void enter(struct capacity_block *block, const struct capacity_record *r)
{
	struct capacity_record *at = &block->records[r->slot - block->base], parts[2];

	if (at->minutes == 0 || block->span == CAPACITY_DAY) {
		*at = *r;
		return;
	}
	if (memcmp(at, r, sizeof(*r)) == 0)
		return;
	parts[0] = *at;
	parts[1] = *r;
	capacity_records_merge(parts, 2, at);
	if (at->minutes > CAPACITY_HOUR_MINUTES)
		at->minutes = CAPACITY_HOUR_MINUTES;
}

void capacity_block_read(struct capacity_block *block, const uint8_t *bytes, size_t len)
{
	const uint8_t *end = bytes + len;
	struct capacity_record r;
	struct body b;

	for (const uint8_t *p = bytes; p < end; p = b.end) {
		if (p[0] >= end - p) {
			block->bad++;
			return;
		}
		b = (struct body){.p = p + 1, .end = p + 1 + p[0]};
		if (get_record(block, &b, &r))
			enter(block, &r);
		else
			block->bad++;
	}
}

/* ---- several ---- */

static void merge_metric(const struct capacity_record *records, unsigned count, unsigned m,
	struct capacity_record *out)
{
	struct capacity_part few[64], *parts = few;
	unsigned n = 0;

	if (count > sizeof(few) / sizeof(few[0]))
		parts = malloc(count * sizeof(*parts));
	if (!parts)
		abort();
	for (unsigned i = 0; i < count; i++) {
		if (records[i].mask & 1u << m)
			parts[n++] =
				(struct capacity_part){&records[i].metrics[m], records[i].minutes};
	}
	if (n > 0) {
		capacity_merge(parts, n, &out->metrics[m]);
		out->mask |= (uint8_t)(1u << m);
	}
	if (parts != few)
		free(parts);
}

void capacity_records_merge(
	const struct capacity_record *records, unsigned count, struct capacity_record *out)
{
	struct capacity_record merged;
	uint64_t minutes = 0;

	memset(&merged, 0, sizeof(merged));
	merged.slot = records[count - 1].slot;
	merged.speed = records[count - 1].speed;
	for (unsigned i = 0; i < count; i++)
		minutes += records[i].minutes;
	merged.minutes = minutes < UINT16_MAX ? (uint16_t)minutes : UINT16_MAX;
	for (unsigned m = 0; m < CAPACITY_METRICS; m++)
		merge_metric(records, count, m, &merged);
	*out = merged;
}
