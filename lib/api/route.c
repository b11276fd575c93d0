/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/route.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/schema.h"
#include "base/near.h"

/* ---- which row ---- */

/* One part of the pattern against one segment. @return 0: no; 1: equal; 2: a name. */
static int match_segment(const char *part, size_t len, const char *segment)
{
	if (part[0] == '{')
		return 2;
	return strlen(segment) == len && memcmp(part, segment, len) == 0;
}

/* Whether the kind that the path names is one that the row is for. */
static bool match_kind(const struct api_route *route, const char *name)
{
	const struct api_kind *kind;

	if (route->kinds == API_NO_KIND)
		return true;
	kind = api_kind_find(name);
	if (!kind)
		return false;
	return route->kinds == API_ANY_KIND ||
	       route->kinds == (kind->single ? API_SINGLE_KIND : API_NAMED_KIND);
}

static bool match_path(const char *path, const struct api_url *url, const char **names)
{
	unsigned segment = 0, name = 0;

	for (const char *part = path; *part; segment++) {
		size_t len = strcspn(++part, "/");
		int is = segment < url->segment_count
				 ? match_segment(part, len, url->segments[segment])
				 : 0;

		if (!is)
			return false;
		if (is == 2)
			names[name++] = url->segments[segment];
		part += len;
	}
	return segment == url->segment_count;
}

static void add_method(struct api_match *m, const char *method)
{
	size_t len = strlen(m->methods);

	if (!strstr(m->methods, method))
		snprintf(m->methods + len, sizeof(m->methods) - len, "%s%s%s", len ? ", " : "",
			method, strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

void api_match(const char *method, const struct api_url *url, struct api_match *m)
{
	const char *want = strcmp(method, "HEAD") == 0 ? "GET" : method;

	memset(m, 0, sizeof(*m));
	for (unsigned i = 0; i < api_route_count; i++) {
		if (!match_path(api_routes[i].path, url, m->names) ||
			!match_kind(&api_routes[i], m->names[0]))
			continue;
		add_method(m, api_routes[i].method);
		if (strcmp(api_routes[i].method, want) == 0) {
			m->route = &api_routes[i];
			return;
		}
	}
}

/* ---- parameters ---- */

static const struct api_parameter *parameter(const struct api_route *route, const char *name)
{
	for (const struct api_parameter *p = route->parameters; p && p->name; p++) {
		if (strcmp(p->name, name) == 0)
			return p;
	}
	return NULL;
}

static const char *parameter_name(const void *ctx, size_t i)
{
	const struct api_route *route = ctx;

	for (const struct api_parameter *p = route->parameters; p && p->name; p++) {
		if (i-- == 0)
			return p->name;
	}
	return NULL;
}

static int wrong(struct api_error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int wrong(struct api_error *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* strtoull() would take signs and blanks. */
static bool parse_uint(const char *text, uint64_t *v)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*v = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0';
}

static bool parse_number(const char *text, double *v)
{
	char *end;

	if (text[strspn(text, "+-.0123456789eE")] != '\0' || *text == '\0')
		return false;
	*v = strtod(text, &end);
	return *end == '\0' && *v - *v == 0;
}

static int check_choice(const struct api_parameter *p, const char *value, struct api_error *e)
{
	size_t len;

	for (unsigned i = 0; p->choices[i]; i++) {
		if (strcasecmp(p->choices[i], value) == 0)
			return 0;
	}
	wrong(e, "%s: \"%.64s\" is not one of", p->name, value);
	len = strlen(e->text);
	for (unsigned i = 0; p->choices[i] && len < sizeof(e->text); i++)
		len += (size_t)snprintf(
			e->text + len, sizeof(e->text) - len, "%s %s", i ? "," : "", p->choices[i]);
	return -EINVAL;
}

static int check_value(const struct api_parameter *p, const char *value, struct api_error *e)
{
	uint64_t n;
	double d;

	switch (p->type) {
	case API_UINT:
		if (parse_uint(value, &n) && n >= p->min && n <= p->max)
			return 0;
		return wrong(e, "%s: \"%.64s\" is no whole number from %llu to %llu", p->name,
			value, (unsigned long long)p->min, (unsigned long long)p->max);
	case API_NUMBER:
		return parse_number(value, &d)
			       ? 0
			       : wrong(e, "%s: \"%.64s\" is no number", p->name, value);
	case API_CHOICE:
		return check_choice(p, value, e);
	default:
		return 0;
	}
}

bool api_is_fresh(const struct api_argument *a)
{
	return strcmp(a->name, "_") == 0 && a->value[strspn(a->value, "0123456789")] == '\0';
}

int api_check_arguments(
	const struct api_route *route, const struct api_url *url, struct api_error *e)
{
	for (unsigned i = 0; i < url->argument_count; i++) {
		const struct api_argument *a = &url->arguments[i];
		const struct api_parameter *p = parameter(route, a->name);
		const char *near;

		if (api_is_fresh(a))
			continue;
		if (p && check_value(p, a->value, e) < 0)
			return -EINVAL;
		if (p || route->filter)
			continue;
		near = base_near(a->name, parameter_name, route);
		return wrong(e, "there is no query parameter \"%.64s\"%s%s%s", a->name,
			near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	}
	for (const struct api_parameter *p = route->parameters; p && p->name; p++) {
		if (p->required && !api_url_argument(url, p->name))
			return wrong(
				e, "the query parameter \"%s\" is missing: %s", p->name, p->help);
	}
	return 0;
}

const char *api_text(const struct api_request *r, const char *name)
{
	const char *value = api_url_argument(r->url, name);

	return value ? value : parameter(r->route, name)->preset;
}

uint64_t api_uint(const struct api_request *r, const char *name)
{
	const char *text = api_text(r, name);
	uint64_t v = 0;

	if (text)
		parse_uint(text, &v);
	return v;
}

double api_number(const struct api_request *r, const char *name)
{
	const char *text = api_text(r, name);
	double v = 0;

	if (text)
		parse_number(text, &v);
	return v;
}

/* ---- answers ---- */

static void fail_text(struct api_reply *reply, unsigned status, char *text)
{
	for (char *p = text; *p; p++) {
		if (*p < 0x20 || *p > 0x7E)
			*p = '?';
	}
	json_decref(reply->json);
	reply->status = status;
	reply->json = json_pack("{s:s}", "error", text);
}

void api_fail(struct api_reply *reply, unsigned status, const char *fmt, ...)
{
	char text[sizeof(((struct api_error *)0)->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fail_text(reply, status, text);
}

void api_fail_error(struct api_reply *reply, unsigned status, const struct api_error *e)
{
	struct api_error copy = *e;

	fail_text(reply, status, copy.text);
	if (copy.in[0] == '\0')
		return;
	json_object_set_new(reply->json, "in", json_string(copy.in));
	json_object_set_new(reply->json, "offset", json_integer(copy.offset));
}
