/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "publish/batch_pvt.h"

enum { TRANSACTION_EXEC = 3, TRANSACTION_COMMANDS };

/* MULTI, two commands and EXEC, of which the first is expected to reply 12: one entity, of an empty batch. */
static inline void transaction_add(struct publish_batch *b)
{
	publish_batch_reset(b);
	publish_batch_multi(b);
	for (unsigned i = 0; i < 2; i++) {
		publish_batch_command(b, 2, "DEL");
		publish_batch_text(b, "key");
	}
	publish_batch_exec(b);
	publish_batch_watch(b, 0, TRANSACTION_EXEC, 12, 12);
	publish_batch_end(b);
}
