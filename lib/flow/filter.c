/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/filter.h"

#include "flow/extract.h"
#include "flow/function_pvt.h"
#include "flow/regex_pvt.h"

/* Running a filter: RX core. */

static bool is_number(const uint64_t *numbers, unsigned count, uint64_t number)
{
	unsigned low = 0, high = count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (numbers[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && numbers[low] == number;
}

static bool is_text(const struct flow_test *t, const struct packet_value *v)
{
	for (unsigned i = 0; i < t->count; i++) {
		const struct flow_bytes *b = &t->texts[i];

		if (b->len == v->len && memcmp(b->p, v->p, b->len) == 0)
			return true;
	}
	return false;
}

/*
 * The limits of a match are no error of ours: the text takes too long, and is taken for no match.
 * So are all matches behind it in the sample, which would take as long.
 */
static bool matches(const struct flow_regex *regex, struct flow_span text, struct flow_scratch *s)
{
	int found;

	if (s->spent) {
		s->given_up++;
		return false;
	}
	found = pcre2_jit_match(
		regex->code, (PCRE2_SPTR)text.p, flow_span_len(text), 0, 0, s->match, s->context);
	if (found < 0 && found != PCRE2_ERROR_NOMATCH) {
		s->given_up++;
		s->spent = true;
	}
	return found >= 0;
}

static bool is_match(const struct flow_test *t, const struct flow_type *type,
	const struct packet_value *v, struct flow_scratch *s)
{
	char room[FLOW_TEXT_ROOM];
	struct flow_span text = flow_text_of(type, v, room);

	for (unsigned i = 0; i < t->count; i++) {
		if (matches(t->regexes[i], text, s))
			return true;
	}
	return false;
}

static inline __attribute__((always_inline)) bool test(const struct flow_test *t,
	const struct flow_type *type, const struct packet_value *v, struct flow_scratch *s)
{
	if (!v->p)
		return t->missing;
	switch (t->kind) {
	case FLOW_TEST_NUMBER:
		return base_get_uint(v->p, v->len) == t->number;
	case FLOW_TEST_NUMBERS:
		return is_number(t->numbers, t->count, base_get_uint(v->p, v->len));
	case FLOW_TEST_BYTES:
		return is_text(t, v);
	case FLOW_TEST_REGEX:
		return is_match(t, type, v, s);
	default:
		return !t->missing;
	}
}

bool flow_filter_accepts(const struct flow_filter *f, const struct flow_plan *plan,
	const struct packet_value *values, struct flow_scratch *s)
{
	unsigned next = 0;

	while (next < f->count) {
		const struct flow_test *t = &f->tests[next];

		next = test(t, &plan->fields[t->field].type, &values[t->field], s) ? t->yes : t->no;
	}
	return next == FLOW_ACCEPT;
}

bool flow_filter_accepts_rest(const struct flow_filter *f, const struct flow_plan *plan,
	const struct flow_step *asked, const uint8_t *header, unsigned next)
{
	while (next < f->count) {
		const struct flow_test *t = &f->tests[next];
		struct packet_value v = {.p = NULL};

		flow_step_value(plan, &asked[next], header, &v);
		next = test(t, NULL, &v, NULL) ? t->yes : t->no;
	}
	return next == FLOW_ACCEPT;
}
