/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "table/table.h"

enum { CAPACITY = 3 * TABLE_CHUNK - 5, CHUNKS = 3, KEY = 4 };

struct fixture {
	struct table t[2];
	struct table_batch batch;
	struct base_hash hash;
};

static struct fixture *fixture_open(uint32_t capacity)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(base_hash_init(&f->hash), 0);
	assert_int_equal(table_init(&f->t[0], capacity, KEY, -1), 0);
	assert_int_equal(table_init_beside(&f->t[1], &f->t[0], capacity, KEY, -1), 0);
	return f;
}

static void fixture_close(struct fixture *f)
{
	table_fini(&f->t[0]);
	table_fini(&f->t[1]);
	free(f);
}

/* Keys from `start` on, each once. */
static void fill(struct fixture *f, struct table *t, uint32_t start, uint32_t count)
{
	for (uint32_t key = start; key < start + count; key++) {
		memcpy(table_batch_key(&f->batch), &key, KEY);
		if (table_batch_add(&f->batch, base_hash_bytes(&f->hash, &key, KEY), KEY, 0, key))
			table_apply(t, &f->batch, NULL);
	}
	table_apply(t, &f->batch, NULL);
}

static void check(const struct table *t, uint32_t start, uint32_t count)
{
	assert_int_equal(t->count, count);
	for (uint32_t i = 0; i < count; i++) {
		const struct table_entry *e = table_entry_at(t, i);

		assert_int_equal(e->value, start + i);
		assert_int_equal(e->samples, 1);
	}
}

/* Both can be full; then nothing is in both, and what is too much is in other. */
static void test_full(void **state)
{
	struct fixture *f = fixture_open(CAPACITY);

	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		fill(f, &f->t[0], 0, CAPACITY + 7);
		fill(f, &f->t[1], CAPACITY, CAPACITY + 7);
		check(&f->t[0], 0, CAPACITY);
		check(&f->t[1], CAPACITY, CAPACITY);
		assert_int_equal(f->t[0].other_samples, 7);
		assert_int_equal(f->t[1].other_samples, 7);
		table_clear(&f->t[round % 2]);
		table_clear(&f->t[1 - round % 2]);
	}
	fixture_close(f);
}

static unsigned touched(char **seen, unsigned count, const struct table *t)
{
	for (unsigned i = 0; i < table_pool_chunks(t->count); i++) {
		unsigned j = 0;

		while (j < count && seen[j] != t->chunks[i])
			j++;
		if (j == count)
			seen[count++] = t->chunks[i];
	}
	return count;
}

/* Windows that take turns use the memory of as many entries as there are at the same time. */
static void test_turns(void **state)
{
	struct fixture *f = fixture_open(CAPACITY);
	char *seen[2 * CHUNKS];
	unsigned count = 0;

	(void)state;
	for (uint32_t round = 0; round < 8; round++) {
		struct table *now = &f->t[round % 2], *before = &f->t[1 - round % 2];

		fill(f, now, round * CAPACITY, TABLE_CHUNK / 2); /* while the last one is merged */
		if (round > 0)
			check(before, (round - 1) * CAPACITY, 2 * TABLE_CHUNK);
		table_clear(before);
		fill(f, now, round * CAPACITY + TABLE_CHUNK / 2, TABLE_CHUNK * 3 / 2);
		check(now, round * CAPACITY, 2 * TABLE_CHUNK);
		count = touched(seen, count, now);
	}
	assert_int_equal(count, CHUNKS);
	fixture_close(f);
}

/* A table that goes leaves the other with all that it needs. */
static void test_leave(void **state)
{
	struct fixture *f = fixture_open(CAPACITY);

	(void)state;
	fill(f, &f->t[0], 0, CAPACITY);
	table_fini(&f->t[0]);
	fill(f, &f->t[1], 0, CAPACITY);
	check(&f->t[1], 0, CAPACITY);
	table_clear(&f->t[1]);
	fill(f, &f->t[1], 5, 1);
	check(&f->t[1], 5, 1);
	fixture_close(f);
}

/* What is smaller than a chunk has no more than it needs. */
static void test_small(void **state)
{
	struct fixture *f = fixture_open(100);

	(void)state;
	fill(f, &f->t[0], 0, 100);
	fill(f, &f->t[1], 50, 101);
	check(&f->t[0], 0, 100);
	check(&f->t[1], 50, 100);
	assert_in_range(table_pool_memory(100, 32), 3200, 3200 + 128);
	assert_in_range(
		table_pool_memory(TABLE_CHUNK, 64), 64 * TABLE_CHUNK, 64 * TABLE_CHUNK + 128);
	fixture_close(f);
}

/* ---- two threads ---- */

enum { ROUNDS = 8 };

struct turns {
	struct fixture *f;
	uint32_t sealed, cleared; /* tables, so far; atomic */
};

/* The RX core: it fills one while the other is cleared, and takes the chunks that come back. */
static void *fill_all(void *arg)
{
	struct turns *turns = arg;

	for (uint32_t round = 0; round < ROUNDS; round++) {
		while (round >= __atomic_load_n(&turns->cleared, __ATOMIC_ACQUIRE) + 2)
			sched_yield();
		fill(turns->f, &turns->f->t[round % 2], round * CAPACITY, CAPACITY);
		__atomic_store_n(&turns->sealed, round + 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct turns turns = {.f = fixture_open(CAPACITY)};
	pthread_t rx;

	(void)state;
	assert_int_equal(pthread_create(&rx, NULL, fill_all, &turns), 0);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		while (round >= __atomic_load_n(&turns.sealed, __ATOMIC_ACQUIRE))
			sched_yield();
		check(&turns.f->t[round % 2], round * CAPACITY, CAPACITY);
		table_clear(&turns.f->t[round % 2]);
		__atomic_store_n(&turns.cleared, round + 1, __ATOMIC_RELEASE);
	}
	pthread_join(rx, NULL);
	fixture_close(turns.f);
}

/* Nobody joins who has no place in it. */
static void test_third(void **state)
{
	struct fixture *f = fixture_open(CAPACITY);
	struct table third;

	(void)state;
	assert_int_equal(table_init_beside(&third, &f->t[0], CAPACITY, KEY, -1), -ENOMEM);
	table_fini(&f->t[1]);
	assert_int_equal(table_init_beside(&f->t[1], &f->t[0], CAPACITY, KEY, -1), -ENOMEM);
	fill(f, &f->t[0], 0, CAPACITY);
	check(&f->t[0], 0, CAPACITY);
	fixture_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_leave),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_third),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
