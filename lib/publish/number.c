/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/number_pvt.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "publish/buffer_pvt.h"

/* Below this all that is computed here with 6 decimals fits into 64 bits. */
#define FAST_BELOW 1e12

static size_t trim(char *text, size_t len)
{
	if (!memchr(text, '.', len))
		return len;
	while (text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	text[len] = '\0';
	return len;
}

/*
 * `value` in units of the last decimal, rounded as printf(3) does: to the nearest of what the binary
 * number is exactly, to even where it is in the middle. What the product loses fma() gives back.
 */
static uint64_t scaled(double value, uint64_t scale)
{
	uint64_t whole = (uint64_t)value;
	double part = value - (double)whole, product = part * (double)scale;
	double lost = fma(part, (double)scale, -product);
	uint64_t down = whole * scale + (uint64_t)product;
	double half = product - (double)(uint64_t)product - 0.5;

	if (half > 0 || (half == 0 && (lost > 0 || (lost == 0 && down % 2 == 1))))
		return down + 1;
	return down;
}

static size_t print_fast(char *text, double value, unsigned decimals)
{
	static const uint64_t scales[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
	uint64_t scale = scales[decimals], n = scaled(fabs(value), scale), rest = n % scale;
	char buf[2 * PUBLISH_DIGITS + 2], *end = buf + sizeof(buf), *at = end;
	bool minus = value < 0 && n > 0;
	size_t len;

	for (; rest && rest % 10 == 0; decimals--)
		rest /= 10;
	if (rest) {
		at = publish_digits(end - PUBLISH_DIGITS, rest);
		while (end - at < (ptrdiff_t)decimals)
			*--at = '0';
		*--at = '.';
	}
	at = publish_digits(at - PUBLISH_DIGITS, n / scale);
	if (minus)
		*--at = '-';
	len = (size_t)(end - at);
	memcpy(text, at, len);
	text[len] = '\0';
	return len;
}

size_t publish_number(char text[PUBLISH_NUMBER], double value, unsigned decimals)
{
	size_t len;

	if (!isfinite(value))
		value = 0;
	if (fabs(value) < FAST_BELOW)
		return print_fast(text, value, decimals);
	len = (size_t)snprintf(text, PUBLISH_NUMBER, "%.*f", (int)decimals, value);
	return trim(text, len);
}
