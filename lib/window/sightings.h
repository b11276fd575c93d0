/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "base/dense.h"
#include "table/table.h"
#include "window/lanes.h"
#include "window/life.h"
#include "window/regroup.h"
#include "window/value.h"

/*
 * The flows of one definition as the aggregator knows them, over all cores and windows: a key, and
 * for each data source that saw it a sighting with its smoothed rate. Touches nothing that another
 * definition's sightings touch.
 *
 * Those of a large definition are split into ranges of the hash of the key, each of which has all of this
 * by itself, so that cores which own different ranges share nothing that is written. Into how many depends on
 * the definition, and on whether there is a team, and nothing that a range does on how many cores there are:
 * so results do not either.
 * What is bounded for the definition as a whole (sightings, bytes of sketches) is given to the ranges
 * before each table (sightings_allow()), and which sightings have to go is decided over all (sightings_idle()).
 */
enum {
	SIGHTINGS_RANGES = 16,
	SIGHTINGS_LARGE = 1 << 15, /* sightings at most from which on a definition has ranges */
	SIGHTINGS_LEVELS = 33,
};

/* Half a cache line. Its hash is of its key and its data source, sighting_hash(). */
struct sighting {
	uint32_t key;      /* number of its key */
	float sample_rate; /* samples per second, smoothed as the rate */
	double rate;       /* value per second, smoothed */
	uint64_t value;    /* of the window being merged */
	union {
		uint32_t samples; /* of the window being merged, if it is `seen` in that */
		uint32_t idle;    /* if not: windows without a sample before */
	};
	uint32_t source : 30; /* the aggregator's number of the data source */
	uint32_t seen : 1;    /* in the window being merged */
	uint32_t
		known : 1; /* it has had more than one sample, within what the average looks back */
};

_Static_assert(sizeof(struct sighting) == 32, "two in a cache line");

/* As long as the definition's keys are; those that vary have TABLE_KEY_INLINE bytes here. Not aligned. */
struct sighting_key {
	uint32_t tag;  /* the upper half of the key's hash */
	uint32_t best; /* number of the sighting that it is named after; NONE: it has no value */
	uint8_t len;
	bool there : 1; /* else the record is free */
	bool live : 1;  /* had samples in the window last closed */
	bool away : 1;  /* too long: `bytes` is a pointer to it, allocated */
	uint8_t bytes[];
} __attribute__((packed));

struct sightings {
	double weight,
		weight2; /* of all windows closed: sum of their weights, and of the squares */
	double t;        /* smoothing time constant, seconds */
	struct base_dense sightings; /* struct sighting */
	struct base_dense keys;      /* struct sighting_key, with holes */
	uint32_t max;                /* sightings of all ranges together */
	uint32_t room;               /* bytes of a key in its record */
	uint64_t other;         /* of the window being merged: values that found no room here */
	uint32_t live_keys;     /* keys with samples in the window last closed */
	uint64_t closed_value;  /* sum over all sightings in the window last closed */
	double closed_estimate; /* the same with what is lost; 0: nothing is known to be */
	/* Of the window that is being closed: sightings by how soon they have to go; see sightings_idle() */
	uint32_t levels[SIGHTINGS_LEVELS];
	uint32_t patience; /* windows without a sample after which any of them goes */
	float slight; /* samples per second, smoothed, of one that had a single sample in that window */
	/* Definitions whose values take lanes: */
	struct lanes lanes;
	uint8_t lane_of[FLOW_VALUES]; /* of each value; SIGHTINGS_NO_LANE: the rate above */
	uint32_t *first,
		*next;      /* sightings of each key, one after the other; since the last close */
	double *ranks;      /* of each key, if that is not a rate; since the last close */
	struct lives lives; /* of a definition that is logged */
};

enum { SIGHTINGS_NO_LANE = 255 };

/** Whether the first value is a rate: then it is that of the sighting itself. */
static inline bool sightings_rank_by_rate(const struct sightings *s)
{
	return s->lanes.count == 0 || s->lane_of[0] == SIGHTINGS_NO_LANE;
}

/** Which range a flow is in, by its table_key_hash(). */
static inline unsigned sightings_range(uint32_t hash, unsigned ranges)
{
	return (unsigned)((uint64_t)hash * ranges >> 32);
}

/**
 * One range.
 * @param max    sightings at most, of all ranges together
 * @param width  bytes of each key, 0 where they vary
 * @return 0 or -ENOMEM
 */
