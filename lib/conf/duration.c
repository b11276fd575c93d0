/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "conf/schema_pvt.h"

enum { DURATION_DIGITS = 12 }; /* so that digits times an hour stay below 2^64 */

/* Milliseconds of a unit, 0: there is none of that name. */
static uint64_t unit_ms(const char *unit)
{
	if (*unit == '\0' || strcmp(unit, "s") == 0)
		return 1000;
	if (strcmp(unit, "ms") == 0)
		return 1;
	if (strcmp(unit, "m") == 0)
		return 60000;
	return strcmp(unit, "h") == 0 ? 3600000 : 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits, which are added to `v`. @return how many, or 0 for more than are allowed. */
static unsigned take_digits(const char **p, uint64_t *v, unsigned most)
{
	unsigned n;

	for (n = 0; is_digit(**p); n++, ++*p) {
		if (n == most)
			return 0;
		*v = *v * 10 + (uint64_t)(**p - '0');
	}
	return n;
}

int conf_parse_duration(const char *text, uint64_t *ms)
{
	uint64_t v = 0, scale = 1, unit;
	unsigned whole, part = 0;

	whole = take_digits(&text, &v, DURATION_DIGITS);
	if (whole == 0)
		return -EINVAL;
	if (*text == '.') {
		text++;
		part = take_digits(&text, &v, DURATION_DIGITS - whole);
		if (part == 0)
			return -EINVAL;
	}
	while (part-- > 0)
		scale *= 10;
	unit = unit_ms(text);
	if (unit == 0 || v * unit % scale != 0)
		return -EINVAL;
	*ms = v * unit / scale;
	return 0;
}

void conf_print_duration(struct base_text *t, uint64_t ms)
{
	if (ms != 0 && ms % 3600000 == 0)
		base_text_printf(t, "%" PRIu64 "h", ms / 3600000);
	else if (ms != 0 && ms % 60000 == 0)
		base_text_printf(t, "%" PRIu64 "m", ms / 60000);
	else if (ms % 1000 == 0)
		base_text_printf(t, "%" PRIu64 "s", ms / 1000);
	else
		base_text_printf(t, "%" PRIu64 "ms", ms);
}
