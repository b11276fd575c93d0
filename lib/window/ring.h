/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "metric/metric.h"

/*
 * A bounded list of the newest documents of one kind: threshold events, or flow records. One writer
 * (the aggregator) puts them in, and they get ids that ascend from 1 without a gap; any threads read
 * what is newer than an id, and may wait for it. A full ring gives up its oldest document. One of
 * the readers may be the consumer, who is to see each: what it missed is counted.
 *
 * Guarantees: all functions are thread-safe where nothing else is said. Readers hold documents by
 * reference, so that ring_put() waits for none of them; the mutex within is held for a walk over
 * documents, never while a text is made or sent.
 */

struct ring_document {
	uint64_t id;      /* given by ring_put() */
	uint64_t time_ms; /* since 1970 */
	const char *name; /* what readers ask for: a threshold, a flow definition */
	uint32_t count;
	const struct metric_pair *pairs;
	uint32_t references; /* atomic */
};

/**
 * A document to be put. Texts and the name are copied; names of pairs must last.
 * @return one allocation; NULL where memory is short
 */
struct ring_document *ring_document(
	const char *name, uint64_t time_ms, const struct metric_pair *pairs, uint32_t count);

struct ring_options {
	const char *id; /* what documents call their id: "eventID"; must last */
	uint32_t size;  /* documents kept */
	uint32_t view;  /* most that ring_read_newest() gives, all of them or those of a name */
};

struct ring;

/** @return NULL and errno; ring_destroy(NULL) is fine. Destroyed when all readers are done. */
struct ring *ring_create(const struct ring_options *options);
void ring_destroy(struct ring *r);

/** What its documents call their id. */
const char *ring_id_name(const struct ring *r);

/** How many documents ring_read_newest() gives at most. */
uint32_t ring_view(const struct ring *r);

/** Writer: put a document in; ownership passes. @return its id */
uint64_t ring_put(struct ring *r, struct ring_document *d);

/** Id of the newest document, 0: none yet. */
uint64_t ring_newest(struct ring *r);

/** All readers: let go of documents. */
void ring_release(struct ring_document **documents, unsigned count);

/**
 * The newest documents first.
 * @param since      only newer than this id; all there are where it is below 0, or newer than any
 *                   (an id of an earlier run)
 * @param name       only of this name; NULL: of all
 * @param documents  out: room for `max`; the caller lets go of them
 * @return how many, ring_view() at most
 */
unsigned ring_read_newest(struct ring *r, int64_t since, const char *name,
	struct ring_document **documents, unsigned max);

/**
 * Documents newer than an id, oldest first, as far as they are still there.
 * @return how many; the caller lets go of them
 */
unsigned ring_read_next(
	struct ring *r, uint64_t since, struct ring_document **documents, unsigned max);

/**
 * Sleep until a document newer than `since` (or than all, where that is of an earlier run) is there,
 * or `timeout_ms` passed. @return the newest id.
 */
uint64_t ring_wait(struct ring *r, uint64_t since, uint64_t timeout_ms);

/* ---- the consumer: one thread ---- */

/** From now on there is one: what it was not told before is counted when it is given up. */
void ring_consume(struct ring *r);

/**
 * The oldest documents that it was not told yet, oldest first; the same again until ring_told(). What
 * is given up while the consumer has it in hand counts as dropped only if ring_told() does not say otherwise.
 */
unsigned ring_read_untold(struct ring *r, struct ring_document **documents, unsigned max);

/** All up to this id are dealt with; 0: none of those in hand. */
void ring_told(struct ring *r, uint64_t id);

/**
 * Writer: wait until there is room for a document that pushes none out that the consumer was not told.
 * @return what is left of `patience_ms`; all of it where there is no consumer
 */
uint64_t ring_make_room(struct ring *r, uint64_t patience_ms);

/** Documents that were given up before the consumer was told. */
uint64_t ring_dropped(struct ring *r);

/** Newest id that the consumer was told, or that was given up before. */
uint64_t ring_told_until(struct ring *r);
