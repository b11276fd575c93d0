/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>

struct base_addr base_addr_from(const uint8_t *bytes, size_t len)
{
	struct base_addr addr = {0};

	if (len != 4 && len != 16)
		return addr;
	addr.family = len == 4 ? 4 : 6;
	memcpy(addr.bytes, bytes, len);
	return addr;
}

char *base_addr_print(const struct base_addr *addr, char *text)
{
	char *c;

	if (addr->family == 0 || !inet_ntop(addr->family == 4 ? AF_INET : AF_INET6, addr->bytes,
					 text, BASE_ADDR_TEXT)) {
		strcpy(text, "-");
		return text;
	}
	for (c = text; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return text;
}

int base_addr_parse(const char *text, struct base_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, text, addr->bytes) == 1)
		addr->family = 4;
	else if (inet_pton(AF_INET6, text, addr->bytes) == 1)
		addr->family = 6;
	else
		return -EINVAL;
	return 0;
}
