/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "flow/function.h"
#include "flow/plan.h"

/* The compiler's parts. Control thread; recursion is bounded by FLOW_DEPTH. */

struct flow_compiler {
	struct flow_plan *plan;
	struct flow_error *error;
	const char *text; /* the one at work: offsets of errors are into it */
	bool late;        /* it may have functions that are applied at merge */
	bool custom;      /* the definition has a key of custom flows */
};

/* A piece of that text. */
struct flow_span {
	const char *p, *end;
};

static inline size_t flow_span_len(struct flow_span s)
{
	return (size_t)(s.end - s.p);
}

/** Put an error at `at`, which is in the text. @return -EINVAL */
int flow_fail(struct flow_compiler *c, const char *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- compile.c ---- */

/** Whether a text is no longer than FLOW_TEXT_MAX. @return 0 or -EINVAL */
int flow_check_length(struct flow_compiler *c, const char *text);

/* ---- token.c ---- */

/** Without blanks at either end. */
struct flow_span flow_trim(struct flow_span s);

/** The first of `stops` that is neither escaped by a backslash nor in square brackets, or s.end. */
const char *flow_find(struct flow_span s, const char *stops);

/** Take what stands before the next `separator`; `s` is what follows it, or has p NULL at the end. */
struct flow_span flow_split(struct flow_span *s, char separator);

/** Whether brackets are closed, and no deeper than FLOW_DEPTH. @return 0 or -EINVAL */
int flow_check_brackets(struct flow_compiler *c, struct flow_span s);

/** Whether `s` is one pair of square brackets and what is in it, which `inside` is then. */
bool flow_unwrap(struct flow_span s, struct flow_span *inside);

/**
 * A copy of `s` without backslashes, each of which makes the character behind it an ordinary one.
 * @param len  its length, at most PACKET_VALUE_MAX
 * @return in the plan's region, with a NUL behind it; NULL with an error
 */
char *flow_unescape(struct flow_compiler *c, struct flow_span s, uint8_t *len);

/** A decimal number, all of it. @return whether it is one that fits */
bool flow_parse_number(const char *text, size_t len, uint64_t *number);

/** The words of an error about what was written: at most 48 bytes. */
enum { FLOW_SHOWN = 52 };
const char *flow_shown(struct flow_span s, char buf[FLOW_SHOWN]);

/* ---- expr.c ---- */

/** The number of a field in the plan, entered if it is not there yet. @return -EINVAL: no room */
int flow_plan_field(struct flow_compiler *c, const char *at, const struct flow_key *key);

/** Compile a key, or a function of keys. @return its number in the plan, or -EINVAL */
int flow_expression(struct flow_compiler *c, struct flow_span s);

/* ---- values.c ---- */

/** Compile `value`, and after it `values`. @return 0 or -EINVAL */
int flow_value_compile(struct flow_compiler *c, struct flow_definition *d, const char *text);
int flow_values_compile(struct flow_compiler *c, struct flow_definition *d, const char *text);

/** When both are compiled: which of them take lanes. */
void flow_values_finish(struct flow_definition *d);

/* ---- late.c ---- */

/**
 * Where a definition's keys have functions that are applied at merge, put the keys that these are
 * made of in place of them, and set `late`. @return 0 or -EINVAL
 */
int flow_late_compile(struct flow_compiler *c, struct flow_definition *d);

/* ---- literal.c ---- */

/**
 * A text as the bytes that values of a type have.
 * @param text  without escapes; `at` is where it stands
 * @param bytes room for PACKET_VALUE_MAX
 * @return how many bytes, or -EINVAL
 */
int flow_literal(struct flow_compiler *c, const char *at, const struct flow_type *type,
	const char *text, size_t len, uint8_t *bytes);

/* ---- filter ---- */

/** Compile a filter. @return NULL with an error */
const struct flow_filter *flow_filter_compile(struct flow_compiler *c, const char *text);

struct flow_regex;

/** Compile a regular expression of the filter; the plan owns it. @return NULL with an error */
const struct flow_regex *flow_regex_compile(
	struct flow_compiler *c, const char *at, const char *pattern, size_t len);

/** Free all of a plan. */
void flow_regex_free(struct flow_regex *list);
