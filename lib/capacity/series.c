/* SPDX-License-Identifier: BSD-3-Clause */
#include "capacity/series.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WEEK_HOURS = 7 * CAPACITY_DAY_HOURS, YEAR_DAYS = 366 };

/* ---- blocks ---- */

/* Days from 1970 to the first of January; Gregorian. */
static uint32_t day_of_year(uint32_t year)
{
	uint32_t y = year - 1;

	return 365 * (year - 1970) + (y / 4 - 492) - (y / 100 - 19) + (y / 400 - 4);
}

static uint32_t year_of_day(uint32_t day)
{
	uint32_t year = 1970 + day / YEAR_DAYS;

	while (day_of_year(year + 1) <= day)
		year++;
	return year;
}

struct capacity_extent capacity_block_of(enum capacity_span span, uint32_t slot)
{
	uint32_t year;

	if (span == CAPACITY_HOUR)
		return (struct capacity_extent){.number = slot / WEEK_HOURS,
			.base = slot / WEEK_HOURS * WEEK_HOURS,
			.slots = WEEK_HOURS};
	year = year_of_day(slot);
	return (struct capacity_extent){.number = year,
		.base = day_of_year(year),
		.slots = day_of_year(year + 1) - day_of_year(year)};
}

uint64_t capacity_block_end_s(enum capacity_span span, const struct capacity_extent *block)
{
	uint64_t slot = (uint64_t)block->base + block->slots;

	return slot * (span == CAPACITY_HOUR ? 3600 : 86400);
}

/* ---- keys ---- */

const char *capacity_block_key(char key[CAPACITY_KEY], const char *prefix,
	const struct capacity_series *s, enum capacity_span span, uint32_t number)
{
	const char *kind = span == CAPACITY_HOUR ? "hours" : "days";
	char addr[BASE_ADDR_TEXT];

	if (s->agent.family)
		snprintf(key, CAPACITY_KEY, "%s:capacity:{%s}:%" PRIu32 ":%s:%" PRIu32, prefix,
			base_addr_print(&s->agent, addr), s->index, kind, number);
	else
		snprintf(key, CAPACITY_KEY, "%s:capacity:group:{%s}:%s:%" PRIu32, prefix, s->group,
			kind, number);
	return key;
}

const char *capacity_agent_key(
	char key[CAPACITY_KEY], const char *prefix, const struct base_addr *agent)
{
	char addr[BASE_ADDR_TEXT];

	snprintf(key, CAPACITY_KEY, "%s:capacity:{%s}", prefix, base_addr_print(agent, addr));
	return key;
}

const char *capacity_key(char key[CAPACITY_KEY], const char *prefix, const char *what)
{
	snprintf(key, CAPACITY_KEY, "%s:capacity:%s", prefix, what);
	return key;
}

/* ---- what is known of an interface ---- */

size_t capacity_about_write(const struct capacity_about *a, char text[CAPACITY_ABOUT])
{
	return (size_t)snprintf(text, CAPACITY_ABOUT,
		"%" PRIu32 " %" PRIu32 " %.0f %" PRIu16 " %" PRIu16 " %s", a->since, a->seen,
		a->speed < 1e18 ? a->speed : 0, a->rank[0], a->rank[1], a->name);
}

/* A decimal number and the blank behind it. */
static bool read_number(const char **at, uint64_t most, uint64_t *v)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	*v = strtoull(*at, &end, 10);
	if (errno || *v > most || *end != ' ')
		return false;
	*at = end + 1;
	return true;
}

static bool is_printable(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

bool capacity_about_read(const char *text, size_t len, struct capacity_about *a)
{
	static const uint64_t most[5] = {
		UINT32_MAX, UINT32_MAX, UINT64_C(1) << 60, UINT16_MAX, UINT16_MAX};
	char copy[CAPACITY_ABOUT];
	const char *at = copy;
	uint64_t v[5];

	if (len >= sizeof(copy) || memchr(text, 0, len))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	for (unsigned i = 0; i < 5; i++) {
		if (!read_number(&at, most[i], &v[i]))
			return false;
	}
	if (strlen(at) >= CAPACITY_NAME || !is_printable(at))
		return false;
	*a = (struct capacity_about){.since = (uint32_t)v[0],
		.seen = (uint32_t)v[1],
		.speed = (double)v[2],
		.rank = {(uint16_t)v[3], (uint16_t)v[4]}};
	memcpy(a->name, at, strlen(at));
	return true;
}
