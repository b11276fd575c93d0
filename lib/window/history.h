/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "window/ring.h"
#include "window/snapshot.h"

/*
 * The last hour of every definition: its total and its largest flows, in steps of a second for five
 * minutes and of ten seconds for an hour; where windows are longer, a step is a window. In memory of
 * fixed size, sizeof(struct history_flow) for each definition: steps are overwritten, key texts are
 * cut. The aggregator writes, any thread reads a copy; both under a mutex that is held for a copy.
 */

enum {
	HISTORY_FINE = 300,   /* steps of a second */
	HISTORY_COARSE = 360, /* steps of ten */
	HISTORY_FINE_MS = 1000,
	HISTORY_COARSE_MS = 10000,
	HISTORY_TOP = 5,   /* flows of a step */
	HISTORY_KEY = 120, /* room for the text of a key; a longer one is cut, and ends in ... */
	HISTORY_NAME = 65,
};

struct history_top {
	double value; /* per second: fine, smoothed at the end of the step; coarse, the mean of those */
	char key[HISTORY_KEY];
};

struct history_step {
	uint64_t start_ms, end_ms; /* since 1970 */
	uint64_t total;            /* as of windows, over the step */
	uint64_t samples;
	uint32_t count;
	struct history_top top[HISTORY_TOP]; /* largest first */
};

/* Steps of one length, the newest at number (next - 1) % size. */
struct history_steps {
	uint32_t next, count;
	struct history_step open; /* end_ms 0: not begun */
};

struct history_flow {
	char name[HISTORY_NAME], unit[32];
	uint64_t meaning; /* of the definition: another one begins anew */
	uint64_t pass;    /* the last window that had it */
	struct history_steps fine, coarse;
	struct history_step fine_steps[HISTORY_FINE], coarse_steps[HISTORY_COARSE];
};

_Static_assert(sizeof(struct history_step) == 680, "docs/design.rst says how much it takes");

struct history;

/**
 * @param steps  where steps that are over go too, as documents, in the name of the definition; NULL:
 *               nowhere. Outlives it
 * @return NULL and errno; history_destroy(NULL) is fine
 */
struct history *history_create(struct ring *steps);
void history_destroy(struct history *h);

/** Take in the flows of a window. Aggregator, before the snapshot is put into the exchange. */
void history_add(struct history *h, const struct window_snapshot *s);

/**
 * A copy of what is known of a definition. Any thread.
 * @param unit  out: 32 bytes
 * @param steps out: room for `HISTORY_COARSE`; oldest first
 * @return how many; -ENOENT: no such definition
 */
int history_read(
	struct history *h, const char *name, bool coarse, char *unit, struct history_step *steps);
