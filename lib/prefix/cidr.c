/* SPDX-License-Identifier: BSD-3-Clause */
#include "prefix/cidr.h"

#include <errno.h>

#include "base/addr.h"

/* A decimal number of at most three digits, without leading zeros. */
static int parse_bits(const char *text)
{
	int bits = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9' && p < text + 3; p++)
		bits = 10 * bits + (*p - '0');
	return p == text || *p || (*text == '0' && p > text + 1) ? -EINVAL : bits;
}

static int parse_address(const char *text, size_t len, struct base_addr *addr)
{
	char word[BASE_ADDR_TEXT];

	if (len >= sizeof(word))
		return -EINVAL;
	memcpy(word, text, len);
	word[len] = '\0';
	return base_addr_parse(word, addr);
}

void prefix_mask(struct prefix *p)
{
	for (unsigned i = 0; i < PREFIX_BYTES; i++) {
		unsigned left = p->bits > 8 * i ? p->bits - 8 * i : 0;

		if (left < 8)
			p->bytes[i] &= (uint8_t)(0xFF00u >> left);
	}
}

int prefix_cidr_parse(const char *text, struct prefix *p, unsigned *width, const char **why)
{
	const char *slash = strchr(text, '/');
	struct base_addr addr;
	int bits, most;

	if (parse_address(text, slash ? (size_t)(slash - text) : strlen(text), &addr) < 0) {
		*why = "write a network like 10.0.0.0/8 or 2001:db8::/32, or an address";
		return -EINVAL;
	}
	most = 8 * (int)base_addr_len(&addr);
	bits = slash ? parse_bits(slash + 1) : most;
	if (bits < 0 || bits > most) {
		*why = addr.family == 4
			       ? "behind the / of an IPv4 network is a number from 0 to 32"
			       : "behind the / of an IPv6 network is a number from 0 to 128";
		return -EINVAL;
	}
	memcpy(p->bytes, addr.bytes, sizeof(p->bytes));
	p->bits = (uint8_t)bits;
	prefix_mask(p);
	*width = (unsigned)base_addr_len(&addr);
	return 0;
}
