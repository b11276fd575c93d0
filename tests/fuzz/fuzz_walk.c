/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ifmib/walk.h"

/*
 * Answers of an agent that is asked for the names of its interfaces. Of each row: a byte with how many
 * numbers its name has, of which the first few are right (low bits of the next byte), and whether it is a
 * text; the numbers that follow, 4 bytes each; a byte with the length of the text, and the text. A row of 255
 * numbers is the end of an answer.
 */

enum { MOST = 8, NUMBERS = 20, END = 255 };

static void need(int condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

struct bytes {
	const uint8_t *p;
	size_t left;
};

static uint8_t byte(struct bytes *b)
{
	if (b->left == 0)
		return 0;
	b->left--;
	return *b->p++;
}

static size_t read_row(struct bytes *b, struct walk_row *row, unsigned long *name, uint8_t count)
{
	static const unsigned long right[] = {1, 3, 6, 1, 2, 1, 31, 1, 1, 1};
	uint8_t form = byte(b);

	*row = (struct walk_row){.name = name, .name_len = count % NUMBERS, .text = form & 0x80};
	for (size_t i = 0; i < row->name_len; i++) {
		name[i] = 0;
		if (i < sizeof(right) / sizeof(right[0]) && i < (form & 0x7Fu))
			name[i] = right[i];
		else
			for (unsigned j = 0; j < 4; j++)
				name[i] = name[i] << 8 | byte(b);
	}
	row->len = byte(b);
	row->len = row->len < b->left ? row->len : b->left;
	row->bytes = b->p;
	b->p += row->len;
	b->left -= row->len;
	return row->len;
}

static void check(const struct names_table *t)
{
	need(t->count <= 2 * MOST, "more than may be");
	for (uint32_t i = 0; i < t->count; i++) {
		const struct names_entry *e = &t->entries[i];

		need(e->index > 0 && (i == 0 || e[-1].index < e->index), "not in order");
		need(e->text[NAMES_NAME].len <= NAMES_NAME_MOST, "a long name");
		need(e->text[NAMES_ALIAS].len <= NAMES_ALIAS_MOST, "a long alias");
		need(names_table_find(t, e->index) == e, "not found");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct base_addr agent = {.family = 4};
	struct names_table *t = names_table_create(&agent);
	unsigned long name[NUMBERS];
	struct bytes b = {data, size};
	struct walk w;
	bool any = false;

	walk_init(&w, t, MOST);
	while (b.left > 0) {
		uint8_t count = byte(&b);
		uint32_t last = w.last;
		unsigned column = w.column;
		struct walk_row row;

		if (count == END) {
			walk_answer(&w, any);
			any = false;
			continue;
		}
		read_row(&b, &row, name, count);
		if (!walk_row(&w, &row))
			continue;
		any = true;
		need(w.column == column && w.last > last, "a walk that does not go on");
		need(walk_next(&w, name) == WALK_NAME && name[WALK_NAME - 1] == w.last, "next");
	}
	names_table_finish(t);
	check(t);
	names_table_free(t);
	return 0;
}
