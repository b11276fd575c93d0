/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "sflow/sflow.h"

/*
 * Who may send: the agents that datagrams may be of, and the addresses that they may come from. sFlow has no
 * authentication, and its source address can be forged; what this keeps out is whoever cannot send as one of
 * those that are named, which in a network that checks source addresses is everybody else.
 *
 * Immutable once made; all RX cores read the same.
 */
struct agent_allow;

struct agent_allow_options {
	/* Networks and addresses; none: any */
	const char *const *agents;  /* addresses in datagrams */
	const char *const *sources; /* UDP source addresses */
	const char *const *relays; /* the same, of those that send for agents; beside the sources */
	unsigned agent_count, source_count, relay_count;
	bool source_is_agent; /* who is no relay sends for itself alone */
};

/**
 * Any thread but an RX core.
 * @param allow  out: NULL where nothing is asked for: all are allowed; else free it with agent_allow_destroy()
 * @param error  `size` bytes: what is wrong
 * @return 0; -EINVAL with `error`; -ENOMEM
 */
int agent_allow_create(struct agent_allow **allow, const struct agent_allow_options *options,
	char *error, size_t size);
void agent_allow_destroy(struct agent_allow *allow);

/**
 * Whether a datagram may count. RX core.
 * @param source  UDP source address
 * @param agent   the address in the datagram
 * @return 0, or the counter of the reason: SFLOW_DROP_SOURCE_NOT_ALLOWED, SFLOW_DROP_SOURCE_NOT_AGENT,
 * SFLOW_DROP_AGENT_NOT_ALLOWED
 */
int agent_allow_refuses(const struct agent_allow *allow, const struct base_addr *source,
	const struct base_addr *agent);
