/* SPDX-License-Identifier: BSD-3-Clause */
#include "watch.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"

BASE_LOG_TYPE(log_type, "watch");

#define STUCK_NS UINT64_C(10000000000) /* none of them is ever this slow */
enum { SHARE = 4 }; /* of the watchdog's time, between two words to it; it asks for 2 at least */

void watch_init(struct watch *w, uint64_t now_ns)
{
	w->count = 0;
	w->told_ns = now_ns;
}

void watch_add(struct watch *w, const uint64_t *beat, uint64_t now_ns, const char *fmt, ...)
{
	struct watch_heart *h = &w->hearts[w->count];
	va_list ap;

	if (w->count == WATCH_MOST)
		return;
	w->count++;
	*h = (struct watch_heart){
		.beat = beat, .seen = __atomic_load_n(beat, __ATOMIC_RELAXED), .moved_ns = now_ns};
	va_start(ap, fmt);
	vsnprintf(h->name, sizeof(h->name), fmt, ap);
	va_end(ap);
}

void watch_end(struct watch *w, const uint64_t *beat)
{
	for (unsigned i = 0; i < w->count; i++)
		if (w->hearts[i].beat == beat)
			w->hearts[i] = (struct watch_heart){.beat = NULL};
}

static void look(struct watch_heart *h, uint64_t now_ns)
{
	uint64_t beat = __atomic_load_n(h->beat, __ATOMIC_RELAXED);

	if (beat != h->seen) {
		if (h->told)
			base_log(&log_type, BASE_LOG_NOTICE, "the %s goes on after %" PRIu64 " s",
				h->name, (now_ns - h->moved_ns) / 1000000000);
		h->seen = beat;
		h->moved_ns = now_ns;
		h->told = false;
	} else if (!h->told && now_ns - h->moved_ns > STUCK_NS) {
		base_log(&log_type, BASE_LOG_ERROR, "the %s has not moved for %" PRIu64 " s",
			h->name, (now_ns - h->moved_ns) / 1000000000);
		h->told = true;
	}
}

bool watch_look(struct watch *w, uint64_t now_ns, uint64_t watchdog_ns)
{
	bool all = true;

	for (unsigned i = 0; i < w->count; i++) {
		struct watch_heart *h = &w->hearts[i];

		if (!h->beat)
			continue;
		look(h, now_ns);
		all &= h->moved_ns > w->told_ns;
	}
	if (!watchdog_ns || !all || now_ns - w->told_ns < watchdog_ns / SHARE)
		return false;
	w->told_ns = now_ns;
	return true;
}

const char *watch_stuck(const struct watch *w)
{
	for (unsigned i = 0; i < w->count; i++)
		if (w->hearts[i].told)
			return w->hearts[i].name;
	return NULL;
}
