/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "conf/schema_pvt.h"

/* Rows by their paths. */
const struct conf_row *conf_row_of(const char *path)
{
	for (unsigned i = 0; i < conf_row_count; i++) {
		if (strcmp(conf_rows[i].path, path) == 0)
			return &conf_rows[i];
	}
	return NULL;
}

const char *conf_row_name(const struct conf_row *row)
{
	const char *dot = strrchr(row->path, '.');

	return dot ? dot + 1 : row->path;
}

static bool is_child(const struct conf_row *parent, const struct conf_row *row)
{
	size_t len = (size_t)(conf_row_name(row) - row->path);

	if (!parent)
		return len == 0;
	return len == strlen(parent->path) + 1 && strncmp(row->path, parent->path, len - 1) == 0;
}

const struct conf_row *conf_row_child(const struct conf_row *parent, size_t i)
{
	for (const struct conf_row *row = conf_rows; row < conf_rows + conf_row_count; row++) {
		if (is_child(parent, row) && i-- == 0)
			return row;
	}
	return NULL;
}

const struct conf_row *conf_row_find(const struct conf_row *parent, const char *name)
{
	const struct conf_row *row;

	for (size_t i = 0; (row = conf_row_child(parent, i)); i++) {
		if (strcmp(conf_row_name(row), name) == 0)
			return row;
	}
	return NULL;
}

bool conf_row_in_list(const struct conf_row *row)
{
	for (const struct conf_row *list = conf_rows; list < conf_rows + conf_row_count; list++) {
		if (list->type == CONF_LIST && is_child(list, row))
			return true;
	}
	return false;
}