int sightings_init(struct sightings *s, double t, uint32_t max, unsigned width);
void sightings_fini(struct sightings *s);

/** Right after it: keep what values of a definition need beside one rate. @return 0 or -ENOMEM. */
int sightings_init_values(struct sightings *s, const struct flow_definition *d);

/**
 * Before a table is added to ranges: how much each may take of what is left for all. So all of them
 * together can have as much more than `max` as one table has entries. One thread.
 */
void sightings_allow(struct sightings *ranges, unsigned count);

/**
 * Add those entries of a sealed table that are in some of the ranges; threads may each add those of theirs.
 * @param mine     bit set of ranges
 * @param sources  the window's data sources, with the aggregator's numbers
 */
void sightings_add(struct sightings *ranges, unsigned count, uint32_t mine, const struct table *t,
	const struct table_source *sources);

/** Add all entries to the only range there is, each with the key that `regroup` makes of it. */
void sightings_add_late(struct sightings *s, const struct table *t,
	const struct table_source *sources, struct regroup *regroup);

/* Called for each sighting that is forgotten, with the number of its data source. */
typedef void sightings_gone(void *ctx, uint32_t source);

/**
 * Close the window, first: smooth all rates of a range over `seconds`. Threads as above.
 * @param factors  of each data source of the aggregator, window/loss.h; NULL: nothing is known to be lost
 * @param correct  whether rates are multiplied by these; else they are only summed up
 */
void sightings_smooth(struct sightings *s, double seconds, const float *factors, bool correct);

/**
 * Second: so many windows without a sample are the most that a sighting stays for. Those that have faded go;
 * when more than two thirds of the room are taken, the sooner, so that a window's worth of new ones always finds
 * room. Those that are not known go before the others: a flood of keys that come once. One thread, when all ranges are smoothed.
 */
uint32_t sightings_idle(const struct sightings *ranges, unsigned count, double seconds);

/** Third: forget sightings of a range, find the largest of each key. Threads as above. */
void sightings_settle(struct sightings *s, uint32_t idle, sightings_gone *gone, void *ctx);

/**
 * What the i-th value of the definition comes to, for one sighting.
 * @param room  for a union of sketches, which the value shows then; one for each value that is
 *              looked at at the same time. NULL where no value is a count
 */
void sighting_value(const struct sightings *s, uint32_t number, unsigned i, struct sketch *room,
	struct window_value *v);

/**
 * The same for a key, merged over its sightings as the mode max does.
 * @param v     valid until the next call
 * @return the sighting that it is named after, BASE_INDEX_NONE where there is no value
 */
uint32_t sighting_key_value(
	const struct sightings *s, uint32_t key, unsigned i, struct window_value *v);

/**
 * End the lives of all sightings, with what the open window brought them: the definition goes, or the
 * collector stops.
 */
void sightings_end_lives(struct sightings *s);

static inline struct sighting *sighting_at(const struct sightings *s, uint32_t number)
{
	return base_dense_at(&s->sightings, number);
}

static inline struct sighting_key *sighting_key_at(const struct sightings *s, uint32_t number)
{
	return base_dense_at(&s->keys, number);
}

/**
 * By which a key ranks that has a value: the first one, merged as the mode max does; of a rate smoothed. Only of
 * keys that were there when the window was last closed.
 */
static inline double sighting_key_rank(const struct sightings *s, uint32_t key)
{
	return s->ranks ? s->ranks[key] : sighting_at(s, sighting_key_at(s, key)->best)->rate;
}

static inline const uint8_t *sighting_key_bytes(const struct sighting_key *k)
{
	const uint8_t *away;

	if (!k->away)
		return k->bytes;
	memcpy(&away, k->bytes, sizeof(away));
	return away;
}

/**
 * The rate that a smoothed one stands for: while the average is young, what lies before its start
 * has no share in it.
 */
static inline double sightings_rate(const struct sightings *s, double rate)
{
	return s->weight > 0 ? rate / s->weight : 0;
}

/**
 * How many samples a rate rests on: those of a plain mean with the same variance. A window's mean
 * has variance rate / seconds, so this is (sum of the weights of all windows) squared over the sum
 * of their squares, each over the window's length.
 * @param sample_rate  samples per second of a sighting, smoothed
 */
static inline double sightings_samples(const struct sightings *s, double sample_rate)
{
	return s->weight2 > 0 ? sample_rate * s->weight / s->weight2 : 0;
}
