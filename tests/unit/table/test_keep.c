/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "base/hash.h"
#include "table/table.h"

enum { CAPACITY = 1024, STEADY = 500, FLOOD = 20000 };

struct fixture {
	struct table t;
	struct table_batch batch;
	struct base_hash hash;
	uint64_t updates; /* of this filling */
};

static struct fixture *fixture_open(uint32_t capacity)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(table_init(&f->t, capacity, 0, -1), 0);
	assert_int_equal(base_hash_init(&f->hash), 0);
	return f;
}

static void fixture_close(struct fixture *f)
{
	table_fini(&f->t);
	free(f);
}

static void clear(struct fixture *f)
{
	table_apply(&f->t, &f->batch, NULL);
	table_clear(&f->t);
	f->updates = 0;
}

static uint64_t put(struct fixture *f, uint32_t number, unsigned len)
{
	uint8_t *key = table_batch_key(&f->batch);
	uint64_t hash;

	memset(key, 0, len);
	memcpy(key, &number, sizeof(number));
	hash = table_hash(base_hash_bytes(&f->hash, key, len), 99);
	f->updates++;
	if (table_batch_add(&f->batch, hash, len, 1, 10))
		table_apply(&f->t, &f->batch, NULL);
	return hash;
}

static void check_sums(struct fixture *f)
{
	uint64_t samples;

	table_apply(&f->t, &f->batch, NULL);
	samples = f->t.other_samples;
	for (uint32_t i = 0; i < f->t.count; i++)
		samples += table_entry_at(&f->t, i)->samples;
	assert_true(f->t.count <= f->t.capacity);
	assert_int_equal(samples, f->updates);
}

/* Of keys below `end`, how many are in the table. */
static uint32_t known(struct fixture *f, uint32_t end)
{
	uint32_t found = 0, number;

	check_sums(f);
	for (uint32_t i = 0; i < f->t.count; i++) {
		memcpy(&number, table_key(&f->t, table_entry_at(&f->t, i)), sizeof(number));
		found += number < end;
	}
	return found;
}

/* Keys that nobody has had yet, once each. */
static void flood(struct fixture *f, uint32_t *next, uint32_t count, unsigned len)
{
	while (count--)
		put(f, (*next)++, len);
}

static void steady(struct fixture *f, unsigned len)
{
	for (uint32_t i = 0; i < STEADY; i++)
		put(f, i, len);
}

static void set_aside(struct fixture *f, uint32_t count, unsigned len)
{
	uint8_t key[TABLE_KEY_MAX] = {0};

	table_apply(&f->t, &f->batch, NULL);
	table_clear(&f->t);
	f->updates = 0;
	table_keep_start(&f->t);
	for (uint32_t i = 0; i < count; i++) {
		memcpy(key, &i, sizeof(i));
		table_keep_add(&f->t.keep, table_hash(base_hash_bytes(&f->hash, key, len), 99));
	}
	table_keep_end(&f->t, count, len > TABLE_KEY_INLINE ? count * len : 0);
}

/* Who has a place finds it, though a flood comes first, and what is left is not lost to others. */
static void test_flood(void **state)
{
	struct fixture *f = fixture_open(CAPACITY);
	uint32_t next = 1000000;

	flood(f, &next, FLOOD, 8);
	steady(f, 8);
	assert_int_equal(known(f, STEADY), 0);
	for (unsigned window = 0; window < 10; window++) {
		set_aside(f, STEADY, 8);
		assert_true(f->t.keep.on);
		assert_int_equal(table_room(&f->t), CAPACITY - STEADY - STEADY / 8);
		flood(f, &next, FLOOD, 8);
		steady(f, 8);
		assert_int_equal(known(f, STEADY), STEADY);
		assert_true(f->t.count > f->t.capacity * 9 / 10);
		assert_int_equal(table_room(&f->t), 0);
	}
	fixture_close(f);
}

/* The room for long keys is kept, too; each mistake takes that of four. */
static void test_flood_of_long_keys(void **state)
{
	struct fixture *f = fixture_open(CAPACITY);
	uint32_t next = 1000000;

	for (unsigned window = 0; window < 10; window++) {
		set_aside(f, STEADY, 60);
		flood(f, &next, FLOOD, 255);
		steady(f, 60);
		assert_in_range(known(f, STEADY), STEADY * 8 / 10, STEADY);
	}
	fixture_close(f);
}

/* All keys come first come first served again. */
static void test_off_again(void **state)
{
	struct fixture *f = fixture_open(CAPACITY);
	uint32_t next = 1000000;

	set_aside(f, STEADY, 8);
	clear(f);
	assert_false(f->t.keep.on);
	assert_int_equal(table_room(&f->t), CAPACITY);
	set_aside(f, 0, 8);
	assert_false(f->t.keep.on);
	flood(f, &next, CAPACITY, 8);
	check_sums(f);
	assert_int_equal(f->t.other_samples, 0);
	fixture_close(f);
}

/* How often a key without a place takes one that was set aside. */
static void test_mistakes(void **state)
{
	enum { MANY = 65536, ASKED = 1000000 };
	struct fixture *f = fixture_open(MANY);
	uint32_t mistakes = 0, most = table_keep_most(MANY);
	struct dice d = {5};

	set_aside(f, most, 8);
	assert_int_equal(f->t.keep.strangers, MANY - most - most / 8);
	for (uint32_t i = 0; i < ASKED; i++)
		mistakes += table_keep_has(&f->t.keep, dice_u64(&d));
	assert_in_range(mistakes, 1, ASKED / 200);
	fixture_close(f);
}

static void test_smallest(void **state)
{
	for (uint32_t capacity = 0; capacity < 20; capacity++) {
		struct fixture *f = fixture_open(capacity);
		uint32_t next = 100;

		for (unsigned window = 0; window < 3; window++) {
			set_aside(f, table_keep_most(capacity), 8);
			flood(f, &next, 50, 8);
			for (uint32_t i = 0; i < capacity; i++)
				put(f, i, 8);
			check_sums(f);
		}
		fixture_close(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_flood_of_long_keys),
		cmocka_unit_test(test_off_again),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_smallest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
