/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../dice.h"
#include "base/narrow.h"

enum { SLOTS_MOST = 4096 };

struct fixture {
	struct base_narrow ix;
	uint32_t slots[SLOTS_MOST];
	uint32_t hash[SLOTS_MOST]; /* of each number */
	uint32_t count;
	struct dice d;
};

static void fixture_open(struct fixture *f, uint32_t slots)
{
	memset(f, 0, sizeof(*f));
	f->d.state = slots;
	f->ix = (struct base_narrow){f->slots, slots - 1};
}

/* A probe meets each entry of its hash once, and no other than those that may have it. */
static void check(const struct fixture *f, uint32_t hash)
{
	struct base_narrow_probe probe = base_narrow_probe(&f->ix, hash);
	bool met[SLOTS_MOST] = {false};
	uint32_t number, first = base_narrow_next(&f->ix, &probe);

	assert_int_equal(base_narrow_first(&f->ix, hash), first);
	probe = base_narrow_probe(&f->ix, hash);
	while ((number = base_narrow_next(&f->ix, &probe)) != BASE_NARROW_NONE) {
		assert_true(number < f->count && !met[number]);
		assert_int_equal(f->hash[number] & ~f->ix.mask, hash & ~f->ix.mask);
		met[number] = true;
	}
	assert_int_equal(f->slots[probe.at], 0);
	for (uint32_t i = 0; i < f->count; i++)
		assert_true(met[i] || f->hash[i] != hash);
}

/* Hashes of few values, around the first and the last slot, make long runs that go on from the one to the other. */
static uint32_t some_hash(struct dice *d, uint32_t slots, uint32_t values)
{
	uint32_t hash = dice_below(d, values);

	return values < UINT32_MAX ? hash * (slots + 1) - values / 2 : hash;
}

static void put(struct fixture *f, uint32_t hash)
{
	struct base_narrow_probe probe = base_narrow_probe(&f->ix, hash);

	while (base_narrow_next(&f->ix, &probe) != BASE_NARROW_NONE)
		;
	base_narrow_put(&f->ix, &probe, f->count);
	f->hash[f->count++] = hash;
}

static void fill(uint32_t slots, uint32_t values)
{
	static struct fixture f;

	fixture_open(&f, slots);
	while (f.count < slots - 1) {
		put(&f, some_hash(&f.d, slots, values));
		check(&f, f.hash[dice_below(&f.d, f.count)]);
		check(&f, some_hash(&f.d, slots, values));
	}
}

static void test_fill(void **state)
{
	for (uint32_t slots = 8; slots <= 512; slots *= 4) {
		fill(slots, 3);
		fill(slots, 100);
		fill(slots, UINT32_MAX);
	}
}

/* Entered anew in an index twice as large, as a table does that grows: what is met is the same. */
static void test_enter(void **state)
{
	static struct fixture f;

	fixture_open(&f, 8);
	for (uint32_t slots = 8; slots <= SLOTS_MOST; slots *= 2) {
		memset(f.slots, 0, sizeof(f.slots));
		f.ix.mask = slots - 1;
		for (uint32_t i = 0; i < f.count; i++)
			base_narrow_enter(&f.ix, f.hash[i], i);
		while (f.count < slots / 4 * 3)
			put(&f, dice_below(&f.d, UINT32_MAX));
		for (uint32_t i = 0; i < f.count; i += 1 + slots / 64)
			check(&f, f.hash[i]);
	}
}

/* The largest number that fits, in the last slot, and what is there wraps around. */
static void test_ends(void **state)
{
	static struct fixture f;
	struct base_narrow_probe probe;

	fixture_open(&f, 16);
	base_narrow_enter(&f.ix, UINT32_MAX, 14);
	base_narrow_enter(&f.ix, 0x1000000F, 0);
	assert_int_equal(f.slots[15], UINT32_MAX);
	assert_int_equal(f.slots[0], 0x10000001);
	probe = base_narrow_probe(&f.ix, 0x1000000F);
	assert_int_equal(base_narrow_next(&f.ix, &probe), 0);
	assert_int_equal(base_narrow_next(&f.ix, &probe), BASE_NARROW_NONE);
	assert_int_equal(probe.at, 1);
	assert_ptr_equal(base_narrow_home(&f.ix, 0x1000000F), &f.slots[15]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_enter),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
