/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/schema_pvt.h"

/* The reference page: a section for each part of the file, in it a field list for each option. */

static const char head[] =
	"Configuration reference\n"
	"=======================\n"
	"\n"
	".. This page is made from the rows that read the file (lib/conf/schema.c).\n"
	"\n"
	"The configuration is one YAML document. An option that is left out has its default; a "
	"flag on\n"
	"the command line wins over the file. ``weir --check`` tells whether a file is right,\n"
	"``weir --print-config`` shows the settings in force.\n"
	"\n"
	"Numbers are decimal and may be quoted. A duration is a number with ``ms``, ``s``, ``m`` "
	"or ``h``\n"
	"behind it; a bare number is seconds. It comes down to whole milliseconds. Anchors, "
	"aliases and\n"
	"tags are not used. An unknown or repeated option is an error. What can change while weir "
	"runs says so\n"
	"(``docs/operations.rst``, \"Another configuration\"); all else takes a restart.\n";

static const char *const types[] = {
	[CONF_UINT] = "number",
	[CONF_DURATION] = "duration",
	[CONF_SECONDS] = "duration",
	[CONF_NUMBER] = "number",
	[CONF_CHOICE] = "choice",
	[CONF_TEXT] = "text",
	[CONF_UINTS] = "list of numbers",
	[CONF_TEXTS] = "text, or list of texts",
	[CONF_KEYS] = "text, or list of texts",
	[CONF_MAP] = "section",
	[CONF_LIST] = "list of sections",
	[CONF_DOCUMENT] = "file, or a section",
	[CONF_LOOKUPS] = "names, labels and values",
};

static void print_title(const char *title, char line, FILE *out)
{
	fprintf(out, "\n%s\n", title);
	for (; *title; title++)
		fputc(line, out);
	fputs("\n\n", out);
}

static void print_default(const struct conf_row *row, FILE *out)
{
	if (row->required)
		fprintf(out, ":default: none, must be given\n");
	else if (row->preset)
		fprintf(out, ":default: ``%s``\n", row->preset[0] ? row->preset : "\"\"");
	else if (row->absent)
		fprintf(out, ":default: %s\n", row->absent);
}

/* In forms and URLs some characters are markup of reStructuredText. */
static void print_escaped(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '*' || *text == '`' || *text == '|' || *text == '_' || *text == '\\' ||
			(*text == ':' && text[1] == '/'))
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void print_option(const struct conf_row *row, FILE *out)
{
	char want[CONF_WHY];
	struct base_text t = base_text(want, sizeof(want));

	conf_row_want(row, &t);
	fprintf(out, ":type: %s\n", types[row->type]);
	print_default(row, out);
	fputs(":range: ", out);
	print_escaped(want, out);
	if (row->unit)
		fprintf(out, "\n:unit: %s", row->unit);
	fputs("\n\n", out);
	print_escaped(row->help, out);
	fputs(row->live ? ". Can change while weir runs.\n" : ".\n", out);
}

static void print_children(const struct conf_row *parent, FILE *out)
{
	const struct conf_row *row;

	for (size_t i = 0; (row = conf_row_child(parent, i)); i++) {
		print_title(row->path, '~', out);
		print_option(row, out);
		if (row->type == CONF_MAP)
			print_children(row, out);
	}
}

static bool has_children(const struct conf_row *row)
{
	return row->type == CONF_MAP || row->type == CONF_LIST;
}

void conf_print_reference(FILE *out)
{
	const struct conf_row *row;

	fputs(head, out);
	print_title("General", '-', out);
	fputs("Options at the top of the file.\n", out);
	for (size_t i = 0; (row = conf_row_child(NULL, i)); i++) {
		if (has_children(row))
			continue;
		print_title(row->path, '~', out);
		print_option(row, out);
	}
	for (size_t i = 0; (row = conf_row_child(NULL, i)); i++) {
		if (!has_children(row))
			continue;
		print_title(row->path, '-', out);
		if (row->type == CONF_LIST)
			print_option(row, out);
		else
			fprintf(out, "%s.\n", row->help);
		print_children(row, out);
	}
}
