/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "metric/news.h"
#include "publish/contract_pvt.h"
#include "publish/owners_pvt.h"

/*
 * The metric hashes follow the store. For each of its slots this side remembers which data source
 * Redis has and which of its samples; a round over all slots, once a window, writes what is new since
 * then: changed fields alone where Redis has all others. So nothing is queued: what Redis was too slow
 * for is not written, what is newest of each source is. Memory is one record for each slot.
 */

/* What Redis has. All zero: nothing is known. */
struct publish_source {
	uint32_t version; /* of the slot, when it was looked at */
	uint32_t born;    /* of its source; 0: Redis has none */
	uint32_t
		written; /* its sample up to which the hash is right; 0: the hash may be anything */
	uint32_t told;   /* its sample up to which the channel was told */
	uint32_t sub_agent;
	struct base_addr agent;
	struct sflow_source id;
	char *name;      /* of a source that has one; else NULL */
	bool again;      /* the hash is to be made anew, whatever the version is */
	uint8_t refused; /* times on end, so many at most as count */
	uint8_t wait;    /* rounds in which it is left alone, since it was refused */
};

/* What becomes of a slot when Redis has answered. */
struct publish_change {
	struct publish_source next;
	uint32_t slot;
	uint32_t samples; /* told now for the first time; 0: nothing is told */
	uint32_t watch;   /* of the batch */
	bool gone;        /* the source that Redis has goes */
	bool anew;        /* the hash is made anew */
	uint64_t key;     /* that the slot owned before */
};

enum { PUBLISH_CHANGES = 1024 }; /* slots in one batch */

struct publish_sources {
	const struct metric_store *store; /* NULL: nothing to follow */
	struct publish_source *list;
	uint32_t count; /* in the list */
	uint32_t at;    /* slot to look at next */
	uint32_t left;  /* slots of the round; 0: it is over */
	uint32_t tries; /* in the round, of those that wait since they were refused */
	bool taken;     /* one that was refused is not any more: others may not be, either */
	struct publish_change *changes;
	uint32_t change_count;
	struct publish_owners owners;
	struct publish_buffer pairs;        /* scratch: fields of a hash */
	struct publish_buffer anchor;       /* and one that is in Redis */
	struct publish_buffer went;         /* and those that it must have no more */
	uint64_t now_ms;                    /* end of the newest window */
	uint64_t updates, superseded, gone; /* counters; the thread adds them to its own */
};

/** Nothing is known of Redis' hashes any more: the next round writes all. */
void publish_sources_forget(struct publish_sources *s);

/** What was refused need not wait any more. */
void publish_sources_retry(struct publish_sources *s);

/** A window has ended: look at every slot once more. */
void publish_sources_round(struct publish_sources *s, uint64_t now_ms);

/**
 * Look at the next `slots` slots of the round, or as many as fill a batch, and write what is new
 * into that of `w`. @return how many
 */
uint32_t publish_sources_write(struct publish_sources *s, struct publish_writer *w, uint32_t slots);

/** Redis has answered the batch: remember what it has now. */
void publish_sources_answered(struct publish_sources *s, const struct publish_batch *b);

/** It never will: what was written may be in Redis or not. */
void publish_sources_drop(struct publish_sources *s);

void publish_sources_free(struct publish_sources *s);
