/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/spec.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/near.h"

#define AT(m) .offset = offsetof(struct flow_spec, m)

enum {
	SPEC_NAME = 64,
	SPEC_TTL_MAX = 31536000, /* a year */
	SPEC_ACTIVE_MAX = 86400,
	SPEC_CAPACITY_MIN = 16,
	SPEC_CAPACITY_MAX = 16777216,
	SPEC_N_MAX = 100000,
	SPEC_SHOWN = 40, /* bytes of a user's text in an error */
};

static const double SPEC_T_MIN = 0.1, SPEC_T_MAX = 600;

const char *const flow_merge_names[] = {[FLOW_MERGE_MAX] = "max",
	[FLOW_MERGE_SUM] = "sum",
	[FLOW_MERGE_EDGE] = "edge",
	[FLOW_MERGE_CORE] = "core",
	[FLOW_MERGE_AGENT] = "AGENT",
	NULL};

const char *const flow_query_merge_names[] = {[FLOW_MERGE_MAX] = "max",
	[FLOW_MERGE_SUM] = "sum",
	[FLOW_MERGE_EDGE] = "edge",
	[FLOW_MERGE_CORE] = "core",
	NULL};

/* Defaults are those of the configuration's flows. */
const struct flow_attribute flow_attributes[] = {
	{"keys", FLOW_ATTRIBUTE_KEYS, .decides = FLOW_DECIDES_TABLE, .preset = "",
		.max = FLOW_TEXT_MAX, AT(keys),
		.help = "keys and functions of keys that make up a flow"},
	{"value", FLOW_ATTRIBUTE_TEXT, .required = true, .decides = FLOW_DECIDES_TABLE, .min = 1,
		.max = FLOW_TEXT_MAX, AT(value), .help = "what is measured of each flow"},
	{"values", FLOW_ATTRIBUTE_KEYS, .decides = FLOW_DECIDES_TABLE, .preset = "",
		.max = FLOW_TEXT_MAX, AT(values), .help = "what else is measured of each flow"},
	{"filter", FLOW_ATTRIBUTE_TEXT, .decides = FLOW_DECIDES_TABLE, .preset = "",
		.max = FLOW_TEXT_MAX, AT(filter), .help = "which samples count"},
	{"fs", FLOW_ATTRIBUTE_TEXT, .preset = ",", .max = FLOW_SEPARATOR, AT(fs),
		.help = "what stands between the texts of a flow's keys"},
	{"n", FLOW_ATTRIBUTE_UINT, .preset = "20", .min = 1, .max = SPEC_N_MAX, AT(n),
		.help = "the largest flows that are published"},
	{"t", FLOW_ATTRIBUTE_SECONDS, .decides = FLOW_DECIDES_STATE, .preset = "2",
		.min = SPEC_T_MIN, .max = SPEC_T_MAX, AT(t),
		.help = "time constant of the smoothing, seconds"},
	{"capacity", FLOW_ATTRIBUTE_UINT, .decides = FLOW_DECIDES_TABLE, .preset = "131072",
		.min = SPEC_CAPACITY_MIN, .max = SPEC_CAPACITY_MAX, AT(capacity),
		.help = "flows that one RX core tells apart within a window"},
	{"dropped", FLOW_ATTRIBUTE_BOOL, .decides = FLOW_DECIDES_TABLE, .preset = "false",
		AT(dropped), .help = "whether discarded packets count, in place of flow samples"},
	{"log", FLOW_ATTRIBUTE_BOOL, .decides = FLOW_DECIDES_STATE, .preset = "false", AT(log),
		.help = "whether flow records are made"},
	{"flowStart", FLOW_ATTRIBUTE_BOOL, .decides = FLOW_DECIDES_STATE, .preset = "false",
		AT(flow_start),
		.help = "whether a record is made when a flow is first seen, in place of its end"},
	{"activeTimeout", FLOW_ATTRIBUTE_SECONDS, .decides = FLOW_DECIDES_STATE, .preset = "60",
		.min = 1, .max = SPEC_ACTIVE_MAX, AT(active_timeout),
		.help = "seconds after which there is a record of a flow that goes on"},
	{"aggMode", FLOW_ATTRIBUTE_CHOICE, .preset = "max", .choices = flow_merge_names, AT(merge),
		.help = "how queries that do not say it merge the values of several data sources; "
			"AGENT: the flows of an agent's data sources are counted together"},
	{"ttl", FLOW_ATTRIBUTE_UINT, .preset = "0", .max = SPEC_TTL_MAX, AT(ttl),
		.help = "seconds until it goes if nobody asks for it; 0: it stays"},
};
const unsigned flow_attributes_count = sizeof(flow_attributes) / sizeof(flow_attributes[0]);

