/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/* Questions for the name of an address, and answers to them (RFC 1035). Pure; any thread. */

enum {
	RESOLVE_QUESTION = 80, /* room for the longest question and its NUL */
	RESOLVE_NAME = 255,    /* room for the longest name and its NUL; a longer text is no name */
};

struct resolve_reply {
	char name[RESOLVE_NAME]; /* with the final dot; what is not printable is \DDD */
	uint32_t ttl;            /* seconds; the least on the way to the name */
};

/** "1.0.0.127.in-addr.arpa", or that of ip6.arpa (RFC 3596, section 2.5). @return `text` */
char *resolve_question(const struct base_addr *addr, char text[RESOLVE_QUESTION]);

/**
 * Find the name in an answer: the first PTR record of the question, or of what CNAME records make
 * of it (RFC 2317). The first 64 records are looked at, and 128 pointers of each name followed.
 * @param bytes     hostile
 * @param question  without the final dot
 * @return 0; -ENOENT: no such record; -EINVAL: malformed, or a name that is empty or too long
 */
int resolve_reply(
	const uint8_t *bytes, size_t len, const char *question, struct resolve_reply *reply);
