/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether the threads that must not stop go on: RX cores and the aggregator count as they go, each a
 * word of its own, and the main thread looks whether the words change. Systemd's watchdog is told
 * that all is well only when each has changed since it was told last: so a core that is stuck ends
 * in a restart, though the main thread lives. The publisher is none of them: Redis may be away.
 * Main thread; no allocation, no lock.
 */

enum { WATCH_MOST = 192, WATCH_NAME = 24 };

struct watch {
	struct watch_heart {
		const uint64_t *beat; /* written by its thread, relaxed; NULL: it has ended */
		char name[WATCH_NAME];
		uint64_t seen;     /* what it was at the last look */
		uint64_t moved_ns; /* when it was another */
		bool told;         /* that it is stuck */
	} hearts[WATCH_MOST];
	unsigned count;
	uint64_t told_ns; /* when the watchdog was told that all is well */
};

void watch_init(struct watch *w, uint64_t now_ns);

/** `beat` is read until watch_end(). More than WATCH_MOST are not watched. */
void watch_add(struct watch *w, const uint64_t *beat, uint64_t now_ns, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/** The thread of this word has ended as it should. */
void watch_end(struct watch *w, const uint64_t *beat);

/**
 * Look at all words; logs which of them is stuck, and that it goes on.
 * @param watchdog_ns  how long the watchdog waits; 0: there is none
 * @return whether the watchdog is to be told that all is well
 */
bool watch_look(struct watch *w, uint64_t now_ns, uint64_t watchdog_ns);

/** The name of one that is stuck, NULL: none. */
const char *watch_stuck(const struct watch *w);
