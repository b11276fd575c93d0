/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/access.h"

#include <string.h>
#include <strings.h>

#include "base/addr.h"

/* No early end at the first byte that differs. */
static bool same_secret(const char *given, const char *secret)
{
	size_t len = strlen(secret), n = strlen(given);
	volatile unsigned char differ = len != n || len == 0;

	for (size_t i = 0; i < n; i++)
		differ |= (unsigned char)(given[i] ^ secret[len ? i % len : 0]);
	return !differ;
}

enum api_role api_access(const char *token, const char *read_token, const char *header)
{
	bool writer, reader;

	if (!*token && !*read_token)
		return API_WRITER;
	if (!header || strncasecmp(header, "Bearer ", 7) != 0)
		return API_NOBODY;
	header += 7;
	header += strspn(header, " ");
	writer = same_secret(header, token);
	reader = same_secret(header, read_token);
	return writer ? API_WRITER : reader ? API_READER : API_NOBODY;
}

bool api_host_is_local(const char *host)
{
	const char *end = host[0] == '[' ? strchr(host, ']') : strchr(host, ':');
	struct base_addr addr;
	char name[BASE_ADDR_TEXT + 1];
	size_t len;

	if (host[0] == '[')
		host++;
	len = end ? (size_t)(end - host) : strlen(host);
	if (len >= sizeof(name))
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	return strcasecmp(name, "localhost") == 0 || base_addr_parse(name, &addr) == 0;
}
