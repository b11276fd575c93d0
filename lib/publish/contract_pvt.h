/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "publish/batch_pvt.h"
#include "publish/held_pvt.h"
#include "window/ring.h"
#include "window/snapshot.h"

/* A definition that comes or goes, and what Redis was told of that. */
struct publish_name {
	struct publish_name *next;
	char *name;
	bool seen;  /* in the window at hand */
	bool there; /* what Redis was told last */
	bool sure;  /* and what it has carried out */
	bool sent;  /* a watch tells what became of it */
	uint32_t watch;
};

/*
 * The keys and channels (docs/redis.rst), one file per family. Braces in a key are the hash tag of
 * a cluster: all keys of one entity lie in one slot, as MULTI asks for.
 */
struct publish_writer {
	const char *prefix;
	const char *collector;
	uint64_t expire_ms;
	uint64_t told; /* newest window whose documents Redis answered: they do not go out again */
	struct publish_name *names;
	struct publish_held *held; /* of definitions with many flows */
	uint32_t own; /* watch of the collector's key: it is missing where others took our keys */
	struct publish_batch batch;
	/* Scratch, of the definition or document at hand. */
	struct publish_buffer document; /* JSON of a channel */
	struct publish_lines lines;
	struct publish_batch keys; /* its three keys, in wire form */
	size_t key_ends[3];
};

/** How long a key still has whose entity spoke last at `time_ms`; 0: it is silent for too long. */
static inline uint64_t publish_time_left(
	const struct publish_writer *w, const struct window_snapshot *s, uint64_t time_ms)
{
	uint64_t silent = s->end_ms > time_ms ? s->end_ms - time_ms : 0;

	return silent < w->expire_ms ? w->expire_ms - silent : 0;
}

/** How long keys are kept that every window replaces: they outlive two windows that fail. */
static inline uint64_t publish_time_kept(
	const struct publish_writer *w, const struct window_snapshot *s)
{
	uint64_t windows = s->end_ms > s->start_ms ? 3 * (s->end_ms - s->start_ms) : 0;

	return windows > w->expire_ms ? windows : w->expire_ms;
}

/** Whether the documents of this window are still to go out on the channels. */
static inline bool publish_is_news(const struct publish_writer *w, const struct window_snapshot *s)
{
	return s->number > w->told;
}

/** PREFIX:flow:{NAME}, its :rank and :meta, and the channel, in one MULTI. */
void publish_write_flows(struct publish_writer *w, const struct window_snapshot *s);

enum { PUBLISH_SHARE_DECIMALS = 4 }; /* hundredths of a percent */

/** Make the document of the channel in `w->document`; `l` has the flows of `f`. */
void publish_make_flow_document(struct publish_writer *w, const struct window_snapshot *s,
	const struct window_flows *f, const struct publish_lines *l);

/**
 * Delete the keys of definitions that were in a window before, and are not in this one; their
 * records expire, unless the definition comes again. What Redis has not carried out is written again.
 */
void publish_write_gone(struct publish_writer *w, const struct window_snapshot *s);

/**
 * Redis has answered the batch.
 * @param settled  no commands of an earlier connection can come behind it: what has gone need not be known
 */
void publish_names_answered(
	struct publish_name **list, const struct publish_batch *b, bool settled);

/** What Redis has is not sure. */
void publish_names_forget(struct publish_name *list);

void publish_names_free(struct publish_name **list);

/* A stream of documents, and the channel of the same name. */
struct publish_stream {
	struct ring *ring; /* NULL: none */
	const char *key;   /* behind the prefix */
	bool by_name;      /* a stream for each name of documents */
	bool by_step;      /* and for what the first pair is; no channel; gone when nothing comes */
	uint64_t length;   /* entries that it is kept at, about */
};

/** PREFIX:events, or PREFIX:records:{NAME}: an entry, and the same on the channel. */
void publish_write_document(
	struct publish_writer *w, const struct publish_stream *s, const struct ring_document *d);

/** PREFIX:agents and PREFIX:agent:{IP}. */
void publish_write_agents(struct publish_writer *w, const struct window_snapshot *s);

/** PREFIX:metric:{IP}:DATASOURCE and channel PREFIX:metric:{IP}. */
void publish_write_metrics(struct publish_writer *w, const struct window_snapshot *s);

/** PREFIX:collector:ID. */
void publish_write_collector(struct publish_writer *w, const struct window_snapshot *s);

void publish_writer_free(struct publish_writer *w);
