/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "base/hash.h"
#include "table/table.h"

/*
 * The model: a list that is searched from end to end. A key is let in while there is an entry and,
 * if it is long, room for its bytes; else its update belongs to other.
 */
enum { MODEL_MAX = 1200, SPILL_EACH = 64 };

struct item {
	uint8_t key[TABLE_KEY_MAX];
	unsigned len;
	uint32_t source;
	uint64_t value;
	uint32_t samples;
	bool met;
};

struct model {
	struct item item[MODEL_MAX];
	uint32_t count, capacity;
	size_t room; /* for long keys */
	uint64_t other_value, other_samples;
	uint64_t total, samples;
};

struct fixture {
	struct table t;
	struct table_batch batch;
	struct base_hash hash;
	uint64_t hash_mask; /* of the key's hash, so that keys collide */
	struct model m;
	struct dice d;
};

static void model_clear(struct model *m)
{
	uint32_t capacity = m->capacity;

	memset(m, 0, sizeof(*m));
	m->capacity = capacity;
	m->room = (size_t)capacity * SPILL_EACH;
}

static struct fixture *fixture_open_of(uint32_t capacity, unsigned key_width, uint64_t seed)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_true(capacity <= MODEL_MAX);
	assert_int_equal(table_init(&f->t, capacity, key_width, -1), 0);
	assert_int_equal(base_hash_init(&f->hash), 0);
	f->hash_mask = UINT64_MAX;
	f->d.state = seed;
	f->m.capacity = capacity;
	model_clear(&f->m);
	return f;
}

/* Of keys of any length. */
static struct fixture *fixture_open(uint32_t capacity, uint64_t seed)
{
	return fixture_open_of(capacity, TABLE_KEYS_VARY, seed);
}

static void fixture_close(struct fixture *f)
{
	table_fini(&f->t);
	free(f);
}

static struct item *model_find(struct model *m, const uint8_t *key, unsigned len, uint32_t source)
{
	for (uint32_t i = 0; i < m->count; i++) {
		struct item *it = &m->item[i];

		if (it->source == source && it->len == len && memcmp(it->key, key, len) == 0)
			return it;
	}
	return NULL;
}

static void model_add(
	struct model *m, const uint8_t *key, unsigned len, uint32_t source, uint64_t value)
{
	struct item *it = model_find(m, key, len, source);
	size_t spill = len > TABLE_KEY_INLINE ? len : 0;

	m->total = table_sum(m->total, value);
	m->samples++;
	if (!it && (m->count == m->capacity || spill > m->room)) {
		m->other_value = table_sum(m->other_value, value);
		m->other_samples++;
		return;
	}
	if (!it) {
		it = &m->item[m->count++];
		it->len = len;
		it->source = source;
		memcpy(it->key, key, len);
		m->room -= spill;
	}
	it->value = table_sum(it->value, value);
	it->samples++;
}

/* One update, of both. */
static void update(
	struct fixture *f, const uint8_t *key, unsigned len, uint32_t source, uint64_t value)
{
	uint64_t hash = base_hash_mix(base_hash_bytes(&f->hash, key, len), source) & f->hash_mask;

	memcpy(table_batch_key(&f->batch), key, len);
	if (table_batch_add(&f->batch, hash, len, source, value))
		table_apply(&f->t, &f->batch, NULL);
	model_add(&f->m, key, len, source, value);
}

static void check_entry(struct fixture *f, const struct table_entry *e)
{
	struct item *it =
		model_find(&f->m, table_key(&f->t, e), table_key_len(&f->t, e), e->source);

	assert_non_null(it);
	assert_false(it->met);
	it->met = true;
	assert_true(e->value == it->value);
	assert_int_equal(e->samples, it->samples);
}

