/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../dice.h"
#include "base/hash.h"
#include "table/table.h"

/* Random updates against lists of all numbers that were given. */

enum { KEYS = 40, LANES = 6, SEEN = 4000 };

static const uint8_t kinds[LANES] = {
	TABLE_SUM, TABLE_MEAN, TABLE_MIN, TABLE_MAX, TABLE_LAST, TABLE_COUNT};

struct seen {
	uint64_t number[SEEN];
	unsigned count;
};

struct fixture {
	struct table t;
	struct table_batch batch;
	struct dice d;
	uint64_t tsc;
	struct seen seen[KEYS][LANES];
};

static struct fixture *fixture_open(uint32_t capacity, const uint8_t *of, unsigned count)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(table_init(&f->t, capacity, 4, -1), 0);
	assert_int_equal(table_init_lanes(&f->t, of, count, -1), 0);
	f->d.state = 99;
	return f;
}

static void fixture_close(struct fixture *f)
{
	table_fini(&f->t);
	free(f);
}

static uint64_t mixed(uint64_t a)
{
	return base_hash_mix(base_hash_mix(a, 1), 2);
}

static void update(struct fixture *f, uint32_t key, const uint64_t *number, uint32_t there)
{
	struct table_extra *extra = table_batch_extra(&f->batch, &f->t);

	memcpy(extra->number, number, f->t.lanes.count * sizeof(*number));
	extra->there = there;
	extra->tsc = ++f->tsc;
	memcpy(table_batch_key(&f->batch), &key, sizeof(key));
	if (table_batch_add(&f->batch, mixed(key), sizeof(key), 0, 1))
		table_apply(&f->t, &f->batch, NULL);
}

static void update_random(struct fixture *f)
{
	uint32_t key = (uint32_t)dice_below(&f->d, KEYS),
		 there = (uint32_t)dice_below(&f->d, 1 << LANES);
	uint64_t number[LANES];

	for (unsigned i = 0; i < LANES; i++) {
		struct seen *s = &f->seen[key][i];

		/* Keys differ in how many different values they have. */
		number[i] = kinds[i] == TABLE_COUNT ? mixed(dice_below(&f->d, 1 + 3 * key))
						    : dice_below(&f->d, 1000);
		if (there >> i & 1 && s->count < SEEN)
			s->number[s->count++] = number[i];
	}
	update(f, key, number, there);
}

static unsigned different(const struct seen *s)
{
	unsigned count = 0;

	for (unsigned i = 0; i < s->count; i++) {
		unsigned j = 0;

		while (j < i && s->number[j] != s->number[i])
			j++;
		count += j == i;
	}
	return count;
}

static void check_count(
	const struct fixture *f, const struct table_lane *lane, const struct seen *s)
{
	unsigned want = different(s);
	struct sketch_view v;
	double got;

	assert_true(table_sketch(&f->t.lanes, lane, &v));
	got = sketch_estimate(v);
	if (want <= TABLE_SOME)
		assert_true(got == want);
	else
		assert_true(v.registers && fabs(got / want - 1) < 0.07);
}

static void check_lane(
	const struct fixture *f, unsigned kind, const struct table_lane *lane, const struct seen *s)
{
	uint64_t sum = 0, least = UINT64_MAX, largest = 0;
	double squares = 0;

	assert_int_equal(lane->samples, s->count);
	for (unsigned i = 0; i < s->count; i++) {
		sum += s->number[i];
		squares += (double)s->number[i] * (double)s->number[i];
		least = s->number[i] < least ? s->number[i] : least;
		largest = s->number[i] > largest ? s->number[i] : largest;
	}
	if (kind == TABLE_COUNT)
		check_count(f, lane, s);
	if (s->count == 0 || kind == TABLE_COUNT)
		return;
	if (kind == TABLE_SUM || kind == TABLE_MEAN)
		assert_int_equal(lane->number, sum);
	if (kind == TABLE_MEAN)
		assert_true(lane->squares == squares);
	if (kind == TABLE_MIN)
		assert_int_equal(lane->number, least);
	if (kind == TABLE_MAX)
		assert_int_equal(lane->number, largest);
	if (kind == TABLE_LAST)
		assert_int_equal(lane->number, s->number[s->count - 1]);
}

