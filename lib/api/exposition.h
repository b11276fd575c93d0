/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/*
 * The text format of Prometheus (version 0.0.4): families of a name, each with its help, its type and
 * its samples, one line each. Pure; texts may be anybody's, numbers are any.
 */

enum exposition_type {
	EXPOSITION_COUNTER,
	EXPOSITION_GAUGE,
	EXPOSITION_UNTYPED,
};

#define EXPOSITION_CONTENT "text/plain; version=0.0.4; charset=utf-8"

/* What is being written; all zero at first. */
struct exposition {
	char *buf; /* from malloc; exposition_take() gives it away */
	size_t len, room;
	unsigned labels; /* of the line at hand */
	bool broken;     /* memory was short: what is there is not whole */
};

/**
 * A name as Prometheus takes it: what is neither letter, digit nor _ becomes _.
 * @param prefix  stands before it as it is
 */
void exposition_name(struct base_text *t, const char *prefix, const char *name);

/** The same of a label, which begins with no digit, nor with __ (the server's own). */
void exposition_label_name(struct base_text *t, const char *name);

/** The type of a value that rises and falls: a name that ends as those of counters do is of none. */
enum exposition_type exposition_gauge(const char *name);

/** The lines that begin a family. */
void exposition_head(
	struct exposition *e, const char *name, enum exposition_type type, const char *help);

/** A line: its name, then labels, then its value. Labels without a value are as good as absent. */
void exposition_begin(struct exposition *e, const char *name);
void exposition_label(struct exposition *e, const char *name, const char *value, size_t len);
void exposition_number(struct exposition *e, double value);
/** The same with a number as a text. */
void exposition_end(struct exposition *e, const char *value);

/** The text, from malloc, with a NUL behind it; NULL: memory was short. `e` is empty again. */
char *exposition_take(struct exposition *e);
