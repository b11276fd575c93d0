/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "flow/filter_pvt.h"

/*
 *	filter = all { "|" all }
 *	all    = part { "&" part }
 *	part   = "(" filter ")" | KEY ( "=" | "!=" | "~" | "!~" ) value { "," value }
 *	value  = 'TEXT' | "TEXT" | TEXT
 */

static struct filter_node *parse_or(struct filter_parser *p);

static void *fail(struct filter_parser *p, const char *at, const char *text)
{
	flow_fail(p->c, at, "%s", text);
	return NULL;
}

/* The next character that is no blank; 0 at the end. */
static char peek(struct filter_parser *p)
{
	while (p->rest.p < p->rest.end && isspace((unsigned char)*p->rest.p))
		p->rest.p++;
	return p->rest.p < p->rest.end ? *p->rest.p : '\0';
}

static bool take(struct filter_parser *p, char c)
{
	if (peek(p) != c)
		return false;
	p->rest.p++;
	return true;
}

/* ---- quotes ---- */

/* Take a text in quotes; `s` is what is between them. @return false with an error */
static bool take_quoted(struct filter_parser *p, struct flow_span *s)
{
	const char quote = *p->rest.p, *start = p->rest.p, *q = start + 1;

	while (q < p->rest.end && *q != quote)
		q += *q == '\\' && q + 1 < p->rest.end ? 2 : 1;
	if (q >= p->rest.end) {
		flow_fail(p->c, start, "no %c closes this one", quote);
		return false;
	}
	*s = (struct flow_span){start + 1, q};
	p->rest.p = q + 1;
	return true;
}

static bool is_quote(char c)
{
	return c == '\'' || c == '"';
}

/* ---- left side ---- */

static bool is_operator(const char *p, const char *end)
{
	return *p == '=' || *p == '~' || (*p == '!' && p + 1 < end && (p[1] == '=' || p[1] == '~'));
}

/* Up to the operator; a ! that starts none is a character like any other. */
static struct flow_span take_left(struct filter_parser *p)
{
	struct flow_span left = p->rest, from = p->rest;

	for (;;) {
		left.end = flow_find(from, "=~!&|()");
		if (left.end == p->rest.end || *left.end != '!' ||
			is_operator(left.end, p->rest.end))
			break;
		from.p = left.end + 1;
	}
	p->rest.p = left.end;
	return left;
}

static bool take_operator(struct filter_parser *p, enum filter_operator *op)
{
	char c = peek(p);

	if (c == '\0' || !is_operator(p->rest.p, p->rest.end))
		return fail(p, p->rest.p, "here one of =, !=, ~ and !~ is expected");
	if (c == '!')
		p->rest.p++;
	if (*p->rest.p == '=')
		*op = c == '!' ? FILTER_UNEQUAL : FILTER_EQUAL;
	else
		*op = c == '!' ? FILTER_MISMATCH : FILTER_MATCH;
	p->rest.p++;
	c = peek(p);
	if (c == '=' || c == '~')
		return fail(p, p->rest.p,
			"the operators are =, !=, ~ and !~; quote a value that starts so");
	return true;
}

/* @return the field's number, or -EINVAL */
static int parse_left(struct filter_parser *p)
{
	char c = peek(p);
	struct flow_span left;

	if (is_quote(c)) {
		if (!take_quoted(p, &left))
			return -1;
		return flow_expression(p->c, left);
	}
	if (c == '\0' || strchr("&|)", c)) {
		fail(p, p->rest.p, "here a key or a ( is expected");
		return -1;
	}
	if (c == '!' && !is_operator(p->rest.p, p->rest.end)) {
		fail(p, p->rest.p, "there is no negation; write KEY!=VALUE");
		return -1;
	}
	left = take_left(p);
	return flow_expression(p->c, left);
}

/* ---- right side ---- */

static bool take_bare(struct filter_parser *p, struct flow_span *s)
{
	const char *q = p->rest.p;

	while (q < p->rest.end && !strchr(",&|)", *q)) {
		if (*q == '(')
			return fail(p, q, "quote a value that has a ( in it");
		q++;
	}
	*s = flow_trim((struct flow_span){p->rest.p, q});
	p->rest.p = q;
	if (flow_span_len(*s) > 0)
		return true;
	return fail(p, s->p, "a value is missing here; an empty text is written ''");
}

/* The [ or { that is open at the end of a regular expression, or NULL. */
static const char *open_bracket(struct flow_span s)
{
	const char *open = NULL;

	for (const char *q = s.p; q < s.end; q++) {
		if (*q == '\\')
			q++;
		else if (!open && (*q == '[' || *q == '{'))
			open = q;
		else if (open && *q == (*open == '[' ? ']' : '}'))
			open = NULL;
	}
	return open;
}

