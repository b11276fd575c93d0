/* SPDX-License-Identifier: BSD-3-Clause */
#include "units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

char *units_scaled(char *text, double value, const char *unit)
{
	static const char *const prefixes[] = {"", "K", "M", "G", "T", "P", "E"};
	unsigned i = 0;

	/* By what it is rounded to, so that 999.6 is 1.00 K and not 1000. */
	while (value >= 999.5 && i + 1 < sizeof(prefixes) / sizeof(prefixes[0])) {
		value /= 1000;
		i++;
	}
	snprintf(text, UNITS_TEXT, "%.*f %s%s",
		value < 9.995   ? 2
		: value < 99.95 ? 1
				: 0,
		value, prefixes[i], unit);
	return text;
}

char *units_rate(char *text, double value, const char *name)
{
	char unit[24];

	if (strcmp(name, "bytes") == 0)
		return units_scaled(text, value * 8, "bps");
	if (strcmp(name, "frames") == 0)
		return units_scaled(text, value, "fps");
	snprintf(unit, sizeof(unit), "%.20s/s", name);
	return units_scaled(text, value, unit);
}

char *units_value(char *text, double value, const char *name)
{
	if (strcmp(name, "bytes") == 0)
		return units_scaled(text, value, "B");
	if (strcmp(name, "microseconds") != 0)
		snprintf(text, UNITS_TEXT, value < 1e6 ? "%.6g" : "%.0f", value);
	else if (value < 999.5)
		snprintf(text, UNITS_TEXT, "%.3g µs", value);
	else if (value < 999.5e3)
		snprintf(text, UNITS_TEXT, "%.3g ms", value / 1e3);
	else
		snprintf(text, UNITS_TEXT, "%.4g s", value / 1e6);
	return text;
}

char *units_time(char *text, uint64_t ms)
{
	uint64_t s = ms / 1000;

	if (ms < 1000)
		snprintf(text, UNITS_TEXT, "%" PRIu64 " ms", ms);
	else if (s < 60)
		snprintf(text, UNITS_TEXT, "%" PRIu64 " s", s);
	else if (s < 3600)
		snprintf(text, UNITS_TEXT, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(text, UNITS_TEXT, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
	else
		snprintf(text, UNITS_TEXT, "%" PRIu64 " d %" PRIu64 " h", s / 86400, s / 3600 % 24);
	return text;
}