/* Equal to the model, entry by entry; and nothing is lost. */
static void check(struct fixture *f)
{
	uint64_t sum, samples;

	table_apply(&f->t, &f->batch, NULL);
	sum = f->t.other_value;
	samples = f->t.other_samples;
	for (uint32_t i = 0; i < f->m.count; i++)
		f->m.item[i].met = false;
	assert_int_equal(f->t.count, f->m.count);
	for (uint32_t i = 0; i < f->t.count; i++) {
		check_entry(f, table_entry_at(&f->t, i));
		sum = table_sum(sum, table_entry_at(&f->t, i)->value);
		samples += table_entry_at(&f->t, i)->samples;
	}
	assert_true(f->t.other_value == f->m.other_value);
	assert_true(f->t.other_samples == f->m.other_samples);
	assert_true(sum == f->m.total);
	assert_true(samples == f->m.samples);
}

/* One of `kinds` keys, whose length and bytes follow from its number. */
static unsigned make_key(uint32_t number, unsigned min, unsigned max, uint8_t *key)
{
	struct dice d = {.state = number};
	unsigned len = min + dice_below(&d, max - min + 1);

	dice_bytes(&d, key, len);
	return len;
}

static void random_updates(
	struct fixture *f, uint32_t kinds, unsigned min, unsigned max, unsigned count)
{
	uint8_t key[TABLE_KEY_MAX];

	while (count--) {
		unsigned len = make_key(dice_below(&f->d, kinds), min, max, key);

		update(f, key, len, dice_below(&f->d, 3), dice_below(&f->d, 1000000));
	}
	check(f);
}

static void test_short_keys(void **state)
{
	struct fixture *f = fixture_open(1000, 1);

	random_updates(f, 200, 0, 13, 6000);
	assert_int_equal(f->t.other_samples, 0);
	fixture_close(f);
}

static void test_inline_to_spill(void **state)
{
	struct fixture *f = fixture_open(1000, 2);

	random_updates(f, 200, TABLE_KEY_INLINE - 3, TABLE_KEY_INLINE + 3, 6000);
	assert_int_equal(f->t.other_samples, 0);
	fixture_close(f);
}

/* Long keys use up their room long before the entries. */
static void test_spill_full(void **state)
{
	struct fixture *f = fixture_open(400, 3);

	random_updates(f, 300, 0, TABLE_KEY_MAX, 8000);
	assert_true(f->t.count < f->t.capacity);
	assert_true(f->t.other_samples > 0);
	/* A short key still finds room. */
	update(f, (const uint8_t *)"new", 3, 7, 1);
	check(f);
	assert_non_null(model_find(&f->m, (const uint8_t *)"new", 3, 7));
	fixture_close(f);
}

static void test_entries_full(void **state)
{
	static const uint32_t capacities[] = {1, 2, 7, 64, 100, 333};

	for (unsigned i = 0; i < sizeof(capacities) / sizeof(capacities[0]); i++) {
		struct fixture *f = fixture_open(capacities[i], capacities[i]);

		random_updates(f, 300, 1, 40, 5000);
		assert_int_equal(f->t.count, f->t.capacity);
		assert_true(f->t.other_samples > 0);
		fixture_close(f);
	}
}

static void test_no_capacity(void **state)
{
	struct fixture *f = fixture_open(0, 4);

	random_updates(f, 10, 1, 40, 500);
	assert_int_equal(f->t.other_samples, 500);
	fixture_close(f);
}

/* Keys that share their hash wholly, or their tag, or their home slot. */
static void test_collisions(void **state)
{
	static const uint64_t masks[] = {0, UINT64_C(7) << 32, UINT64_C(0xFF) << 56};

	for (unsigned i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		struct fixture *f = fixture_open(MODEL_MAX, 5);

		f->hash_mask = masks[i];
		random_updates(f, 300, 0, 60, 3000);
		assert_true(f->t.index.mask > 1024); /* it has grown */
		table_clear(&f->t);
		model_clear(&f->m);
		random_updates(f, 300, 0, 60, 3000);
		fixture_close(f);
	}
}

