/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "window/collect.h"

/** Write what is staged, at any time; collect_flush() but for datagrams that wait. RX core. */
void collect_write(struct collector *c, struct window *w);

/* Where data sources stand in the window that is being filled. */

/* A place in the window's array of data sources, which has room. */
static inline struct source_window *collect_source_add(struct window *w, struct agent_place *place)
{
	*place = (struct agent_place){.window = (uint32_t)w->serial, .number = w->source_count};
	return &w->sources[w->source_count++];
}

/* @param agent  number in the window */
static __attribute__((always_inline)) inline uint32_t collect_source_number(
	struct window *w, struct source_entry *s, uint32_t agent)
{
	if (__builtin_expect(agent_source_is_other(s), 0))
		return AGENT_OTHER;
	if (__builtin_expect(s->place.window != (uint32_t)w->serial, 0)) {
		if (w->source_count - w->together_count > w->limits.sources)
			return AGENT_OTHER;
		*collect_source_add(w, &s->place) = (struct source_window){
			.hash = s->head.hash, .agent = agent, .source = s->source};
	}
	return s->place.number;
}
