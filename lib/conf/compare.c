/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "conf/schema_pvt.h"

/* Which options of two settings differ. */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_texts(const char *const *a, const char *const *b, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (!same_text(a[i], b[i]))
			return false;
	}
	return true;
}

static bool same_lookup(const struct conf_lookup *a, const struct conf_lookup *b)
{
	bool same =
		same_text(a->name, b->name) && same_text(a->file, b->file) && a->count == b->count;

	for (unsigned i = 0; same && i < a->count; i++)
		same = same_text(a->values[i].label, b->values[i].label) &&
		       same_text(a->values[i].value, b->values[i].value);
	return same;
}

static bool same_lookups(const struct conf_lookup *a, const struct conf_lookup *b, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (!same_lookup(&a[i], &b[i]))
			return false;
	}
	return true;
}

static bool same_list(const struct conf_row *list, const void *a, const void *b);

static bool same_value(const struct conf_row *row, const void *a, const void *b)
{
	const void *pa, *pb;
	unsigned count;

	switch (row->type) {
	case CONF_UINT:
	case CONF_DURATION:
	case CONF_SECONDS:
	case CONF_CHOICE:
		return conf_member_uint(row, a) == conf_member_uint(row, b);
	case CONF_NUMBER:
		return conf_member_double(row, a) == conf_member_double(row, b);
	case CONF_TEXT:
	case CONF_KEYS:
	case CONF_DOCUMENT:
		return same_text(conf_member_pointer(row, a), conf_member_pointer(row, b));
	case CONF_MAP:
		return true; /* its rows speak for themselves */
	case CONF_LIST:
		return same_list(row, a, b);
	case CONF_UINTS:
	case CONF_TEXTS:
	case CONF_LOOKUPS:
		break;
	}
	count = conf_member_count(row, a);
	if (count != conf_member_count(row, b))
		return false;
	pa = conf_member_pointer(row, a);
	pb = conf_member_pointer(row, b);
	if (row->type == CONF_UINTS)
		return count == 0 || memcmp(pa, pb, count * sizeof(unsigned)) == 0;
	return row->type == CONF_TEXTS ? same_texts(pa, pb, count) : same_lookups(pa, pb, count);
}

/* Of an entry of a list, or of a section in it. */
static bool same_rows(const struct conf_row *parent, const void *a, const void *b)
{
	const struct conf_row *row;

	for (size_t i = 0; (row = conf_row_child(parent, i)); i++) {
		if (!same_value(row, a, b) || (row->type == CONF_MAP && !same_rows(row, a, b)))
			return false;
	}
	return true;
}

static bool same_list(const struct conf_row *list, const void *a, const void *b)
{
	const char *ea = conf_member_pointer(list, a), *eb = conf_member_pointer(list, b);
	unsigned count = conf_member_count(list, a);

	if (count != conf_member_count(list, b))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!same_rows(list, ea + i * list->entry, eb + i * list->entry))
			return false;
	}
	return true;
}

static bool is_below(const struct conf_row *row, const char *path)
{
	size_t len = strlen(path);

	return strncmp(row->path, path, len) == 0 &&
	       (row->path[len] == '\0' || row->path[len] == '.');
}

bool conf_same(const struct conf *a, const struct conf *b, const char *path)
{
	for (unsigned i = 0; i < conf_row_count; i++) {
		const struct conf_row *row = &conf_rows[i];

		if (is_below(row, path) && !conf_row_in_list(row) && !same_value(row, a, b))
			return false;
	}
	return true;
}

int conf_check_fixed(const struct conf *now, const struct conf *next, struct conf_error *e)
{
	const struct conf_mark nowhere = {0};
	char names[sizeof(e->text) / 2] = "";
	struct base_text t = base_text(names, sizeof(names));
	unsigned count = 0;

	for (unsigned i = 0; i < conf_row_count; i++) {
		const struct conf_row *row = &conf_rows[i];

		if (row->live || conf_row_in_list(row) || same_value(row, now, next))
			continue;
		base_text_printf(&t, "%s%s", count++ ? ", " : "", row->path);
	}
	if (count == 0)
		return 0;
	conf_error_at(e, next->file, nowhere,
		"%s cannot change while weir runs: restart it, or put back what was there", names);
	return -EINVAL;
}