/* The same bytes with another length, and the same key of another source, are other flows. */
static void test_identity(void **state)
{
	static const uint8_t zeroes[TABLE_KEY_MAX];
	struct fixture *f = fixture_open(600, 6);

	f->hash_mask = 0;
	for (unsigned len = 0; len <= 60; len++) {
		for (uint32_t source = 0; source < 3; source++)
			update(f, zeroes, len, source, len + source + 1);
	}
	check(f);
	assert_int_equal(f->t.count, 61 * 3);
	fixture_close(f);
}

static void test_saturates(void **state)
{
	struct fixture *f = fixture_open(1, 7);

	for (unsigned i = 0; i < 3; i++) {
		update(f, (const uint8_t *)"a", 1, 0, UINT64_MAX / 2);
		update(f, (const uint8_t *)"b", 1, 0, UINT64_MAX / 2);
	}
	check(f);
	assert_true(table_entry_at(&f->t, 0)->value == UINT64_MAX);
	assert_true(f->t.other_value == UINT64_MAX);
	assert_int_equal(table_entry_at(&f->t, 0)->samples, 3);
	assert_int_equal(f->t.other_samples, 3);
	fixture_close(f);
}

/* The index has as many slots as the entries need, and is ready for as many in the next window. */
static void test_index_size(void **state)
{
	struct fixture *f = fixture_open(MODEL_MAX, 8);
	uint32_t before = f->t.index.mask;

	assert_true(before < f->t.slots / 2);
	random_updates(f, MODEL_MAX / 6, 0, 80, 3 * MODEL_MAX);
	assert_true(f->t.index.mask > before);
	assert_true(f->t.index.mask >= 2 * f->t.count && f->t.index.mask < 8 * f->t.count);
	before = f->t.index.mask;
	table_clear(&f->t);
	model_clear(&f->m);
	assert_true(f->t.index.mask >= before);
	table_clear(&f->t);
	assert_int_equal(f->t.index.mask, before / 2);
	fixture_close(f);
}

/* Cleared with few entries and with many, in turn; each filling is as good as the first. */
static void test_clear(void **state)
{
	static const uint32_t kinds[] = {1000, 5, 0, 60, 62, 63, 1000, 1, 1000, 30};
	struct fixture *f = fixture_open(1000, 8);

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i])
			random_updates(f, kinds[i], 0, 80, 3000);
		table_clear(&f->t);
		model_clear(&f->m);
		check(f);
		for (uint32_t at = 0; at < f->t.slots; at++)
			assert_true(f->t.index.slots[at] == 0);
		assert_int_equal(f->t.keys_used, 0);
	}
	fixture_close(f);
}

/* A batch says when it is full: by its number of updates, or by the bytes of their keys. */
static void test_batch_full(void **state)
{
	static const uint8_t key[TABLE_KEY_MAX] = "a key";

	for (unsigned len = 0; len <= TABLE_KEY_MAX; len++) {
		struct fixture *f = fixture_open(1, 9);
		unsigned staged = 0;
		bool full = false;

		while (!full) {
			uint8_t *room = table_batch_key(&f->batch);

			assert_true(room + TABLE_KEY_MAX <= f->batch.keys + sizeof(f->batch.keys));
			memcpy(room, key, len);
			full = table_batch_add(&f->batch, 1, len, 0, 1);
			staged++;
		}
		assert_true(len > TABLE_KEY_INLINE || staged == TABLE_BATCH);
		assert_int_equal(f->t.count, 0);
		table_apply(&f->t, &f->batch, NULL);
		assert_int_equal(f->batch.count, 0);
		assert_int_equal(f->batch.key_bytes, 0);
		assert_int_equal(
			f->t.other_samples + (f->t.count ? table_entry_at(&f->t, 0)->samples : 0),
			staged);
		fixture_close(f);
	}
}

