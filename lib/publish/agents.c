/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/contract_pvt.h"

enum { AGENTS_PIECE = 512 }; /* agents in one ZADD, so that no command holds Redis up */

static void add_agents_key(struct publish_writer *w)
{
	const char *const parts[5] = {w->prefix, ":agents"};

	publish_batch_join(&w->batch, parts);
}

static void write_seen(struct publish_writer *w, const struct window_agent *agents, unsigned count)
{
	char text[BASE_ADDR_TEXT];

	publish_batch_command(&w->batch, 2 + 2 * (size_t)count, "ZADD");
	add_agents_key(w);
	for (unsigned i = 0; i < count; i++) {
		publish_batch_uint(&w->batch, agents[i].seen_ms);
		publish_batch_text(&w->batch, base_addr_print(&agents[i].addr, text));
	}
	publish_batch_end(&w->batch);
}

/* By the clock of the windows, so that a collector with a wrong clock forgets only its own. */
static void forget_silent(struct publish_writer *w, const struct window_snapshot *s)
{
	if (s->end_ms < w->expire_ms)
		return;
	publish_batch_command(&w->batch, 4, "ZREMRANGEBYSCORE");
	add_agents_key(w);
	publish_batch_text(&w->batch, "-inf");
	publish_batch_uint(&w->batch, s->end_ms - w->expire_ms);
	publish_batch_end(&w->batch);
}

static void add_agent_key(struct publish_writer *w, const char *addr)
{
	const char *const parts[5] = {w->prefix, ":agent:{", addr, "}"};

	publish_batch_join(&w->batch, parts);
}

static void write_agent(
	struct publish_writer *w, const struct window_snapshot *s, const struct window_agent *a)
{
	uint64_t left = publish_time_left(w, s, a->seen_ms);
	struct publish_batch *b = &w->batch;
	char addr[BASE_ADDR_TEXT];

	if (a->count == 0 || left == 0)
		return;
	base_addr_print(&a->addr, addr);
	publish_batch_multi(b);
	publish_batch_command(b, 2, "DEL");
	add_agent_key(w, addr);
	publish_batch_command(b, 2 + 2 * (size_t)a->count, "HSET");
	add_agent_key(w, addr);
	for (unsigned i = 0; i < a->count; i++)
		publish_batch_pair(b, a->pairs[i].name, a->pairs[i].text);
	publish_batch_command(b, 3, "PEXPIRE");
	add_agent_key(w, addr);
	publish_batch_uint(b, left);
	publish_batch_exec(b);
	publish_batch_end(b);
}

void publish_write_agents(struct publish_writer *w, const struct window_snapshot *s)
{
	unsigned i, left;

	for (i = 0; i < s->agent_count; i += AGENTS_PIECE) {
		left = s->agent_count - i;
		write_seen(w, &s->agents[i], left < AGENTS_PIECE ? left : AGENTS_PIECE);
	}
	forget_silent(w, s);
	for (i = 0; i < s->agent_count; i++)
		write_agent(w, s, &s->agents[i]);
}