static void check(const struct fixture *f)
{
	for (uint32_t i = 0; i < f->t.count; i++) {
		uint32_t key;

		memcpy(&key, table_key(&f->t, table_entry_at(&f->t, i)), sizeof(key));
		for (unsigned j = 0; j < LANES; j++)
			check_lane(f, kinds[j], &table_lanes_of(&f->t, i)[j], &f->seen[key][j]);
	}
}

static void test_random(void **state)
{
	struct fixture *f = fixture_open(4096, kinds, LANES);

	for (unsigned window = 0; window < 4; window++) {
		unsigned updates = window == 3 ? 30000 : 100 << 2 * window;

		for (unsigned i = 0; i < updates; i++)
			update_random(f);
		table_apply(&f->t, &f->batch, NULL);
		assert_true(window == 0 || f->t.count == KEYS);
		check(f);
		assert_int_equal(f->t.lanes.full, 0);
		table_clear(&f->t);
		memset(f->seen, 0, sizeof(f->seen));
	}
	fixture_close(f);
}

/* Sums stay at the largest number. */
static void test_saturates(void **state)
{
	static const uint64_t number[LANES] = {UINT64_MAX - 1, UINT64_MAX, 5, 5, 5, 5};
	struct fixture *f = fixture_open(16, kinds, LANES);

	update(f, 1, number, 3);
	update(f, 1, number, 3);
	table_apply(&f->t, &f->batch, NULL);
	assert_true(table_lanes_of(&f->t, 0)[0].number == UINT64_MAX);
	assert_true(table_lanes_of(&f->t, 0)[1].number == UINT64_MAX);
	assert_true(isfinite(table_lanes_of(&f->t, 0)[1].squares));
	assert_int_equal(table_lanes_of(&f->t, 0)[2].samples, 0);
	fixture_close(f);
}

/* Where lists or registers run out, counts are unknown, and said to be; all others stay right. */
static void test_full(void **state)
{
	static const uint8_t count[1] = {TABLE_COUNT};
	struct fixture *f = fixture_open(64, count, 1);
	unsigned known = 0, unknown = 0;

	for (uint32_t key = 0; key < 64; key++) {
		for (uint64_t value = 0; value < key; value++) {
			uint64_t number = mixed(value);

			update(f, key, &number, 1);
		}
	}
	table_apply(&f->t, &f->batch, NULL);
	for (uint32_t i = 0; i < f->t.count; i++) {
		struct sketch_view v;
		uint32_t key;

		memcpy(&key, table_key(&f->t, table_entry_at(&f->t, i)), sizeof(key));
		if (!table_sketch(&f->t.lanes, table_lanes_of(&f->t, i), &v)) {
			unknown++;
			continue;
		}
		known++;
		if (key <= TABLE_SOME)
			assert_true(sketch_estimate(v) == key);
		else
			assert_true(fabs(sketch_estimate(v) / key - 1) < 0.1);
		assert_int_equal(table_entry_at(&f->t, i)->value, key);
	}
	/* 1 to 4 need no room; 5 to 36 get a list, of which 17 to 36 need registers: 17 are there. */
	assert_int_equal(f->t.lanes.list_used, f->t.lanes.list_max);
	assert_int_equal(unknown, f->t.lanes.full);
	assert_int_equal(f->t.lanes.dense_used, 17);
	assert_int_equal(known, 4 + 32 - 3);
	table_clear(&f->t);
	assert_int_equal(f->t.lanes.full, 0);
	fixture_close(f);
}

static void test_memory(void **state)
{
	static const uint8_t two[2] = {TABLE_COUNT, TABLE_SUM};

	assert_int_equal(table_lanes_memory(1000, two, 0), 0);
	assert_int_equal(sizeof(struct table_lane), 24);
	assert_int_equal(
		table_lanes_memory(131072, two, 2) - table_lanes_memory(131072, two + 1, 1),
		131072 * 24 + (131072 / 4 + 16) * 64 + (131072 / 64 + 16) * SKETCH_REGISTERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_saturates),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