/* A new key that comes twice in one batch is one entry. */
static void test_batch_repeats(void **state)
{
	struct fixture *f = fixture_open(10, 10);

	for (unsigned i = 0; i < TABLE_BATCH - 1; i++)
		update(f, (const uint8_t *)"abc", i % 4, 0, 1);
	assert_int_equal(f->t.count, 0);
	check(f);
	assert_int_equal(f->t.count, 4);
	table_apply(&f->t, &f->batch, NULL);
	check(f);
	fixture_close(f);
}

/* Keys of one length, whatever that is: entries are as long as they have to be, and the rest is the same. */
static void test_one_length(void **state)
{
	static const unsigned lens[] = {0, 1, 7, 8, 12, 13, 14, 37, 38, 39, 200, TABLE_KEY_MAX};

	for (unsigned i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		unsigned len = lens[i];
		struct fixture *f = fixture_open_of(200, len ? len : TABLE_KEYS_EMPTY, 20 + i);

		f->m.room = SIZE_MAX;
		assert_int_equal(f->t.entry_shift, len <= TABLE_KEY_SHORT ? 5 : 6);
		random_updates(f, 300, len, len, 3000);
		check(f);
		f->hash_mask =
			0x700000003; /* and with many that are taken for each other at first */
		table_clear(&f->t);
		model_clear(&f->m);
		f->m.room = SIZE_MAX;
		random_updates(f, 300, len, len, 3000);
		check(f);
		fixture_close(f);
	}
}

/* One of another length, which nobody should give it, has no room: it writes to no other's. */
static void test_wrong_length(void **state)
{
	struct fixture *f = fixture_open_of(10, 4, 30);

	update(f, (const uint8_t *)"abcd", 4, 0, 1);
	check(f);
	memcpy(table_batch_key(&f->batch), "0123456789012345678901234567890", 31);
	table_batch_add(&f->batch, 1, 31, 0, 9);
	table_apply(&f->t, &f->batch, NULL);
	assert_int_equal(f->t.count, 1);
	assert_int_equal(f->t.other_value, 9);
	fixture_close(f);
}

/* All bits of a data source's number are told apart. */
static void test_sources(void **state)
{
	struct fixture *f = fixture_open_of(40, 13, 31);

	f->hash_mask = 0;
	for (unsigned i = 0; i < 24; i++)
		update(f, (const uint8_t *)"thirteenbytes", 13, UINT32_C(1) << i, 1 + i);
	update(f, (const uint8_t *)"thirteenbytes", 13, TABLE_SOURCES, 50);
	check(f);
	assert_int_equal(f->t.count, 25);
	fixture_close(f);
}

static void test_layout(void **state)
{
	struct table t;

	assert_int_equal(table_init(&t, 1000, 0, -1), 0);
	assert_int_equal((uintptr_t)t.pool->blocks[0] % 64, 0);
	assert_true(table_memory(1000, 0) >= 1000 * (64 + SPILL_EACH) + 2000 * sizeof(uint32_t));
	assert_true(table_memory(1000, 200) - table_memory(1000, 38) == 200 * 1000);
	assert_true(table_memory(1000, 14) == table_memory(1000, 38));
	assert_true(table_memory(1000, 14) - table_memory(1000, 13) == 32 * 1000);
	assert_true(table_memory(1000, TABLE_KEYS_EMPTY) == table_memory(1000, 13));
	table_fini(&t);
	assert_null(t.chunks);
	assert_true(table_sum(UINT64_MAX, 0) == UINT64_MAX);
	assert_true(table_sum(UINT64_MAX, 1) == UINT64_MAX);
	assert_true(table_sum(3, 4) == 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_keys),
		cmocka_unit_test(test_inline_to_spill),
		cmocka_unit_test(test_spill_full),
		cmocka_unit_test(test_entries_full),
		cmocka_unit_test(test_no_capacity),
		cmocka_unit_test(test_collisions),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_saturates),
		cmocka_unit_test(test_index_size),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_batch_full),
		cmocka_unit_test(test_batch_repeats),
		cmocka_unit_test(test_one_length),
		cmocka_unit_test(test_wrong_length),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
