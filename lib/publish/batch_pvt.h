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

struct publish_batch {
	struct publish_buffer bytes;
	uint64_t commands;
	struct publish_mark *marks;
	size_t mark_count, mark_size;
};

void publish_batch_reset(struct publish_batch *b);
void publish_batch_free(struct publish_batch *b);

/** Begin a command of `argc` arguments, its name included; exactly so many follow. */
void publish_batch_command(struct publish_batch *b, size_t argc, const char *name);
void publish_batch_bytes(struct publish_batch *b, const char *bytes, size_t len);
void publish_batch_text(struct publish_batch *b, const char *text);
void publish_batch_uint(struct publish_batch *b, uint64_t v);

/** An argument joined of up to five texts; NULL ends them early. */
void publish_batch_join(struct publish_batch *b, const char *const parts[5]);

/** A field and its value. */
void publish_batch_pair(struct publish_batch *b, const char *field, const char *value);
void publish_batch_pair_uint(struct publish_batch *b, const char *field, uint64_t value);

/** The commands since the last call are one entity. */
void publish_batch_end(struct publish_batch *b);
