/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "publish/buffer_pvt.h"

/*
 * Commands in the wire form of Redis (RESP), written while a snapshot is held and sent after it
 * was let go. A batch is cut into entities: the commands of one are always sent together.
 */

struct publish_mark {
	size_t end;        /* in bytes, one past the entity */
	uint64_t commands; /* since the batch began: each brings one reply */
};

enum {
	PUBLISH_INTEGERS = 8
}; /* of a reply that are kept: what the first commands in EXEC replied */

/* What one command was answered. */
struct publish_reply {
	bool error; /* it, or one of the commands in it */
	unsigned count;
	long long integers[PUBLISH_INTEGERS]; /* 1 for what is none */
};

/* An entity whose replies somebody wants to know of. */
struct publish_watch {
	uint64_t first, end; /* of its commands, since the batch began */
	uint64_t asks;       /* the command whose reply is expected to be within … */
	unsigned count;      /* of integers, in their order */
	long long least[PUBLISH_INTEGERS], most[PUBLISH_INTEGERS];
	bool failed;  /* one of them had an error reply */
	bool missing; /* that reply was another one */
};

enum { PUBLISH_NO_WATCH = UINT32_MAX };
#define PUBLISH_ASKS_NOTHING UINT64_MAX

struct publish_batch {
	struct publish_buffer bytes;
	uint64_t commands;
	struct publish_mark *marks;
	size_t mark_count, mark_size;
	struct publish_watch *watches; /* in their order */
	uint32_t watch_count, watch_size;
	uint32_t watch_at; /* of the replies that come */
};

void publish_batch_reset(struct publish_batch *b);
void publish_batch_free(struct publish_batch *b);

/** Begin a command of `argc` arguments, its name included; exactly so many follow. */
void publish_batch_command(struct publish_batch *b, size_t argc, const char *name);
void publish_batch_bytes(struct publish_batch *b, const char *bytes, size_t len);
void publish_batch_text(struct publish_batch *b, const char *text);
void publish_batch_uint(struct publish_batch *b, uint64_t v);

/** A command that is in wire form already. */
void publish_batch_ready(struct publish_batch *b, const char *bytes, size_t len);

/** An argument that is in wire form already, or several. */
static inline void publish_batch_wire(struct publish_batch *b, const char *bytes, size_t len)
{
	publish_buffer_add(&b->bytes, bytes, len);
}

void publish_batch_multi(struct publish_batch *b);
void publish_batch_exec(struct publish_batch *b);

/** An argument joined of up to five texts; NULL ends them early. */
void publish_batch_join(struct publish_batch *b, const char *const parts[5]);

/** A field and its value. */
void publish_batch_pair(struct publish_batch *b, const char *field, const char *value);
void publish_batch_pair_uint(struct publish_batch *b, const char *field, uint64_t value);

/**
 * Watch the commands from `first` on; no two watches overlap.
 * @param asks   one of them, or PUBLISH_ASKS_NOTHING; of EXEC it is what the first in it replied
 * @param least  the integer that is expected of it, as the next one
 * @return its number in `watches`
 */
uint32_t publish_batch_watch(
	struct publish_batch *b, uint64_t first, uint64_t asks, long long least, long long most);

/** The next integer of the reply that the last watch asks for is expected to be this, too. */
void publish_batch_expect(struct publish_batch *b, long long integer);

/** The reply to the next command has come. */
void publish_batch_replied(
	struct publish_batch *b, uint64_t command, const struct publish_reply *r);

/** The commands since the last call are one entity. */
void publish_batch_end(struct publish_batch *b);
