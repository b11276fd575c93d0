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

/* Bits times log10(2) is a digit short where the power of ten above is reached. */
static unsigned digits_of(uint32_t v)
{
	static const uint32_t powers[] = {
		0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
	unsigned bits = 32 - (unsigned)__builtin_clz(v | 1), n = bits * 1233 >> 12;

	return n + (v >= powers[n]);
}

/* Straight to where the digits go: to copy them in one piece would wait for the stores of all. */
void out_digits(struct out *o, uint32_t v)
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

/* Nine digits at a time: divisions in 64 bits take longer. */
void out_u64_long(struct out *o, uint64_t v)
{
	enum { NINE = 1000000000 };
	uint32_t low = (uint32_t)(v % NINE);

	out_u64(o, v / NINE);
	memset(o->p, '0', 9);
	o->p += 9 - digits_of(low);
	out_digits(o, low);
}

/* What is added to a digit of 10 and more: the letters do not follow 9. */
enum { UPPER = 'A' - '0' - 10, LOWER = 'a' - '0' - 10 };

static inline char hex_digit(unsigned v, unsigned letters)
{
	return (char)('0' + v + (v > 9 ? letters : 0));
}

/* Arithmetic instead of a table: the compiler does many bytes at a time. */
static inline char *hex(
	char *restrict p, const uint8_t *restrict bytes, size_t len, unsigned letters)
{
	for (size_t i = 0; i < len; i++) {
		p[2 * i] = hex_digit(bytes[i] >> 4, letters);
		p[2 * i + 1] = hex_digit(bytes[i] & 15, letters);
	}
	return p + 2 * len;
}

/* As hex(), with `separator` behind each byte. */
static char *separated(char *p, const uint8_t *bytes, size_t len, unsigned letters, char separator)
{
	char digits[2 * 64];

	while (len) {
		size_t piece = len < 64 ? len : 64;

		hex(digits, bytes, piece, letters);
		for (size_t i = 0; i < piece; i++, p += 3) {
			memcpy(p, digits + 2 * i, 2);
			p[2] = separator;
		}
		bytes += piece;
		len -= piece;
	}
	return p;
}

void out_hex(struct out *o, const uint8_t *bytes, size_t len, bool upper, char separator)
{
	unsigned letters = upper ? UPPER : LOWER;

	if (!separator)
		o->p = hex(o->p, bytes, len, letters);
	else if (len)
		o->p = separated(o->p, bytes, len, letters, separator) - 1;
}

void out_hex_long(struct out *o, const uint8_t *bytes, size_t len)
{
	while (len) {
		size_t piece = len < OUT_ROOM / 4 ? len : OUT_ROOM / 4;

		out_room(o);
		o->p = hex(o->p, bytes, piece, LOWER);
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
