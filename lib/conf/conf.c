/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "conf/schema_pvt.h"
#include "conf/syntax_pvt.h"

enum { FILE_MAX = 1 << 20 }; /* bytes of a configuration file */

/* The name of this host, made to fit the row `collector`. */
static const char *host_name(struct base_region *region)
{
	char name[65];

	if (gethostname(name, sizeof(name)) != 0 || name[0] == '\0')
		return "localhost";
	name[sizeof(name) - 1] = '\0';
	for (char *c = name; *c; c++) {
		const char one[2] = {*c, '\0'};

		if (!conf_is_name(one))
			*c = '-';
	}
	return base_region_text(region, name);
}

void conf_init(struct conf *c)
{
	memset(c, 0, sizeof(*c));
	c->origins = base_region_alloc(&c->region, conf_row_count * sizeof(*c->origins));
	conf_row_presets(NULL, c, &c->region);
	c->collector = host_name(&c->region);
}

void conf_free(struct conf *c)
{
	base_region_free(&c->region);
	memset(c, 0, sizeof(*c));
}

/* Where byte `offset` of a text stands, which is in a piece of it. */
static struct conf_mark mark_within(const struct conf_piece *piece, const char *text, size_t offset)
{
	struct conf_mark at = piece->at;

	if (!piece->straight || offset > strlen(text))
		return at;
	for (const char *p = text + piece->offset; p < text + offset; p++)
		at.column += (*p & 0xC0) != 0x80;
	return at;
}

static struct conf_mark mark_of(const struct conf_pieces *pieces, const char *text, size_t offset,
	struct conf_mark otherwise)
{
	const struct conf_piece *piece = NULL;

	for (unsigned i = 0; i < pieces->count && pieces->piece[i].offset <= offset; i++)
		piece = &pieces->piece[i];
	return piece ? mark_within(piece, text, offset) : otherwise;
}

struct conf_mark conf_keys_at(const struct conf_flow *flow, size_t offset)
{
	return mark_of(&flow->keys_pieces, flow->keys, offset, flow->keys_at);
}

struct conf_mark conf_values_at(const struct conf_flow *flow, size_t offset)
{
	return mark_of(&flow->values_pieces, flow->values, offset, flow->value_at);
}

struct conf_mark conf_value_at(const struct conf_flow *flow, size_t offset)
{
	return mark_within(&flow->value_piece, flow->value, offset);
}

struct conf_mark conf_filter_at(const struct conf_flow *flow, size_t offset)
{
	return mark_within(&flow->filter_piece, flow->filter, offset);
}

/* @return bytes read, at most `size`, or -errno with `why` */
static ssize_t read_file(const char *file, char *text, size_t size, const char **why)
{
	FILE *in = base_file_open(file, why);
	size_t len;
	int err = 0;

	if (!in)
		return -errno;
	errno = 0;
	len = fread(text, 1, size, in);
	if (ferror(in)) {
		err = errno ? errno : EIO;
		*why = strerror(err);
	}
	fclose(in);
	return err ? -err : (ssize_t)len;
}

int conf_load(struct conf *c, const char *file, struct conf_error *e)
{
	const struct conf_mark nowhere = {0};
	char *text = malloc(FILE_MAX + 1);
	const char *why;
	ssize_t len;
	int err;

	if (!text) {
		conf_error_at(e, file, nowhere, "out of memory");
		return -ENOMEM;
	}
	len = read_file(file, text, FILE_MAX + 1, &why);
	if (len < 0) {
		err = (int)len;
		conf_error_at(e, file, nowhere, "cannot read it: %s; name a YAML file", why);
	} else if (len > FILE_MAX) {
		err = -EINVAL;
		conf_error_at(e, file, nowhere, "too large; a configuration has at most %d bytes",
			FILE_MAX);
	} else {
		err = conf_parse(c, file, text, (size_t)len, e);
	}
	free(text);
	return err;
}
