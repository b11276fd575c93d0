/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "publish/batch_pvt.h"
#include "publish/connection.h"

/* What became of a batch. */
struct publish_sent {
	uint64_t commands, bytes;  /* answered */
	uint64_t write_ns;         /* handing them to the socket */
	uint64_t errors;           /* error replies, those inside of EXEC included */
	bool lost;                 /* the connection is of no use any more */
	char error[PUBLISH_ERROR]; /* the first error reply, or why it was lost; else empty */
};

/**
 * Send a batch and read all of its replies: in pieces, of which a few may be on their way, so that
 * neither side waits for the other, nor has to buffer much.
 * An error reply is counted and the rest still sent, but for those that say that this connection
 * can write nothing now (READONLY, NOAUTH, LOADING, MASTERDOWN): they end it with `lost`.
 */
void publish_send(struct publish_link *l, struct publish_batch *b, struct publish_sent *sent);
