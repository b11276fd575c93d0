/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "flow/plan.h"

/*
 * A compiled filter: tests of fields, each of which says where to go on, by its outcome. The first
 * test starts it; jumps lead forward alone, so it ends.
 */

enum flow_test_kind {
	FLOW_TEST_THERE,   /* whether the field is there: the value of `missing` tells */
	FLOW_TEST_NUMBER,  /* fields of fixed width up to 8 bytes: equal to `number` */
	FLOW_TEST_NUMBERS, /* the same: one of the `numbers`, which are sorted */
	FLOW_TEST_BYTES,   /* equal to one of the `texts` */
	FLOW_TEST_REGEX, /* what is printed of it (of a text: its bytes) matches one of the `regexes` */
};

enum { FLOW_ACCEPT = 0xFFFF, FLOW_REFUSE = 0xFFFE };

struct flow_bytes {
	const uint8_t *p;
	unsigned len;
};

struct flow_regex;

struct flow_test {
	uint8_t field; /* number in the plan */
	uint8_t kind;  /* enum flow_test_kind */
	bool missing;  /* outcome where the field is not there */
	uint16_t count;
	uint16_t yes, no; /* next test, FLOW_ACCEPT or FLOW_REFUSE */
	union {
		uint64_t number;
		const uint64_t *numbers;
		const struct flow_bytes *texts;
		const struct flow_regex *const *regexes;
	};
};

struct flow_filter {
	unsigned count;
	struct flow_test tests[];
};

/* What one RX core needs to match regular expressions; none but it may use it. */
struct flow_scratch {
	struct pcre2_real_match_data_8 *match;
	struct pcre2_real_match_context_8 *context;
	uint64_t given_up; /* matches that took too long, or came behind such a one: are none */
	bool spent;        /* one took too long, so no other is tried for this sample */
};

/** @return 0, or -ENOMEM with nothing to free; flow_scratch_fini() of zeroed memory is fine */
int flow_scratch_init(struct flow_scratch *s);
void flow_scratch_fini(struct flow_scratch *s);

/** At the start of each sample: regular expressions are tried again. */
static inline void flow_scratch_sample(struct flow_scratch *s)
{
	s->spent = false;
}

/**
 * Whether the first test of a filter refuses a sample, where it compares one number: most filters do, and
 * most samples fail them. RX core. @return false: flow_filter_accepts() tells
 */
static inline bool flow_filter_refuses(
	const struct flow_filter *f, const struct packet_value *values)
{
	const struct flow_test *t = f->tests;
	const struct packet_value *v = &values[t->field];

	return f->count > 0 && t->kind == FLOW_TEST_NUMBER && t->no == FLOW_REFUSE && v->p &&
	       base_get_uint(v->p, v->len) != t->number;
}

/**
 * Whether a filter accepts a sample. RX core; no allocation.
 * @param values  the plan's fields, of the sample
 */
bool flow_filter_accepts(const struct flow_filter *f, const struct flow_plan *plan,
	const struct packet_value *values, struct flow_scratch *s);

/** flow_filter_accepts_header() from test number `next` on. */
bool flow_filter_accepts_rest(const struct flow_filter *f, const struct flow_plan *plan,
	const struct flow_step *asked, const uint8_t *header, unsigned next);

/**
 * Whether a filter accepts a header that tells all it asks for. RX core.
 * @param asked  flow_recipe.asked, of the header's shape
 */
static inline bool flow_filter_accepts_header(const struct flow_filter *f,
	const struct flow_plan *plan, const struct flow_step *asked, const uint8_t *header)
{
	const struct flow_test *t = f->tests;
	unsigned next = 0;

	/* Most start with a number, and most samples fail it. */
	if (t->kind == FLOW_TEST_NUMBER && asked->kind == FLOW_STEP_AT)
		next = base_get_uint(header + asked->at, asked->width) == t->number ? t->yes
										    : t->no;
	if (next >= FLOW_REFUSE)
		return next == FLOW_ACCEPT;
	return flow_filter_accepts_rest(f, plan, asked, header, next);
}
