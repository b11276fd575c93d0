/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "geo/database_pvt.h"

/*
 * IEEE's lists of MAC prefixes of 24, 28 and 36 bits, as CSV: registry, digits, name, address. A
 * field may be in quotes, in which commas, line ends and doubled quotes are text.
 */

enum { FIELDS = 4, FILE_MOST = 64 << 20, FIELD_MOST = 512 };

static const char *const files[] = {"oui.csv", "mam.csv", "oui36.csv", "iab.csv"};

/* ---- CSV ---- */

struct csv {
	const char *p, *end;
	unsigned line;
};

struct field {
	char text[FIELD_MOST]; /* what is longer is cut */
	size_t len;
};

static void put(struct field *f, char c)
{
	if (f->len < sizeof(f->text) - 1)
		f->text[f->len++] = c;
}

/* Up to behind the quote that ends it. @return false: no quote ends it */
static bool read_quoted(struct csv *csv, struct field *f)
{
	for (csv->p++; csv->p < csv->end; csv->p++) {
		csv->line += *csv->p == '\n';
		if (*csv->p == '"') {
			csv->p++;
			if (csv->p == csv->end || *csv->p != '"')
				return true;
		}
		put(f, *csv->p);
	}
	return false;
}

static bool read_field(struct csv *csv, struct field *f)
{
	f->len = 0;
	if (csv->p < csv->end && *csv->p == '"' && !read_quoted(csv, f))
		return false;
	for (; csv->p < csv->end && *csv->p != ',' && *csv->p != '\n'; csv->p++) {
		if (*csv->p != '\r')
			put(f, *csv->p);
	}
	f->text[f->len] = '\0';
	return true;
}

/* One line; `fields` that it lacks are empty. @return false: a quote is not closed */
static bool read_line(struct csv *csv, struct field fields[FIELDS])
{
	struct field rest;

	for (unsigned i = 0; i < FIELDS; i++)
		fields[i].len = 0;
	for (unsigned i = 0;; i++) {
		if (!read_field(csv, i < FIELDS ? &fields[i] : &rest))
			return false;
		if (csv->p == csv->end || *csv->p++ == '\n')
			break;
	}
	csv->line++;
	return true;
}

/* ---- prefixes ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* 6, 7 or 9 digits. */
static bool read_digits(const struct field *f, struct prefix *p)
{
	if (f->len != 6 && f->len != 7 && f->len != 9)
		return false;
	for (size_t i = 0; i < f->len; i++) {
		int digit = hex_digit(f->text[i]);

		if (digit < 0)
			return false;
		p->bytes[i / 2] |= (uint8_t)(i % 2 ? digit : digit << 4);
	}
	p->bits = (uint8_t)(4 * f->len);
	return true;
}

/* Digits with their number are the identity: 24 bits of zero are not 28. */
static uint64_t id_of(const struct prefix *p)
{
	uint64_t id = p->bits;

	for (unsigned i = 0; i < 6; i++)
		id = id << 8 | p->bytes[i];
	return id;
}

/* Some prefixes are listed twice: the first counts. */
static int add_line(struct geo_reader *r, const struct field *digits, const struct field *name)
{
	struct prefix p = {.bits = 0};

	if (!read_digits(digits, &p))
		return -EINVAL;
	p.label = geo_label(r->db, id_of(&p));
	if (p.label != PREFIX_NONE)
		return 0;
	p.label = geo_add_record(r->db, id_of(&p), digits->text, name->text, name->len);
	return p.label == PREFIX_NONE || geo_add_prefix(r->db, 6, &p) < 0 ? -ENOMEM : 0;
}

int geo_parse_oui(struct geo_reader *r, const char *text, size_t len)
{
	struct csv csv = {.p = text, .end = text + len, .line = 1};
	struct field fields[FIELDS];
	bool head = true;

	for (; csv.p < csv.end; head = false) {
		unsigned line = csv.line;
		int err = 0;

		if (!read_line(&csv, fields))
			return geo_fail(r, "line %u: a quote is not closed", line);
		if (!head && fields[1].len + fields[0].len > 0)
			err = add_line(r, &fields[1], &fields[2]);
		if (err == -ENOMEM)
			return geo_fail_memory(r);
		if (err < 0)
			return geo_fail(r,
				"line %u: \"%.24s\" is no prefix of a MAC; expected a "
				"registry, 6, 7 or 9 upper-case digits, and a name",
				line, fields[1].text);
	}
	return 0;
}

/* ---- files ---- */

static int read_file(struct geo_reader *r)
{
	FILE *f = fopen(r->path, "re");
	int err = f ? 0 : -errno;
	char *text = NULL;
	struct stat st;
	size_t len;

	if (f && fstat(fileno(f), &st) < 0)
		err = -errno;
	if (err == 0 && st.st_size > FILE_MOST)
		err = -EFBIG;
	if (err == 0) {
		text = malloc((size_t)st.st_size + 1);
		err = text ? 0 : -ENOMEM;
	}
	len = err == 0 ? fread(text, 1, (size_t)st.st_size, f) : 0;
	if (err == 0 && ferror(f))
		err = -EIO;
	if (err < 0)
		geo_fail(r, "%s", strerror(-err));
	else
		err = geo_parse_oui(r, text, len);
	free(text);
	if (f)
		fclose(f);
	return err;
}

static int read_folder(struct geo_reader *r)
{
	const char *folder = r->path;
	int err = 0;

	for (unsigned i = 0; err == 0 && i < sizeof(files) / sizeof(files[0]); i++) {
		char path[1100];

		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		r->path = path;
		err = read_file(r);
		if (err == -ENOENT && i > 0)
			err = 0; /* the list of 24 bits alone is of use */
		r->path = folder;
	}
	return err;
}

int geo_read_oui(struct geo_reader *r)
{
	struct stat st;

	return stat(r->path, &st) == 0 && S_ISDIR(st.st_mode) ? read_folder(r) : read_file(r);
}
