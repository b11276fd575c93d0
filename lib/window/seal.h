/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "base/rcu.h"
#include "window/window.h"

/*
 * The exchange of windows between one RX core and the aggregator.
 *
 * Guarantees: seal_current() is wait-free, one load. A window that it returned may be written until
 * the RX core's next quiescent state, no longer. seal_exchange() puts the spare window in force and
 * seal_wait() returns after every RX core has been quiescent since: from then on the aggregator
 * alone owns the windows that were in force before, and sees all that was written to them.
 */
struct seal {
	struct window *current; /* written by the aggregator, read by the RX core */
	struct window *sealed;  /* the aggregator's: between exchange and give back */
	struct window *spare;   /* the aggregator's: empty */
} __attribute__((aligned(64)));

/** Serial numbers of windows. Places in one are told by the lower half, where 0 says that there is none: no window has it. */
static inline uint64_t seal_serial_after(uint64_t serial)
{
	return serial + ((uint32_t)serial == UINT32_MAX ? 2 : 1);
}

/** The window in force. RX core: once per burst, and forgotten at the quiescent state behind it. */
static inline struct window *seal_current(struct seal *s)
{
	return base_rcu_get(s->current);
}

/**
 * Main, before RX cores and aggregator start: put two empty windows in. Ownership passes.
 * @param tsc, wall_ns  now, on both clocks
 */
void seal_init(struct seal *s, struct window *current, struct window *spare, uint64_t tsc,
	uint64_t wall_ns);
void seal_fini(struct seal *s);

/** Aggregator: put the spare window in force; the old one is s->sealed, still not to be touched. */
void seal_exchange(struct seal *s, uint64_t tsc, uint64_t wall_ns);

/** Aggregator, with no reader's rights: wait for the grace period of all exchanges before. `domain`: any address shared with the RX cores. */
void seal_wait(void *domain);

/** Aggregator: done with s->sealed; it is cleared and is the spare again. */
void seal_give_back(struct seal *s);
