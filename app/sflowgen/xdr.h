/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <string.h>

#include "base/addr.h"
#include "base/cursor.h"

/* Writers of XDR (RFC 4506) into room that the caller made sure of; each gives what comes next. */

static inline uint8_t *xdr_u32(uint8_t *p, uint32_t v)
{
	base_put_u32(p, v);
	return p + 4;
}

static inline uint8_t *xdr_u64(uint8_t *p, uint64_t v)
{
	base_put_u64(p, v);
	return p + 8;
}

static inline uint8_t *xdr_f32(uint8_t *p, float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return xdr_u32(p, bits);
}

/** Bytes of a fixed length, padded to four. */
static inline uint8_t *xdr_fixed(uint8_t *p, const void *bytes, uint32_t len)
{
	memcpy(p, bytes, len);
	memset(p + len, 0, -len & 3);
	return p + len + (-len & 3);
}

/** Length, bytes, padding. */
static inline uint8_t *xdr_opaque(uint8_t *p, const void *bytes, uint32_t len)
{
	return xdr_fixed(xdr_u32(p, len), bytes, len);
}

/** Type 1 or 2, then the address. */
static inline uint8_t *xdr_addr(uint8_t *p, const struct base_addr *addr)
{
	uint32_t len = (uint32_t)base_addr_len(addr);

	p = xdr_u32(p, addr->family == 4 ? 1 : addr->family == 6 ? 2 : 0);
	return xdr_fixed(p, addr->bytes, len);
}

/** Tag and room for the length, which xdr_close() fills in. @return the start of the body */
static inline uint8_t *xdr_open(uint8_t *p, uint32_t tag)
{
	return xdr_u32(p, tag) + 4;
}

/** @param body  what xdr_open() gave; @param end  the end of the body */
static inline void xdr_close(uint8_t *body, const uint8_t *end)
{
	base_put_u32(body - 4, (uint32_t)(end - body));
}
