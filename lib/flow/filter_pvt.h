/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "flow/compile_pvt.h"
#include "flow/filter.h"

/* A filter on its way from text to program. */

enum filter_operator {
	FILTER_EQUAL,
	FILTER_UNEQUAL,
	FILTER_MATCH,
	FILTER_MISMATCH,
};

/* One of the values on the right side. */
struct filter_value {
	struct filter_value *next;
	struct flow_span text;
	bool quoted;
};

struct filter_node {
	enum { FILTER_TEST, FILTER_AND, FILTER_OR } kind;
	unsigned cost;
	struct filter_node
		*children; /* groups: the dearest first, and those that were written last */
	struct filter_node *next;
	struct flow_test test;
	bool negative; /* test: what it says is turned round */
};

struct filter_parser {
	struct flow_compiler *c;
	struct flow_span rest;
	unsigned depth;            /* of parentheses */
	unsigned tests;            /* so far */
	unsigned regexes;          /* so far */
	bool bare_regex;           /* the value before is one that is not quoted */
	struct base_region memory; /* of nodes and values; gone when the program is there */
};

/* ---- filter_parse.c ---- */

/** From text to a tree. @return NULL with an error */
struct filter_node *filter_parse(struct filter_parser *p);

/* ---- filter_test.c ---- */

/**
 * Make the test of a field.
 * @param at      where the right side stands
 * @param values  at least one
 * @return 0 or -EINVAL
 */
int filter_make_test(struct filter_parser *p, unsigned field, enum filter_operator op,
	const struct filter_value *values, struct filter_node *node);
