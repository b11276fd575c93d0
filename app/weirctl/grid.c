/* SPDX-License-Identifier: BSD-3-Clause */
#include "grid.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 8192 };

void grid_init(struct grid *t, const char *const *heads)
{
	*t = (struct grid){0};
	while (heads[t->columns]) {
		t->heads[t->columns] = heads[t->columns];
		t->columns++;
	}
}

void grid_free(struct grid *t)
{
	base_region_free(&t->region);
	free(t->cells);
}

void grid_add(struct grid *t, const char *fmt, ...)
{
	char text[CELL];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* Whoever wrote it: a cell is one line, and tells the terminal nothing. */
	for (char *p = text; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7F)
			*p = '?';
	}
	if (t->count == t->size) {
		t->size = t->size ? t->size * 2 : 64;
		t->cells = reallocarray(t->cells, t->size, sizeof(*t->cells));
		if (!t->cells)
			abort();
	}
	t->cells[t->count++] = base_region_text(&t->region, text);
}

void grid_add_json(struct grid *t, const json_t *value, unsigned digits)
{
	char *text;

	if (!value || json_is_null(value)) {
		grid_add(t, "-");
		return;
	}
	if (json_is_string(value)) {
		grid_add(t, "%s", json_string_value(value));
		return;
	}
	text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(digits));
	grid_add(t, "%s", text ? text : "?");
	free(text);
}

/* Columns on a screen: bytes of UTF-8 that begin a character. */
static int width_of(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xC0) != 0x80;
	return n;
}

static const char *head_text(const struct grid *t, unsigned column)
{
	return t->heads[column] + (t->heads[column][0] == '>');
}

static int column_width(const struct grid *t, unsigned column)
{
	int width = width_of(head_text(t, column));

	for (size_t i = column; i < t->count; i += t->columns) {
		int w = width_of(t->cells[i]);

		width = w > width ? w : width;
	}
	return width;
}

static void print_cell(
	const struct grid *t, FILE *out, unsigned column, const char *text, int width)
{
	int pad = width - width_of(text);

	if (t->heads[column][0] == '>')
		fprintf(out, "%*s%s", pad, "", text);
	else if (column + 1 < t->columns)
		fprintf(out, "%s%*s", text, pad, "");
	else
		fputs(text, out);
	fputs(column + 1 < t->columns ? "  " : "\n", out);
}

void grid_print(const struct grid *t, FILE *out)
{
	int widths[GRID_COLUMNS];
	unsigned i;

	for (i = 0; i < t->columns; i++)
		widths[i] = column_width(t, i);
	for (i = 0; i < t->columns; i++)
		print_cell(t, out, i, head_text(t, i), widths[i]);
	for (size_t cell = 0; cell < t->count; cell++) {
		i = (unsigned)(cell % t->columns);
		print_cell(t, out, i, t->cells[cell], widths[i]);
	}
}
