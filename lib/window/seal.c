/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/seal.h"

/* Serial number of the window handed out last; the aggregator's, and main's before that starts. */
static uint64_t last_serial;

static uint64_t next_serial(void)
{
	last_serial = seal_serial_after(last_serial);
	return last_serial;
}

void seal_init(struct seal *s, struct window *current, struct window *spare, uint64_t tsc,
	uint64_t wall_ns)
{
	window_open(current, next_serial(), tsc, wall_ns);
	*s = (struct seal){.current = current, .spare = spare};
}

void seal_fini(struct seal *s)
{
	window_destroy(s->current);
	window_destroy(s->sealed);
	window_destroy(s->spare);
	*s = (struct seal){0};
}

void seal_exchange(struct seal *s, uint64_t tsc, uint64_t wall_ns)
{
	window_open(s->spare, next_serial(), tsc, wall_ns);
	s->sealed = s->current;
	base_rcu_set(s->current, s->spare);
	s->spare = NULL;
}

void seal_wait(void *domain)
{
	base_rcu_wait(domain);
}

void seal_give_back(struct seal *s)
{
	window_clear(s->sealed);
	s->spare = s->sealed;
	s->sealed = NULL;
}
