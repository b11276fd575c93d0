/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "api/budget.h"

/*
 * JSON that is written as text at once, for answers that are too long to be built as objects first: the
 * text is all the memory that it takes. It looks like that of the other answers.
 *
 * One thread. A text that finds no memory in the budget, or gets longer than it may, is `full`: what
 * is written from then on is lost, and the writer can only be freed.
 */

enum { API_WRITER_DEPTH = 16 };

struct api_writer {
	struct api_budget *budget;
	size_t most; /* bytes of the text */
	char *text;
	size_t len, room; /* `room` bytes are taken of the budget */
	bool full;
	unsigned depth;
	bool some[API_WRITER_DEPTH]; /* the object or array at that depth has something in it */
	bool named;                  /* a name was written, and its value comes next */
};

void api_writer_init(struct api_writer *w, struct api_budget *budget, size_t most);

/** Give text and budget back, also after api_writer_take(). */
void api_writer_fini(struct api_writer *w);

/**
 * The whole text, from malloc; it is the caller's, and so is what it took of the budget.
 * @param taken  out: bytes that api_budget_give() gives back
 * @return NULL: it is full
 */
char *api_writer_take(struct api_writer *w, size_t *taken);

/** An object or array: '{' or '[' begins one, '}' or ']' ends it. */
void api_writer_begin(struct api_writer *w, char bracket);
void api_writer_end(struct api_writer *w, char bracket);

/** The name of the next value of an object: needs no escapes. */
void api_writer_name(struct api_writer *w, const char *name);

/** The same of any printable ASCII. */
void api_writer_name_text(struct api_writer *w, const char *name, size_t len);

/** Values: printable ASCII; JSON as it is, such as a number; null. */
void api_writer_text(struct api_writer *w, const char *text, size_t len);
void api_writer_raw(struct api_writer *w, const char *json);
void api_writer_null(struct api_writer *w);