/* A regular expression that is not quoted ends at the first , & | or ), which may be meant as its. */
static bool check_bare_regex(struct filter_parser *p, struct flow_span s)
{
	const char *open = open_bracket(s);

	if (!open || p->rest.p == p->rest.end)
		return true;
	flow_fail(p->c, open, "a regular expression with a %c in it is quoted", *p->rest.p);
	return false;
}

static struct filter_value *parse_value(struct filter_parser *p, bool regex)
{
	struct filter_value *v = base_region_alloc(&p->memory, sizeof(*v));
	char c = peek(p);

	v->quoted = is_quote(c);
	if (!(v->quoted ? take_quoted(p, &v->text) : take_bare(p, &v->text)))
		return NULL;
	p->bare_regex = regex && !v->quoted;
	if (p->bare_regex && !check_bare_regex(p, v->text))
		return NULL;
	c = peek(p);
	if (c != '\0' && !strchr(",&|)", c))
		return fail(p, p->rest.p, "behind a value, one of , & | and ) is expected");
	return v;
}

static struct filter_value *parse_values(struct filter_parser *p, bool regex)
{
	struct filter_value *first = NULL, **tail = &first;

	do {
		*tail = parse_value(p, regex);
		if (!*tail)
			return NULL;
		tail = &(*tail)->next;
	} while (take(p, ','));
	return first;
}

/* ---- the tree ---- */

/* To an error about what stands behind a regular expression that is not quoted. */
static void *add_hint(struct filter_parser *p)
{
	char *text = p->c->error->text;
	size_t len = strlen(text);

	snprintf(text + len, sizeof(p->c->error->text) - len,
		"; a regular expression with | , or & in it is quoted");
	return NULL;
}

static struct filter_node *parse_test(struct filter_parser *p)
{
	struct filter_node *node = base_region_alloc(&p->memory, sizeof(*node));
	const char *start = p->rest.p;
	struct filter_value *values;
	bool hint = p->bare_regex;
	enum filter_operator op = FILTER_EQUAL;
	int field = parse_left(p);

	if (field < 0 || !take_operator(p, &op))
		return hint ? add_hint(p) : NULL;
	p->bare_regex = false;
	values = parse_values(p, op == FILTER_MATCH || op == FILTER_MISMATCH);
	if (!values)
		return NULL;
	if (p->tests++ == FLOW_TESTS) {
		flow_fail(p->c, start, "a filter has at most %d comparisons", FLOW_TESTS);
		return NULL;
	}
	return filter_make_test(p, (unsigned)field, op, values, node) < 0 ? NULL : node;
}

static struct filter_node *parse_group(struct filter_parser *p)
{
	const char *open = p->rest.p - 1;
	struct filter_node *node;

	if (p->depth == FLOW_DEPTH) {
		flow_fail(p->c, open,
			"parentheses are nested too deep here; %d levels are possible", FLOW_DEPTH);
		return NULL;
	}
	p->depth++;
	node = parse_or(p);
	p->depth--;
	if (!node || take(p, ')'))
		return node;
	if (peek(p) == '\0')
		return fail(p, open, "no ) closes this (");
	return fail(p, p->rest.p, "here one of & | and ) is expected");
}

static struct filter_node *parse_part(struct filter_parser *p)
{
	return take(p, '(') ? parse_group(p) : parse_test(p);
}

/* Into the order that struct filter_node says. */
static void insert(struct filter_node *group, struct filter_node *child)
{
	struct filter_node **at = &group->children;

	while (*at && (*at)->cost > child->cost)
		at = &(*at)->next;
	child->next = *at;
	*at = child;
	group->cost += child->cost;
}

static struct filter_node *parse_chain(struct filter_parser *p, char joint, int kind,
	struct filter_node *(*parse)(struct filter_parser *p))
{
	struct filter_node *node = parse(p), *group;

	if (!node || peek(p) != joint)
		return node;
	group = base_region_alloc(&p->memory, sizeof(*group));
	group->kind = kind;
	insert(group, node);
	while (take(p, joint)) {
		node = parse(p);
		if (!node)
			return NULL;
		insert(group, node);
	}
	return group;
}

static struct filter_node *parse_and(struct filter_parser *p)
{
	return parse_chain(p, '&', FILTER_AND, parse_part);
}

static struct filter_node *parse_or(struct filter_parser *p)
{
	return parse_chain(p, '|', FILTER_OR, parse_and);
}

struct filter_node *filter_parse(struct filter_parser *p)
{
	struct filter_node *node = parse_or(p);

	if (!node || peek(p) == '\0')
		return node;
	if (*p->rest.p == ')')
		return fail(p, p->rest.p, "no ( opens what this ) closes");
	return fail(p, p->rest.p, "here an & or a | is expected");
}
