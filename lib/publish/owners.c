/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/owners_pvt.h"

#include <stdlib.h>
#include <string.h>

int publish_owners_init(struct publish_owners *o)
{
	return base_hash_init(&o->hash);
}

void publish_owners_free(struct publish_owners *o)
{
	free(o->index.slots);
	free(o->keys);
}

static void put(struct publish_owners *o, uint64_t key, uint32_t slot)
{
	struct base_probe probe = base_index_probe(&o->index, key);

	while (base_index_next(&o->index, &probe) != BASE_INDEX_NONE)
		;
	base_index_put(&o->index, &probe, slot);
}

void publish_owners_grow(struct publish_owners *o, uint32_t slots)
{
	uint64_t room = base_index_slots(slots);

	if (slots <= o->count)
		return;
	free(o->index.slots);
	o->index = (struct base_index){
		.slots = calloc(room, sizeof(*o->index.slots)), .mask = (uint32_t)(room - 1)};
	o->keys = realloc(o->keys, slots * sizeof(*o->keys));
	if (!o->index.slots || !o->keys)
		abort(); /* as buffers do */
	memset(o->keys + o->count, 0, (slots - o->count) * sizeof(*o->keys));
	for (uint32_t i = 0; i < o->count; i++)
		if (o->keys[i])
			put(o, o->keys[i], i);
	o->count = slots;
}

uint64_t publish_owners_key(const struct publish_owners *o, const char *agent, const char *source)
{
	uint64_t key = base_hash_mix(base_hash_bytes(&o->hash, agent, strlen(agent)),
		base_hash_bytes(&o->hash, source, strlen(source)));

	return key ? key : 1;
}

void publish_owners_set(struct publish_owners *o, uint32_t slot, uint64_t key)
{
	if (o->keys[slot])
		base_index_remove(&o->index, o->keys[slot], slot);
	o->keys[slot] = key;
	if (key)
		put(o, key, slot);
}

uint32_t publish_owners_next(const struct publish_owners *o, uint64_t key, struct base_probe *probe)
{
	uint32_t slot = base_index_next(&o->index, probe);

	while (slot != BASE_INDEX_NONE && o->keys[slot] != key)
		slot = base_index_next(&o->index, probe);
	return slot;
}
