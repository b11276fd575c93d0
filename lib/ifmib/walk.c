/* SPDX-License-Identifier: BSD-3-Clause */
#include "ifmib/walk.h"

#include <string.h>

/* RFC 2863: ifXEntry, and below it the columns. */
static const unsigned long entry[WALK_ROOT] = {1, 3, 6, 1, 2, 1, 31, 1, 1, 1};
static const unsigned long columns[NAMES_KINDS] = {[NAMES_NAME] = 1, [NAMES_ALIAS] = 18};

void walk_init(struct walk *w, struct names_table *table, uint32_t most)
{
	*w = (struct walk){.table = table, .most = most};
}

size_t walk_next(const struct walk *w, unsigned long name[WALK_NAME])
{
	memcpy(name, entry, sizeof(entry));
	name[WALK_ROOT] = columns[w->column];
	name[WALK_ROOT + 1] = w->last;
	return w->last ? WALK_NAME : WALK_NAME - 1;
}

/* Whether it is of the column; with the interface if it is. */
static bool is_of_column(const struct walk *w, const struct walk_row *row, uint32_t *index)
{
	if (row->name_len <= WALK_ROOT || memcmp(row->name, entry, sizeof(entry)) != 0 ||
		row->name[WALK_ROOT] != columns[w->column])
		return false;
	*index = 0;
	if (row->name_len == WALK_NAME && row->name[WALK_NAME - 1] <= UINT32_MAX)
		*index = (uint32_t)row->name[WALK_NAME - 1];
	return true;
}

static void end_column(struct walk *w)
{
	w->column++;
	w->last = 0;
	w->rows = 0;
}

bool walk_row(struct walk *w, const struct walk_row *row)
{
	uint32_t index;

	if (w->column == NAMES_KINDS)
		return false;
	if (!is_of_column(w, row, &index)) {
		end_column(w);
		return false;
	}
	if (index <= w->last || !row->text) {
		/* The end of what there is comes with the name that was asked for. */
		w->wrong = w->wrong || row->text;
		end_column(w);
		return false;
	}
	if (w->rows == w->most) {
		w->cut = true;
		end_column(w);
		return false;
	}
	if (!names_table_add(w->table, index, (enum names_kind)w->column, row->bytes, row->len)) {
		w->short_of_memory = true;
		w->column = NAMES_KINDS;
		return false;
	}
	w->rows++;
	w->last = index;
	return true;
}

void walk_answer(struct walk *w, bool any)
{
	if (!any && w->column < NAMES_KINDS)
		end_column(w);
}
