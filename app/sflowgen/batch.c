/* SPDX-License-Identifier: BSD-3-Clause */
#include "batch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

int gen_batch_init(struct gen_batch *b, int fd, uint32_t slot_size)
{
	*b = (struct gen_batch){.fd = fd, .slot_size = slot_size};
	b->slots = malloc((size_t)slot_size * GEN_BATCH);
	if (!b->slots)
		return -ENOMEM;
	for (unsigned i = 0; i < GEN_BATCH; i++) {
		b->vectors[i].iov_base = b->slots + (size_t)slot_size * i;
		b->messages[i].msg_hdr.msg_iov = &b->vectors[i];
		b->messages[i].msg_hdr.msg_iovlen = 1;
	}
	return 0;
}

uint8_t *gen_batch_slot(struct gen_batch *b)
{
	return b->vectors[b->count].iov_base;
}

int gen_batch_add(struct gen_batch *b, uint32_t len)
{
	b->vectors[b->count++].iov_len = len;
	return b->count == GEN_BATCH ? gen_batch_flush(b) : 0;
}

/* A full queue is waited for: with ENOBUFS for a moment, since poll() would not tell. */
static int wait_for_room(const struct gen_batch *b)
{
	struct pollfd p = {.fd = b->fd, .events = POLLOUT};

	switch (errno) {
	case EINTR:
		return 0;
	case EAGAIN:
		poll(&p, 1, 100);
		return 0;
	case ENOBUFS:
		poll(NULL, 0, 1);
		return 0;
	default:
		return -errno;
	}
}

int gen_batch_flush(struct gen_batch *b)
{
	unsigned sent = 0;
	int rc = 0;

	while (sent < b->count && rc == 0) {
		int n = sendmmsg(b->fd, b->messages + sent, b->count - sent, 0);

		if (n < 0)
			rc = wait_for_room(b);
		else
			sent += (unsigned)n;
	}
	b->count = 0;
	return rc;
}

void gen_batch_fini(struct gen_batch *b)
{
	free(b->slots);
	b->slots = NULL;
}
