/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A read position in untrusted bytes, with a sticky error: a read past the end
 * gives zero, moves to the end and sets `bad`. A parser reads a whole record and
 * looks at `bad` once. All integers on the wire are big-endian (RFC 4506, XDR).
 */
struct base_cursor {
	const uint8_t *p;   /* next byte; never past end */
	const uint8_t *end; /* one past the last byte */
	bool bad;           /* a read went past the end */
};

/** A cursor over `len` bytes at `buf`, which stay the caller's. */
static inline struct base_cursor base_cursor(const void *buf, size_t len)
{
	const uint8_t *p = (const uint8_t *)buf;

	return (struct base_cursor){.p = p, .end = p + len};
}

/** Bytes not yet read. */
static inline size_t base_cursor_left(const struct base_cursor *c)
{
	return (size_t)(c->end - c->p);
}

/** Take `len` bytes: where they start, or NULL (and `bad`) where fewer are left. */
static inline const uint8_t *base_cursor_take(struct base_cursor *c, size_t len)
{
	const uint8_t *p = c->p;

	if (__builtin_expect(base_cursor_left(c) < len, 0)) {
		c->p = c->end;
		c->bad = true;
		return NULL;
	}
	c->p += len;
	return p;
}

/** Take `len` bytes as a cursor of their own (empty and `bad` where fewer are left). */
static inline struct base_cursor base_cursor_sub(struct base_cursor *c, size_t len)
{
	const uint8_t *p = base_cursor_take(c, len);

	return (struct base_cursor){.p = p ? p : c->end, .end = p ? p + len : c->end, .bad = !p};
}

/** Big-endian integers at any alignment; the caller has checked that the bytes exist. */
static inline uint16_t base_get_u16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap16(v);
}

static inline uint32_t base_get_u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap32(v);
}

static inline uint64_t base_get_u64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap64(v);
}

/* A number of up to 8 bytes; those of the usual widths by one load. */
static inline uint64_t base_get_uint(const uint8_t *p, unsigned len)
{
	uint64_t number = 0;

	switch (len) {
	case 1:
		return *p;
	case 2:
		return base_get_u16(p);
	case 4:
		return base_get_u32(p);
	default:
		for (unsigned i = 0; i < len; i++)
			number = number << 8 | p[i];
		return number;
	}
}

static inline void base_put_u16(uint8_t *p, uint16_t v)
{
	v = __builtin_bswap16(v);
	memcpy(p, &v, sizeof(v));
}

static inline void base_put_u32(uint8_t *p, uint32_t v)
{
	v = __builtin_bswap32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void base_put_u64(uint8_t *p, uint64_t v)
{
	v = __builtin_bswap64(v);
	memcpy(p, &v, sizeof(v));
}

static inline uint32_t base_cursor_u32(struct base_cursor *c)
{
	const uint8_t *p = base_cursor_take(c, 4);

	return p ? base_get_u32(p) : 0;
}

static inline uint64_t base_cursor_u64(struct base_cursor *c)
{
	const uint8_t *p = base_cursor_take(c, 8);

	return p ? base_get_u64(p) : 0;
}
