/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "flow/plan.h"
#include "table/table.h"

/*
 * What sightings keep besides their rate: the values of a definition that take lanes in its tables,
 * over all cores and windows. Averages, and rates beside the first value, are smoothed as rates are.
 * Least, largest, last and distinct values are those of the last t seconds: kept in panes of
 * t / LANES_SHARE or, where windows are longer, a window each. The oldest pane goes when the others
 * have t seconds by themselves, so that a value is of t seconds at least, and of less than a pane
 * more.
 *
 * Sketches are on the heap, of the size that they need, and of so many bytes in all; one that finds
 * no room is counted, and the value is absent while its pane is kept. One thread at a time.
 */
enum {
	LANES_SHARE = 4,
	LANES_PANES = LANES_SHARE + 1,
};

struct kept_sketch;

struct sighting_lane {
	double sum, squares; /* RATE, AVG: per second, smoothed */
	double rate;         /* samples per second, smoothed alike */
	uint32_t samples;    /* of the window being merged */
	uint8_t panes;       /* bit set: those that have something */
	uint8_t full;        /* COUNT, bit set: panes whose sketch found no room */
	union {
		struct { /* RATE, AVG: of the window being merged */
			uint64_t sum;
			double squares;
		} now;
		uint64_t number[LANES_PANES]; /* MIN, MAX */
		struct {
			uint64_t number, tsc;
		} last;
		struct kept_sketch *sketch[LANES_PANES]; /* COUNT */
	};
};

struct lanes {
	unsigned count;                 /* of each sighting; 0: none, and nothing else is used */
	uint8_t aggregate[FLOW_VALUES]; /* of each lane, enum flow_aggregate */
	struct sighting_lane *lane;     /* `count` for each sighting, by its number */
	uint32_t room;                  /* sightings that there is room for */
	double span[LANES_PANES];       /* seconds of each pane */
	unsigned newest, panes;         /* the one being filled; how many there are */
	size_t bytes, bytes_max;        /* of sketches */
	size_t bytes_all;               /* of all ranges of the definition together */
	uint64_t full;                  /* sketches that found no room */
	struct sketch *united;          /* two, where values are united */
};

/** @param capacity  of the definition: bounds what sketches take. @return 0 or -ENOMEM */
int lanes_init(struct lanes *l, const struct flow_definition *d);

/** @param sightings  how many there are */
void lanes_fini(struct lanes *l, uint32_t sightings);

/**
 * Sketches here may take what is left of those of all ranges.
 * @param bytes  what they take in all of them
 */
static inline void lanes_allow(struct lanes *l, size_t bytes)
{
	l->bytes_max = l->bytes + (bytes < l->bytes_all ? l->bytes_all - bytes : 0);
}

/** Room for so many sightings; new ones have nothing. */
void lanes_grow(struct lanes *l, uint32_t room);

/** Take in an entry of a sealed table. */
void lanes_add(struct lanes *l, uint32_t sighting, const struct table *t, uint32_t entry);

/** A sighting goes, and the last one gets its number. */
void lanes_remove(struct lanes *l, uint32_t sighting, uint32_t last);

/** A sighting has nothing any more. */
void lanes_clear(struct lanes *l, uint32_t sighting);

/** Before lanes_close(): multiply the rates that the window brought a sighting. */
void lanes_raise(struct lanes *l, uint32_t sighting, double factor);

/**
 * Close the window.
 * @param keep  what is left of a smoothed rate after it
 */
void lanes_close(struct lanes *l, uint32_t sightings, double t, double seconds, double keep);

static inline struct sighting_lane *lanes_of(const struct lanes *l, uint32_t sighting)
{
	return &l->lane[(size_t)sighting * l->count];
}

/**
 * The distinct values of all panes of a lane.
 * @param room  for their union
 * @return false where there is none, or one of the panes is not known
 */
bool lanes_sketch(const struct sighting_lane *lane, struct sketch *room, struct sketch_view *v);
