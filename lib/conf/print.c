/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "conf/quote.h"
#include "conf/schema_pvt.h"

/* The settings as YAML, row by row. Texts are quoted: no reader takes them for anything else. */

enum { INDENT = 2 };

static void print_text(const char *text, FILE *out)
{
	size_t len = strlen(text);
	char quoted[CONF_QUOTED];

	fputc('"', out);
	for (size_t i = 0; i < len;) {
		i += conf_quote(text + i, len - i, quoted);
		fputs(quoted, out);
	}
	fputc('"', out);
}

/* JSON is YAML. */
static void print_document(const char *text, FILE *out)
{
	if (conf_is_document(text))
		fputs(text, out);
	else
		print_text(text, out);
}

static void print_texts(const char *const *texts, unsigned count, FILE *out)
{
	fputc('[', out);
	for (unsigned i = 0; i < count; i++) {
		fputs(i ? ", " : "", out);
		print_text(texts[i], out);
	}
	fputc(']', out);
}

static void print_uints(const unsigned *list, unsigned count, FILE *out)
{
	fputc('[', out);
	for (unsigned i = 0; i < count; i++)
		fprintf(out, "%s%u", i ? ", " : "", list[i]);
	fputc(']', out);
}

static void print_duration(uint64_t ms, FILE *out)
{
	char buf[32];
	struct base_text t = base_text(buf, sizeof(buf));

	conf_print_duration(&t, ms);
	fputs(buf, out);
}

/* Without an exponent, and with as many digits as it takes to read the same back. */
static void print_number(double v, FILE *out)
{
	char buf[64];
	int decimals = 0;

	do {
		snprintf(buf, sizeof(buf), "%.*f", decimals, v);
	} while (decimals++ < 18 && strtod(buf, NULL) != v);
	fputs(buf, out);
}

/* Where a secret is, may be seen; the secret itself may not. */
static void print_visible(const struct conf_row *row, const char *text, FILE *out)
{
	char *copy;

	if (row->secret == CONF_SECRET && text[0] && strcmp(text, row->preset) != 0 &&
		!base_secret_is_place(text))
		text = "***";
	copy = strdup(text);
	if (!copy)
		abort();
	if (row->secret == CONF_LOGIN)
		base_secret_hide_login(copy);
	print_text(copy, out);
	explicit_bzero(copy, strlen(copy));
	free(copy);
}

static void print_value(const struct conf_row *row, const void *base, FILE *out)
{
	switch (row->type) {
	case CONF_UINT:
		fprintf(out, "%" PRIu64, conf_member_uint(row, base));
		break;
	case CONF_DURATION:
		print_duration(conf_member_uint(row, base), out);
		break;
	case CONF_SECONDS:
		fprintf(out, "%.9g", (double)conf_member_uint(row, base) / 1000);
		break;
	case CONF_NUMBER:
		print_number(conf_member_double(row, base), out);
		break;
	case CONF_CHOICE:
		fputs(row->choices[conf_member_uint(row, base)], out);
		break;
	case CONF_TEXT:
	case CONF_KEYS:
		print_visible(row, conf_member_pointer(row, base), out);
		break;
	case CONF_DOCUMENT:
		print_document(conf_member_pointer(row, base), out);
		break;
	case CONF_TEXTS:
		print_texts(conf_member_pointer(row, base), conf_member_count(row, base), out);
		break;
	case CONF_UINTS:
		print_uints(conf_member_pointer(row, base), conf_member_count(row, base), out);
		break;
	case CONF_MAP:
	case CONF_LIST:
	case CONF_LOOKUPS:
		break;
	}
}

/* A text that was never set has no line; nor has an empty list of texts, which cannot be read. */
static bool is_set(const struct conf_row *row, const void *base)
{
	if (row->type == CONF_TEXT || row->type == CONF_KEYS)
		return conf_member_pointer(row, base);
	return row->type != CONF_TEXTS || conf_member_count(row, base) > 0;
}

