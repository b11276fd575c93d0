/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "base/hash.h"

enum { KEYS = 1 << 16, BUCKETS = 1 << 8 };

static void test_secret(void **state)
{
	struct base_hash a, b, same;
	const char key[] = "some key";

	assert_int_equal(base_hash_init(&a), 0);
	assert_int_equal(base_hash_init(&b), 0);
	same = a;
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_true(base_hash_bytes(&a, key, 8) == base_hash_bytes(&same, key, 8));
	assert_true(base_hash_bytes(&a, key, 8) != base_hash_bytes(&b, key, 8));
	assert_true(base_hash_bytes(&a, key, 8) != base_hash_bytes(&a, key, 7));
}

/* Every length that a key can have, of bytes that end where it ends. */
static void test_lengths(void **state)
{
	struct base_hash h;
	uint64_t seen[256];

	assert_int_equal(base_hash_init(&h), 0);
	for (unsigned len = 0; len < 256; len++) {
		uint8_t *key = calloc(1, len ? len : 1);

		assert_non_null(key);
		seen[len] = base_hash_bytes(&h, key, len);
		for (unsigned i = 0; i < len; i++)
			assert_true(seen[i] != seen[len]);
		free(key);
	}
}

/* An index uses the high half of the hash: keys that count up must spread there. */
static void spread(const uint32_t *count)
{
	for (unsigned i = 0; i < BUCKETS; i++)
		assert_in_range(count[i], KEYS / BUCKETS / 2, KEYS / BUCKETS * 2);
}

static void test_spread(void **state)
{
	uint32_t of_bytes[BUCKETS] = {0}, of_mix[BUCKETS] = {0}, of_key[BUCKETS] = {0};
	uint32_t of_words[BUCKETS] = {0}, of_join[BUCKETS] = {0};
	uint8_t bytes[16] = {10, 0, 0, 1};
	struct base_hash h;

	assert_int_equal(base_hash_init(&h), 0);
	for (uint32_t key = 0; key < KEYS; key++) {
		of_bytes[base_hash_bytes(&h, &key, sizeof(key)) >> 32 & (BUCKETS - 1)]++;
		memcpy(bytes + 4, &key, sizeof(key));
		of_key[base_hash_bytes(&h, bytes, 8 + key % 9) >> 32 & (BUCKETS - 1)]++;
		of_words[base_hash_words(&h, UINT64_C(10) << 56 | key, 0) >> 32 & (BUCKETS - 1)]++;
		of_join[base_hash_join(&h, 99, key) >> 32 & (BUCKETS - 1)]++;
		of_mix[base_hash_mix(0x1234567, key) >> 32 & (BUCKETS - 1)]++;
	}
	spread(of_bytes);
	spread(of_key);
	spread(of_mix);
	spread(of_words);
	spread(of_join);
}

static void test_mix(void **state)
{
	struct dice d = {.state = 1};

	for (unsigned i = 0; i < 10000; i++) {
		uint64_t a = dice_u64(&d), b = dice_u64(&d);

		assert_true(base_hash_mix(a, b) == base_hash_mix(a, b));
		assert_true(base_hash_mix(a, b) != base_hash_mix(b, a));
		assert_true(base_hash_mix(a, b) != base_hash_mix(a, b + 1));
		assert_true(base_hash_mix(a, b) != base_hash_mix(a + 1, b));
	}
}

/* A product by the instruction is what the compiler makes of one, and a stem with its numbers what join gives. */
static void test_product(void **state)
{
	struct dice d = {.state = 2};
	struct base_hash h;

	(void)state;
	assert_int_equal(base_hash_init(&h), 0);
	for (unsigned i = 0; i < 10000; i++) {
		uint64_t a = dice_u64(&d), b = dice_u64(&d) >> dice_below(&d, 64);
		unsigned __int128 product = (unsigned __int128)a * b;

		assert_true(
			base_hash_product(a, b) == ((uint64_t)(product >> 64) ^ (uint64_t)product));
		assert_true(base_hash_branch(base_hash_stem(&h, a), b) == base_hash_join(&h, a, b));
	}
}

/* XXH3 without a seed, as its authors give it for no bytes; the same in every run. */
static void test_unkeyed(void **state)
{
	(void)state;
	assert_true(base_hash_unkeyed("", 0) == UINT64_C(0x2D06800538D394C2));
	assert_true(base_hash_unkeyed("key", 3) == base_hash_unkeyed("keys", 3));
	assert_true(base_hash_unkeyed("key", 3) != base_hash_unkeyed("keys", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_unkeyed),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_mix),
		cmocka_unit_test(test_product),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
