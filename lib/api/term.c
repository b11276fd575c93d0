/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/term.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int fail(struct api_error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int fail(struct api_error *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* ---- columns ---- */

static bool take(const char **text, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(*text, prefix, len) != 0)
		return false;
	*text += len;
	return true;
}

/* ":-10" off the end. */
static int parse_most(struct term *t, char *metric, struct api_error *e)
{
	char *colon = strrchr(metric, ':'), *end;

	if (!colon)
		return 0;
	*colon = '\0';
	t->most = strtol(colon + 1, &end, 10);
	if (end != colon + 1 && *end == '\0' && labs(t->most) <= 1000000000)
		return 0;
	return fail(e,
		"sort:%.64s: \"%.32s\" is no number of rows; write sort:%.64s:-10 for the "
		"ten largest",
		metric, colon + 1, metric);
}

static int parse_column(struct term *t, char *text, struct api_error *e)
{
	const char *rest = text;

	for (;;) {
		if (take(&rest, "sort:"))
			t->sort = true;
		else if (take(&rest, "null:"))
			t->null = true;
		else
			break;
	}
	t->metric = rest;
	t->text = rest;
	if (t->sort && parse_most(t, text + (rest - text), e) < 0)
		return -EINVAL;
	if (strchr(t->metric, ':'))
		return fail(e,
			"\"%.64s\": a column is a metric, with sort: or null: before it, and with "
			"sort: perhaps a number of rows behind it",
			t->metric);
	return 0;
}

/* ---- the list ---- */

static int parse_statistic(struct term *t, const char *text, struct api_error *e)
{
	t->text = text;
	return metric_statistic_parse(text, &t->statistic, &t->metric, e->text, sizeof(e->text));
}

static int parse_plain(struct term *t, const char *text, struct api_error *e)
{
	t->text = text;
	t->metric = text;
	t->all = strcasecmp(text, "ALL") == 0;
	if (!strchr(text, ':'))
		return 0;
	return fail(e, "\"%.64s\": there are no statistics of single values; name a metric", text);
}

static int parse_one(struct terms *t, char *text, enum term_kind kind, struct api_error *e)
{
	struct term *term = &t->list[t->count];
	int err;

	if (t->count == TERMS)
		return fail(e, "more than %d metrics", TERMS);
	*term = (struct term){.flow = -1};
	t->count++;
	if (kind == TERM_STATISTIC)
		err = parse_statistic(term, text, e);
	else if (kind == TERM_COLUMN)
		err = parse_column(term, text, e);
	else
		err = parse_plain(term, text, e);
	if (err < 0)
		return err;
	return *term->metric ? 0 : fail(e, "\"%.64s\" names no metric", text);
}

static int check_sorts(const struct terms *t, struct api_error *e)
{
	const struct term *first = NULL;

	for (unsigned i = 0; i < t->count; i++) {
		if (!t->list[i].sort)
			continue;
		if (first)
			return fail(e, "rows are sorted by one column, not by both %.64s and %.64s",
				first->text, t->list[i].text);
		first = &t->list[i];
	}
	return 0;
}

/* So are the names of all metrics. */
static int check_text(const char *text, struct api_error *e)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			return fail(e, "a metric has a character in its name that is not printable "
				       "ASCII");
	}
	return 0;
}

int terms_parse(struct terms *t, const char *text, enum term_kind kind, struct api_error *e)
{
	char *rest, *one;
	int err = check_text(text, e);

	*t = (struct terms){.copy = err == 0 ? strdup(text) : NULL};
	if (!t->copy)
		return err < 0 ? err : -ENOMEM;
	rest = t->copy;
	while (err == 0 && (one = strsep(&rest, ",;")))
		err = parse_one(t, one, kind, e);
	if (err == 0)
		err = check_sorts(t, e);
	if (err < 0)
		terms_fini(t);
	return err;
}

void terms_fini(struct terms *t)
{
	free(t->copy);
	t->copy = NULL;
}

/* ---- what they are ---- */

/* Where the name of a flow is looked up. */
struct flows {
	int (*number)(void *ctx, const char *name);
	void *ctx;
};

static bool bind(
	struct term *t, bool named, const struct metric_store *m, const struct flows *flows)
{
	metric_path_split(t->metric, named, &t->path);
	t->flow = flows->number ? flows->number(flows->ctx, t->path.name) : -1;
	t->name = t->flow < 0 ? metric_name_find(m, t->path.name, strlen(t->path.name)) : NULL;
	return t->flow >= 0 || t->name;
}

void terms_bind(struct terms *t, const struct metric_store *m,
	int (*flow)(void *ctx, const char *name), void *ctx)
{
	const struct flows flows = {flow, ctx};

	for (unsigned i = 0; i < t->count; i++) {
		if (!t->list[i].all && !bind(&t->list[i], false, m, &flows))
			bind(&t->list[i], true, m, &flows);
	}
}

bool terms_any(const struct terms *t, bool (*is)(void *ctx, const char *name), void *ctx)
{
	struct metric_path path;

	for (unsigned i = 0; i < t->count; i++) {
		for (unsigned named = 0; named < 2; named++) {
			metric_path_split(t->list[i].metric, named, &path);
			if (is(ctx, path.name))
				return true;
		}
	}
	return false;
}
