/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "core.h"
#include "range.h"
#include "window/top.h"

enum { MOST = 3000 };

static void no_source(void *ctx, uint32_t source)
{
}

/* Keys 0 to count - 1, each with a value below `values`: few values make many of the same rate. */
static void fill(struct sightings *s, const struct base_hash *hash, struct dice *d, uint32_t count,
	uint32_t values)
{
	static struct table_batch batch;
	const struct table_source sources[2] = {{.number = 0}, {.number = 1}};
	struct table t;

	assert_int_equal(table_init(&t, 2 * count + 1, 0, -1), 0);
	for (uint32_t i = 0; i < 2 * count; i++) {
		uint32_t key = i / 2, source = i % 2;

		if (dice_below(d, 5) == 0)
			continue;
		base_put_u32(table_batch_key(&batch), key);
		if (table_batch_add(&batch,
			    table_hash(base_hash_bytes(hash, table_batch_key(&batch), 4), source),
			    4, source, dice_below(d, values)))
			table_apply(&t, &batch, NULL);
	}
	table_apply(&t, &batch, NULL);
	sightings_add(s, 1, 1, &t, sources);
	table_fini(&t);
}

static int larger_first(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

/* All rates, sorted by the C library; keys of rate 0 are no top keys. */
static unsigned sorted_rates(const struct sightings *s, double *rates)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < s->keys.count; i++) {
		const struct sighting_key *k = sighting_key_at(s, i);

		if (k->there && sighting_key_rank(s, i) > 0)
			rates[count++] = sighting_key_rank(s, i);
	}
	qsort(rates, count, sizeof(*rates), larger_first);
	return count;
}

static void check_top(const struct sightings *s, unsigned n)
{
	static double rates[MOST];
	static bool met[MOST];
	struct top_key *keys = calloc(n + 1, sizeof(*keys));
	unsigned all = sorted_rates(s, rates), count;

	assert_non_null(keys);
	memset(met, 0, sizeof(met));
	keys[n].number = 4711;
	count = top_keys(s, 1, n, keys);
	assert_int_equal(keys[n].number, 4711);
	assert_int_equal(count, n < all ? n : all);
	for (unsigned i = 0; i < count; i++) {
		assert_ptr_equal(keys[i].flows, s);
		assert_false(met[keys[i].number]);
		met[keys[i].number] = true;
		assert_true(keys[i].rank == rates[i]);
	}
	free(keys);
}

static void check_sizes(uint32_t keys, uint32_t values)
{
	static const unsigned sizes[] = {0, 1, 2, 3, 10, 20, 100, 999, MOST};
	struct dice d = {.state = keys + values};
	struct base_hash hash;
	struct sightings s;

	assert_int_equal(base_hash_init(&hash), 0);
	assert_int_equal(sightings_init(&s, 1, 2 * MOST, 0), 0);
	for (unsigned window = 0; window < 12; window++) {
		/* Later windows are empty: flows fade, then leave holes. */
		fill(&s, &hash, &d, window < 4 ? keys : keys / 10, values);
		close_range(&s, 1, no_source, NULL);
		for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			check_top(&s, sizes[i]);
	}
	sightings_fini(&s);
}

static void test_random(void **state)
{
	check_sizes(1000, 1000000);
	check_sizes(MOST, UINT32_MAX);
}

static void test_equal_rates(void **state)
{
	check_sizes(500, 2);
	check_sizes(500, 5);
}

static void test_few(void **state)
{
	check_sizes(0, 10);
	check_sizes(1, 10);
	check_sizes(3, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_equal_rates),
		cmocka_unit_test(test_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
