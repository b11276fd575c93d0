/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "agent/sequence.h"

enum {
	SEQUENCE_RUN = UINT16_MAX
}; /* numbers after one that is looked at: by the width of `stop` */

struct step {
	uint32_t number;
	enum sequence_verdict verdict;
	int64_t lost;
};

static void take_all(const struct step *steps, unsigned count)
{
	struct sequence s = {0};

	for (unsigned i = 0; i < count; i++) {
		int64_t lost = 99;

		assert_int_equal(sequence_take(&s, steps[i].number, &lost), steps[i].verdict);
		assert_int_equal(lost, steps[i].lost);
	}
}

#define TAKE(...)                                                                                  \
	do {                                                                                       \
		static const struct step steps[] = {__VA_ARGS__};                                  \
		take_all(steps, sizeof(steps) / sizeof(steps[0]));                                 \
	} while (0)

static void test_in_order(void **state)
{
	TAKE({5, SEQUENCE_FIRST, 0}, {6, SEQUENCE_NEXT, 0}, {7, SEQUENCE_NEXT, 0});
}

static void test_zero_first(void **state)
{
	TAKE({0, SEQUENCE_FIRST, 0}, {0, SEQUENCE_DUPLICATE, 0}, {1, SEQUENCE_NEXT, 0});
}

static void test_gap_and_late(void **state)
{
	TAKE({10, SEQUENCE_FIRST, 0}, {15, SEQUENCE_NEXT, 4}, {12, SEQUENCE_OUT_OF_ORDER, -1},
		{12, SEQUENCE_DUPLICATE, 0}, {16, SEQUENCE_NEXT, 0}, {15, SEQUENCE_DUPLICATE, 0},
		{10, SEQUENCE_DUPLICATE, 0}, {14, SEQUENCE_OUT_OF_ORDER, -1});
}

/* What was sent before the first to come was never counted as lost. */
static void test_before_first(void **state)
{
	TAKE({10, SEQUENCE_FIRST, 0}, {9, SEQUENCE_OUT_OF_ORDER, 0}, {12, SEQUENCE_NEXT, 1},
		{8, SEQUENCE_OUT_OF_ORDER, 0}, {8, SEQUENCE_DUPLICATE, 0},
		{11, SEQUENCE_OUT_OF_ORDER, -1});
}

static void test_wrap(void **state)
{
	TAKE({UINT32_MAX - 1, SEQUENCE_FIRST, 0}, {UINT32_MAX, SEQUENCE_NEXT, 0},
		{0, SEQUENCE_NEXT, 0}, {3, SEQUENCE_NEXT, 2}, {UINT32_MAX, SEQUENCE_DUPLICATE, 0},
		{1, SEQUENCE_OUT_OF_ORDER, -1});
	TAKE({UINT32_MAX, SEQUENCE_FIRST, 0}, {4, SEQUENCE_NEXT, 4},
		{UINT32_MAX - 1, SEQUENCE_OUT_OF_ORDER, 0}, {0, SEQUENCE_OUT_OF_ORDER, -1});
}

/* 63 behind is still late; 64 behind, the sender counts anew. */
static void test_restart(void **state)
{
	TAKE({1000, SEQUENCE_FIRST, 0}, {1100, SEQUENCE_NEXT, 99},
		{1037, SEQUENCE_OUT_OF_ORDER, -1}, {1036, SEQUENCE_RESTART, 0},
		{1037, SEQUENCE_NEXT, 0}, {1035, SEQUENCE_OUT_OF_ORDER, 0});
	TAKE({1000, SEQUENCE_FIRST, 0}, {1, SEQUENCE_RESTART, 0}, {2, SEQUENCE_NEXT, 0});
	TAKE({5, SEQUENCE_FIRST, 0}, {0x80000005, SEQUENCE_RESTART, 0});
	/* A forged number must not make two billion lost ones. */
	TAKE({5, SEQUENCE_FIRST, 0}, {0x70000000, SEQUENCE_RESTART, 0}, {6, SEQUENCE_RESTART, 0},
		{7, SEQUENCE_NEXT, 0});
	TAKE({5, SEQUENCE_FIRST, 0}, {5 + 65536, SEQUENCE_NEXT, 65535});
	TAKE({5, SEQUENCE_FIRST, 0}, {5 + 65537, SEQUENCE_RESTART, 0});
}

static void test_start_anew(void **state)
{
	struct sequence s = {0};
	int64_t lost;

	sequence_take(&s, 500, &lost);
	sequence_restart(&s, 7);
	assert_int_equal(sequence_take(&s, 7, &lost), SEQUENCE_DUPLICATE);
	assert_int_equal(sequence_take(&s, 8, &lost), SEQUENCE_NEXT);
	assert_int_equal(sequence_take(&s, 6, &lost), SEQUENCE_OUT_OF_ORDER);
	assert_int_equal(lost, 0);
}

