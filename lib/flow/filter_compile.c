/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "flow/filter_pvt.h"

/*
 * From the tree to the program. Tests are put down from the end to the start, so that where a test
 * leads to is known when it is put down. A group's children come the dearest first, so in the
 * program the cheapest is first.
 */

static unsigned put_test(struct flow_filter *f, const struct filter_node *node, unsigned *at,
	unsigned yes, unsigned no)
{
	struct flow_test *t = &f->tests[--*at];

	*t = node->test;
	t->yes = (uint16_t)(node->negative ? no : yes);
	t->no = (uint16_t)(node->negative ? yes : no);
	return *at;
}

/* Recursion follows parentheses: at most FLOW_DEPTH. @return where the node starts */
static unsigned put(struct flow_filter *f, const struct filter_node *node, unsigned *at,
	unsigned yes, unsigned no)
{
	if (node->kind == FILTER_TEST)
		return put_test(f, node, at, yes, no);
	for (const struct filter_node *child = node->children; child; child = child->next) {
		if (node->kind == FILTER_AND)
			yes = put(f, child, at, yes, no);
		else
			no = put(f, child, at, yes, no);
	}
	return node->kind == FILTER_AND ? yes : no;
}

const struct flow_filter *flow_filter_compile(struct flow_compiler *c, const char *text)
{
	struct filter_parser p = {.c = c, .rest = {text, text + strlen(text)}};
	struct filter_node *root = filter_parse(&p);
	struct flow_filter *f = NULL;
	unsigned at;

	if (root) {
		f = base_region_alloc(&c->plan->region, sizeof(*f) + p.tests * sizeof(f->tests[0]));
		f->count = at = p.tests;
		put(f, root, &at, FLOW_ACCEPT, FLOW_REFUSE);
	}
	base_region_free(&p.memory);
	return f;
}
