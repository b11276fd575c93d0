/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Output of fixed memory: text is put together in a buffer that is handed on when it is full.
 * Who writes makes room first, for as many bytes as he will write before he asks again.
 */

enum {
	OUT_BYTES = 1 << 17,
	OUT_ROOM = 1 << 13, /* what may be written after out_room() */
};

struct out {
	char *p, *limit; /* next byte; behind it there is still room for OUT_ROOM */
	int (*sink)(void *ctx, const char *bytes, size_t len);
	void *ctx;
	int error; /* the first of the sink: -errno; nothing is written after it */
	char bytes[OUT_BYTES];
};

void out_init(struct out *o, int (*sink)(void *ctx, const char *bytes, size_t len), void *ctx);

/** Hand on what there is. @return 0, or -errno of the sink, now or earlier. */
int out_flush(struct out *o);

/** Have room for OUT_ROOM bytes. */
static inline void out_room(struct out *o)
{
	if (__builtin_expect(o->p > o->limit, 0))
		out_flush(o);
}

static inline void out_char(struct out *o, char c)
{
	*o->p++ = c;
}

static inline void out_bytes(struct out *o, const void *bytes, size_t len)
{
	memcpy(o->p, bytes, len);
	o->p += len;
}

/** A literal. */
#define OUT(o, text) out_bytes(o, "" text, sizeof(text) - 1)

static inline void out_text(struct out *o, const char *text)
{
	o->p = stpcpy(o->p, text);
}

/** What out_u32() and out_u64() are made of. */
void out_digits(struct out *o, uint32_t v);
void out_u64_long(struct out *o, uint64_t v);

/** Decimal. */
static inline void out_u32(struct out *o, uint32_t v)
{
	if (v < 10)
		*o->p++ = (char)('0' + v);
	else
		out_digits(o, v);
}

static inline void out_u64(struct out *o, uint64_t v)
{
	if (v <= UINT32_MAX)
		out_u32(o, (uint32_t)v);
	else
		out_u64_long(o, v);
}

static inline void out_i64(struct out *o, int64_t v)
{
	if (v < 0)
		out_char(o, '-');
	out_u64(o, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

/** Two hex digits for each of a few bytes (at most OUT_ROOM / 3), with `separator` between them
 * unless it is 0. */
void out_hex(struct out *o, const uint8_t *bytes, size_t len, bool upper, char separator);

/** The same without a separator and in lower case, for any number of bytes; makes room itself. */
void out_hex_long(struct out *o, const uint8_t *bytes, size_t len);

void out_ipv4(struct out *o, const uint8_t *bytes);

/** Eight groups of four digits, never compressed. */
void out_ipv6_whole(struct out *o, const uint8_t *bytes);

/** IPv4 or IPv6 as above, by its 4 or 16 bytes; - where there are none. */
void out_address(struct out *o, const uint8_t *bytes, size_t len);

/** 8-4-4-4-12 lower-case hex digits. */
void out_uuid(struct out *o, const uint8_t *bytes);

/** printf() of a few bytes: for what is rare. */
void out_printf(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
