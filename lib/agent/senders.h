/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "agent/allow.h"
#include "prefix/table.h"

/*
 * What the configuration says of those that send: who may, and whose sampling rate is another than its samples say.
 *
 * Immutable once made, with counted references. All RX cores read the same: that of the window they fill, so that
 * another configuration comes into force with another window.
 */

/* A sampling rate that counts instead of the agent's own. */
struct agent_rate {
	struct base_addr addr;
	uint32_t rate; /* one in N */
};

struct agent_senders {
	/* Never 0; no two of 2^32 that are made one after the other have the same. */
	uint32_t number;
	struct agent_allow *allow;  /* NULL: all may send */
	struct prefix_table agents; /* those with a rate: its place in `rates` */
	uint32_t *rates;            /* the first is 0 */
	unsigned references;        /* atomic */
};

struct agent_senders_options {
	struct agent_allow_options allow;
	const struct agent_rate *rates; /* no two of one address */
	unsigned rate_count;
};

/**
 * Any thread but an RX core.
 * @param s      out: NULL where nothing is asked for, which is as good as an empty one; else one reference
 * @param error  `size` bytes: what is wrong
 * @return 0; -EINVAL with `error`; -ENOMEM
 */
int agent_senders_create(struct agent_senders **s, const struct agent_senders_options *options,
	char *error, size_t size);

/** Counted references; any thread but an RX core. NULL is fine. */
struct agent_senders *agent_senders_ref(struct agent_senders *s);
void agent_senders_unref(struct agent_senders *s);

/** Its number; 0: NULL. RX core. */
static inline uint32_t agent_senders_number(const struct agent_senders *s)
{
	return s ? s->number : 0;
}

/** Who of them may send; NULL: all. RX core. */
static inline const struct agent_allow *agent_senders_allow(const struct agent_senders *s)
{
	return s ? s->allow : NULL;
}

/** The sampling rate that counts for an agent; 0: its own. RX core. */
static inline uint32_t agent_senders_rate(
	const struct agent_senders *s, const struct base_addr *addr)
{
	unsigned len = (unsigned)base_addr_len(addr);

	return s ? s->rates[prefix_table_find(&s->agents, addr->bytes, len)] : 0;
}
