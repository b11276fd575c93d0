/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode/out_pvt.h"

#include <stdarg.h>
#include <stdio.h>

void out_init(struct out *o, int (*sink)(void *ctx, const char *bytes, size_t len), void *ctx)
{
	o->p = o->bytes;
	o->limit = o->bytes + OUT_BYTES - OUT_ROOM;
	o->sink = sink;
	o->ctx = ctx;
	o->error = 0;
}

int out_flush(struct out *o)
{
	size_t len = (size_t)(o->p - o->bytes);

	o->p = o->bytes;
	if (len && o->error == 0)
		o->error = o->sink(o->ctx, o->bytes, len);
	return o->error;
}

static const char pairs[] =
	"00010203040506070809101112131415161718192021222324252627282930313233343"
	"536373839404142434445464748495051525354555657585960616263646566676869"
	"707172737475767778798081828384858687888990919293949596979899";

static unsigned digits_of(uint32_t v)
{
	return 1 + (v >= 10) + (v >= 100) + (v >= 1000) + (v >= 10000) + (v >= 100000) +
	       (v >= 1000000) + (v >= 10000000) + (v >= 100000000) + (v >= 1000000000);
}

/*
 * In 32 bits where that is enough: divisions of 64 take longer. Straight to where the digits go: to
 * copy them in one piece would wait for the stores of all of them.
 */
static void small(struct out *o, uint32_t v)
{
	char *p = o->p + digits_of(v);

	o->p = p;
	while (v >= 100) {
		p -= 2;
		memcpy(p, pairs + v % 100 * 2, 2);
		v /= 100;
	}
	if (v >= 10)
		memcpy(p - 2, pairs + v * 2, 2);
	else
		p[-1] = (char)('0' + v);
}

void out_u64(struct out *o, uint64_t v)
{
	char digits[20], *p = digits + sizeof(digits);

	if (v <= UINT32_MAX) {
		small(o, (uint32_t)v);
		return;
	}
	while (v >= 100) {
		p -= 2;
		memcpy(p, pairs + v % 100 * 2, 2);
		v /= 100;
	}
	if (v >= 10) {
		p -= 2;
		memcpy(p, pairs + v * 2, 2);
	} else {
		*--p = (char)('0' + v);
	}
	out_bytes(o, p, (size_t)(digits + sizeof(digits) - p));
}

/* Both digits of each byte at once. */
#define ROW(high, a, b, c, d, e, f)                                                                \
	high "0" high "1" high "2" high "3" high "4" high "5" high "6" high "7" high "8" high      \
	     "9" high a high b high c high d high e high f
#define UPPER(high) ROW(high, "A", "B", "C", "D", "E", "F")
#define LOWER(high) ROW(high, "a", "b", "c", "d", "e", "f")

static const char upper_digits[] = UPPER("0") UPPER("1") UPPER("2") UPPER("3") UPPER("4") UPPER("5")
	UPPER("6") UPPER("7") UPPER("8") UPPER("9") UPPER("A") UPPER("B") UPPER("C") UPPER("D")
		UPPER("E") UPPER("F");
static const char lower_digits[] = LOWER("0") LOWER("1") LOWER("2") LOWER("3") LOWER("4") LOWER("5")
	LOWER("6") LOWER("7") LOWER("8") LOWER("9") LOWER("a") LOWER("b") LOWER("c") LOWER("d")
		LOWER("e") LOWER("f");

void out_hex(struct out *o, const uint8_t *bytes, size_t len, bool upper, char separator)
{
	const char *digits = upper ? upper_digits : lower_digits;
	char *p = o->p;

	for (size_t i = 0; i < len; i++) {
		if (i && separator)
			*p++ = separator;
		memcpy(p, digits + 2 * (size_t)bytes[i], 2);
		p += 2;
	}
	o->p = p;
}

void out_hex_long(struct out *o, const uint8_t *bytes, size_t len)
{
	while (len) {
		size_t piece = len < OUT_ROOM / 4 ? len : OUT_ROOM / 4;

		out_room(o);
		out_hex(o, bytes, piece, false, 0);
		bytes += piece;
		len -= piece;
	}
	out_room(o);
}

/* @return behind it */
static char *octet(char *p, unsigned v)
{
	if (v < 10) {
		*p = (char)('0' + v);
		return p + 1;
	}
	if (v >= 100) {
		*p++ = (char)('0' + v / 100);
		v %= 100;
	}
	memcpy(p, pairs + 2 * (size_t)v, 2);
	return p + 2;
}

void out_ipv4(struct out *o, const uint8_t *bytes)
{
	char *p = octet(o->p, bytes[0]);

	for (unsigned i = 1; i < 4; i++) {
		*p++ = '.';
		p = octet(p, bytes[i]);
	}
	o->p = p;
}

void out_ipv6_whole(struct out *o, const uint8_t *bytes)
{
	for (unsigned i = 0; i < 16; i += 2) {
		if (i)
			out_char(o, ':');
		out_hex(o, bytes + i, 2, false, 0);
	}
}

void out_address(struct out *o, const uint8_t *bytes, size_t len)
{
	if (len == 4)
		out_ipv4(o, bytes);
	else if (len == 16)
		out_ipv6_whole(o, bytes);
	else
		out_char(o, '-');
}

void out_uuid(struct out *o, const uint8_t *bytes)
{
	static const uint8_t parts[] = {4, 2, 2, 2, 6};

	for (unsigned i = 0; i < sizeof(parts); i++) {
		if (i)
			out_char(o, '-');
		out_hex(o, bytes, parts[i], false, 0);
		bytes += parts[i];
	}
}

void out_printf(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(o->p, 512, fmt, ap);
	va_end(ap);
	if (n > 0)
		o->p += n < 512 ? n : 511;
}
