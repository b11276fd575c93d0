/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/exposition.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXPOSITION_FIRST = 4096, EXPOSITION_EXACT = 15, EXPOSITION_ALL = 17 };

static const double whole = 9007199254740992.0; /* 2^53 */

/* ---- names ---- */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static void add_word(struct base_text *t, const char *name)
{
	for (; *name; name++)
		base_text_char(t, is_word(*name) ? *name : '_');
}

void exposition_name(struct base_text *t, const char *prefix, const char *name)
{
	base_text_printf(t, "%s", prefix);
	if (t->len == 0 && *name >= '0' && *name <= '9')
		base_text_char(t, '_');
	add_word(t, name);
}

void exposition_label_name(struct base_text *t, const char *name)
{
	if (*name == '\0' || (*name >= '0' && *name <= '9'))
		base_text_char(t, '_');
	while (name[0] && name[1] && (name[0] == '_' || !is_word(name[0])) &&
		(name[1] == '_' || !is_word(name[1])))
		name++;
	add_word(t, name);
}

enum exposition_type exposition_gauge(const char *name)
{
	static const char *const reserved[] = {"_total", "_count", "_sum", "_bucket", "_info"};
	size_t len = strlen(name);

	for (unsigned i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		size_t n = strlen(reserved[i]);

		if (len >= n && strcmp(name + len - n, reserved[i]) == 0)
			return EXPOSITION_UNTYPED;
	}
	return EXPOSITION_GAUGE;
}

/* ---- text ---- */

/* Room for `len` more bytes and a NUL. */
static char *reserve(struct exposition *e, size_t len)
{
	size_t need = e->len + len + 1, room = e->room ? e->room : EXPOSITION_FIRST;
	char *buf;

	if (e->broken)
		return NULL;
	if (need <= e->room)
		return e->buf + e->len;
	while (room < need)
		room *= 2;
	buf = realloc(e->buf, room);
	if (!buf) {
		e->broken = true;
		return NULL;
	}
	e->buf = buf;
	e->room = room;
	return buf + e->len;
}

static void add(struct exposition *e, const char *text, size_t len)
{
	char *to = reserve(e, len);

	if (!to)
		return;
	memcpy(to, text, len);
	to[len] = '\0';
	e->len += len;
}

static void add_text(struct exposition *e, const char *text)
{
	add(e, text, strlen(text));
}

/* Lines are of their own: \n is written, and so is a \ before anything; in a value the " as well. */
static void add_escaped(struct exposition *e, const char *text, size_t len, bool quoted)
{
	char *to = reserve(e, 2 * len);

	for (size_t i = 0; to && i < len; i++) {
		char c = text[i];

		if (c == '\\' || c == '\n' || (c == '"' && quoted)) {
			*to++ = '\\';
			c = c == '\n' ? 'n' : c;
		}
		*to++ = c;
	}
	if (!to)
		return;
	*to = '\0';
	e->len = (size_t)(to - e->buf);
}

void exposition_head(
	struct exposition *e, const char *name, enum exposition_type type, const char *help)
{
	static const char *const types[] = {[EXPOSITION_COUNTER] = "counter",
		[EXPOSITION_GAUGE] = "gauge",
		[EXPOSITION_UNTYPED] = "untyped"};

	add_text(e, "# HELP ");
	add_text(e, name);
	add_text(e, " ");
	add_escaped(e, help, strlen(help), false);
	add_text(e, "\n# TYPE ");
	add_text(e, name);
	add_text(e, " ");
	add_text(e, types[type]);
	add_text(e, "\n");
}

void exposition_begin(struct exposition *e, const char *name)
{
	e->labels = 0;
	add_text(e, name);
}

void exposition_label(struct exposition *e, const char *name, const char *value, size_t len)
{
	if (len == 0)
		return;
	add_text(e, e->labels++ ? "," : "{");
	add_text(e, name);
	add_text(e, "=\"");
	add_escaped(e, value, len, true);
	add_text(e, "\"");
}

void exposition_end(struct exposition *e, const char *value)
{
	add_text(e, e->labels ? "} " : " ");
	add_text(e, value);
	add_text(e, "\n");
}

void exposition_number(struct exposition *e, double value)
{
	char text[64];

	if (isnan(value))
		snprintf(text, sizeof(text), "NaN");
	else if (isinf(value))
		snprintf(text, sizeof(text), value > 0 ? "+Inf" : "-Inf");
	else if (value == floor(value) && fabs(value) < whole)
		snprintf(text, sizeof(text), "%" PRId64, (int64_t)value);
	else
		snprintf(text, sizeof(text), "%.*g", EXPOSITION_EXACT, value);
	if (value - value == 0 && strtod(text, NULL) != value)
		snprintf(text, sizeof(text), "%.*g", EXPOSITION_ALL, value);
	exposition_end(e, text);
}

char *exposition_take(struct exposition *e)
{
	char *text = reserve(e, 0);

	if (text) {
		*text = '\0';
		text = e->buf;
	} else {
		free(e->buf);
	}
	*e = (struct exposition){0};
	return text;
}
