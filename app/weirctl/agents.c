/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "commands.h"
#include "document.h"
#include "grid.h"
#include "session.h"
#include "units.h"

enum { AGENTS_PIECE = 256 }; /* hashes asked for at a time */

static const char *const heads[] = {"AGENT", ">SEEN", ">DATAGRAMS", ">LOST", ">DUPLICATES",
	">REORDERED", ">SAMPLES", ">SOURCES", ">UPTIME", NULL};

/* Where agents go: one of the two. */
struct output {
	struct grid *table;
	json_t *list;
	uint64_t now_ms;
};

static void add_count(struct grid *t, const redisReply *hash, const char *field)
{
	const char *text = session_field(hash, field);

	grid_add(t, "%s", text ? text : "-");
}

static void add_row(struct output *out, const char *agent, uint64_t seen_ms, const redisReply *hash)
{
	const char *uptime = session_field(hash, "uptime_ms");
	char text[UNITS_TEXT];

	grid_add(out->table, "%s", agent);
	grid_add(out->table, "%s ago",
		units_time(text, out->now_ms > seen_ms ? out->now_ms - seen_ms : 0));
	add_count(out->table, hash, "datagrams");
	add_count(out->table, hash, "lost");
	add_count(out->table, hash, "duplicates");
	add_count(out->table, hash, "out_of_order");
	add_count(out->table, hash, "samples");
	add_count(out->table, hash, "data_sources");
	grid_add(out->table, "%s", uptime ? units_time(text, strtoull(uptime, NULL, 10)) : "-");
}

static void add_object(
	struct output *out, const char *agent, uint64_t seen_ms, const redisReply *hash)
{
	json_t *object = json_object();

	json_object_set_new(object, "agent", document_value(agent));
	json_object_set_new(object, "seen_ms", json_integer((json_int_t)seen_ms));
	json_object_update_new(object, document_hash(hash));
	json_array_append_new(out->list, object);
}

static int show_piece(struct session *s, const struct options *o, redisReply **agents, size_t count,
	struct output *out)
{
	for (size_t i = 0; i < count; i++)
		publish_link_format(
			s->redis, "HGETALL %s:agent:{%s}", o->prefix, agents[2 * i]->str);
	for (size_t i = 0; i < count; i++) {
		uint64_t seen_ms = strtoull(agents[2 * i + 1]->str, NULL, 10);
		redisReply *hash = session_reply(s);

		if (!hash)
			return -1;
		if (out->list)
			add_object(out, agents[2 * i]->str, seen_ms, hash);
		else
			add_row(out, agents[2 * i]->str, seen_ms, hash);
		freeReplyObject(hash);
	}
	return 0;
}

static int collect(struct session *s, const struct options *o, struct output *out)
{
	redisReply *agents = session_ask(s, "ZREVRANGE %s:agents 0 -1 WITHSCORES", o->prefix);
	size_t count, i, left;
	int rc = 0;

	if (!agents)
		return -1;
	count = agents->elements / 2;
	for (i = 0; i < count && rc == 0; i += AGENTS_PIECE) {
		left = count - i;
		rc = show_piece(s, o, &agents->element[2 * i],
			left < AGENTS_PIECE ? left : AGENTS_PIECE, out);
	}
	freeReplyObject(agents);
	return rc;
}

static int show(struct session *s, const struct options *o)
{
	struct output out = {.now_ms = base_clock_wall_ns() / 1000000};
	struct grid table;
	int rc;

	grid_init(&table, heads);
	out.table = &table;
	out.list = o->json ? json_array() : NULL;
	rc = collect(s, o, &out);
	if (rc == 0 && o->json)
		document_print(json_incref(out.list));
	else if (rc == 0)
		grid_print(&table, stdout);
	json_decref(out.list);
	grid_free(&table);
	return rc ? 1 : 0;
}

int command_agents(const struct options *o)
{
	return session_run(o, show);
}
