/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/access.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"

static void digest(const char *text, uint8_t out[API_DIGEST])
{
	SHA256((const unsigned char *)text, strlen(text), out);
}

void api_access_init(struct api_access *a, const char *token, const char *read_token)
{
	a->has_token = *token;
	a->has_read_token = *read_token;
	digest(token, a->token);
	digest(read_token, a->read_token);
}

bool api_access_asks(const struct api_access *a)
{
	return a->has_token || a->has_read_token;
}

/* Both are compared, whatever comes of the first. */
enum api_role api_access_role(const struct api_access *a, const char *header)
{
	uint8_t given[API_DIGEST];
	bool writer, reader;

	if (!api_access_asks(a))
		return API_WRITER;
	if (!header || strncasecmp(header, "Bearer ", 7) != 0)
		return API_NOBODY;
	header += 7;
	header += strspn(header, " ");
	digest(header, given);
	writer = CRYPTO_memcmp(given, a->token, API_DIGEST) == 0 && a->has_token;
	reader = CRYPTO_memcmp(given, a->read_token, API_DIGEST) == 0 && a->has_read_token;
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