static void print_options(const struct conf_row *parent, const void *base, unsigned indent,
	const char *first, FILE *out);
static void print_lookups(const struct conf_row *row, const void *base, unsigned indent, FILE *out);

/* A section in the entry of a list; one of which nothing is set has no line. */
static void print_section(
	const struct conf_row *section, const void *base, unsigned indent, FILE *out)
{
	const struct conf_row *row;

	for (size_t i = 0; (row = conf_row_child(section, i)); i++) {
		if (!is_set(row, base))
			continue;
		fprintf(out, "%*s%s:\n", (int)indent, "", conf_row_name(section));
		print_options(section, base, indent + INDENT, "", out);
		return;
	}
}

/* The options below `parent`, each on a line; `first` is what stands before the first, a "- ". */
static void print_options(const struct conf_row *parent, const void *base, unsigned indent,
	const char *first, FILE *out)
{
	const struct conf_row *row;

	for (size_t i = 0; (row = conf_row_child(parent, i)); i++) {
		if (row->type == CONF_MAP) {
			print_section(row, base, indent, out);
			continue;
		}
		if (row->type == CONF_LOOKUPS) {
			print_lookups(row, base, indent, out);
			continue;
		}
		if (!is_set(row, base))
			continue;
		fprintf(out, "%*s%s%s: ", (int)(indent - strlen(first)), "", first,
			conf_row_name(row));
		print_value(row, base, out);
		fputc('\n', out);
		first = "";
	}
}

static void print_list(const struct conf_row *list, const void *base, FILE *out)
{
	const char *entries = conf_member_pointer(list, base);
	unsigned count = conf_member_count(list, base);

	fprintf(out, "%s:%s\n", list->path, count ? "" : " []");
	for (unsigned i = 0; i < count; i++)
		print_options(list, entries + i * list->entry, 2 * INDENT, "- ", out);
}

/* The values of one label, which stand side by side. @return how many */
static unsigned print_label(const struct conf_lookup *l, unsigned i, unsigned indent, FILE *out)
{
	const char *label = l->values[i].label;
	unsigned n = 0;

	fprintf(out, "%*s", (int)indent, "");
	print_text(label, out);
	fputs(": [", out);
	for (; i + n < l->count && l->values[i + n].label == label; n++) {
		fputs(n ? ", " : "", out);
		print_text(l->values[i + n].value, out);
	}
	fputs("]\n", out);
	return n;
}

static void print_lookups(const struct conf_row *row, const void *base, unsigned indent, FILE *out)
{
	const struct conf_lookup *l = conf_member_pointer(row, base);
	unsigned count = conf_member_count(row, base);

	fprintf(out, "%*s%s:%s\n", (int)indent, "", conf_row_name(row), count ? "" : " {}");
	for (; count > 0; count--, l++) {
		fprintf(out, "%*s", (int)indent + INDENT, "");
		print_text(l->name, out);
		fputs(l->file || l->count ? ":" : ": {}", out);
		if (l->file) {
			fputc(' ', out);
			print_text(l->file, out);
		}
		fputc('\n', out);
		for (unsigned i = 0; i < l->count;)
			i += print_label(l, i, indent + 2 * INDENT, out);
	}
}

void conf_print(const struct conf *c, FILE *out)
{
	const struct conf_row *row;

	for (size_t i = 0; (row = conf_row_child(NULL, i)); i++) {
		if (row->type == CONF_LIST) {
			print_list(row, c, out);
		} else if (row->type == CONF_LOOKUPS) {
			print_lookups(row, c, 0, out);
		} else if (row->type == CONF_MAP) {
			fprintf(out, "%s:\n", row->path);
			print_options(row, c, INDENT, "", out);
		} else {
			fprintf(out, "%s: ", row->path);
			print_value(row, c, out);
			fputc('\n', out);
		}
	}
}
