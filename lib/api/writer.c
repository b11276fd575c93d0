/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/writer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 4096 };

void api_writer_init(struct api_writer *w, struct api_budget *budget, size_t most)
{
	*w = (struct api_writer){.budget = budget, .most = most};
}

void api_writer_fini(struct api_writer *w)
{
	free(w->text);
	api_budget_give(w->budget, w->room);
	w->text = NULL;
	w->room = 0;
}

/* ---- bytes ---- */

static void grow(struct api_writer *w, size_t need)
{
	size_t room = w->room ? w->room : FIRST_ROOM;
	char *text;

	while (room < need)
		room += room / 2;
	w->full = need > w->most || !api_budget_take(w->budget, room - w->room);
	if (w->full)
		return;
	text = realloc(w->text, room);
	if (!text) {
		api_budget_give(w->budget, room - w->room);
		w->full = true;
		return;
	}
	w->text = text;
	w->room = room;
}

static void put(struct api_writer *w, const char *bytes, size_t len)
{
	if (w->len + len > w->room && !w->full)
		grow(w, w->len + len);
	if (w->full)
		return;
	memcpy(w->text + w->len, bytes, len);
	w->len += len;
}

char *api_writer_take(struct api_writer *w, size_t *taken)
{
	char *text;

	put(w, "\n", 2); /* with the NUL */
	if (w->full)
		return NULL;
	text = w->text;
	*taken = w->room;
	w->text = NULL;
	w->room = 0;
	return text;
}

/* ---- JSON ---- */

static void put_line(struct api_writer *w)
{
	static const char blanks[] = "\n                ";

	put(w, blanks, 1 + w->depth);
}

/* Comma and newline where they belong, before a name, or a value that has none. */
static void put_before(struct api_writer *w)
{
	if (w->named || w->depth == 0) {
		w->named = false;
		return;
	}
	if (w->some[w->depth - 1])
		put(w, ",", 1);
	w->some[w->depth - 1] = true;
	put_line(w);
}

void api_writer_begin(struct api_writer *w, char bracket)
{
	put_before(w);
	put(w, &bracket, 1);
	w->some[w->depth++] = false;
}

void api_writer_end(struct api_writer *w, char bracket)
{
	if (w->some[--w->depth])
		put_line(w);
	put(w, &bracket, 1);
}

static bool is_plain(const char *text, size_t len)
{
	unsigned char odd = 0;

	for (size_t i = 0; i < len; i++)
		odd |= (unsigned char)text[i] < ' ' || (unsigned char)text[i] > '~';
	return !odd;
}

/* @return what stands for a text that is no UTF-8, or NULL: memory is short */
static json_t *replace(const char *text, size_t len)
{
	char *copy = malloc(len + 1);
	json_t *json;

	for (size_t i = 0; copy && i < len; i++)
		copy[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
	json = copy ? json_stringn(copy, len) : NULL;
	free(copy);
	return json;
}

/* With other characters than those of ASCII that are printed. */
static void put_odd(struct api_writer *w, const char *text, size_t len)
{
	json_t *json = json_stringn(text, len);
	char *out;

	if (!json)
		json = replace(text, len);
	out = json ? json_dumps(json, JSON_ENCODE_ANY) : NULL;
	if (out)
		put(w, out, strlen(out));
	w->full = w->full || !out;
	free(out);
	json_decref(json);
}

static void put_string(struct api_writer *w, const char *text, size_t len)
{
	const char *from = text, *end = text + len;

	if (!is_plain(text, len)) {
		put_odd(w, text, len);
		return;
	}
	put(w, "\"", 1);
	for (const char *p = text; p < end; p++) {
		if (*p != '"' && *p != '\\')
			continue;
		put(w, from, (size_t)(p - from));
		put(w, "\\", 1);
		from = p;
	}
	put(w, from, (size_t)(end - from));
	put(w, "\"", 1);
}

void api_writer_name_text(struct api_writer *w, const char *name, size_t len)
{
	put_before(w);
	put_string(w, name, len);
	put(w, ": ", 2);
	w->named = true;
}

void api_writer_name(struct api_writer *w, const char *name)
{
	api_writer_name_text(w, name, strlen(name));
}

void api_writer_text(struct api_writer *w, const char *text, size_t len)
{
	put_before(w);
	put_string(w, text, len);
}

void api_writer_raw(struct api_writer *w, const char *json)
{
	put_before(w);
	put(w, json, strlen(json));
}

void api_writer_null(struct api_writer *w)
{
	api_writer_raw(w, "null");
}
