/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "window/lanes.h"

/*
 * Lives of sightings, of definitions that are logged: exact sums from the first sample until the
 * sighting is forgotten, or until it is `active_ms` old and begins another life; or, where starts are
 * asked for, the first window alone. At its end a life is told as a record. One array beside that of
 * the sightings, by their numbers; of the aggregator.
 */

struct life {
	uint64_t value;            /* saturates, as the sums of tables do */
	uint64_t samples;          /* 0: it has not begun again since the last record */
	uint64_t start_ms, end_ms; /* of the first and of the last window with a sample */
	bool told;                 /* starts: its record was made */
};

/* Called for each record, while the sighting is still there. */
typedef void lives_record(void *ctx, uint32_t sighting, const struct life *l);

struct lives {
	bool on;            /* the definition is logged */
	bool starts;        /* a record at the first sight, and no other */
	uint64_t active_ms; /* age at which a life that goes on is told */
	struct life *list;
	uint32_t room;
	struct lanes values; /* the values that take lanes, over each life; never closed, so sums */
	/* Set at each close. */
	lives_record *record;
	void *ctx;
	uint64_t start_ms, end_ms; /* of the window */
};

/** There is room for `room` sightings now; those that are new have not begun. */
void lives_grow(struct lives *l, uint32_t room);
/** @param sightings  how many there are */
void lives_fini(struct lives *l, uint32_t sightings);

/** Take in an entry of a sealed table, for the values that take lanes. */
void lives_take(struct lives *l, uint32_t number, const struct table *t, uint32_t entry);

/** The window that is closed brought this to a sighting, perhaps nothing. */
void lives_add(struct lives *l, uint32_t number, uint64_t value, uint64_t samples);

/** The sighting is forgotten: its life ends, and the last one takes its number. */
void lives_remove(struct lives *l, uint32_t number, uint32_t last);

/** End a life now, with what the window that is open brought to it; it may begin again. */
void lives_end(struct lives *l, uint32_t number, uint64_t value, uint64_t samples);
