/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/index.h"
#include "publish/batch_pvt.h"
#include "window/snapshot.h"

/* A flow as it is written: key and value as arguments of a command, one behind the other. */
struct publish_line {
	uint64_t hash;               /* of the key; of lines that are held */
	size_t at;                   /* in `wire` */
	uint32_t key_len, value_len; /* of the arguments */
	uint32_t text, text_len; /* of the value: from `at` on, without what RESP has around it */
	bool same;               /* the hash in Redis has that value: nothing is to be sent */
	bool stays;              /* the newer lines have the key, too */
};

/* The flows of a definition in a window, the largest first. */
struct publish_lines {
	struct publish_buffer wire;
	struct publish_line *list;
	uint32_t count, size;
	struct base_index index; /* by key; of lines that are held */
};

/** Write the flows of `f` down, in place of what was there. */
void publish_lines_make(struct publish_lines *l, const struct window_flows *f);
void publish_lines_free(struct publish_lines *l);

/*
 * What Redis has of a definition with many flows, so that only what changed needs to be sent. Of a
 * few, a hash and a sorted set are one small piece of memory for Redis, which is as soon written anew.
 */
enum {
	PUBLISH_HELD_LEAST =
		129, /* flows: Redis packs hashes and sorted sets of at most 128 by default */
	PUBLISH_HELD_WINDOWS = 64, /* so often it is written whole all the same */
};

struct publish_held {
	struct publish_held *next;
	char *name;
	struct base_hash hash;
	struct publish_lines lines[2]; /* what Redis has, and what is on its way */
	unsigned now;                  /* number of the first of these */
	bool known;                    /* Redis has it; else anything may be there */
	bool sent;                     /* a watch tells what became of the other one */
	bool seen;                     /* in the window at hand */
	bool whole;                    /* it was not sent as changes */
	unsigned windows;              /* since it was written whole */
	uint32_t watch;
	uint32_t fresh, changed, left; /* flows; changed are those that were there before */
};

/** That of a definition, made where there is none. */
struct publish_held *publish_held_of(struct publish_held **list, const char *name);

/**
 * Compare the flows of a window with what Redis has.
 * @return whether changes are enough: `fresh`, `changed`, `left`, `same` and `stays` of lines are set
 */
bool publish_held_compare(struct publish_held *h, const struct window_flows *f);

/**
 * Redis has answered the batch: remember what it has now.
 * @return whether keys that were not what they should be are to be written once more
 */
bool publish_held_answered(struct publish_held *list, const struct publish_batch *b);

/** It never will, or what Redis has is not sure for other reasons. */
void publish_held_forget(struct publish_held *list);

/** Before the definitions of a window are written, and behind: what has not been seen goes. */
void publish_held_begin(struct publish_held *list);
void publish_held_end(struct publish_held **list);

void publish_held_free(struct publish_held **list);
