/* SPDX-License-Identifier: BSD-3-Clause */
#include "threshold_filter.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "base/text.h"
#include "metric/filter.h"
#include "metric/read.h"

enum { SHOWN = 40, NUMBER = 40 };

struct reader {
	struct threshold_filter *f;
	struct threshold *t;
	const char *name; /* of the attribute at hand */
	json_t *kept;     /* as it is shown */
	unsigned named;   /* data sources by name */
};

static int __attribute__((format(printf, 2, 3))) fail(struct reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->f->error, sizeof(r->f->error), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int take_agent(struct reader *r, const char *text)
{
	struct threshold *t = r->t;

	if (t->agent_count == THRESHOLD_PLACES)
		return fail(r, "agent: at most %d of them", THRESHOLD_PLACES);
	if (base_addr_parse(text, &r->f->agents[t->agent_count]) < 0)
		return fail(r, "agent: \"%.*s\" is no IPv4 or IPv6 address", SHOWN, text);
	t->agent_count++;
	return 0;
}

/* What is made of digits only is no name: a number that went wrong. */
static bool is_name(const char *text)
{
	return text[strspn(text, "0123456789.+- ")] != '\0' && strlen(text) < METRIC_SOURCE_TEXT;
}

/* As it is printed, with the empty one that ends them all. */
static int add_name(struct reader *r, const char *text)
{
	struct threshold_filter *f = r->f;
	char name[METRIC_SOURCE_TEXT];
	struct base_text t = base_text(name, sizeof(name));
	char *names;

	base_text_typed(&t, text, strlen(text));
	names = realloc(f->names, f->names_len + t.len + 2);
	if (!names)
		return fail(r, "out of memory");
	memcpy(names + f->names_len, name, t.len + 1);
	f->names = names;
	f->names_len += t.len + 1;
	names[f->names_len] = '\0';
	r->named++;
	return 0;
}

static int take_source(struct reader *r, const char *text)
{
	struct threshold *t = r->t;

	if (t->source_count + r->named == THRESHOLD_PLACES)
		return fail(r, "dataSource: at most %d of them", THRESHOLD_PLACES);
	if (threshold_parse_source(text, &r->f->sources[t->source_count]) == 0)
		t->source_count++;
	else if (is_name(text))
		return add_name(r, text);
	else
		return fail(r,
			"dataSource: \"%.*s\" is none; write one such as 10 or 2.1, or a name",
			SHOWN, text);
	return 0;
}

static int take_pattern(struct reader *r, const char *text)
{
	char why[THRESHOLD_FILTER_ERROR] = "out of memory";

	if (!r->f->attributes)
		r->f->attributes = metric_filter_create();
	if (r->f->attributes &&
		metric_filter_add(r->f->attributes, r->name, text, why, sizeof(why)) == 0)
		return 0;
	return fail(r, "%s", why);
}

/* What is none of these is a metric, which may come later. */
static const struct place {
	const char *name;
	int (*take)(struct reader *r, const char *text);
} places[] = {
	{"agent", take_agent},
	{"dataSource", take_source},
};
enum { PLACES = sizeof(places) / sizeof(places[0]) };

static const char *place_name(const void *ctx, size_t i)
{
	return i < PLACES ? places[i].name : NULL;
}

static const struct place *place_of(const char *name)
{
	for (unsigned i = 0; i < PLACES; i++) {
		if (strcmp(places[i].name, name) == 0)
			return &places[i];
	}
	return NULL;
}

/* One text, as it stands or as the number is written. @return NULL: it is none of both */
static const char *text_of(const json_t *item, char number[NUMBER])
{
	if (json_is_string(item))
		return json_string_value(item);
	if (json_is_integer(item))
		snprintf(number, NUMBER, "%" JSON_INTEGER_FORMAT, json_integer_value(item));
	else if (json_is_real(item))
		snprintf(number, NUMBER, "%.17g", json_real_value(item));
	return json_is_number(item) ? number : NULL;
}

static int take_list(struct reader *r, const struct place *place, const json_t *v)
{
	size_t count = json_is_array(v) ? json_array_size(v) : 1;
	json_t *list = json_array();

	json_object_set_new(r->kept, r->name, list);
	if (count == 0)
		return fail(r, "%.*s: the list is empty", SHOWN, r->name);
	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_is_array(v) ? json_array_get(v, i) : v;
		char number[NUMBER];
		const char *text = text_of(item, number);

		if (!text)
			return fail(r, "%.*s: write a list of texts or numbers", SHOWN, r->name);
		if ((place ? place->take : take_pattern)(r, text) < 0)
			return -EINVAL;
		json_array_append(list, (json_t *)(uintptr_t)item);
	}
	return 0;
}

static int take_attribute(struct reader *r, const json_t *v)
{
	const struct place *place = place_of(r->name);
	const char *near = place ? NULL : base_near(r->name, place_name, NULL);

	if (near)
		return fail(
			r, "\"%.*s\" is no attribute; did you mean \"%s\"?", SHOWN, r->name, near);
	return take_list(r, place, v);
}

int threshold_filter_read(struct threshold_filter *f, const json_t *filter, struct threshold *t)
{
	struct reader r = {.f = f, .t = t};
	json_t *item;
	int err = 0;

	*f = (struct threshold_filter){.error = ""};
	if (!json_is_object(filter))
		return fail(
			&r, "write an object of agent, dataSource and metrics, each with a list");
	r.kept = json_object();
	json_object_foreach((json_t *)(uintptr_t)filter, r.name, item)
	{
		err = take_attribute(&r, item);
		if (err < 0)
			break;
	}
	if (json_object_size(r.kept))
		f->text = json_dumps(r.kept, JSON_COMPACT);
	json_decref(r.kept);
	t->agents = f->agents;
	t->sources = f->sources;
	t->names = f->names;
	t->attributes = f->attributes;
	t->filter = f->text;
	return err;
}

void threshold_filter_fini(struct threshold_filter *f, bool taken)
{
	if (!taken)
		metric_filter_destroy(f->attributes);
	free(f->names);
	free(f->text);
	*f = (struct threshold_filter){.error = ""};
}
