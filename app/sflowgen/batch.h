/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

enum { GEN_BATCH = 64 }; /* messages of one sendmmsg() */

/* Messages that wait for one system call. */
struct gen_batch {
	int fd;
	unsigned count;
	uint32_t slot_size;
	uint8_t *slots; /* GEN_BATCH of slot_size bytes */
	struct mmsghdr messages[GEN_BATCH];
	struct iovec vectors[GEN_BATCH];
};

/** @param fd  a socket, which stays the caller's. @return 0 or -ENOMEM */
int gen_batch_init(struct gen_batch *b, int fd, uint32_t slot_size);

/** Where to write the next message; never NULL, since a full batch is sent by gen_batch_add(). */
uint8_t *gen_batch_slot(struct gen_batch *b);

/** Add the message in the slot. @return 0 or -errno of sending */
int gen_batch_add(struct gen_batch *b, uint32_t len);

/** Send all; waits where the socket is full. @return 0 or -errno */
int gen_batch_flush(struct gen_batch *b);

void gen_batch_fini(struct gen_batch *b);
