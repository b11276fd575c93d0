/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "names/table.h"

/*
 * A walk of two columns of ifXTable (IF-MIB, RFC 2863): ifName, then ifAlias. What the agent answers is
 * hostile: each row has to be of the column and behind the one before, so that a walk ends, and there is a
 * bound. Pure.
 */

enum { WALK_ROOT = 10, WALK_NAME = WALK_ROOT + 2 /* numbers of the column, then of a row */ };

/* A variable of an answer. */
struct walk_row {
	const unsigned long *name;
	size_t name_len;
	bool text; /* an OCTET STRING; else something else, or the end of what there is */
	const uint8_t *bytes;
	size_t len;
};

struct walk {
	struct names_table *table;
	uint32_t most, rows; /* of a column at most; read of this one */
	unsigned column;     /* enum names_kind; NAMES_KINDS: the walk is over */
	uint32_t last;       /* newest row of the column; 0: none */
	bool cut;            /* there were more rows than `most` */
	bool wrong;          /* an answer broke the rules */
	bool short_of_memory;
};

/** Begin. `table` outlives it, and is not finished by it. */
void walk_init(struct walk *w, struct names_table *table, uint32_t most);

/** Where to go on: the name to ask for what is behind. @return how many numbers it has */
size_t walk_next(const struct walk *w, unsigned long name[WALK_NAME]);

/** Take in a row. @return false: the column is over, and the rest of the answer of no use */
bool walk_row(struct walk *w, const struct walk_row *row);

/** An answer is over: without a row of the column there was nothing behind, and the next column begins. */
void walk_answer(struct walk *w, bool any);
