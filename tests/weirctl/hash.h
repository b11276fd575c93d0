/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <hiredis/hiredis.h>
#include <stdint.h>

enum { FIELDS = 16 };

/* A reply as HGETALL gives it, on the stack. */
struct hash {
	redisReply reply, text[2 * FIELDS];
	redisReply *element[2 * FIELDS];
};

static inline void hash_add(struct hash *h, const char *field, const char *value)
{
	const char *const texts[2] = {field, value};

	for (unsigned i = 0; i < 2; i++) {
		redisReply *r = &h->text[h->reply.elements];

		r->type = REDIS_REPLY_STRING;
		r->str = (char *)(uintptr_t)texts[i];
		h->element[h->reply.elements++] = r;
	}
	h->reply.type = REDIS_REPLY_ARRAY;
	h->reply.element = h->element;
}
