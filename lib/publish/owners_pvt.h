/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/hash.h"
#include "base/index.h"

/*
 * Which slots write a hash in Redis: one as a rule; several where sub-agents share it, or where a source
 * has come back in another slot before its old one was looked at. Keys stand for names, by a keyed hash.
 */
struct publish_owners {
	struct base_hash hash;
	struct base_index index;
	uint64_t *keys; /* by slot; 0: it writes none */
	uint32_t count; /* of slots */
};

/** @return 0, or -errno */
int publish_owners_init(struct publish_owners *o);
void publish_owners_free(struct publish_owners *o);

/** Make room for so many slots. */
void publish_owners_grow(struct publish_owners *o, uint32_t slots);

/** The key of a data source; never 0. */
uint64_t publish_owners_key(const struct publish_owners *o, const char *agent, const char *source);

/** From now on a slot writes that hash alone; 0: none. */
void publish_owners_set(struct publish_owners *o, uint32_t slot, uint64_t key);

static inline struct base_probe publish_owners_probe(const struct publish_owners *o, uint64_t key)
{
	return base_index_probe(&o->index, key);
}

/** @return the next slot with that key, or BASE_INDEX_NONE */
uint32_t publish_owners_next(
	const struct publish_owners *o, uint64_t key, struct base_probe *probe);
