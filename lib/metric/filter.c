/* SPDX-License-Identifier: BSD-3-Clause */
#include "metric/filter.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "metric/read.h"

/*
 * A pattern is taken apart at its stars: the first piece has to be where a text begins, the last where it
 * ends, and each of those between behind the one before. The leftmost place is the best for each, so
 * that nothing is ever tried twice.
 */

enum {
	NUMBER_TEXT = 400, /* room for the text of any double without an exponent */
	BYTE_TEXT = 4,     /* characters of one byte, as texts have it */
};

struct piece {
	size_t len;
	const char *text; /* in the pattern's own bytes */
};

struct pattern {
	struct pattern *next; /* of the same attribute */
	bool number;
	double value;
	unsigned pieces; /* 1: there is no star */
	char *text;      /* without escapes and stars, from malloc */
	struct piece piece[];
};

struct attribute {
	char *name;
	struct pattern *first, **end;
};

struct metric_filter {
	unsigned count, patterns;
	struct attribute attributes[METRIC_FILTER_NAMES];
};

struct metric_filter *metric_filter_create(void)
{
	return calloc(1, sizeof(struct metric_filter));
}

static void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	free(p->text);
	free(p);
}

void metric_filter_destroy(struct metric_filter *f)
{
	for (unsigned i = 0; f && i < f->count; i++) {
		struct pattern *p, *next;

		for (p = f->attributes[i].first; p; p = next) {
			next = p->next;
			pattern_free(p);
		}
		free(f->attributes[i].name);
	}
	free(f);
}

/* ---- to build one ---- */

/* Decimal, and nothing else: strtod() would take "nan", "0x10" and blanks. */
static bool parse_number(const char *text, double *value)
{
	char *end;

	if (*text == '\0' || text[strspn(text, "+-.0123456789eE")] != '\0')
		return false;
	*value = strtod(text, &end);
	return *end == '\0' && *value - *value == 0;
}

static unsigned count_stars(const char *text)
{
	unsigned stars = 0;

	for (; *text; text++) {
		if (*text == '\\' && text[1])
			text++;
		else if (*text == '*')
			stars++;
	}
	return stars;
}

/* Pieces without their escapes, one behind the other; bytes that texts have escaped are. */
static void fill_pieces(struct pattern *p, const char *text)
{
	char *to = p->text;

	p->piece[p->pieces++].text = to;
	for (; *text; text++) {
		struct piece *last = &p->piece[p->pieces - 1];
		struct base_text t;

		if (*text == '*') {
			p->piece[p->pieces++].text = to;
			continue;
		}
		if (*text == '\\')
			text++;
		t = base_text(to, BYTE_TEXT + 1);
		base_text_typed(&t, text, 1);
		to += t.len;
		last->len += t.len;
	}
}

/* @return NULL: memory is short */
static struct pattern *pattern_create(const char *text)
{
	unsigned pieces = count_stars(text) + 1;
	struct pattern *p = calloc(1, sizeof(*p) + pieces * sizeof(p->piece[0]));

	if (!p)
		return NULL;
	p->text = calloc(BYTE_TEXT, strlen(text) + 1);
	if (!p->text) {
		free(p);
		return NULL;
	}
	p->number = parse_number(text, &p->value);
	fill_pieces(p, text);
	return p;
}

/* Whether the last character is a backslash that stands for itself by none before it. */
static bool ends_in_escape(const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' && *++text == '\0')
			return true;
	}
	return false;
}

static int check(const char *name, const char *pattern, char *error, size_t size)
{
	if (*name == '\0')
		snprintf(error, size, "a pattern without an attribute: \"=%.64s\"", pattern);
	else if (strlen(name) > METRIC_FILTER_TEXT)
		snprintf(error, size, "the attribute \"%.64s…\" is longer than %d bytes", name,
			METRIC_FILTER_TEXT);
	else if (*pattern == '\0')
		snprintf(error, size,
			"%.64s: the pattern is empty; * fits whatever the attribute is", name);
	else if (strlen(pattern) > METRIC_FILTER_TEXT)
		snprintf(error, size, "%.64s: the pattern is longer than %d bytes", name,
			METRIC_FILTER_TEXT);
	else if (ends_in_escape(pattern))
		snprintf(error, size,
			"%.64s: \"%.64s\" ends in a backslash, which is to stand before a "
			"character; write \\\\ for one that stands for itself",
			name, pattern);
	else
		return 0;
	return -EINVAL;
}

