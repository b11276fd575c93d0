/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "capacity/capacity_pvt.h"

/* What Redis knows of interfaces from before the start. All that it says is checked. */

enum { LOAD_AGENTS = 64 }; /* asked for at once */

/* What was known counts. Another name by now does as one that comes later: is_another() looks at it. */
static void join(struct capacity_link *l, const struct capacity_about *old)
{
	struct capacity_about *a = &l->about;

	if (l->last_ms == 0 && a->since == 0) {
		*a = *old;
		return;
	}
	a->since = old->since < a->since ? old->since : a->since;
	if (old->name[0]) {
		memcpy(a->name, old->name, sizeof(a->name));
		l->renamed_ms = l->name[0] && strcmp(l->name, a->name) ? l->last_ms : 0;
	}
	for (unsigned i = 0; i < 2; i++)
		a->rank[i] = old->rank[i] > a->rank[i] ? old->rank[i] : a->rank[i];
}

static bool read_index(const redisReply *text, uint32_t *index)
{
	unsigned long v;
	char *end;

	if (text->type != REDIS_REPLY_STRING || text->str[0] < '0' || text->str[0] > '9')
		return false;
	errno = 0;
	v = strtoul(text->str, &end, 10);
	*index = (uint32_t)v;
	return errno == 0 && *end == '\0' && v <= UINT32_MAX;
}

static void read_interface(struct capacity *k, const struct base_addr *agent,
	const redisReply *field, const redisReply *text)
{
	struct capacity_about about;
	enum capacity_links_error error;
	struct capacity_link *l;
	uint32_t index;

	if (!read_index(field, &index) || text->type != REDIS_REPLY_STRING ||
		!capacity_about_read(text->str, (size_t)text->len, &about)) {
		capacity_count(k, CAPACITY_DAMAGED, 1);
		return;
	}
	pthread_mutex_lock(&k->mutex);
	l = capacity_links_get(&k->links, agent, index, &error);
	if (l)
		join(l, &about);
	pthread_mutex_unlock(&k->mutex);
	if (!l)
		capacity_refuse(k, error);
}

static void read_agent(struct capacity *k, const struct base_addr *agent, const redisReply *reply)
{
	const struct capacity_entry gone = {
		.kind = CAPACITY_GONE, .series = {.agent = *agent}, .last = true};

	if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 0)
		capacity_outbox_put(&k->outbox, &gone, NULL, 0);
	for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i + 1 < reply->elements; i += 2)
		read_interface(k, agent, reply->element[i], reply->element[i + 1]);
}

/* @return false: the connection is lost, or Redis refuses */
static bool read_agents(struct capacity *k, redisReply **names, size_t count)
{
	struct base_addr agents[LOAD_AGENTS];
	char key[CAPACITY_KEY];
	const char *argv[] = {"HGETALL", key};
	unsigned asked = 0;

	for (size_t i = 0; i < count; i++) {
		if (names[i]->type != REDIS_REPLY_STRING ||
			base_addr_parse(names[i]->str, &agents[asked]) < 0)
			continue;
		capacity_agent_key(key, k->prefix, &agents[asked++]);
		capacity_redis_add(&k->redis, 2, argv);
	}
	for (unsigned i = 0; i < asked; i++) {
		redisReply *reply = capacity_redis_read(&k->redis);

		if (!reply)
			return false;
		read_agent(k, &agents[i], reply);
		freeReplyObject(reply);
	}
	return true;
}

/* The last day that is made; none yet: all before today are, since there is nothing of them. */
static bool read_day(struct capacity *k)
{
	char key[CAPACITY_KEY];
	const char *argv[] = {"GET", capacity_key(key, k->prefix, "day")};
	redisReply *reply;
	uint32_t day;

	capacity_redis_add(&k->redis, 2, argv);
	reply = capacity_redis_read(&k->redis);
	if (!reply)
		return false;
	if (read_index(reply, &day))
		k->days.done = day;
	freeReplyObject(reply);
	return true;
}

bool capacity_load(struct capacity *k)
{
	char key[CAPACITY_KEY];
	const char *argv[] = {"ZRANGE", capacity_key(key, k->prefix, "agents"), "0", "-1"};
	redisReply *reply;
	bool well = true;

	capacity_redis_add(&k->redis, 4, argv);
	reply = capacity_redis_read(&k->redis);
	if (!reply)
		return false;
	for (size_t i = 0; well && reply->type == REDIS_REPLY_ARRAY && i < reply->elements;
		i += LOAD_AGENTS) {
		size_t left = reply->elements - i;

		well = read_agents(k, reply->element + i, left < LOAD_AGENTS ? left : LOAD_AGENTS);
	}
	freeReplyObject(reply);
	return well && read_day(k);
}
