/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow/filter_pvt.h"
#include "flow/function_pvt.h"

/* One comparison of a filter: what is written on its right side, made ready for its field's type. */

/* What a test may cost, for the order in which tests are made. */
enum { COST_THERE = 1, COST_NUMBER = 2, COST_NUMBERS = 4, COST_TEXT = 4, COST_REGEX = 100 };

/* The text of a value. In quotes, \ in front of the quote stands for the quote alone. */
static const char *text_of(struct filter_parser *p, const struct filter_value *v, size_t *len)
{
	char *text = base_region_alloc(&p->memory, flow_span_len(v->text) + 1), *to = text;

	for (const char *q = v->text.p; q < v->text.end; q++) {
		if (v->quoted && *q == '\\' && q + 1 < v->text.end && q[1] == v->text.p[-1])
			q++;
		*to++ = *q;
	}
	*len = (size_t)(to - text);
	return text;
}

static unsigned count_of(const struct filter_value *values)
{
	unsigned count = 0;

	for (; values; values = values->next)
		count++;
	return count;
}

/* ---- regular expressions ---- */

static int make_regex(
	struct filter_parser *p, const struct filter_value *values, struct filter_node *node)
{
	const struct flow_regex **regexes = base_region_alloc(
		&p->c->plan->region, count_of(values) * sizeof(const struct flow_regex *));
	struct flow_test *t = &node->test;

	t->kind = FLOW_TEST_REGEX;
	t->regexes = regexes;
	for (; values; values = values->next) {
		size_t len;
		const char *pattern = text_of(p, values, &len);

		if (p->regexes++ == FLOW_REGEXES)
			return flow_fail(p->c, values->text.p,
				"a filter has at most %d regular expressions", FLOW_REGEXES);
		regexes[t->count] = flow_regex_compile(p->c, values->text.p, pattern, len);
		if (!regexes[t->count++])
			return -EINVAL;
	}
	node->cost = COST_REGEX * t->count;
	return 0;
}

/* ---- values ---- */

static bool is_null(const struct filter_value *v)
{
	return !v->quoted && flow_span_len(v->text) == 4 && memcmp(v->text.p, "null", 4) == 0;
}

static int read_value(struct filter_parser *p, const struct flow_type *type,
	const struct filter_value *v, struct flow_bytes *b)
{
	uint8_t bytes[PACKET_VALUE_MAX];
	size_t text_len;
	const char *text = text_of(p, v, &text_len);
	int len = flow_literal(p->c, v->text.p, type, text, text_len, bytes);

	if (len < 0)
		return len;
	b->p = (const uint8_t *)base_region_copy(
		&p->c->plan->region, (const char *)bytes, (size_t)len);
	b->len = (unsigned)len;
	return 0;
}

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void make_numbers(
	struct filter_parser *p, const struct flow_bytes *bytes, struct filter_node *node)
{
	struct flow_test *t = &node->test;
	uint64_t *numbers = base_region_alloc(&p->c->plan->region, t->count * sizeof(*numbers));

	for (unsigned i = 0; i < t->count; i++)
		numbers[i] = base_get_uint(bytes[i].p, bytes[i].len);
	qsort(numbers, t->count, sizeof(*numbers), compare_numbers);
	t->kind = t->count == 1 ? FLOW_TEST_NUMBER : FLOW_TEST_NUMBERS;
	node->cost = t->count == 1 ? COST_NUMBER : COST_NUMBERS;
	if (t->count == 1)
		t->number = numbers[0];
	else
		t->numbers = numbers;
}

static int make_values(
	struct filter_parser *p, const struct filter_value *values, struct filter_node *node)
{
	struct flow_test *t = &node->test;
	const struct flow_type *type = &p->c->plan->fields[t->field].type;
	struct flow_bytes *bytes =
		base_region_alloc(&p->c->plan->region, count_of(values) * sizeof(*bytes));

	for (; values; values = values->next) {
		if (is_null(values))
			t->missing = true;
		else if (read_value(p, type, values, &bytes[t->count++]) < 0)
			return -EINVAL;
	}
	t->kind = FLOW_TEST_THERE;
	node->cost = COST_THERE;
	if (t->count > 0 && type->width >= 1 && type->width <= 8) {
		make_numbers(p, bytes, node);
	} else if (t->count > 0) {
		t->kind = FLOW_TEST_BYTES;
		t->texts = bytes;
		node->cost = COST_TEXT + t->count;
	}
	return 0;
}

int filter_make_test(struct filter_parser *p, unsigned field, enum filter_operator op,
	const struct filter_value *values, struct filter_node *node)
{
	node->kind = FILTER_TEST;
	node->negative = op == FILTER_UNEQUAL || op == FILTER_MISMATCH;
	node->test.field = (uint8_t)field;
	if (op == FILTER_MATCH || op == FILTER_MISMATCH)
		return make_regex(p, values, node);
	return make_values(p, values, node);
}