/* @return NULL with `error` empty: memory is short */
static struct attribute *attribute_get(
	struct metric_filter *f, const char *name, char *error, size_t size)
{
	struct attribute *a;

	for (a = f->attributes; a < f->attributes + f->count; a++)
		if (strcmp(a->name, name) == 0)
			return a;
	if (f->count == METRIC_FILTER_NAMES) {
		snprintf(error, size, "%.64s: one attribute too many, %d are taken", name,
			METRIC_FILTER_NAMES);
		return NULL;
	}
	a->name = strdup(name);
	if (!a->name)
		return NULL;
	a->end = &a->first;
	f->count++;
	return a;
}

int metric_filter_add(
	struct metric_filter *f, const char *name, const char *pattern, char *error, size_t size)
{
	struct attribute *a;
	struct pattern *p;

	*error = '\0';
	if (check(name, pattern, error, size) < 0)
		return -EINVAL;
	if (f->patterns == METRIC_FILTER_PATTERNS) {
		snprintf(error, size, "%.64s: one pattern too many, %d are taken", name,
			METRIC_FILTER_PATTERNS);
		return -ENOSPC;
	}
	p = pattern_create(pattern);
	a = p ? attribute_get(f, name, error, size) : NULL;
	if (!a) {
		pattern_free(p);
		return *error ? -ENOSPC : -ENOMEM;
	}
	*a->end = p;
	a->end = &p->next;
	f->patterns++;
	return 0;
}

/* ---- to use it ---- */

unsigned metric_filter_count(const struct metric_filter *f)
{
	return f->count;
}

const char *metric_filter_name(const struct metric_filter *f, unsigned i)
{
	return f->attributes[i].name;
}

static bool begins(const char *text, size_t len, const struct piece *p)
{
	return len >= p->len && memcmp(text, p->text, p->len) == 0;
}

static bool fits_text(const struct pattern *p, const char *text, size_t len)
{
	const struct piece *last = &p->piece[p->pieces - 1];

	if (!begins(text, len, &p->piece[0]))
		return false;
	if (p->pieces == 1)
		return len == p->piece[0].len;
	text += p->piece[0].len;
	len -= p->piece[0].len;
	for (unsigned i = 1; i + 1 < p->pieces; i++) {
		const char *at = memmem(text, len, p->piece[i].text, p->piece[i].len);

		if (!at)
			return false;
		len -= (size_t)(at - text) + p->piece[i].len;
		text = at + p->piece[i].len;
	}
	return len >= last->len && memcmp(text + len - last->len, last->text, last->len) == 0;
}

/* "*", and "**" for that matter. */
static bool fits_all(const struct pattern *p)
{
	return p->pieces > 1 && p->text[0] == '\0';
}

/* Whether one may be what is printed of the other: a 32-bit float has few digits. */
static bool is_near(double a, double b)
{
	return fabs(a - b) <= 1e-6 * fabs(b) + 1e-9;
}

static bool fits_number(const struct pattern *p, const struct metric_value *v)
{
	char buf[NUMBER_TEXT];
	struct base_text t;
	double printed;

	if (p->number && (p->value == v->value || !is_near(p->value, v->value)))
		return p->value == v->value;
	t = base_text(buf, sizeof(buf));
	metric_value_print(v, &t);
	if (p->number)
		return parse_number(buf, &printed) && printed == p->value;
	return fits_text(p, buf, t.len);
}

bool metric_filter_fits(const struct metric_filter *f, unsigned i, const struct metric_value *v)
{
	const struct pattern *p;

	for (p = v ? f->attributes[i].first : NULL; p; p = p->next) {
		if (fits_all(p) || (v->number ? fits_number(p, v) : fits_text(p, v->text, v->len)))
			return true;
	}
	return false;
}
