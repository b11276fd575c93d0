/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/lookup_pvt.h"

/* Groups and maps as JSON: {"label": ["value", ...], ...}. */

/* ---- reading ---- */

struct reading {
	struct flow_entries *e;
	const char *label;
	char *error;
	size_t size;
};

static int fail(struct reading *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct reading *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->error, r->size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* Values of maps may be numbers. */
static int read_value(struct reading *r, const json_t *value)
{
	const char *text = json_string_value(value);

	if (json_is_integer(value))
		text = base_region_printf(
			&r->e->region, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (!text)
		return fail(r, "label \"%.48s\": a value is neither a text nor a whole number",
			r->label);
	flow_entries_add(r->e, r->label, text, 0);
	return 0;
}

static int read_label(struct reading *r, const json_t *values)
{
	const json_t *value;
	size_t i;

	if (!json_is_array(values))
		return read_value(r, values);
	json_array_foreach(values, i, value)
	{
		if (read_value(r, value) < 0)
			return -EINVAL;
	}
	return 0;
}

int flow_entries_read(struct flow_entries *e, const json_t *body, char *error, size_t error_size)
{
	struct reading r = {.e = e, .error = error, .size = error_size};
	json_t *values;

	if (!json_is_object(body))
		return fail(&r, "write an object of labels, each with a list of values");
	json_object_foreach((json_t *)(uintptr_t)body, r.label, values)
	{
		if (read_label(&r, values) < 0)
			return -EINVAL;
	}
	return 0;
}

/* ---- writing ---- */

/* What needs no escape: nearly all there is. */
static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] < 0x20 || text[i] > 0x7E || text[i] == '"' || text[i] == '\\')
			return false;
	}
	return true;
}

/* @return false: it is no UTF-8 */
static bool put_text(FILE *f, const char *text, size_t len)
{
	json_t *json;

	if (is_plain(text, len)) {
		fprintf(f, "\"%s\"", text);
		return true;
	}
	json = json_stringn(text, len);
	if (!json)
		return false;
	json_dumpf(json, f, JSON_ENCODE_ANY);
	json_decref(json);
	return true;
}

static bool put_label(FILE *f, const struct flow_written *w, uint32_t label, const uint32_t *next)
{
	bool good = put_text(f, w->labels[label].text, w->labels[label].len);
	uint32_t i = w->first[label];

	fputs(":[", f);
	for (const char *comma = ""; i != FLOW_NO_ENTRY; i = next[i], comma = ",") {
		fputs(comma, f);
		good &= put_text(f, w->entries[i].value, strlen(w->entries[i].value));
	}
	fputc(']', f);
	return good;
}

char *flow_written_json(const struct flow_written *w, const uint32_t *next)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	bool good = true;

	if (!f) {
		errno = ENOMEM;
		return NULL;
	}
	fputc('{', f);
	for (uint32_t label = 0; label < w->label_count; label++) {
		fputs(label ? "," : "", f);
		good &= put_label(f, w, label, next);
	}
	fputc('}', f);
	if (fclose(f) == 0 && good)
		return text;
	free(text);
	errno = good ? ENOMEM : EINVAL;
	return NULL;
}

json_t *flow_lookup_json(const struct flow_lookup *l)
{
	return json_loads(l->json, 0, NULL);
}
