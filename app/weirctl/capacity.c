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
 * The busiest links: weirctl capacity [PARAMETER=VALUE ...], with the query parameters of
 * /capacity/json.
 */

enum { CAPACITY_PATH = 3500, CAPACITY_WAIT_S = 60 };

static const char *const heads[] = {"LINK", "NAME", ">SPEED", "DIRECTION", ">P50", ">P95", ">P99",
	">MAX", ">HOUR", ">PER WEEK", "INTERVAL", "FULL", NULL};

/* ---- the question ---- */

static int add_word(struct client *c, const char *word, char *path, size_t size)
{
	const char *value = strchr(word, '=');
	size_t len = strlen(path);
	char *encoded;
	int n;

	if (!value || value == word) {
		fprintf(stderr,
			"weirctl: capacity takes PARAMETER=VALUE, as in agent=10.0.0.1 or "
			"sort=growth, not \"%s\"\n",
			word);
		return -EINVAL;
	}
	encoded = client_encode(c, value + 1);
	n = snprintf(path + len, size - len, "&%.*s=%s", (int)(value - word), word, encoded);
	free(encoded);
	if (n < (int)(size - len))
		return 0;
	fprintf(stderr, "weirctl: these parameters are too long\n");
	return -EINVAL;
}

static int make_path(struct client *c, const struct options *o, char *path)
{
	int err = 0;

	snprintf(path, CAPACITY_PATH, "/capacity/json?maxLinks=%u&format=%s", o->n,
		o->csv ? "csv" : "json");
	for (unsigned i = 1; err == 0 && i < o->word_count; i++)
		err = add_word(c, o->words[i], path, CAPACITY_PATH);
	return err;
}

/* ---- a row ---- */

static double real(const json_t *o, const char *name)
{
	return json_number_value(json_object_get(o, name));
}

static const char *text(const json_t *o, const char *name)
{
	const char *t = json_string_value(json_object_get(o, name));

	return t ? t : "";
}

static bool is_utilization(const char *metric)
{
	return strstr(metric, "utilization") != NULL;
}

static void add_identity(struct grid *t, const json_t *link)
{
	const char *group = text(link, "group"), *metric = text(link, "metric");
	char speed[UNITS_TEXT];

	if (*group)
		grid_add(t, "%s", group);
	else
		grid_add(t, "%s %s", text(link, "agent"), text(link, "dataSource"));
	grid_add(t, "%s", text(link, "ifname"));
	grid_add(t, "%s", units_scaled(speed, real(link, "speed"), "bps"));
	if (is_utilization(metric))
		grid_add(t, "%s", strncmp(metric, "ifin", 4) == 0 ? "in" : "out");
	else
		grid_add(t, "%s", metric);
}

static void add_value(struct grid *t, const json_t *o, const char *name, bool percent)
{
	if (!json_is_number(json_object_get(o, name)))
		grid_add(t, "-");
	else
		grid_add(t, percent ? "%.1f %%" : "%.3f", real(o, name));
}

static void add_trend(struct grid *t, const json_t *trend)
{
	if (!json_is_object(trend)) {
		grid_add(t, "-");
		grid_add(t, "too short");
		return;
	}
	grid_add(t, "%+.2f", real(trend, "perWeek"));
	grid_add(t, "%+.2f to %+.2f", real(trend, "low"), real(trend, "high"));
}

/* When it is full: the date, and the earliest and latest that it may be. */
static void add_date(struct grid *t, const json_t *link, const json_t *answer)
{
	const char *state = text(link, "state"), *to = text(link, "to");

	if (strcmp(state, "above") == 0)
		grid_add(t, "since %s", *text(link, "date") ? text(link, "date") : "long ago");
	else if (strcmp(state, "reaches") == 0)
		grid_add(t, "%s (%s to %s)", text(link, "date"), text(link, "from"),
			*to ? to : "never");
	else if (strcmp(state, "not") == 0)
		grid_add(t, "not within %.0f years%s%s%s", real(answer, "years"),
			*text(link, "from") ? " (at the earliest " : "", text(link, "from"),
			*text(link, "from") ? ")" : "");
	else
		grid_add(t, "-");
}

static void add_row(struct grid *t, const json_t *link, const json_t *answer)
{
	const json_t *metrics = json_object_get(json_object_get(link, "hour"), "metrics");
	bool percent = is_utilization(text(link, "metric"));

	add_identity(t, link);
	add_value(t, link, "p50", percent);
	add_value(t, link, "p95", percent);
	add_value(t, link, "p99", percent);
	add_value(t, link, "max", percent);
	add_value(t, json_object_get(metrics, text(link, "metric")), "p95", percent);
	add_trend(t, json_object_get(link, "trend"));
	add_date(t, link, answer);
}

/* ---- the answer ---- */

static void say_about(const json_t *answer)
{
	double known = real(answer, "known"), analysed = real(answer, "analysed");

	printf("%.0f of %.0f links, of the last %.0f days; the trend is of %.0f days",
		(double)json_array_size(json_object_get(answer, "links")), known,
		real(answer, "days"), real(answer, "trendDays"));
	if (json_is_number(json_object_get(answer, "threshold")))
		printf(", FULL is at %g %%", real(answer, "threshold"));
	printf("\n");
	if (analysed < known)
		printf("ranked among the %.0f that were busiest of late\n", analysed);
	if (!json_is_true(json_object_get(answer, "history")))
		printf("Redis does not answer, or refuses: only the running hour is known\n");
}

static void print_table(const json_t *answer)
{
	struct grid t;
	const json_t *link;
	size_t i;

	grid_init(&t, heads);
	json_array_foreach(json_object_get(answer, "links"), i, link) add_row(&t, link, answer);
	grid_print(&t, stdout);
	grid_free(&t);
	say_about(answer);
}

static int show(struct client *c, const struct options *o)
{
	char path[CAPACITY_PATH];
	struct client_question q = {
		.method = "GET", .path = path, .wait_s = CAPACITY_WAIT_S, .plain = o->csv};
	json_t *answer = NULL;
	int err = make_path(c, o, path);

	if (err == 0)
		err = client_ask(c, &q, &answer);
	if (err)
		return err;
	if (o->csv) {
		printf("%s", json_string_value(answer));
	} else if (o->json) {
		document_print(answer);
		return 0;
	} else {
		print_table(answer);
	}
	json_decref(answer);
	return 0;
}

int command_capacity(const struct options *o)
{
	struct client c;
	int err = client_open(&c, o);

	if (err)
		return client_exit(err);
	err = show(&c, o);
	client_close(&c);
	return client_exit(err);
}
