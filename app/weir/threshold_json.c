/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/near.h"
#include "threshold_filter.h"
#include "thresholds.h"

BASE_LOG_TYPE(log_threshold, "threshold");

enum { SHOWN = 40 };

static const char kind[] = "threshold";

/* One that is read. */
struct reading {
	struct threshold t;
	struct threshold_filter filter;
	const char *attribute;
	struct api_error *e;
};

static int __attribute__((format(printf, 2, 3))) fail(struct reading *r, const char *fmt, ...)
{
	int len = snprintf(r->e->text, sizeof(r->e->text), "%s: ", r->attribute);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->e->text + len, sizeof(r->e->text) - (size_t)len, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* ---- attributes ---- */

static int take_number(struct reading *r, const json_t *v, double *to)
{
	const char *text = json_string_value(v);
	char *end = NULL;

	if (json_is_number(v)) {
		*to = json_number_value(v);
		return 0;
	}
	if (text && *text && strspn(text, "0123456789.eE+-") == strlen(text)) {
		*to = strtod(text, &end);
		if (*end == '\0')
			return 0;
	}
	return fail(r, "write a number");
}

static int take_metric(struct reading *r, const json_t *v)
{
	r->t.metric = json_string_value(v);
	return r->t.metric ? 0 : fail(r, "write the name of a flow definition or a metric");
}

static int take_value(struct reading *r, const json_t *v)
{
	return take_number(r, v, &r->t.value);
}

static int take_timeout(struct reading *r, const json_t *v)
{
	return take_number(r, v, &r->t.timeout);
}

static int take_samples(struct reading *r, const json_t *v)
{
	return take_number(r, v, &r->t.samples);
}

static int take_by_flow(struct reading *r, const json_t *v)
{
	const char *text = json_is_string(v) ? json_string_value(v) : "";

	r->t.by_flow = json_is_true(v) || strcmp(text, "true") == 0;
	if (json_is_boolean(v) || r->t.by_flow || strcmp(text, "false") == 0)
		return 0;
	return fail(r, "write true or false");
}

static int take_filter(struct reading *r, const json_t *v)
{
	return threshold_filter_read(&r->filter, v, &r->t) < 0 ? fail(r, "%s", r->filter.error) : 0;
}

/* What is shown, and not read. */
static int take_kind(struct reading *r, const json_t *v)
{
	return json_is_string(v) ? 0 : fail(r, "it is told, not set");
}

static const struct {
	const char *name;
	int (*take)(struct reading *r, const json_t *v);
	bool required;
} attributes[] = {
	{"metric", take_metric, true},
	{"value", take_value, true},
	{"byFlow", take_by_flow, false},
	{"timeout", take_timeout, false},
	{"samples", take_samples, false},
	{"filter", take_filter, false},
	{"kind", take_kind, false},
};
enum { ATTRIBUTES = sizeof(attributes) / sizeof(attributes[0]) };

static const char *attribute_name(const void *ctx, size_t i)
{
	return i < ATTRIBUTES ? attributes[i].name : NULL;
}

static int take(struct reading *r, const char *name, const json_t *v)
{
	const char *near;

	for (unsigned i = 0; i < ATTRIBUTES; i++) {
		r->attribute = attributes[i].name;
		if (strcmp(name, attributes[i].name) == 0)
			return attributes[i].take(r, v);
	}
	near = base_near(name, attribute_name, NULL);
	r->attribute = kind;
	return fail(r, "\"%.*s\" is no attribute%s%s%s", SHOWN, name,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int read_all(struct reading *r, const json_t *body)
{
	const char *attribute;
	json_t *v;

	if (!json_is_object(body))
		return fail(r, "write an object");
	json_object_foreach((json_t *)(uintptr_t)body, attribute, v)
	{
		if (take(r, attribute, v) < 0)
			return -EINVAL;
	}
	for (unsigned i = 0; i < ATTRIBUTES; i++) {
		r->attribute = attributes[i].name;
		if (attributes[i].required && !json_object_get(body, r->attribute))
			return fail(r, "must be given");
	}
	return 0;
}

int thresholds_put_json(
	struct thresholds *set, const char *name, const json_t *body, struct api_error *e)
{
	struct reading r = {.e = e, .attribute = kind};
	const char *wrong = NULL;
	int err;

	r.t = (struct threshold){.name = name, .timeout = THRESHOLD_TIMEOUT_DEFAULT};
	err = read_all(&r, body);
	if (err == 0)
		wrong = threshold_check(&r.t);
	if (wrong) {
		const char *near = thresholds_near(r.t.metric);

		snprintf(e->text, sizeof(e->text), "%s%s%s%s", wrong,
			near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
		err = -EINVAL;
	}
	if (err == 0)
		err = thresholds_put(set, &r.t);
	if (err == -ENOSPC)
		snprintf(e->text, sizeof(e->text), "there are %d thresholds, which is the most",
			THRESHOLDS);
	threshold_filter_fini(&r.filter, err == 0);
	return err;
}

/* ---- as JSON ---- */

/* Whole numbers without a fraction. */
static json_t *number_json(double v)
{
	return v == (double)(json_int_t)v ? json_integer((json_int_t)v) : json_real(v);
}

/* A filter has been read before. */
json_t *thresholds_json(const struct threshold *t, enum threshold_kind on)
{
	static const char *const kinds[] = {[THRESHOLD_FLOW] = "flow",
		[THRESHOLD_METRIC] = "metric",
		[THRESHOLD_NOTHING] = "unknown"};
	json_t *json = json_object();

	json_object_set_new(json, "metric", json_string(t->metric));
	json_object_set_new(json, "value", number_json(t->value));
	json_object_set_new(json, "byFlow", json_boolean(t->by_flow));
	json_object_set_new(json, "timeout", number_json(t->timeout));
	json_object_set_new(json, "samples", number_json(t->samples));
	if (t->filter)
		json_object_set_new(json, "filter", json_loads(t->filter, 0, NULL));
	if (on != THRESHOLD_NEW)
		json_object_set_new(json, "kind", json_string(kinds[on]));
	return json;
}

/* ---- the resource ---- */

static void add_to_list(void *ctx, const struct threshold *t, enum threshold_kind on)
{
	json_object_set_new(ctx, t->name, thresholds_json(t, on));
}

static json_t *list(void *ctx)
{
	struct threshold_keeper *k = ctx;
	json_t *all = json_object();

	thresholds_each(k->set, NULL, add_to_list, all);
	return all;
}

static void give(void *ctx, const struct threshold *t, enum threshold_kind on)
{
	*(json_t **)ctx = thresholds_json(t, on);
}

static json_t *get(void *ctx, const char *name)
{
	struct threshold_keeper *k = ctx;
	json_t *json = NULL;

	thresholds_each(k->set, name, give, &json);
	return json;
}

/* Kept with its defaults filled in, as it is answered. */
static int put(void *ctx, const char *name, const json_t *body, struct api_error *e)
{
	struct threshold_keeper *k = ctx;
	json_t *json;
	char *text;
	int err;

	pthread_mutex_lock(&k->order);
	err = thresholds_put_json(k->set, name, body, e);
	json = err == 0 ? get(k, name) : NULL;
	json_object_del(json, "kind");
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	if (text)
		store_put(k->store, kind, name, text);
	pthread_mutex_unlock(&k->order);
	free(text);
	json_decref(json);
	return err;
}

static int take_out(void *ctx, const char *name, struct api_error *e)
{
	struct threshold_keeper *k = ctx;
	int err;

	pthread_mutex_lock(&k->order);
	err = thresholds_remove(k->set, name);
	if (err == 0)
		store_remove(k->store, kind, name);
	pthread_mutex_unlock(&k->order);
	return err;
}

struct api_resource thresholds_resource(struct threshold_keeper *k)
{
	return (struct api_resource){
		.kind = kind, .ctx = k, .list = list, .get = get, .put = put, .remove = take_out};
}

/* ---- the store ---- */

static void found(void *ctx, const char *name, const char *text)
{
	struct threshold_keeper *k = ctx;
	struct api_error e = {.text = "it is no JSON"};
	json_t *body = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	int err = body ? 0 : -EINVAL;

	pthread_mutex_lock(&k->order);
	if (body && !store_is_overtaken(k->store, kind, name)) {
		err = thresholds_put_json(k->set, name, body, &e);
		if (err == 0)
			store_hold(k->store, kind, name, text);
	}
	pthread_mutex_unlock(&k->order);
	if (err < 0)
		base_log(&log_threshold, BASE_LOG_WARNING,
			"threshold \"%.64s\" in Redis is left out: %s", name, e.text);
	json_decref(body);
}

void thresholds_load_stored(struct threshold_keeper *k)
{
	store_load(k->store, kind, found, k);
}
