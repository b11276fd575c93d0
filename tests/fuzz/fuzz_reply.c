/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "resolve/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

/* Printable, without blanks, in labels that each end in a dot. */
static void check_name(const char *name)
{
	size_t len = strlen(name);

	check(len > 1 && len < RESOLVE_NAME);
	check(name[0] != '.' && name[len - 1] == '.');
	for (const char *p = name; *p; p++) {
		check(*p > ' ' && *p < 0x7F);
		check(*p != '.' || p[1] != '.');
	}
}

/* Any bytes as an answer to one question, in just as many bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size ? size : 1);
	struct resolve_reply reply;

	check(bytes);
	if (size > 0)
		memcpy(bytes, data, size);
	if (resolve_reply(bytes, size, "1.2.0.192.in-addr.arpa", &reply) == 0) {
		check_name(reply.name);
		check(reply.ttl <= INT32_MAX);
	}
	free(bytes);
	return 0;
}
