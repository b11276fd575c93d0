/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "base/index.h"

/* The model: the hash of each number, and whether it is in. */
struct model {
	struct base_index ix;
	uint32_t records;
	uint64_t *hash;
	bool *in;
};

static void model_open(struct model *m, uint32_t records)
{
	uint64_t slots = base_index_slots(records);

	m->ix.slots = calloc(slots, sizeof(*m->ix.slots));
	m->ix.mask = (uint32_t)(slots - 1);
	m->records = records;
	m->hash = calloc(records, sizeof(*m->hash));
	m->in = calloc(records, sizeof(*m->in));
	assert_true(m->ix.slots && m->hash && m->in);
}

static void model_close(struct model *m)
{
	free(m->ix.slots);
	free(m->hash);
	free(m->in);
}

static uint32_t model_with_tag(const struct model *m, uint32_t tag)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < m->records; i++)
		count += m->in[i] && base_index_tag(m->hash[i]) == tag;
	return count;
}

/* A probe meets each record of its tag once, and nothing else. */
static void check_tag(const struct model *m, uint64_t hash)
{
	struct base_probe probe = base_index_probe(&m->ix, hash);
	uint32_t number = base_index_next(&m->ix, &probe), found = 0;
	bool *met = calloc(m->records, sizeof(*met));

	assert_non_null(met);
	assert_int_equal(base_index_first(&m->ix, hash), number);
	probe = base_index_probe(&m->ix, hash);
	while ((number = base_index_next(&m->ix, &probe)) != BASE_INDEX_NONE) {
		assert_true(number < m->records && m->in[number] && !met[number]);
		assert_int_equal(base_index_tag(m->hash[number]), base_index_tag(hash));
		met[number] = true;
		found++;
	}
	assert_int_equal(found, model_with_tag(m, base_index_tag(hash)));
	free(met);
}

static void insert(struct model *m, uint32_t number, uint64_t hash)
{
	struct base_probe probe = base_index_probe(&m->ix, hash);

	while (base_index_next(&m->ix, &probe) != BASE_INDEX_NONE)
		;
	base_index_put(&m->ix, &probe, number);
	m->hash[number] = hash;
	m->in[number] = true;
}

static void check_all(const struct model *m)
{
	uint32_t used = 0, in = 0;

	for (uint32_t at = 0; at <= m->ix.mask; at++)
		used += m->ix.slots[at] != 0;
	for (uint32_t i = 0; i < m->records; i++) {
		if (!m->in[i])
			continue;
		in++;
		check_tag(m, m->hash[i]);
		base_index_slot_of(&m->ix, m->hash[i], i);
	}
	assert_int_equal(used, in);
}

/* Tags out of `tags` places around the wrap of the slots: few of them make long runs. */
static uint64_t some_hash(struct dice *d, uint32_t tags)
{
	uint32_t tag = dice_below(d, tags) - tags / 2;

	return (uint64_t)tag << 32 | (uint32_t)dice_u64(d);
}

static void random_steps(uint32_t records, uint32_t tags, unsigned steps)
{
	struct dice d = {.state = records * 1000003u + tags};
	struct model m;

	model_open(&m, records);
	for (unsigned step = 0; step < steps; step++) {
		uint32_t number = dice_below(&d, records), other = dice_below(&d, records);

		if (!m.in[number]) {
			insert(&m, number, some_hash(&d, tags));
		} else if (!m.in[other]) {
			base_index_renumber(&m.ix, m.hash[number], number, other);
			m.hash[other] = m.hash[number];
			m.in[other] = true;
			m.in[number] = false;
		} else {
			base_index_remove(&m.ix, m.hash[number], number);
			m.in[number] = false;
		}
		check_tag(&m, m.hash[number]);
		check_tag(&m, some_hash(&d, tags));
		if (step % 64 == 0)
			check_all(&m);
	}
	check_all(&m);
	model_close(&m);
}

static void test_random(void **state)
{
	random_steps(1, 1, 100);
	random_steps(4, 2, 2000);
	random_steps(4, 1000000, 2000);
	random_steps(100, 7, 4000);
	random_steps(100, 200, 4000);
	random_steps(500, UINT32_MAX, 4000);
}

/* Around the ends of so many slots, where runs go on from the last to the first, and anywhere of more. */
static uint64_t hash_at_ends(struct dice *d, uint32_t slots)
{
	return (uint64_t)(dice_below(d, 1 << 16) * slots + dice_below(d, 6) - 3) << 32;
}

static void test_grow(void **state)
{
	for (uint32_t records = 8; records <= 4096; records *= 8) {
		for (uint32_t slots = 8; slots <= 8192; slots *= 2) {
			struct dice d = {.state = records * 7919u + slots};
			uint64_t most = base_index_slots(records);
			struct model m;

			model_open(&m, records);
			m.ix.mask = 7;
			for (uint32_t i = 0; i < records; i++) {
				if (i > m.ix.mask / 2 && m.ix.mask + 1 < most &&
					base_index_grow(&m.ix))
					check_all(&m);
				if (i == m.ix.mask)
					break; /* too many at the ends: it could not grow, and is full */
				insert(&m, i, i % 2 ? hash_at_ends(&d, slots) : dice_u64(&d));
			}
			check_all(&m);
			model_close(&m);
		}
	}
}

/* Where more stand at the start than are lifted out, nothing changes. */
static void test_grow_not(void **state)
{
	struct model m;

	model_open(&m, 1024);
	m.ix.mask = 1023;
	for (uint32_t i = 0; i < 300; i++)
		insert(&m, i, UINT64_C(1023) << 32);
	assert_false(base_index_grow(&m.ix));
	assert_int_equal(m.ix.mask, 1023);
	check_all(&m);
	for (uint32_t i = 0; i < 100; i++) {
		base_index_remove(&m.ix, m.hash[i], i);
		m.in[i] = false;
	}
	assert_true(base_index_grow(&m.ix));
	assert_int_equal(m.ix.mask, 2047);
	check_all(&m);
	model_close(&m);
}

static void test_slots(void **state)
{
	assert_int_equal(base_index_slots_tight(6), 8);
	assert_int_equal(base_index_slots_tight(7), 16);
	assert_int_equal(base_index_slots_tight(12 << 20), 1 << 24);
	assert_int_equal(base_index_slots_tight((12 << 20) + 1), 1 << 25);
	assert_int_equal(base_index_room_tight(1 << 24), 12 << 20);
	assert_int_equal(base_index_slots(0), 8);
	assert_int_equal(base_index_slots(4), 8);
	assert_int_equal(base_index_slots(5), 16);
	assert_int_equal(base_index_slots(1 << 20), 1 << 21);
	assert_int_equal(base_index_slots(UINT32_MAX), UINT64_C(1) << 33);
	for (uint32_t n = 0; n < 5000; n++) {
		uint64_t slots = base_index_slots(n);

		assert_true(slots >= 2 * n);
		assert_int_equal(slots & (slots - 1), 0);
	}
}

static void test_empty(void **state)
{
	struct model m;
	struct base_probe probe;

	model_open(&m, 4);
	probe = base_index_probe(&m.ix, UINT64_C(0x1234) << 32);
	assert_int_equal(base_index_next(&m.ix, &probe), BASE_INDEX_NONE);
	assert_int_equal(base_index_next(&m.ix, &probe), BASE_INDEX_NONE);
	assert_ptr_equal(base_index_home(&m.ix, UINT64_C(0x1234) << 32), &m.ix.slots[4]);
	model_close(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_grow_not),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