/* One definition while it is read. */
struct reading {
	struct flow_spec spec; /* texts are in the region */
	struct base_region region;
	const struct flow_attribute *row;
	char *error;
	size_t error_size;
};

static const struct flow_attribute *row_end(void)
{
	return flow_attributes + flow_attributes_count;
}

static const void *member_of(const struct flow_spec *spec, const struct flow_attribute *row)
{
	return (const char *)spec + row->offset;
}

static void *member(struct flow_spec *spec, const struct flow_attribute *row)
{
	return (char *)spec + row->offset;
}

static bool is_text(const struct flow_attribute *row)
{
	return row->type == FLOW_ATTRIBUTE_TEXT || row->type == FLOW_ATTRIBUTE_KEYS;
}

static const char *text_of(const struct flow_spec *spec, const struct flow_attribute *row)
{
	const char *text = *(const char *const *)member_of(spec, row);

	return text ? text : row->preset ? row->preset : "";
}

bool flow_name_valid(const char *name)
{
	size_t len = strnlen(name, SPEC_NAME + 1);

	return len > 0 && len <= SPEC_NAME &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") ==
		       len;
}

/* ---- reading ---- */

static int __attribute__((format(printf, 2, 3))) fail(struct reading *r, const char *fmt, ...)
{
	int len = r->row ? snprintf(r->error, r->error_size, "%s: ", r->row->name) : 0;
	va_list ap;

	va_start(ap, fmt);
	if ((size_t)len < r->error_size)
		vsnprintf(r->error + len, r->error_size - (size_t)len, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int take_text(struct reading *r, const char *text, size_t len)
{
	if (memchr(text, '\0', len))
		return fail(r, "a NUL character cannot be in it");
	if (len > r->row->max)
		return fail(r, "longer than %.0f bytes, which is the most", r->row->max);
	if (len < r->row->min)
		return fail(r, "is empty");
	*(const char **)member(&r->spec, r->row) = base_region_copy(&r->region, text, len);
	return 0;
}

static int take_number(struct reading *r, double v)
{
	if (!(v >= r->row->min && v <= r->row->max))
		return fail(r, "takes a number from %g to %.10g", r->row->min, r->row->max);
	if (r->row->type == FLOW_ATTRIBUTE_SECONDS) {
		*(double *)member(&r->spec, r->row) = v;
		return 0;
	}
	if (v != floor(v))
		return fail(r, "takes a whole number");
	*(unsigned *)member(&r->spec, r->row) = (unsigned)v;
	return 0;
}

static int take_number_text(struct reading *r, const char *text)
{
	char *end;
	double v = strtod(text, &end);

	if (*text == '\0' || *end || strspn(text, "0123456789.eE+-") != strlen(text))
		return fail(r, "\"%.*s\" is no number; it takes one from %g to %.10g", SPEC_SHOWN,
			text, r->row->min, r->row->max);
	return take_number(r, v);
}

static int take_bool_text(struct reading *r, const char *text)
{
	bool yes = strcmp(text, "true") == 0;

	if (!yes && strcmp(text, "false") != 0)
		return fail(r, "takes true or false");
	*(bool *)member(&r->spec, r->row) = yes;
	return 0;
}

static int take_choice(struct reading *r, const char *text)
{
	char known[64];
	struct base_text t = base_text(known, sizeof(known));

	for (unsigned i = 0; r->row->choices[i]; i++) {
		if (strcasecmp(r->row->choices[i], text) == 0) {
			*(unsigned *)member(&r->spec, r->row) = i;
			return 0;
		}
		base_text_printf(&t, "%s%s", i ? ", " : "", r->row->choices[i]);
	}
	return fail(r, "\"%.*s\" is not there; it takes one of %s", SPEC_SHOWN, text, known);
}

/* A text is as good as a number or a boolean. */
static int take_string(struct reading *r, const char *text, size_t len)
{
	if (is_text(r->row))
		return take_text(r, text, len);
	if (r->row->type == FLOW_ATTRIBUTE_CHOICE)
		return take_choice(r, text);
	return r->row->type == FLOW_ATTRIBUTE_BOOL ? take_bool_text(r, text)
						   : take_number_text(r, text);
}

static int take_keys(struct reading *r, const json_t *list)
{
	char *text = base_region_alloc(&r->region, FLOW_TEXT_MAX + 1);
	size_t len = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *key = json_array_get(list, i);
		size_t n = json_string_length(key);

		if (!json_is_string(key))
			return fail(r, "element %zu of the list is no text", i + 1);
		if (n == 0)
			return fail(r, "element %zu of the list is empty", i + 1);
		if (n + 1 > FLOW_TEXT_MAX - len)
			return fail(r, "longer than %d bytes, which is the most", FLOW_TEXT_MAX);
		if (i > 0)
			text[len++] = ',';
		memcpy(text + len, json_string_value(key), n);
		len += n;
	}
	return take_text(r, text, len);
}

static int take(struct reading *r, const json_t *v)
{
	if (json_is_string(v))
		return take_string(r, json_string_value(v), json_string_length(v));
	if (r->row->type == FLOW_ATTRIBUTE_KEYS && json_is_array(v))
		return take_keys(r, v);
	if (r->row->type == FLOW_ATTRIBUTE_BOOL && json_is_boolean(v)) {
		*(bool *)member(&r->spec, r->row) = json_is_true(v);
		return 0;
	}
	if ((r->row->type == FLOW_ATTRIBUTE_UINT || r->row->type == FLOW_ATTRIBUTE_SECONDS) &&
		json_is_number(v))
		return take_number(r, json_number_value(v));
	return fail(r, "takes %s",
		r->row->type == FLOW_ATTRIBUTE_KEYS     ? "a text, or a list of texts"
		: r->row->type == FLOW_ATTRIBUTE_TEXT   ? "a text"
		: r->row->type == FLOW_ATTRIBUTE_CHOICE ? "a text"
		: r->row->type == FLOW_ATTRIBUTE_BOOL   ? "true or false"
							: "a number");
}

static const char *row_name(const void *unused, size_t i)
{
	return i < flow_attributes_count ? flow_attributes[i].name : NULL;
}

static int check_name(struct reading *r, const char *attribute)
{
	const char *near;

	if (strcmp(attribute, "ipfixCollectors") == 0)
		return fail(r, "ipfixCollectors: not supported, weir exports no IPFIX; leave it "
			       "out");
	for (const struct flow_attribute *row = flow_attributes; row < row_end(); row++) {
		if (strcmp(row->name, attribute) == 0)
			return 0;
	}
	near = base_near(attribute, row_name, NULL);
	return fail(r, "a flow definition has no attribute \"%.*s\"%s%s%s", SPEC_SHOWN, attribute,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int read_all(struct reading *r, const json_t *body)
{
	void *at;

	if (!json_is_object(body))
		return fail(r, "a flow definition is a JSON object, such as "
			       "{\"keys\": \"ipsource\", \"value\": \"bytes\"}");
	for (at = json_object_iter((json_t *)(uintptr_t)body); at;
		at = json_object_iter_next((json_t *)(uintptr_t)body, at)) {
		if (check_name(r, json_object_iter_key(at)) < 0)
			return -EINVAL;
	}
	for (r->row = flow_attributes; r->row < row_end(); r->row++) {
		const json_t *v = json_object_get(body, r->row->name);
		int err;

		if (json_is_null(v))
			v = NULL;
		if (!v && r->row->required)
			return fail(r, "is missing");
		err = v ? take(r, v) : take_string(r, r->row->preset, strlen(r->row->preset));
		if (err < 0)
			return err;
	}
	return 0;
}

struct flow_spec *flow_spec_read(
	const char *name, const json_t *body, char *error, size_t error_size)
{
	struct reading r = {.spec.name = name, .error = error, .error_size = error_size};
	struct flow_spec *spec = NULL;
	int err = 0;

	if (!flow_name_valid(name))
		err = fail(&r, "\"%.*s\" is no name: it takes 1 to %d letters, digits, _ . or -",
			SPEC_SHOWN, name, SPEC_NAME);
	if (err == 0)
		err = read_all(&r, body);
	if (err == 0) {
		spec = flow_spec_copy(&r.spec);
		if (!spec)
			err = fail(&r, "out of memory");
	}
	base_region_free(&r.region);
	if (err < 0)
		errno = -err;
	return spec;
}

/* ---- writing ---- */

static json_t *value_json(const struct flow_spec *spec, const struct flow_attribute *row)
{
	const void *v = member_of(spec, row);
	double seconds;

	switch (row->type) {
	case FLOW_ATTRIBUTE_UINT:
		return json_integer(*(const unsigned *)v);
	case FLOW_ATTRIBUTE_CHOICE:
		return json_string(row->choices[*(const unsigned *)v]);
	case FLOW_ATTRIBUTE_BOOL:
		return json_boolean(*(const bool *)v);
	case FLOW_ATTRIBUTE_SECONDS:
		seconds = *(const double *)v;
		return seconds == floor(seconds) ? json_integer((json_int_t)seconds)
						 : json_real(seconds);
	default:
		return json_string(text_of(spec, row));
	}
}

json_t *flow_spec_json(const struct flow_spec *spec)
{
	json_t *o = json_object();

	for (const struct flow_attribute *row = flow_attributes; row < row_end(); row++)
		json_object_set_new(o, row->name, value_json(spec, row));
	return o;
}

static char *copy_text(char **room, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = memcpy(*room, text, size);

	*room += size;
	return copy;
}

/* One piece of memory: the texts lie behind it. */
struct flow_spec *flow_spec_copy(const struct flow_spec *from)
{
	size_t size = sizeof(*from) + strlen(from->name) + 1;
	struct flow_spec *spec;
	char *room;

	for (const struct flow_attribute *row = flow_attributes; row < row_end(); row++)
		size += is_text(row) ? strlen(text_of(from, row)) + 1 : 0;
	spec = malloc(size);
	if (!spec)
		return NULL;
	*spec = *from;
	room = (char *)(spec + 1);
	spec->name = copy_text(&room, from->name);
	for (const struct flow_attribute *row = flow_attributes; row < row_end(); row++) {
		if (is_text(row))
			*(const char **)member(spec, row) = copy_text(&room, text_of(from, row));
	}
	return spec;
}

void flow_spec_free(struct flow_spec *spec)
{
	free(spec);
}

/* The attributes that decide so much, or more. */
static const char *deciding(
	const struct flow_spec *spec, enum flow_decides least, struct base_region *region)
{
	const char *text = "";

	for (const struct flow_attribute *row = flow_attributes; row < row_end(); row++) {
		const void *v = member_of(spec, row);

		if (row->decides < least)
			continue;
		if (row->type == FLOW_ATTRIBUTE_UINT)
			text = base_region_printf(region, "%s%u\n", text, *(const unsigned *)v);
		else if (row->type == FLOW_ATTRIBUTE_BOOL)
			text = base_region_printf(region, "%s%d\n", text, *(const bool *)v);
		else if (row->type == FLOW_ATTRIBUTE_SECONDS)
			text = base_region_printf(region, "%s%.17g\n", text, *(const double *)v);
		else
			text = base_region_printf(region, "%s%s\n", text, text_of(spec, row));
	}
	/* Of the ways to merge, the one that is done where samples are counted. */
	if (spec->merge == FLOW_MERGE_AGENT)
		text = base_region_printf(region, "%sAGENT\n", text);
	return text;
}

const char *flow_spec_meaning(const struct flow_spec *spec, struct base_region *region)
{
	return deciding(spec, FLOW_DECIDES_STATE, region);
}

const char *flow_spec_counts(const struct flow_spec *spec, struct base_region *region)
{
	return deciding(spec, FLOW_DECIDES_TABLE, region);
}

const char *flow_error_attribute(const struct flow_error *e)
{
	static const char *const attributes[] = {
		[FLOW_ERROR_NAME] = "name",
		[FLOW_ERROR_KEYS] = "keys",
		[FLOW_ERROR_VALUE] = "value",
		[FLOW_ERROR_VALUES] = "values",
		[FLOW_ERROR_FILTER] = "filter",
		[FLOW_ERROR_FS] = "fs",
	};

	return attributes[e->in];
}

void flow_error_print(const struct flow_error *e, char *text, size_t size)
{
	snprintf(text, size, "%s, character %u: %s", flow_error_attribute(e), e->offset + 1,
		e->text);
}