/* One after the other for longer than is taken without a look; then late ones, and what was never there. */
static void long_run(uint32_t base, uint32_t length)
{
	struct sequence s = {0};
	int64_t lost;

	assert_int_equal(sequence_take(&s, base, &lost), SEQUENCE_FIRST);
	assert_int_equal(sequence_take(&s, base + 2, &lost), SEQUENCE_NEXT);
	assert_int_equal(lost, 1);
	for (uint32_t i = 3; i <= length; i++) {
		assert_int_equal(sequence_take(&s, base + i, &lost), SEQUENCE_NEXT);
		assert_int_equal(lost, 0);
	}
	for (uint32_t i = 3; i < SEQUENCE_MEMORY && i <= length; i++)
		assert_int_equal(
			sequence_take(&s, base + length - i + 3, &lost), SEQUENCE_DUPLICATE);
	/* The one that is missing, and one from before the first; no more than the memory is told from a restart. */
	if (length + 1 < SEQUENCE_MEMORY) {
		assert_int_equal(sequence_take(&s, base - 1, &lost), SEQUENCE_OUT_OF_ORDER);
		assert_int_equal(lost, 0);
	}
	if (length - 1 < SEQUENCE_MEMORY) {
		assert_int_equal(sequence_take(&s, base + 1, &lost), SEQUENCE_OUT_OF_ORDER);
		assert_int_equal(lost, -1);
	} else {
		assert_int_equal(sequence_take(&s, base + 1, &lost), SEQUENCE_RESTART);
	}
}

static void test_long_run(void **state)
{
	static const uint32_t lengths[] = {3, 62, 63, 64, 65, 200, SEQUENCE_RUN - 1, SEQUENCE_RUN,
		SEQUENCE_RUN + 1, SEQUENCE_RUN + 2, SEQUENCE_RUN + 70, 3 * SEQUENCE_RUN};

	(void)state;
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		long_run(1000, lengths[i]);
		long_run(UINT32_MAX - 100, lengths[i]); /* wraps */
	}
}

/* What is forgotten starts anew, at the number that would have been the next one as well. */
static void test_forget(void **state)
{
	struct sequence s = {0};
	int64_t lost;

	(void)state;
	sequence_take(&s, 0, &lost);
	for (uint32_t run = 1; run < 100; run++) {
		for (uint32_t i = 0; i < run; i++)
			assert_int_equal(sequence_take(&s, s.newest + 1, &lost), SEQUENCE_NEXT);
		sequence_forget(&s);
		assert_int_equal(sequence_take(&s, s.newest + 1, &lost), SEQUENCE_FIRST);
	}
}

/* ---- random orders against a model that remembers everything ---- */

enum { NUMBERS = 4096, BLOCK = 32 };

struct model {
	struct sequence s;
	uint32_t base; /* number i is base + i on the wire */
	bool come[NUMBERS];
	uint32_t first, newest;
	bool started;
	int64_t lost;
};

static enum sequence_verdict expect(struct model *m, uint32_t i, int64_t *lost)
{
	*lost = 0;
	if (!m->started) {
		m->started = true;
		m->first = m->newest = i;
		return SEQUENCE_FIRST;
	}
	if (i > m->newest) {
		*lost = i - m->newest - 1;
		m->newest = i;
		return SEQUENCE_NEXT;
	}
	if (m->come[i])
		return SEQUENCE_DUPLICATE;
	*lost = i > m->first ? -1 : 0;
	return SEQUENCE_OUT_OF_ORDER;
}

static void model_take(struct model *m, uint32_t i)
{
	int64_t lost, expected_lost;
	enum sequence_verdict expected = expect(m, i, &expected_lost);

	assert_int_equal(sequence_take(&m->s, m->base + i, &lost), expected);
	assert_int_equal(lost, expected_lost);
	m->come[i] = true;
	m->lost += lost;
}

/* One block of numbers: shuffled, some lost, some sent twice. */
static void model_block(struct model *m, struct dice *d, uint32_t start, unsigned loss_percent)
{
	uint32_t order[BLOCK];

	for (uint32_t i = 0; i < BLOCK; i++) {
		uint32_t j = dice_below(d, i + 1);

		order[i] = order[j];
		order[j] = start + i;
	}
	for (uint32_t i = 0; i < BLOCK; i++) {
		if (dice_below(d, 100) < loss_percent)
			continue;
		model_take(m, order[i]);
		if (dice_below(d, 10) == 0)
			model_take(m, order[dice_below(d, i + 1)]);
	}
}

static void random_order(uint32_t base, unsigned loss_percent)
{
	struct dice d = {.state = base + loss_percent};
	struct model *m = calloc(1, sizeof(*m));
	int64_t missing = 0;

	assert_non_null(m);
	m->base = base;
	for (uint32_t start = 0; start < NUMBERS; start += BLOCK)
		model_block(m, &d, start, loss_percent);
	for (uint32_t i = m->first; i < m->newest; i++)
		missing += !m->come[i];
	assert_int_equal(m->lost, missing);
	free(m);
}

static void test_random(void **state)
{
	static const uint32_t bases[] = {
		0, 1, 1000000, UINT32_MAX - 2000, UINT32_MAX - 10, 1u << 31};

	for (unsigned i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		for (unsigned loss = 0; loss <= 80; loss += 10)
			random_order(bases[i], loss);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_zero_first),
		cmocka_unit_test(test_gap_and_late),
		cmocka_unit_test(test_before_first),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_start_anew),
		cmocka_unit_test(test_long_run),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
