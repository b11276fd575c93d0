/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "base/dense.h"

enum { ITEMS = 700 };

struct record {
	uint64_t hash;
	uint32_t item;
	uint8_t rest[20]; /* all of it follows from the item */
};

/* The model: for each item, whether it is in, and under which number. */
struct model {
	struct base_dense d;
	uint32_t number[ITEMS];
	uint32_t in;
};

/* Few different tags, so that items collide. */
static uint64_t hash_of(uint32_t item)
{
	return (uint64_t)(item % 97) << 32 | item;
}

static struct record *record_at(const struct model *m, uint32_t number)
{
	return base_dense_at(&m->d, number);
}

static uint32_t find(const struct model *m, uint32_t item)
{
	struct base_narrow_probe probe = base_dense_probe(&m->d, hash_of(item));
	uint32_t number;

	while ((number = base_dense_next(&m->d, &probe)) != BASE_INDEX_NONE) {
		if (record_at(m, number)->hash == hash_of(item))
			return number;
	}
	return BASE_INDEX_NONE;
}

static void model_open(struct model *m, uint32_t max)
{
	assert_int_equal(base_dense_init(&m->d, sizeof(struct record), max), 0);
	memset(m->number, 0xFF, sizeof(m->number));
	m->in = 0;
}

static bool add(struct model *m, uint32_t item)
{
	static const struct record zero;
	uint32_t number = base_dense_add(&m->d, hash_of(item));
	struct record *r;

	if (number == BASE_INDEX_NONE)
		return false;
	r = record_at(m, number);
	assert_int_equal(r->hash, hash_of(item));
	assert_memory_equal(&r->item, &zero.item, sizeof(*r) - sizeof(r->hash));
	r->item = item;
	memset(r->rest, (int)item, sizeof(r->rest));
	m->number[item] = number;
	m->in++;
	return true;
}

static void check_item(const struct model *m, uint32_t item)
{
	uint32_t number = find(m, item);
	const struct record *r;

	assert_int_equal(number, m->number[item]);
	if (number == BASE_INDEX_NONE)
		return;
	r = record_at(m, number);
	assert_int_equal(r->item, item);
	for (unsigned i = 0; i < sizeof(r->rest); i++)
		assert_int_equal(r->rest[i], (uint8_t)item);
}

static void check_all(const struct model *m)
{
	for (uint32_t item = 0; item < ITEMS; item++)
		check_item(m, item);
	assert_int_equal(m->d.count - m->d.holes, m->in);
	assert_true(m->d.count <= m->d.capacity && m->d.capacity <= m->d.max);
}

static void take_out(struct model *m, uint32_t item, bool keep_numbers)
{
	uint32_t number = m->number[item], last = m->d.count - 1;

	if (keep_numbers) {
		base_dense_free(&m->d, number);
		for (unsigned i = 0; i < sizeof(record_at(m, 0)->rest); i++)
			assert_int_equal(record_at(m, number)->rest[i], 0);
	} else {
		m->number[record_at(m, last)->item] = number;
		base_dense_remove(&m->d, number);
	}
	m->number[item] = BASE_INDEX_NONE;
	m->in--;
}

/* Grows to `max` and shrinks again, a few times over; what does not fit is refused. */
static void random_steps(uint32_t max, bool keep_numbers)
{
	struct dice dice = {.state = max};
	struct model m;

	model_open(&m, max);
	for (unsigned step = 0; step < 20000; step++) {
		uint32_t item = dice_below(&dice, ITEMS);
		bool fill = step / 4000 % 2 == 0;

		if (m.number[item] == BASE_INDEX_NONE) {
			bool room = m.in < max;

			if (fill || dice_below(&dice, 4) == 0)
				assert_int_equal(add(&m, item), room);
		} else if (!fill || dice_below(&dice, 4) == 0) {
			take_out(&m, item, keep_numbers);
		}
		check_item(&m, item);
		if (step % 256 == 0)
			check_all(&m);
	}
	check_all(&m);
	base_dense_fini(&m.d);
}

static void test_remove_last(void **state)
{
	random_steps(1, false);
	random_steps(64, false);
	random_steps(65, false);
	random_steps(300, false);
	random_steps(10000, false);
}

