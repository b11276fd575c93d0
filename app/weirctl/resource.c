/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "client.h"
#include "commands.h"
#include "document.h"
#include "grid.h"

/*
 * Things with names that the API lists, gives, takes and removes: weirctl flow list, flow show NAME,
 * flow put NAME ..., flow rm NAME; threshold, group and map alike.
 */

/* One row for each kind: its columns in a list. */
static const struct kind {
	const char *name;
	bool lists; /* attributes are lists of texts, and any name is one */
	const char *columns[GRID_COLUMNS];
} kinds[] = {
	{"flow", false, {"keys", "value", "filter", ">n", ">t"}},
	{"threshold", false, {"metric", ">value", "filter", "byFlow", ">timeout", "kind"}},
	{"group", true, {">labels", ">values", ">lastUpdate"}},
	{"map", true, {">labels", ">values", ">lastUpdate"}},
};

enum { DIGITS = 6 /* of numbers */ };

static const struct kind *kind_of(const char *name)
{
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	abort();
}

static void print_list(const struct kind *k, json_t *list)
{
	const char *heads[GRID_COLUMNS + 1] = {"name"}, *name;
	struct grid t;
	json_t *one;

	for (unsigned i = 0; i + 2 < GRID_COLUMNS && k->columns[i]; i++)
		heads[i + 1] = k->columns[i];
	grid_init(&t, heads);
	json_object_foreach(list, name, one)
	{
		grid_add(&t, "%s", name);
		for (unsigned i = 1; heads[i]; i++)
			grid_add_json(
				&t, json_object_get(one, heads[i] + (heads[i][0] == '>')), DIGITS);
	}
	grid_print(&t, stdout);
	grid_free(&t);
}

static int ask(struct client *c, const struct options *o, const char *method, const json_t *body,
	json_t **answer)
{
	char *name = client_encode(c, o->words[2]), path[4000];
	struct client_question q = {.method = method, .path = path, .body = body};
	int len = snprintf(path, sizeof(path), "/%s/%s/json", o->command, name);

	free(name);
	if (len >= (int)sizeof(path)) {
		fprintf(stderr, "weirctl: this name is too long\n");
		return -EINVAL;
	}
	return client_ask(c, &q, answer);
}

static int list(struct client *c, const struct options *o)
{
	struct client_question q = {.method = "GET"};
	json_t *answer = NULL;
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/%s/json", o->command);
	q.path = path;
	err = client_ask(c, &q, &answer);
	if (err)
		return err;
	if (!json_is_object(answer)) {
		fprintf(stderr, "weirctl: %s%s gives no object\n", c->base, path);
		json_decref(answer);
		return -EIO;
	}
	if (o->json) {
		document_print(answer);
		return 0;
	}
	print_list(kind_of(o->command), answer);
	json_decref(answer);
	return 0;
}

static int show(struct client *c, const struct options *o)
{
	json_t *answer = NULL;
	int err = ask(c, o, "GET", NULL, &answer);

	if (err)
		return err;
	if (o->json) {
		document_print(answer);
		return 0;
	}
	json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY);
	putchar('\n');
	json_decref(answer);
	return 0;
}

static int put(struct client *c, const struct options *o)
{
	json_t *body = body_read(o->words + 3, o->word_count - 3, kind_of(o->command)->lists);
	int err = body ? ask(c, o, "PUT", body, NULL) : -EINVAL;

	json_decref(body);
	return err;
}

static int drop(struct client *c, const struct options *o)
{
	return ask(c, o, "DELETE", NULL, NULL);
}

static const struct verb {
	const char *name;
	unsigned least, most; /* words, with the command and the verb */
	const char *words;
	int (*run)(struct client *c, const struct options *o);
} verbs[] = {
	{"list", 2, 2, "list", list},
	{"show", 3, 3, "show NAME", show},
	{"put", 4, OPTIONS_WORDS, "put NAME ATTRIBUTE=VALUE... (or JSON, or @FILE)", put},
	{"rm", 3, 3, "rm NAME", drop},
};
enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static const struct verb *verb_of(const struct options *o)
{
	for (unsigned i = 0; i < VERBS; i++) {
		const struct verb *v = &verbs[i];

		if (!o->name || strcmp(o->name, v->name) != 0)
			continue;
		if (o->word_count >= v->least && o->word_count <= v->most)
			return v;
		fprintf(stderr, "weirctl: write %s %s\n", o->command, v->words);
		return NULL;
	}
	fprintf(stderr, "weirctl: write %s", o->command);
	for (unsigned i = 0; i < VERBS; i++)
		fprintf(stderr, "%s %s", i ? " |" : "", verbs[i].words);
	fprintf(stderr, "\n");
	return NULL;
}

int command_resource(const struct options *o)
{
	const struct verb *v = verb_of(o);
	struct client c;
	int err;

	if (!v)
		return 2;
	err = client_open(&c, o);
	if (err)
		return client_exit(err);
	err = v->run(&c, o);
	client_close(&c);
	return client_exit(err);
}
