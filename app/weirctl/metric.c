/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "commands.h"
#include "document.h"
#include "grid.h"
#include "units.h"

/*
 * Metrics as the API tells them: which there are (weirctl metric list), those of one agent (weirctl
 * metric AGENT), what those of many come to (weirctl metric ALL sum:ifinoctets,avg:load_one
 * os_name=linux), or side by side (weirctl metric ALL host_name,sort:load_one:-10).
 */

enum {
	PATTERNS = 3, /* the first word that is one */
	DIGITS = 12,  /* of numbers */
};

/* ---- what is asked ---- */

/* Columns of a table have sort: or null: before them. */
static bool is_table(const char *metrics)
{
	for (const char *at = metrics; at; at = strpbrk(at, ",;")) {
		at += *at == ',' || *at == ';';
		if (strncmp(at, "sort:", 5) == 0 || strncmp(at, "null:", 5) == 0)
			return true;
	}
	return false;
}

/* Which there are, no agent of that name. */
static bool is_list(const struct options *o)
{
	return o->word_count < PATTERNS && strcmp(o->name, "list") == 0;
}

/* @return a path with its query, free(); NULL: after a word on stderr */
static char *make_path(struct client *c, const struct options *o, bool table)
{
	const char *metrics = o->word_count > 2 ? o->words[2] : NULL;
	char *agents = client_encode(c, o->name), *path = NULL, *more;
	char *encoded = metrics ? client_encode(c, metrics) : NULL;

	if (asprintf(&path, "/%s/%s%s%s/json", table ? "table" : "metric", agents,
		    encoded ? "/" : "", encoded ? encoded : "") < 0)
		abort();
	free(agents);
	free(encoded);
	for (unsigned i = PATTERNS; i < o->word_count; i++) {
		const char *equal = strchr(o->words[i], '=');
		char *name, *pattern;

		if (!equal || equal == o->words[i]) {
			fprintf(stderr,
				"weirctl: \"%s\" is not NAME=PATTERN, such as os_name=linux\n",
				o->words[i]);
			free(path);
			return NULL;
		}
		name = strndup(o->words[i], (size_t)(equal - o->words[i]));
		agents = client_encode(c, name);
		pattern = client_encode(c, equal + 1);
		if (asprintf(&more, "%s%c%s=%s", path, i == PATTERNS ? '?' : '&', agents, pattern) <
			0)
			abort();
		free(name);
		free(agents);
		free(pattern);
		free(path);
		path = more;
	}
	return path;
}

/* ---- what is shown ---- */

static void add_age(struct grid *t, const json_t *age)
{
	char text[UNITS_TEXT];

	if (!age)
		grid_add(t, "-");
	else
		grid_add(t, "%s ago", units_time(text, (uint64_t)json_integer_value(age)));
}

static void print_names(const json_t *ages)
{
	static const char *const heads[] = {"METRIC", ">UPDATED", NULL};
	struct grid t;
	const char *name;
	json_t *age;

	grid_init(&t, heads);
	json_object_foreach((json_t *)(uintptr_t)ages, name, age)
	{
		grid_add(&t, "%s", name);
		add_age(&t, age);
	}
	grid_print(&t, stdout);
	grid_free(&t);
}

static void print_agent(const json_t *metrics)
{
	static const char *const heads[] = {"METRIC", ">VALUE", NULL};
	struct grid t;
	const char *name;
	json_t *value;

	grid_init(&t, heads);
	json_object_foreach((json_t *)(uintptr_t)metrics, name, value)
	{
		grid_add(&t, "%s", name);
		grid_add_json(&t, value, DIGITS);
	}
	grid_print(&t, stdout);
	grid_free(&t);
}

static void print_statistics(const json_t *list)
{
	static const char *const heads[] = {
		"METRIC", ">VALUE", ">SOURCES", "AGENT", "SOURCE", ">UPDATED", NULL};
	struct grid t;
	json_t *one;
	size_t i;

	grid_init(&t, heads);
	json_array_foreach(list, i, one)
	{
		grid_add_json(&t, json_object_get(one, "metricName"), DIGITS);
		grid_add_json(&t, json_object_get(one, "metricValue"), DIGITS);
		grid_add_json(&t, json_object_get(one, "metricN"), DIGITS);
		grid_add_json(&t, json_object_get(one, "agent"), DIGITS);
		grid_add_json(&t, json_object_get(one, "dataSource"), DIGITS);
		add_age(&t, json_object_get(one, "lastUpdate"));
	}
	grid_print(&t, stdout);
	grid_free(&t);
}

/* Without what stands before and behind the metric's name in "sort:load_one:-10". */
static char *column_name(struct base_region *region, const char *text, size_t len)
{
	char *name = base_region_copy(region, text, len), *colon;
	bool sort = false;

	while (strncmp(name, "sort:", 5) == 0 || strncmp(name, "null:", 5) == 0) {
		sort = sort || *name == 's';
		name += 5;
	}
	colon = sort ? strrchr(name, ':') : NULL;
	if (colon)
		*colon = '\0';
	return name;
}

static void print_table(const json_t *rows, const char *columns)
{
	const char *heads[GRID_COLUMNS + 1] = {NULL};
	struct base_region region = {0};
	unsigned count = 0;
	json_t *row, *cell;
	struct grid t;
	size_t i, j;

	for (const char *at = columns; at && count < GRID_COLUMNS; at = strpbrk(at, ",;")) {
		at += *at == ',' || *at == ';';
		heads[count++] = column_name(&region, at, strcspn(at, ",;"));
	}
	grid_init(&t, heads);
	json_array_foreach(rows, i, row)
	{
		json_array_foreach(row, j, cell)
		{
			if (j < count)
				grid_add_json(&t, json_object_get(cell, "metricValue"), DIGITS);
		}
	}
	grid_print(&t, stdout);
	grid_free(&t);
	base_region_free(&region);
}

static void print(const struct options *o, const json_t *answer, bool table)
{
	if (is_list(o))
		print_names(answer);
	else if (o->word_count < PATTERNS)
		print_agent(answer);
	else if (table)
		print_table(answer, o->words[2]);
	else
		print_statistics(answer);
}

static int ask(struct client *c, const struct options *o)
{
	bool table = o->word_count >= PATTERNS && is_table(o->words[2]);
	struct client_question q = {.method = "GET"};
	char *path = is_list(o) ? strdup("/metrics/json") : make_path(c, o, table);
	json_t *answer = NULL;
	int err;

	if (!path)
		return -EINVAL;
	q.path = path;
	err = client_ask(c, &q, &answer);
	free(path);
	if (err)
		return err;
	if (o->json) {
		document_print(answer);
		return 0;
	}
	print(o, answer, table);
	json_decref(answer);
	return 0;
}

int command_metric(const struct options *o)
{
	struct client c;
	int err = client_open(&c, o);

	if (err)
		return client_exit(err);
	err = ask(&c, o);
	client_close(&c);
	return client_exit(err);
}