static void test_free_number(void **state)
{
	random_steps(1, true);
	random_steps(64, true);
	random_steps(100, true);
	random_steps(300, true);
	random_steps(10000, true);
}

static void test_full(void **state)
{
	struct model m;

	model_open(&m, 130);
	for (uint32_t item = 0; item < 130; item++)
		assert_true(add(&m, item));
	assert_int_equal(m.d.capacity, 130);
	assert_false(add(&m, 130));
	check_all(&m);
	take_out(&m, 7, true);
	assert_true(add(&m, 131));
	assert_int_equal(m.number[131], 7);
	assert_false(add(&m, 132));
	check_all(&m);
	base_dense_fini(&m.d);
}

/* Records that start with half of the hash, so many that they are memory of their own. */
static void test_halves(void **state)
{
	enum { MANY = 400000 };
	struct half {
		uint32_t tag, item, rest[2];
	};
	struct base_dense d;
	struct half *h;

	assert_int_equal(base_dense_init_halves(&d, sizeof(*h), MANY + 1), 0);
	for (uint32_t i = 0; i < MANY; i++) {
		assert_int_equal(base_dense_add(&d, (uint64_t)(i * 2654435761u) << 32 | 7), i);
		h = base_dense_at(&d, i);
		assert_int_equal(h->tag, i * 2654435761u);
		assert_int_equal(h->item | h->rest[0] | h->rest[1], 0);
		h->item = i;
	}
	assert_true((uint64_t)d.index.mask + 1 <= 2 * (uint64_t)MANY * 4 / 3);
	for (uint32_t i = 0; i < MANY; i++) {
		struct base_narrow_probe probe =
			base_dense_probe(&d, (uint64_t)(i * 2654435761u) << 32);

		assert_int_equal(base_dense_next(&d, &probe), i);
		h = base_dense_at(&d, i);
		assert_int_equal(h->item, i);
	}
	while (d.count > 1)
		base_dense_remove(&d, 0);
	h = base_dense_at(&d, 0);
	assert_int_equal(h->tag, h->item * 2654435761u);
	base_dense_fini(&d);
}

static uint32_t tag_of(const struct base_dense *d, uint32_t number)
{
	const uint32_t *item = base_dense_at(d, number);

	return *item * *(const uint32_t *)d->owner;
}

static void check_bare(const struct base_dense *d)
{
	for (uint32_t i = 0; i < d->count; i++) {
		struct base_narrow_probe probe = base_dense_probe(d, (uint64_t)tag_of(d, i) << 32);
		uint32_t number;

		while ((number = base_dense_next(d, &probe)) != i)
			assert_int_not_equal(number, BASE_INDEX_NONE);
	}
}

static void remove_multiples(struct base_dense *d, uint32_t of)
{
	for (uint32_t i = 0; i < d->count;) {
		if (*(uint32_t *)base_dense_at(d, i) % of == 0)
			base_dense_remove(d, i);
		else
			i++;
	}
}

/* Records without a hash: their owner tells it, however they move. */
static void test_bare(void **state)
{
	enum { MANY = 3000 };
	const uint32_t factor = 2654435761u;
	struct base_dense d;

	(void)state;
	assert_int_equal(base_dense_init_bare(&d, sizeof(uint32_t), MANY, tag_of, &factor), 0);
	for (uint32_t i = 0; i < MANY; i++) {
		assert_int_equal(base_dense_add(&d, (uint64_t)(i * factor) << 32), i);
		assert_int_equal(*(uint32_t *)base_dense_at(&d, i), 0);
		*(uint32_t *)base_dense_at(&d, i) = i;
	}
	check_bare(&d);
	remove_multiples(&d, 3);
	assert_int_equal(d.count, MANY - MANY / 3);
	check_bare(&d);
	base_dense_loosen(&d);
	remove_multiples(&d, 2);
	base_dense_tighten(&d);
	assert_int_equal(d.count, MANY / 3);
	check_bare(&d);
	base_dense_fini(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_remove_last),
		cmocka_unit_test(test_free_number),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_bare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
