/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* An IP address, or none. Unused bytes are zero, so that two are compared as bytes. */
struct base_addr {
	uint8_t family;    /* 0 none, 4, or 6 */
	uint8_t pad[3];    /* zero */
	uint8_t bytes[16]; /* network order; IPv4 in the first four */
};

enum { BASE_ADDR_TEXT = 46 }; /* room for the longest text and its NUL */

static inline bool base_addr_equal(const struct base_addr *a, const struct base_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/** Bytes that count in `addr->bytes`: 0, 4 or 16. */
static inline size_t base_addr_len(const struct base_addr *addr)
{
	return addr->family == 4 ? 4 : addr->family == 6 ? 16 : 0;
}

/**
 * Set an IPv4 address, in network order. By whole words, as it will be read: a load that spans two stores
 * waits until both are in the cache.
 */
static inline void base_addr_set_ip4(struct base_addr *addr, const uint8_t *bytes)
{
	uint64_t first, none = 0;
	uint32_t ip;

	_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the family is the first byte");
	memcpy(&ip, bytes, sizeof(ip));
	first = (uint64_t)ip << 32 | 4;
	memcpy(addr, &first, 8);
	memcpy((uint8_t *)addr + 8, &none, 8);
	memcpy((uint8_t *)addr + 16, &none, 4);
}

/** An address of `len` 4 or 16 bytes in network order; any other length gives none. */
struct base_addr base_addr_from(const uint8_t *bytes, size_t len);

/**
 * Text of an address: dotted decimal, or compressed upper-case IPv6 (RFC 5952 but
 * for the case, which flow analytics users know), "-" for none.
 * @return `text`, which has room for BASE_ADDR_TEXT bytes.
 */
char *base_addr_print(const struct base_addr *addr, char *text);

/** Parse either family. @return 0, or -EINVAL and `addr` is none. */
int base_addr_parse(const char *text, struct base_addr *addr);
