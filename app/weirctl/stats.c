/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "client.h"
#include "commands.h"
#include "definitions.h"
#include "document.h"
#include "grid.h"
#include "session.h"
#include "sums.h"
#include "units.h"

enum { COLLECTORS_MAX = 1024 };

struct names {
	char *names[COLLECTORS_MAX];
	unsigned count;
};

/* What is known of one collector. */
struct collector {
	const char *name;
	const redisReply *hash; /* its counters */
	const struct definitions *definitions;
};

static void add_name(void *ctx, const char *name)
{
	struct names *n = ctx;

	if (n->count < COLLECTORS_MAX)
		n->names[n->count++] = strdup(name);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static json_t *sums_document(const struct sum *sums, unsigned count)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s, s:I, s:I, s:b}", "name", sums[i].name, "left_is",
				sums[i].left_is, "right_is", sums[i].right_is, "left",
				(json_int_t)sums[i].left, "right", (json_int_t)sums[i].right, "ok",
				sums[i].left == sums[i].right));
	return list;
}

static unsigned all_sums(const struct collector *c, struct sum sums[SUMS_MAX])
{
	unsigned count = sums_make(c->hash, sums);

	return count + definitions_sums(c->definitions, c->name, &sums[count]);
}

static json_t *collector_document(const struct collector *c)
{
	struct sum sums[SUMS_MAX];
	unsigned count = all_sums(c, sums);
	json_t *object = json_object();

	json_object_set_new(object, "collector", json_string(c->name));
	json_object_set_new(object, "counters", document_hash(c->hash));
	json_object_set_new(object, "definitions", definitions_document(c->definitions, c->name));
	json_object_set_new(object, "conservation", sums_document(sums, count));
	return object;
}

static void print_sums(const struct collector *c)
{
	static const char *const heads[] = {"CONSERVATION", ">LEFT", ">RIGHT", "", "WHAT", NULL};
	struct sum sums[SUMS_MAX];
	unsigned count = all_sums(c, sums);
	struct grid t;

	if (count == 0)
		return;
	grid_init(&t, heads);
	for (unsigned i = 0; i < count; i++) {
		grid_add(&t, "%s", sums[i].name);
		grid_add(&t, "%" PRIu64, sums[i].left);
		grid_add(&t, "%" PRIu64, sums[i].right);
		grid_add(&t, "%s", sums[i].left == sums[i].right ? "ok" : "WRONG");
		grid_add(&t, "%s = %s", sums[i].left_is, sums[i].right_is);
	}
	putchar('\n');
	grid_print(&t, stdout);
	grid_free(&t);
}

static void print_counters(const redisReply *hash)
{
	static const char *const heads[] = {"COUNTER", ">VALUE", NULL};
	struct grid t;

	grid_init(&t, heads);
	for (size_t i = 0; i + 1 < hash->elements; i += 2) {
		grid_add(&t, "%s", hash->element[i]->str);
		grid_add(&t, "%s", hash->element[i + 1]->str);
	}
	grid_print(&t, stdout);
	grid_free(&t);
}

static void print_collector(const struct collector *c)
{
	const char *end = session_field(c->hash, "end_ms");
	uint64_t now = base_clock_wall_ns() / 1000000, then = end ? strtoull(end, NULL, 10) : now;
	char text[UNITS_TEXT];

	printf("collector %s, newest window %s ago\n\n", c->name,
		units_time(text, now > then ? now - then : 0));
	print_counters(c->hash);
	definitions_print(c->definitions, c->name);
	print_sums(c);
}

static int show_collector(struct session *s, const struct options *o, const char *name,
	const struct definitions *definitions, json_t *list)
{
	redisReply *hash = session_ask(s, "HGETALL %s:collector:%s", o->prefix, name);
	const struct collector c = {name, hash, definitions};

	if (!hash)
		return -1;
	if (hash->elements == 0 && o->name) {
		fprintf(stderr, "weirctl: Redis at %s has no collector \"%s\"\n", s->url.place,
			name);
		freeReplyObject(hash);
		return -1;
	}
	if (hash->elements > 0 && list)
		json_array_append_new(list, collector_document(&c));
	else if (hash->elements > 0)
		print_collector(&c);
	freeReplyObject(hash);
	return 0;
}

static int show_all(struct session *s, const struct options *o, const struct names *n,
	const struct definitions *definitions)
{
	json_t *list = o->json ? json_array() : NULL;
	int rc = 0;

	if (n->count == 0 && !o->json)
		fprintf(stderr,
			"weirctl: no collector has published to Redis at %s under the prefix "
			"\"%s\"\n",
			s->url.place, o->prefix);
	for (unsigned i = 0; i < n->count && rc == 0; i++) {
		if (i > 0 && !o->json)
			putchar('\n');
		rc = show_collector(s, o, n->names[i], definitions, list);
	}
	if (list && rc == 0)
		document_print(json_incref(list));
	json_decref(list);
	return rc || n->count == 0 ? 1 : 0;
}

static int show(struct session *s, const struct options *o)
{
	struct names n = {.count = 0};
	struct definitions definitions;
	char before[256];
	int rc = definitions_read(s, o, &definitions);

	snprintf(before, sizeof(before), "%s:collector:", o->prefix);
	if (o->name)
		add_name(&n, o->name);
	else if (rc == 0)
		rc = session_scan(s, before, "", add_name, &n);
	qsort(n.names, n.count, sizeof(n.names[0]), compare_names);
	rc = rc ? 1 : show_all(s, o, &n, &definitions);
	definitions_free(&definitions);
	for (unsigned i = 0; i < n.count; i++)
		free(n.names[i]);
	return rc;
}

/* ---- what they mean, which the collector itself knows ---- */

static void print_explained(json_t *all)
{
	static const char *const heads[] = {"COUNTER", ">VALUE", "UNIT", "MEANING", NULL};
	const char *name;
	json_t *one;
	struct grid t;

	grid_init(&t, heads);
	json_object_foreach(all, name, one)
	{
		grid_add(&t, "%s", name);
		grid_add(&t, "%" JSON_INTEGER_FORMAT,
			json_integer_value(json_object_get(one, "value")));
		grid_add_json(&t, json_object_get(one, "unit"), 0);
		grid_add_json(&t, json_object_get(one, "help"), 0);
	}
	grid_print(&t, stdout);
	grid_free(&t);
}

static int explain(const struct options *o)
{
	const struct client_question q = {.method = "GET", .path = "/counters/json"};
	json_t *answer = NULL;
	struct client c;
	int err = client_open(&c, o);

	if (err)
		return client_exit(err);
	err = client_ask(&c, &q, &answer);
	client_close(&c);
	if (err == 0 && o->json)
		document_print(json_incref(answer));
	else if (err == 0)
		print_explained(answer);
	json_decref(answer);
	return client_exit(err);
}

int command_stats(const struct options *o)
{
	return o->explain ? explain(o) : session_run(o, show);
}
