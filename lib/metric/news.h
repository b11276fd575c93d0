/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "metric/read.h"

/*
 * What is new in the store, for who keeps a copy of it elsewhere: which slots have changed, and which
 * values of a source. A reading thread, as in read.h; the owner as well.
 *
 * Ordering: who reads a slot's version and then what is in it sees all that this version tells of,
 * and perhaps newer things, which the next version tells of again.
 */

/** No slot at or behind this one was ever used; it never shrinks. */
uint32_t metric_slot_count(const struct metric_store *m);

/** Where a source is. */
uint32_t metric_source_slot(const struct metric_source *src);

/** Another one after every sample of its source, and when a source comes or goes; 0: never used. */
uint32_t metric_slot_version(const struct metric_store *m, uint32_t slot);

/** @return NULL: there is none now */
const struct metric_source *metric_slot_source(const struct metric_store *m, uint32_t slot);

/** Tells a source from those that were in its slot before; never 0. */
uint32_t metric_source_born(const struct metric_source *src);

/** Its samples so far whose records can all be read. */
uint32_t metric_source_samples(const struct metric_source *src);

/** Arrival of its newest record, since 1970. */
uint64_t metric_source_time_ms(const struct metric_source *src);

/* A value of a record. */
struct metric_news {
	const char *name;
	struct metric_value value;
	uint32_t sample; /* of the source: the one that had the record */
	uint32_t before; /* the one that had such a record before it; 0: none */
	bool changed;    /* from what that one said */
	bool came;       /* that one had no such value */
	bool went;       /* there may have been one before, and there is none now: no `value` */
	uint64_t whole;  /* a value that is too large for a double to have all of it; else 0 */
};

/** The value as text: a number without exponent, a text as it is. */
void metric_news_print(const struct metric_news *n, struct base_text *t);

/**
 * All values of records that came after sample `since` (0: all), and those that a copy of that time may have
 * and the source has no more: whatever its records can give and do not, where nothing is known of the copy.
 */
void metric_source_news(const struct metric_store *m, const struct metric_source *src,
	uint32_t since, void (*each)(void *ctx, const struct metric_news *n), void *ctx);
