/* SPDX-License-Identifier: BSD-3-Clause */
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "capacity/capacity_pvt.h"

/* What waits in the outbox goes to Redis, in pipelined batches; what was not taken stays. */

enum { WRITE_BATCH = 256, WRITE_NUMBER = 24 };

/* ---- commands ---- */

static unsigned add_record(struct capacity *k, const struct capacity_entry *e)
{
	const struct capacity_extent block = capacity_block_of(e->span, e->slot);
	uint32_t days = e->span == CAPACITY_HOUR ? k->hours_kept : k->days_kept;
	char key[CAPACITY_KEY], at[WRITE_NUMBER];
	const char *append[] = {"APPEND", key, (const char *)e->bytes};
	const char *expire[] = {"EXPIREAT", key, at};
	size_t lens[] = {6, 0, e->len};

	capacity_block_key(key, k->prefix, &e->series, e->span, block.number);
	lens[1] = strlen(key);
	capacity_redis_add_bytes(&k->redis, 3, append, lens);
	if (!e->expires)
		return 1;
	snprintf(at, sizeof(at), "%" PRIu64,
		capacity_block_end_s(e->span, &block) + (uint64_t)days * 86400);
	capacity_redis_add(&k->redis, 3, expire);
	return 2;
}

static unsigned add_known(struct capacity *k, const struct capacity_entry *e)
{
	char key[CAPACITY_KEY], agents[CAPACITY_KEY], addr[BASE_ADDR_TEXT];
	char index[WRITE_NUMBER], seen[WRITE_NUMBER];
	const char *set[] = {"HSET", key, index, (const char *)e->bytes};
	const char *add[] = {"ZADD", agents, seen, addr};
	size_t lens[] = {4, 0, 0, e->len};

	capacity_agent_key(key, k->prefix, &e->series.agent);
	capacity_key(agents, k->prefix, "agents");
	base_addr_print(&e->series.agent, addr);
	snprintf(index, sizeof(index), "%" PRIu32, e->series.index);
	snprintf(seen, sizeof(seen), "%" PRIu64, (uint64_t)e->slot * CAPACITY_HOUR_MS);
	lens[1] = strlen(key);
	lens[2] = strlen(index);
	capacity_redis_add_bytes(&k->redis, 4, set, lens);
	capacity_redis_add(&k->redis, 4, add);
	return 2;
}

static unsigned add_gone(struct capacity *k, const struct capacity_entry *e)
{
	char key[CAPACITY_KEY], index[WRITE_NUMBER];
	char agents[CAPACITY_KEY], addr[BASE_ADDR_TEXT];
	const char *remove[] = {"HDEL", key, index};
	const char *forget[] = {"ZREM", agents, addr};

	capacity_agent_key(key, k->prefix, &e->series.agent);
	snprintf(index, sizeof(index), "%" PRIu32, e->series.index);
	capacity_redis_add(&k->redis, 3, remove);
	if (!e->last)
		return 1;
	capacity_key(agents, k->prefix, "agents");
	base_addr_print(&e->series.agent, addr);
	capacity_redis_add(&k->redis, 3, forget);
	return 2;
}

static unsigned add_done(struct capacity *k, const struct capacity_entry *e)
{
	char key[CAPACITY_KEY], day[WRITE_NUMBER];
	const char *set[] = {"SET", key, day};

	capacity_key(key, k->prefix, "day");
	snprintf(day, sizeof(day), "%" PRIu32, e->slot);
	capacity_redis_add(&k->redis, 3, set);
	return 1;
}

static unsigned add_entry(struct capacity *k, const struct capacity_entry *e)
{
	switch (e->kind) {
	case CAPACITY_RECORD:
		return add_record(k, e);
	case CAPACITY_KNOWN:
		return add_known(k, e);
	case CAPACITY_GONE:
		return add_gone(k, e);
	case CAPACITY_DONE:
		break;
	}
	return add_done(k, e);
}

/* ---- answers ---- */

/* @return false: the connection is lost */
static bool read_answers(
	struct capacity *k, struct capacity_entry *e, unsigned commands, bool *later)
{
	enum capacity_verdict worst = CAPACITY_TAKEN;

	for (unsigned i = 0; i < commands; i++) {
		redisReply *reply = capacity_redis_answer(&k->redis);
		enum capacity_verdict v;

		if (!reply)
			return false;
		v = capacity_redis_judge(&k->redis, reply);
		worst = v > worst ? v : worst;
		freeReplyObject(reply);
	}
	e->done = worst != CAPACITY_LATER;
	*later |= worst == CAPACITY_LATER;
	if (worst == CAPACITY_TAKEN && e->kind == CAPACITY_RECORD)
		capacity_count(k, CAPACITY_WRITTEN, 1);
	if (worst == CAPACITY_KEY_REFUSED)
		capacity_count(k, CAPACITY_REFUSED, 1);
	return true;
}

static bool write_batch(struct capacity *k, unsigned count)
{
	unsigned commands[WRITE_BATCH], added = 0;
	struct capacity_entry *e;
	bool later = false, connected = true;

	for (e = k->outbox.first; e && added < count; e = e->next)
		commands[added++] = add_entry(k, e);
	e = k->outbox.first;
	for (unsigned i = 0; connected && i < added; i++, e = e->next)
		connected = read_answers(k, e, commands[i], &later);
	capacity_outbox_sweep(&k->outbox, added);
	if (connected && later)
		capacity_redis_pause(&k->redis);
	return connected && !later;
}

bool capacity_write(struct capacity *k, unsigned count)
{
	bool well = true;

	while (well && count > 0 && k->outbox.first) {
		unsigned batch = count < WRITE_BATCH ? count : WRITE_BATCH;

		well = write_batch(k, batch);
		count -= batch;
	}
	return well;
}
