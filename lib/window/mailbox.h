/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct generation;

/*
 * Where the control side hands a generation to the aggregator, and gets what is left of the one
 * before. One of each side; one generation at a time. The mutex is held for a few instructions, and
 * never by an RX core.
 */
struct mailbox {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct generation *given; /* control puts; aggregator takes */
	struct generation *back;  /* aggregator puts; control takes */
};

void mailbox_init(struct mailbox *b);
void mailbox_fini(struct mailbox *b);

/** Control: hand over a generation; ownership passes until mailbox_await() gives it back. */
void mailbox_give(struct mailbox *b, struct generation *g);

/** Control: wait until it is in force. @return it, or NULL after `timeout_ms` */
struct generation *mailbox_await(struct mailbox *b, uint64_t timeout_ms);

/** Control: whether the aggregator has it, or has given it back. */
bool mailbox_is_taken(struct mailbox *b);

/** Control: take back what the aggregator has not taken yet. @return NULL where it has */
struct generation *mailbox_cancel(struct mailbox *b);

/** Aggregator: sleep until a generation is there, or `ns` are over. @return whether one is */
bool mailbox_sleep(struct mailbox *b, uint64_t ns);

/** Aggregator: a generation to be put in force, or NULL. */
struct generation *mailbox_take(struct mailbox *b);

/** Aggregator: it is in force. */
void mailbox_return(struct mailbox *b, struct generation *g);
