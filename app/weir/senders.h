/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "agent/senders.h"
#include "conf/conf.h"

/** Whether two settings say the same of it. */
bool senders_same(const struct conf *a, const struct conf *b);

/**
 * Who may send, and whose sampling rates count, by the options allow and agents. Any thread but an RX core.
 * @param s  out: a reference; NULL where the settings say nothing of it
 * @return 0, or -ENOMEM: what settings say was checked as they were read
 */
int senders_make(const struct conf *c, struct agent_senders **s);
